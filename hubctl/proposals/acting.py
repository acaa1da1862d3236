"""One decision about a branch and its pull request, carried out; every step can be taken up again by the next run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from hubctl.adapters.git_remote import delete_with_lease, ls_remote, plain_url, push_with_lease
from hubctl.errors import GitRefused, HubctlError, RemoteRefused, Terminated
from hubctl.proposals.destination import Destination
from hubctl.proposals.forge import AlreadyExists, NewPullRequest, NoCommits, PullRequest
from hubctl.proposals.notes import HELD, note_text, put_note, take_note_away
from hubctl.proposals.observe import Seen
from hubctl.proposals.observed import Decision
from hubctl.proposals.region import with_region
from hubctl.proposals.vanished import done_in
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


class ChangedMeanwhile(Exception):
    """Somebody else pushed or proposed between looking and acting: look and decide once more."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision, carried out."""

    seen: Seen

    @property
    def destination(self) -> Destination:
        return self.seen.destination

    @property
    def branch(self) -> str:
        return self.seen.proposal.offer.branch

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def take(self, decision: Decision) -> PullRequestResult:
        """Do what was decided and return what became of it; raises `ChangedMeanwhile` and what is refused."""
        pull = self.seen.pull(decision.number)
        match decision.action:
            case "refuse":
                raise GitRefused(
                    f"{decision.reason}: `{self.branch}` in `{show(self.destination.target.head_repository)}`",
                    hint="rename or delete that branch, then run the same command again",
                )
            case "hold":
                return self._result(pull, "held", decision.reason, *self._noted(pull, decision))
            case "decline":
                said = self._result(pull, "declined", decision.reason)
                return said if pull else replace(said, number=decision.number)
            case "nothing":
                return self._result(pull, "unchanged")
            case "close":
                return self._close(pull, decision)
            case _:
                return self._propose(pull, decision)

    def _result(self, pull: PullRequest | None, operation: Operation, *warnings: str) -> PullRequestResult:
        number, url = (pull.number, pull.url) if pull else (None, None)
        return PullRequestResult(number, url, self.branch, operation, warnings)

    def _propose(self, pull: PullRequest | None, decision: Decision) -> PullRequestResult:
        """Push where there is something to push, then open the pull request or renew what is on it."""
        warnings: tuple[str, ...] = ()
        if pull is not None and (decision.action == "rebuild" or decision.base):
            warnings = (*self._noted(pull, decision), *self._unheld(pull))
        if decision.action in {"create", "rebuild"}:
            self._push(decision.lease)
        result = self._open(decision) if pull is None else self._renew(pull, decision)
        notes = self.seen.notes if decision.action in {"create", "rebuild"} else ()
        taken = _taken_over(decision)
        return replace(result, warnings=(*result.warnings, *warnings, *notes, *taken))

    def _noted(self, pull: PullRequest | None, decision: Decision) -> tuple[str, ...]:
        """Let the decision's comment stand on the pull request; return a warning where that was refused."""
        if decision.note is None or pull is None:
            return ()
        where, proposal = self.destination, self.seen.proposal
        text = note_text(decision, base=where.base, wanted=proposal.offer.wanted, done=self._done(decision))
        mine = self.seen.surroundings.is_us
        return _tried(lambda: put_note(where.forge, pull.number, text, mine), "the comment was not written")

    def _unheld(self, pull: PullRequest) -> tuple[str, ...]:
        """Take away what was said while the pull request was held."""
        forge, mine = self.destination.forge, self.seen.surroundings.is_us
        return _tried(lambda: take_note_away(forge, pull.number, HELD, mine), "an old comment was not taken away")

    def _done(self, decision: Decision) -> str:
        where, branch = self.destination, self.seen.observed.branch
        if decision.note != "done" or branch is None or branch.span is None:
            return where.tip
        return done_in(where.repository, branch.span, where.tip)

    def _close(self, pull: PullRequest | None, decision: Decision) -> PullRequestResult:
        """Say why, close, delete the branch: without the words a later run would take it for a person's no."""
        unsaid = self._noted(pull, decision)
        if unsaid or pull is None:
            return self._result(pull, "held", decision.reason, *unsaid)
        self.destination.forge.close(pull.number)
        gone = delete_branch(self.destination, self.branch, decision.lease) if decision.lease else ()
        return self._result(pull, "superseded", decision.reason, *gone)

    def _push(self, lease: str | None) -> None:
        """Push, and where the answer was lost or a race, look: our commit there is success."""
        where, commit = self.destination, self.seen.proposal.commit.sha
        try:
            result = push_with_lease(where.repository, where.pushed, commit, self.ref, lease)
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
        if ls_remote(where.repository, where.pushed, self.ref) == commit:
            return
        if result.outcome == "unclear":
            raise GitRefused(f"`{self.branch}` could not be pushed: {result.said}", hint="run the same command again")
        raise ChangedMeanwhile

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

    def _open(self, decision: Decision) -> PullRequestResult:
        where, target, said = self.destination, self.destination.target, self.seen.proposal.said
        twins = target.fork and target.owner.casefold() == target.repository.full_name.partition("/")[0].casefold()
        new = NewPullRequest(
            title=said.title,
            body=said.body,
            head=f"{target.owner}:{self.branch}",
            base=where.base,
            draft=self.seen.wishes.draft,
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
            raise ChangedMeanwhile
        if isinstance(pull, NoCommits):
            delete_with_lease(where.repository, where.pushed, self.ref, self.seen.proposal.commit.sha)
            return self._result(None, "unchanged", "the change was merged while this ran")
        completed = self._complete(pull)[1]
        return self._result(pull, "created", *completed, *self._noted(pull, decision), *_unwatched(pull))

    def _renew(self, pull: PullRequest, decision: Decision) -> PullRequestResult:
        where, said = self.destination, self.seen.proposal.said
        title = said.title if decision.title and pull.title != said.title else None
        body = with_region(pull.body, said.body) if decision.body else pull.body
        text = body if body != pull.body else None
        base = where.base if decision.base else None
        sent = (title, text, base) != (None, None, None)
        if sent:
            pull = where.forge.update(pull.number, title=title, body=text, base=base)
        added, warnings = self._complete(pull)
        changed = decision.action == "rebuild" or added or sent
        return self._result(pull, "updated" if changed else "unchanged", *warnings)

    def _complete(self, pull: PullRequest) -> tuple[bool, tuple[str, ...]]:
        """Add missing labels and people, each a step that may fail alone.

        Return whether any was added, and a warning for each that was not.
        """
        lacking, forge = self.seen.missing(pull), self.destination.forge
        added, warnings = False, list(self._not_asked(pull))
        if lacking.labels:
            named = ", ".join(f"`{show(label)}`" for label in lacking.labels)
            refused = _tried(lambda: forge.add_labels(pull.number, lacking.labels), f"labels were not added: {named}")
            warnings += refused
            added = not refused
        if lacking.users or lacking.teams:
            try:
                refused = forge.request_reviewers(pull.number, lacking.users, lacking.teams)
            except HubctlError as error:
                refused = (f"reviewers were not asked: {error.message}",)
            warnings += refused
            added = added or len(refused) < len(lacking.users) + len(lacking.teams)
        if lacking.assignees:
            try:
                refused = forge.add_assignees(pull.number, lacking.assignees)
            except HubctlError as error:
                refused = (f"nobody was assigned: {error.message}",)
            warnings += refused
            added = added or len(refused) < len(lacking.assignees)
        return added, tuple(warnings)

    def _not_asked(self, pull: PullRequest) -> tuple[str, ...]:
        return tuple(
            f"`{show(user)}` was not asked for a review: it opened the pull request"
            for user in self.seen.wishes.users
            if user.casefold() == (pull.author or "").casefold()
        )


def delete_branch(where: Destination, branch: str, lease: str) -> tuple[str, ...]:
    """Delete a branch if it still has `lease`; return a warning where it was not deleted."""
    ref = f"refs/heads/{branch}"
    result = delete_with_lease(where.repository, where.pushed, ref, lease)
    if result.outcome == "pushed" or ls_remote(where.repository, where.pushed, ref) is None:
        return ()
    return (f"the branch was not deleted: {result.said}",)


def _tried(step: Callable[[], object], failed: str) -> tuple[str, ...]:
    """Take a step that may fail alone and return a warning, `failed` and why, where it did."""
    try:
        step()
    except HubctlError as error:
        return (f"{failed}: {error.message}",)
    return ()


def _taken_over(decision: Decision) -> tuple[str, ...]:
    """Nothing a person made goes without a word, wherever the run is read."""
    if decision.note != "rebuilt":
        return ()
    listed = ", ".join(sha[:10] for sha in decision.foreign)
    return (f"rebuilt over commits that were not hubctl's: {listed}; the tip was {decision.lease}",)


def _unwatched(pull: PullRequest) -> tuple[str, ...]:
    """GitHub starts no workflows for what a workflow's own token does."""
    if pull.author != _WORKFLOW:
        return ()
    return ("opened with the workflow's own token: GitHub starts no checks on it, use the token of a GitHub App",)
