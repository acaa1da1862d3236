"""What proposing asks of a forge: values, and the calls that give them.

Implementations raise `AuthNeeded` (no token, 401, 403 for a missing right), `RemoteRefused` (404, archived, rate
limit, a server that misbehaves) and nothing else; every text in these values is foreign and shown escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from hubctl.errors import RemoteRefused

ReviewState: TypeAlias = Literal["APPROVED", "CHANGES_REQUESTED", "DISMISSED"]


@dataclass(frozen=True, slots=True)
class ForgeRepository:
    """A repository as the forge describes it now (`full_name` is the present one after a rename).

    `parent` is the full name of the repository this one is a fork of, `source` that of the one all began with,
    None where it is no fork. `can_push` and `can_triage` (label, assign, ask for reviews) are None where the answer
    holds no permissions (no token). `clone_url` is where git finds it.
    """

    full_name: str
    default_branch: str
    archived: bool = False
    can_push: bool | None = None
    fork: bool = False
    parent: str | None = None
    source: str | None = None
    can_triage: bool | None = None
    clone_url: str | None = None


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request.

    `state` is `open` or `closed`; `merged` says that a closed one was merged (`merged_at` is set). `head_label`
    is `owner:branch`, `head_repository` the full name, None where the fork was deleted. `author` is the login,
    None for a deleted user. `url` is GitHub's `html_url`. `body` is `""` where the forge says null.
    """

    number: int
    url: str
    state: Literal["open", "closed"]
    merged: bool
    draft: bool
    title: str
    body: str
    head_ref: str
    head_label: str
    head_sha: str
    head_repository: str | None
    base_ref: str
    author: str | None
    author_association: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    closed_at: str | None = None  # as the forge writes it, `2026-06-04T12:00:00Z`


@dataclass(frozen=True, slots=True)
class Review:
    """One review; only states that decide are listed, in the order they were given."""

    user: str
    state: ReviewState


@dataclass(frozen=True, slots=True)
class NewPullRequest:
    """What is sent to open a pull request.

    `head` is `owner:branch`; `head_repository` is the full name of the fork, sent as `head_repo` where head and base
    have the same owner, None where the branch is in the base repository itself.
    """

    title: str
    body: str
    head: str
    base: str
    draft: bool = False
    maintainer_can_modify: bool = True
    head_repository: str | None = None


@dataclass(frozen=True, slots=True)
class NoCommits:
    """The forge says that nothing stands between base and head: the change was merged meanwhile."""


@dataclass(frozen=True, slots=True)
class AlreadyExists:
    """The forge says that a pull request of this head and base is open, or that the branch just moved: look again."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment below a pull request; `author` is the login, None for a deleted user."""

    id: int
    author: str | None
    body: str


class CommentRefused(RemoteRefused):
    """The pull request is locked, or its repository takes no comments: skip the comment and say so."""


class Forge(Protocol):
    """The repository that gets the pull request, over its REST API.

    Reads are retried, writes only after a lookup showed that they did not happen. All pages are read.
    """

    def repository(self, full_name: str | None = None) -> ForgeRepository:
        """Return the repository itself, or another one of the same forge (a fork, origin)."""
        ...

    def login(self) -> str | None:
        """Return who the token belongs to; None where the token cannot ask (an App's or a job's token)."""
        ...

    def pulls_of(self, owner: str, branch: str) -> tuple[PullRequest, ...]:
        """Return the pull requests from `owner:branch` into any base and in every state, newest first.

        Any base, because one that a person pointed at another branch must be seen, too. An answer is kept only
        where its `head_label` is `owner:branch`: a server that ignores the filter answers with others.
        """
        ...

    def newest_pulls(self) -> tuple[tuple[PullRequest, ...], bool]:
        """Return the pull requests opened last, newest first, in every state; and whether these are all there are."""
        ...

    def open_pulls(self, base: str) -> tuple[PullRequest, ...]:
        """Return all open pull requests into `base`, newest first."""
        ...

    def closed_pulls(self, base: str) -> tuple[PullRequest, ...]:
        """Return the pull requests into `base` that were closed unmerged, of the 300 changed last."""
        ...

    def create(self, new: NewPullRequest) -> PullRequest | NoCommits | AlreadyExists:
        """Open a pull request; after a lost answer it is looked up by head before it is sent again."""
        ...

    def update(
        self, number: int, *, title: str | None = None, body: str | None = None, base: str | None = None
    ) -> PullRequest:
        """Change the title, the body, or the branch it is to be merged into; what is None stays."""
        ...

    def add_labels(self, number: int, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Add labels and return all that stand on the pull request then."""
        ...

    def request_reviewers(self, number: int, users: tuple[str, ...], teams: tuple[str, ...]) -> tuple[str, ...]:
        """Ask users and teams (slugs without organisation) for a review; return warnings, one for each not asked."""
        ...

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Return the deciding reviews of a pull request in order."""
        ...

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return all comments of a pull request, oldest first."""
        ...

    def comment(self, number: int, body: str) -> Comment:
        """Add a comment; after a lost answer it is looked up before it is sent again. May raise CommentRefused."""
        ...

    def edit_comment(self, comment: int, body: str) -> None:
        """Change the text of a comment."""
        ...

    def delete_comment(self, comment: int) -> None:
        """Delete a comment; one that is gone already is success."""
        ...

    def close(self, number: int) -> None:
        """Close a pull request without merging it; one that is closed already is success."""
        ...

    def closed_by(self, number: int) -> str | None:
        """Return the login of who closed a pull request last, None where that is not known."""
        ...

    def add_assignees(self, number: int, users: tuple[str, ...]) -> tuple[str, ...]:
        """Assign users; return warnings, one for each that was not assigned."""
        ...

    def must_be_current(self, base: str) -> bool:
        """Return whether a rule lets only branches that are up to date with `base` be merged; False where not known."""
        ...

    def fork(self) -> ForgeRepository:
        """Return the fork that the token's owner has of this repository, made where there is none; may be empty yet."""
        ...
