"""GitHub as a forge: what proposing asks, as calls of its REST API."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from urllib.parse import quote

from hubctl.proposals import github_comments, github_forks, github_opening, github_steps
from hubctl.proposals import github_values as values
from hubctl.proposals.forge import (
    AlreadyExists,
    Comment,
    ForgeRepository,
    NewPullRequest,
    NoCommits,
    PullRequest,
    Review,
)
from hubctl.proposals.github_api import PAGE, Api
from hubctl.proposals.github_refusal import Missing, MissingRight, Unprocessable
from hubctl.proposals.github_settling import settled
from hubctl.proposals.identity import lf

_REMEMBERED: Final = 300  # closed pull requests that are looked through for what people declined


@dataclass(slots=True)
class Memory:
    """The repository and, in a tuple of one, the login, once they were asked for.

    `fresh` are the numbers of the pull requests that were opened here: GitHub hears of them a second or two late.
    """

    repository: ForgeRepository | None = None
    login: tuple[str | None] | None = None
    fresh: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class GitHub:
    """The repository that gets the pull request; implements `hubctl.proposals.forge.Forge`.

    `memory` keeps what a run asks once and what it did.
    """

    api: Api
    memory: Memory = field(default_factory=Memory, compare=False)

    @property
    def _path(self) -> str:
        return self.api.repository_path()

    def repository(self, full_name: str | None = None) -> ForgeRepository:
        """Return the repository itself, or another one of the same host; a renamed one under its present name."""
        if full_name is not None:
            return values.repository(self.api.read(self.api.repository_path(full_name)))
        if self.memory.repository is None:
            self.memory.repository = values.repository(self.api.read(self._path))
        return self.memory.repository

    def login(self) -> str | None:
        """Return who the token belongs to; None where the token cannot ask (an App's or a job's token)."""
        if self.memory.login is None:
            try:
                self.memory.login = (values.login(self.api.read("/user")),)
            except MissingRight:
                self.memory.login = (None,)
        return self.memory.login[0]

    def pulls_of(self, owner: str, branch: str) -> tuple[PullRequest, ...]:
        """Return the pull requests from `owner:branch`, into any base and in every state, newest first."""
        wanted = f"{owner}:{branch}"
        query = {"head": wanted, "state": "all", "sort": "created", "direction": "desc"}
        return tuple(pull for pull in self._pulls(query) if _same_label(pull.head_label, wanted))

    def newest_pulls(self) -> tuple[tuple[PullRequest, ...], bool]:
        """Return the pull requests opened last (one page), newest first, and whether these are all there are."""
        query = {"state": "all", "sort": "created", "direction": "desc"}
        listed = tuple(islice(self.api.pages(f"{self._path}/pulls", query), PAGE))
        return tuple(values.pull_request(entry) for entry in listed), len(listed) < PAGE

    def open_pulls(self, base: str) -> tuple[PullRequest, ...]:
        """Return all open pull requests into `base`, newest first."""
        query = {"base": base, "state": "open", "sort": "created", "direction": "desc"}
        return tuple(pull for pull in self._pulls(query) if pull.base_ref == base)

    def closed_pulls(self, base: str) -> tuple[PullRequest, ...]:
        """Return the pull requests into `base` that were closed unmerged, of the 300 changed last."""
        query = {"base": base, "state": "closed", "sort": "updated", "direction": "desc"}
        listed = islice(self.api.pages(f"{self._path}/pulls", query), _REMEMBERED)
        found = tuple(values.pull_request(entry) for entry in listed)
        return tuple(pull for pull in found if pull.base_ref == base and not pull.merged)

    def _pulls(self, query: dict[str, str]) -> tuple[PullRequest, ...]:
        return tuple(values.pull_request(entry) for entry in self.api.pages(f"{self._path}/pulls", query))

    def create(self, new: NewPullRequest) -> PullRequest | NoCommits | AlreadyExists:
        """Open a pull request; after a lost answer it is looked up by head before it is sent again.

        A branch that GitHub does not know yet is looked for twice more. Raises AuthNeeded and RemoteRefused.
        """
        made = github_opening.create(self.api, new, lambda: self._open_pull(new))
        if isinstance(made, PullRequest):
            self.memory.fresh.add(made.number)
        return made

    def _open_pull(self, new: NewPullRequest) -> PullRequest | None:
        owner, _, branch = new.head.partition(":")
        fork = (new.head_repository or "").casefold()
        standing = (
            pull
            for pull in self.pulls_of(owner, branch)
            if pull.state == "open"
            and pull.base_ref == new.base
            and (not fork or (pull.head_repository or "").casefold() == fork)
        )
        return next(standing, None)

    def update(
        self, number: int, *, title: str | None = None, body: str | None = None, base: str | None = None
    ) -> PullRequest:
        """Change the title, the body, or the branch it is to be merged into; what is None stays.

        After a lost answer the pull request is read before it is sent again.
        """
        path = f"{self._path}/pulls/{number}"
        given = (("title", title), ("body", body), ("base", base))
        wanted = {name: text for name, text in given if text is not None}

        def standing() -> PullRequest | None:
            pull = values.pull_request(self.api.read(path))
            now = {"title": pull.title, "body": pull.body, "base": pull.base_ref}
            return pull if all(lf(text) == lf(now[name]) for name, text in wanted.items()) else None

        return settled(self.api.patience, lambda: values.pull_request(self.api.write("PATCH", path, wanted)), standing)

    def add_labels(self, number: int, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Add labels (GitHub makes those it does not know) and return all that stand on the pull request then."""
        return github_steps.add_labels(self.api, number, labels, fresh=number in self.memory.fresh)

    def request_reviewers(self, number: int, users: tuple[str, ...], teams: tuple[str, ...]) -> tuple[str, ...]:
        """Ask users and teams (slugs) for a review; return warnings, one for each not asked. Raises nothing."""
        return github_steps.request_reviewers(self.api, number, users, teams, fresh=number in self.memory.fresh)

    def add_assignees(self, number: int, users: tuple[str, ...]) -> tuple[str, ...]:
        """Assign users; return warnings, one for each that was not assigned. Raises nothing."""
        return github_steps.add_assignees(self.api, number, users, fresh=number in self.memory.fresh)

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Return the deciding reviews of a pull request, oldest first."""
        listed = (values.review(entry) for entry in self.api.pages(f"{self._path}/pulls/{number}/reviews", {}))
        return tuple(review for review in listed if review)

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return all comments of a pull request, oldest first; none where the repository takes none."""
        return github_comments.listed(self.api, number)

    def comment(self, number: int, body: str) -> Comment:
        """Add a comment; after a lost answer it is looked up before it is sent again.

        Raises CommentRefused where the pull request is locked or the repository takes no comments.
        """
        return github_comments.add(self.api, number, body, self.login)

    def edit_comment(self, comment: int, body: str) -> None:
        """Change the text of a comment."""
        github_comments.edit(self.api, comment, body)

    def delete_comment(self, comment: int) -> None:
        """Delete a comment; one that is gone already is success."""
        github_comments.delete(self.api, comment)

    def close(self, number: int) -> None:
        """Close a pull request without merging it; one that is closed already is success."""
        path = f"{self._path}/pulls/{number}"

        def standing() -> PullRequest | None:
            pull = values.pull_request(self.api.read(path))
            return pull if pull.state == "closed" else None

        def write() -> PullRequest:
            return values.pull_request(self.api.write("PATCH", path, {"state": "closed"}))

        try:
            settled(self.api.patience, write, standing)
        except Unprocessable as refused:
            if not refused.refusal.says("state cannot be changed") or standing() is None:
                raise

    def closed_by(self, number: int) -> str | None:
        """Return the login of who closed a pull request last (an App's ends in `[bot]`), None where not known."""
        events = self.api.pages(f"{self._path}/issues/{number}/events", {})
        try:
            closers = [values.actor(event) for event in events if values.is_closing(event)]
        except (MissingRight, Missing):
            return None
        return closers[-1] if closers else None

    def must_be_current(self, base: str) -> bool:
        """Return whether a rule lets only branches that are up to date with `base` be merged; False where not known."""
        rules = self.api.pages(f"{self._path}/rules/branches/{quote(base, safe='')}", {})
        try:
            return any(values.wants_current_branches(rule) for rule in rules)
        except (MissingRight, Missing):
            return False

    def fork(self) -> ForgeRepository:
        """Return the fork that the token's owner has of this repository, made where there is none; may be empty yet.

        Raises AuthNeeded where the token belongs to no user or may not fork.
        """
        return github_forks.fork(self.api, self.repository, self.login())


def _same_label(label: str, wanted: str) -> bool:
    """Compare `owner:branch`: owners without regard to case, branches exactly."""
    owner, _, branch = label.partition(":")
    wanted_owner, _, wanted_branch = wanted.partition(":")
    return owner.casefold() == wanted_owner.casefold() and branch == wanted_branch
