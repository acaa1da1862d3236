"""GitHub as a forge: what proposing asks, as calls of its REST API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

from hubctl.errors import AuthNeeded, RemoteRefused
from hubctl.proposals import github_values as values
from hubctl.proposals.forge import (
    AlreadyExists,
    ForgeRepository,
    NewPullRequest,
    NoCommits,
    PullRequest,
    Review,
)
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_refusal import Lost, MissingRight, Unprocessable
from hubctl.proposals.identity import lf
from hubctl.show import show

_T = TypeVar("_T")
_PAUSES: Final = (1.0, 2.0)  # GitHub learns of a push, or of a new pull request, a second or two late
_NOT_YET: Final = ("could not resolve to a node", "tree sha does not exist")


@dataclass(frozen=True, slots=True)
class GitHub:
    """The repository that gets the pull request; implements `hubctl.proposals.forge.Forge`."""

    api: Api

    @property
    def _path(self) -> str:
        return _repository_path(self.api.repository)

    def repository(self, full_name: str | None = None) -> ForgeRepository:
        """Return the repository itself, or another one of the same host; a renamed one under its present name."""
        return values.repository(self.api.read(_repository_path(full_name or self.api.repository)))

    def login(self) -> str | None:
        """Return who the token belongs to; None where the token cannot ask (an App's or a job's token)."""
        try:
            return values.login(self.api.read("/user"))
        except MissingRight:
            return None

    def pulls_of(self, owner: str, branch: str) -> tuple[PullRequest, ...]:
        """Return the pull requests from `owner:branch`, into any base and in every state, newest first."""
        wanted = f"{owner}:{branch}"
        query = {"head": wanted, "state": "all", "sort": "created", "direction": "desc"}
        return tuple(pull for pull in self._pulls(query) if _same_label(pull.head_label, wanted))

    def open_pulls(self, base: str) -> tuple[PullRequest, ...]:
        """Return all open pull requests into `base`, newest first."""
        query = {"base": base, "state": "open", "sort": "created", "direction": "desc"}
        return tuple(pull for pull in self._pulls(query) if pull.base_ref == base)

    def _pulls(self, query: dict[str, str]) -> tuple[PullRequest, ...]:
        return tuple(values.pull_request(entry) for entry in self.api.pages(f"{self._path}/pulls", query))

    def create(self, new: NewPullRequest) -> PullRequest | NoCommits | AlreadyExists:
        """Open a pull request; after a lost answer it is looked up by head before it is sent again.

        A branch that GitHub does not know yet is looked for twice more. Raises AuthNeeded and RemoteRefused.
        """
        body: dict[str, object] = {
            "title": new.title,
            "body": new.body,
            "head": new.head,
            "base": new.base,
            "draft": new.draft,
            "maintainer_can_modify": new.maintainer_can_modify,
        }
        if new.head_repository is not None:
            body["head_repo"] = new.head_repository
        try:
            return self._settled(lambda: self._created(body), lambda: self._open_pull(new))
        except Unprocessable as refused:
            if refused.refusal.says("pull request already exists"):
                return AlreadyExists()
            if refused.refusal.says("no commits between"):
                return NoCommits()
            raise _explained(refused, new, self.api.repository) from None
        except MissingRight as refused:
            raise _with_compare_url(refused, self._compare_url(new)) from None

    def _created(self, body: dict[str, object]) -> PullRequest:
        try:
            return values.pull_request(self.api.write("POST", f"{self._path}/pulls", body))
        except Unprocessable as refused:
            if not refused.refusal.says("fork collab can't be granted"):
                raise
        return values.pull_request(
            self.api.write("POST", f"{self._path}/pulls", {**body, "maintainer_can_modify": False})
        )

    def _open_pull(self, new: NewPullRequest) -> PullRequest | None:
        owner, _, branch = new.head.partition(":")
        standing = (pull for pull in self.pulls_of(owner, branch) if pull.state == "open" and pull.base_ref == new.base)
        return next(standing, None)

    def update(self, number: int, *, title: str | None = None, body: str | None = None) -> PullRequest:
        """Change the title, the body or both; after a lost answer the pull request is read before it is sent again."""
        path = f"{self._path}/pulls/{number}"
        wanted = {name: text for name, text in (("title", title), ("body", body)) if text is not None}

        def standing() -> PullRequest | None:
            pull = values.pull_request(self.api.read(path))
            same = all(lf(text) == lf(pull.title if name == "title" else pull.body) for name, text in wanted.items())
            return pull if same else None

        return self._settled(lambda: values.pull_request(self.api.write("PATCH", path, wanted)), standing)

    def add_labels(self, number: int, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Add labels (GitHub makes those it does not know) and return all that stand on the pull request then."""
        path = f"{self._path}/issues/{number}/labels"

        def standing() -> tuple[str, ...] | None:
            found = tuple(name for page in self.api.pages(path, {}) for name in values.labels([page]))
            known = {name.casefold() for name in found}
            return found if all(name.casefold() in known for name in labels) else None

        return self._settled(lambda: values.labels(self.api.write("POST", path, {"labels": list(labels)})), standing)

    def request_reviewers(self, number: int, users: tuple[str, ...], teams: tuple[str, ...]) -> tuple[str, ...]:
        """Ask users and teams (slugs) for a review; return warnings, one for each not asked. Raises nothing.

        GitHub refuses all for one that cannot be asked: then each is asked alone.
        """
        try:
            self._ask(number, users, teams)
        except Unprocessable as refused:
            if len(users) + len(teams) == 1:
                return (_not_asked((*users, *teams)[0], refused),)
        except (AuthNeeded, RemoteRefused) as refused:
            return tuple(_not_asked(name, refused) for name in (*users, *teams))
        else:
            return ()
        alone = [self.request_reviewers(number, (user,), ()) for user in users]
        alone += [self.request_reviewers(number, (), (team,)) for team in teams]
        return tuple(warning for warnings in alone for warning in warnings)

    def _ask(self, number: int, users: tuple[str, ...], teams: tuple[str, ...]) -> None:
        path = f"{self._path}/pulls/{number}/requested_reviewers"
        wanted = {name: list(who) for name, who in (("reviewers", users), ("team_reviewers", teams)) if who}

        def standing() -> PullRequest | None:
            pull = values.pull_request(self.api.read(f"{self._path}/pulls/{number}"))
            return pull if set(users) <= set(pull.reviewers) and set(teams) <= set(pull.teams) else None

        self._settled(lambda: values.pull_request(self.api.write("POST", path, wanted)), standing)

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Return the deciding reviews of a pull request, oldest first."""
        listed = (values.review(entry) for entry in self.api.pages(f"{self._path}/pulls/{number}/reviews", {}))
        return tuple(review for review in listed if review)

    def _settled(self, write: Callable[[], _T], standing: Callable[[], _T | None]) -> _T:
        """Return what `write` gives; where its answer was lost, what `standing` finds, else write again.

        Twice more at most, also where GitHub has not yet heard of what was pushed or created a moment ago.
        """
        for pause in _PAUSES:
            try:
                return _once(write, standing)
            except (Lost, Unprocessable) as refused:
                if not _passing(refused) or not self.api.patience.wait(pause):
                    raise
        return _once(write, standing)

    def _compare_url(self, new: NewPullRequest) -> str:
        parts = urlsplit(self.api.address)
        host = "github.com" if parts.hostname == "api.github.com" else parts.netloc
        span = f"{quote(new.base)}...{quote(new.head, safe=':/')}"
        return f"{parts.scheme}://{host}/{quote(self.api.repository)}/compare/{span}"


def _repository_path(full_name: str) -> str:
    owner, _, name = full_name.partition("/")
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"


def _same_label(label: str, wanted: str) -> bool:
    """Compare `owner:branch`: owners without regard to case, branches exactly."""
    owner, _, branch = label.partition(":")
    wanted_owner, _, wanted_branch = wanted.partition(":")
    return owner.casefold() == wanted_owner.casefold() and branch == wanted_branch


def _once(write: Callable[[], _T], standing: Callable[[], _T | None]) -> _T:
    try:
        return write()
    except Lost:
        found = standing()
        if found is None:
            raise
        return found


def _passing(refused: Lost | Unprocessable) -> bool:
    if isinstance(refused, Lost):
        return True
    return refused.refusal.says(*_NOT_YET) or _about(refused, "head", "invalid")


def _about(refused: Unprocessable, field: str, code: str) -> bool:
    return any((one.field, one.code) == (field, code) for one in refused.refusal.complaints)


def _explained(refused: Unprocessable, new: NewPullRequest, repository: str) -> RemoteRefused:
    """Return why a pull request could not be opened, in words of what the user gave."""
    if _about(refused, "head", "invalid"):
        return RemoteRefused(
            f"GitHub finds no branch `{show(new.head)}` in `{show(repository)}` or its forks",
            hint="check that the branch was pushed to a fork of this repository",
        )
    if _about(refused, "base", "invalid"):
        return RemoteRefused(
            f"`{show(repository)}` has no branch `{show(new.base)}` to merge into", hint="use `--base BRANCH`"
        )
    if refused.refusal.says("draft pull requests are not supported"):
        return RemoteRefused(f"`{show(repository)}` takes no draft pull requests", hint="run again without `--draft`")
    return refused


def _with_compare_url(refused: MissingRight, url: str) -> MissingRight:
    said = "open the pull request by hand: "
    hint = f"{refused.hint}; {said}{url}" if refused.hint else f"{said}{url}"
    return MissingRight(refused.message, hint=hint)


def _not_asked(name: str, refused: AuthNeeded | RemoteRefused) -> str:
    return f"`{show(name)}` was not asked for a review: {refused.message}"
