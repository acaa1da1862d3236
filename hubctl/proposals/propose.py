"""A unit of review as one branch and one pull request: look, decide, act; the second run changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from hubctl.adapters.git import checked_branch
from hubctl.adapters.git_remote import delete_with_lease, ls_remote, plain_url, push_with_lease
from hubctl.errors import AuthNeeded, GitRefused, HubctlError, RemoteRefused, Terminated
from hubctl.proposals.commit import build_commit
from hubctl.proposals.decision import DONE, Decision, decide
from hubctl.proposals.destination import Destination, Proposal, Wishes
from hubctl.proposals.forge import AlreadyExists, NewPullRequest, NoCommits, PullRequest
from hubctl.proposals.observe import Seen, Surroundings, look_round, observe
from hubctl.proposals.region import with_region
from hubctl.proposals.units import Unit
from hubctl.proposals.wording import words
from hubctl.show import show

Operation: TypeAlias = Literal["created", "updated", "unchanged", "held", "declined", "superseded"]

_WORKFLOW = "github-actions[bot]"


@dataclass(frozen=True, slots=True)
class PullRequestResult:
    """What became of one unit; `number` and `url` are None where there is no pull request.

    `warnings` are sentences: why it was held, which label or reviewer could not be added.
    """

    number: int | None
    url: str | None
    branch: str
    operation: Operation
    warnings: tuple[str, ...] = ()


class _ChangedMeanwhile(Exception):
    """Somebody else pushed or proposed between looking and acting: look and decide once more."""


def propose(unit: Unit, destination: Destination, wishes: Wishes, surroundings: Surroundings) -> PullRequestResult:
    """Make the remote hold one branch and one pull request for a unit, and return what was done.

    The unit's edits start from the commit `destination.tip`. Raises `GitRefused` where the branch is
    somebody else's or changes while this runs, and whatever git and the forge refuse.
    """
    checked_branch(unit.branch)
    said = words(unit, base=destination.base, named=wishes.named)
    commit = build_commit(destination.repository, destination.tip, unit.edits, said.message, destination.identity)
    proposal = Proposal(unit, said, commit)
    for _ in range(2):
        seen = observe(proposal, destination, wishes, surroundings)
        try:
            return _Turn(proposal, destination, wishes, seen).take(decide(seen.observed))
        except _ChangedMeanwhile:
            continue
    raise GitRefused(f"`{unit.branch}` changed while this ran", hint="run the same command again")


@dataclass(frozen=True, slots=True)
class Failed:
    """A unit that came to nothing, and why; the others went on."""

    unit: Unit
    error: HubctlError


def propose_all(
    units: tuple[Unit, ...], destination: Destination, wishes: Wishes, quiet: Mapping[str, str] | None = None
) -> tuple[tuple[PullRequestResult, ...], tuple[Failed, ...]]:
    """Propose units one after the other and return what became of each.

    `quiet` are the branches for which this run has no unit, with the reason: an open pull request of hubctl there
    is named, too (row 15). A refused unit does not stop the others; missing credentials (`AuthNeeded`, the last of
    the failed) do. Raises what the forge refuses before the first unit.
    """
    done: list[PullRequestResult] = []
    failed: list[Failed] = []
    surroundings = look_round(destination.forge, destination.base, (destination.identity.email, *destination.bots))
    for unit in units:
        try:
            result = propose(unit, destination, wishes, surroundings)
        except (KeyboardInterrupt, Terminated) as stop:
            for made in done:
                stop.add_note(f"{made.operation} before: `{made.branch}` {show(made.url or '')}".rstrip())
            raise
        except HubctlError as error:
            failed.append(Failed(unit, error))
            if isinstance(error, AuthNeeded):
                break
            continue
        done.append(result)
        if result.operation == "created":
            surroundings = replace(surroundings, open=destination.forge.open_pulls(destination.base))
    return (*done, *_stale(quiet or {}, destination, surroundings)), tuple(failed)


def _stale(
    quiet: Mapping[str, str], destination: Destination, surroundings: Surroundings
) -> Iterator[PullRequestResult]:
    """Yield `held` for open pull requests of hubctl that want nothing any more; closing them is left to people."""
    for pull in sorted(surroundings.open, key=lambda pull: pull.number):
        ours = (pull.head_repository or "").casefold() == destination.target.head_repository.casefold()
        if ours and pull.head_ref in quiet and surroundings.marker(pull) is not None:
            reason = quiet[pull.head_ref]
            said = f"{reason}: close #{pull.number}" if reason == DONE else reason
            yield PullRequestResult(pull.number, pull.url, pull.head_ref, "held", (said,))


@dataclass(frozen=True, slots=True)
class _Turn:
    """One decision, carried out."""

    proposal: Proposal
    destination: Destination
    wishes: Wishes
    seen: Seen

    @property
    def branch(self) -> str:
        return self.proposal.unit.branch

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def take(self, decision: Decision) -> PullRequestResult:
        pull = self.seen.pull(decision.number)
        if decision.action == "refuse":
            raise GitRefused(
                f"{decision.reason}: `{self.branch}` in `{show(self.destination.target.head_repository)}`",
                hint="rename or delete that branch, then run the same command again",
            )
        if decision.action == "hold":
            return self._result(pull, "held", decision.reason)
        if decision.action == "nothing":
            return self._result(pull, "unchanged")
        if decision.action in {"create", "rebuild"}:
            self._push(decision.lease)
        result = self._open() if pull is None else self._renew(pull, decision)
        notes = self.seen.notes if decision.action in {"create", "rebuild"} else ()
        return replace(result, warnings=(*result.warnings, *notes))

    def _result(self, pull: PullRequest | None, operation: Operation, *warnings: str) -> PullRequestResult:
        number, url = (pull.number, pull.url) if pull else (None, None)
        return PullRequestResult(number, url, self.branch, operation, warnings)

    def _push(self, lease: str | None) -> None:
        """Push, and where the answer was lost or a race, look: our commit there is success."""
        where = self.destination
        try:
            result = push_with_lease(where.repository, where.pushed, self.proposal.commit.sha, self.ref, lease)
        except (KeyboardInterrupt, Terminated) as stop:
            stop.add_note(f"`{self.branch}` may have been pushed: run the same command again to go on")
            raise
        if result.outcome == "pushed":
            return
        self._refuse_where_blocked()
        if result.outcome == "declined":
            raise RemoteRefused(
                f"`{show(plain_url(where.target.push_url))}` declined `{self.branch}`: {result.said}",
                hint=self._shallow_hint() if "shallow update not allowed" in result.said else None,
            )
        if ls_remote(where.repository, where.pushed, self.ref) == self.proposal.commit.sha:
            return
        if result.outcome == "unclear":
            raise GitRefused(f"`{self.branch}` could not be pushed: {result.said}", hint="run the same command again")
        raise _ChangedMeanwhile

    def _shallow_hint(self) -> str:
        fork, base = show(self.destination.target.head_repository), show(plain_url(self.destination.target.base_url))
        return f"the fork lacks what base has: `gh repo sync {fork}`, or here `git fetch --unshallow {base}`"

    def _refuse_where_blocked(self) -> None:
        """A branch `hubctl` leaves no room for `hubctl/…`: git keeps them as a file and a folder of one name."""
        where, parts = self.destination, self.branch.split("/")
        for length in range(1, len(parts)):
            name = "/".join(parts[:length])
            if ls_remote(where.repository, where.pushed, f"refs/heads/{name}") is not None:
                raise GitRefused(
                    f"the branch `{name}` in `{show(where.target.head_repository)}` leaves no room for `{self.branch}`",
                    hint="rename or delete that branch, then run the same command again",
                )

    def _open(self) -> PullRequestResult:
        where, target = self.destination, self.destination.target
        twins = target.fork and target.owner.casefold() == target.repository.full_name.partition("/")[0].casefold()
        new = NewPullRequest(
            title=self.proposal.said.title,
            body=self.proposal.said.body,
            head=f"{target.owner}:{self.branch}",
            base=where.base,
            draft=self.wishes.draft,
            maintainer_can_modify=target.fork,
            head_repository=target.head_repository if twins else None,
        )
        try:
            pull = where.forge.create(new)
        except HubctlError as error:
            pushed = f"`{self.branch}` is pushed: the same command goes on from there"
            error.hint = f"{error.hint}; {pushed}" if error.hint else pushed
            raise
        except (KeyboardInterrupt, Terminated) as stop:
            stop.add_note(f"`{self.branch}` is pushed, its pull request may be open: run the same command again")
            raise
        if isinstance(pull, AlreadyExists):
            raise _ChangedMeanwhile
        if isinstance(pull, NoCommits):
            delete_with_lease(where.repository, where.pushed, self.ref, self.proposal.commit.sha)
            return self._result(None, "unchanged", "the change was merged while this ran")
        return self._result(pull, "created", *self._complete(pull)[1], *_unwatched(pull))

    def _renew(self, pull: PullRequest, decision: Decision) -> PullRequestResult:
        title = self.proposal.said.title if decision.title and pull.title != self.proposal.said.title else None
        body = with_region(pull.body, self.proposal.said.body) if decision.body else pull.body
        text = body if body != pull.body else None
        if title is not None or text is not None:
            pull = self.destination.forge.update(pull.number, title=title, body=text)
        added, warnings = self._complete(pull)
        changed = decision.action == "rebuild" or added or title is not None or text is not None
        return self._result(pull, "updated" if changed else "unchanged", *warnings)

    def _complete(self, pull: PullRequest) -> tuple[bool, tuple[str, ...]]:
        """Add missing labels and reviewers; return whether any was added, and a warning for each that was not."""
        labels, users, teams = self.seen.missing(pull, self.wishes)
        added, warnings = (
            False,
            [
                f"`{show(user)}` was not asked for a review: it opened the pull request"
                for user in self.wishes.users
                if user.casefold() == (pull.author or "").casefold()
            ],
        )
        if labels:
            try:
                self.destination.forge.add_labels(pull.number, labels)
                added = True
            except HubctlError as error:
                named = ", ".join(f"`{show(label)}`" for label in labels)
                warnings.append(f"labels were not added: {named}: {error.message}")
        if users or teams:
            try:
                refused = self.destination.forge.request_reviewers(pull.number, users, teams)
            except HubctlError as error:
                refused = (f"reviewers were not asked: {error.message}",)
            warnings += refused
            added = added or len(refused) < len(users) + len(teams)
        return added, tuple(warnings)


def _unwatched(pull: PullRequest) -> tuple[str, ...]:
    """GitHub starts no workflows for what a workflow's own token does."""
    if pull.author != _WORKFLOW:
        return ()
    return ("opened with the workflow's own token: GitHub starts no checks on it, use the token of a GitHub App",)
