"""What the double remembers: accounts, repositories, pull requests, and what people said about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.forge.bare import Bare

RIGHTS = ("none", "read", "triage", "write", "admin")


@dataclass(frozen=True)
class Account:
    """Who a token belongs to; `kind` is `User`, `App` (403 on `/user`) or `Job` (an Actions token)."""

    login: str
    kind: str = "User"


@dataclass
class Review:
    user: str | None
    state: str
    commit: str


@dataclass
class Comment:
    id: int
    user: str
    body: str


@dataclass
class Pull:
    """A pull request; `head` and `base` are branch names, `head_sha` and `base_sha` their last tips the forge saw."""

    number: int
    title: str
    body: str | None
    author: str | None
    head_repository: str
    head: str
    head_sha: str
    base: str
    base_sha: str
    draft: bool = False
    state: str = "open"
    merged: bool = False
    closed_by: str | None = None
    association: str = "MEMBER"
    maintainer_can_modify: bool = False
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass
class Repository:
    """A repository of the forge; `rights` maps logins to one of `RIGHTS`, all others may read.

    `strict` are the branches that take only what is up to date with them. `jobs_open` lets the token of a workflow
    open pull requests. `late` is how often a repository that is being made answers 404 yet, `fork_late` how often
    forks of it will.
    """

    id: int
    full_name: str
    bare: Bare
    parent: str | None = None
    default_branch: str = "main"
    archived: bool = False
    private: bool = False
    drafts: bool = True
    issues: bool = True
    deleted: bool = False
    jobs_open: bool = False
    late: int = 0
    fork_late: int = 0
    strict: tuple[str, ...] = ()
    rights: dict[str, str] = field(default_factory=dict)
    pulls: list[Pull] = field(default_factory=list)
    teams: tuple[str, ...] = ("maintainers",)
    collaborators: tuple[str, ...] = ("ada", "grace")

    @property
    def owner(self) -> str:
        return self.full_name.split("/")[0]

    def allows(self, login: str | None, right: str) -> bool:
        """Say whether someone has at least `right`."""
        default = "none" if self.private else "read"
        given = "admin" if login == self.owner else self.rights.get(login or "", default)
        return RIGHTS.index(given) >= RIGHTS.index(right)


class Refused(Exception):
    """What the forge answers instead of doing what it was asked."""

    def __init__(self, status: int, message: str, *errors: dict[str, str] | str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.body: dict[str, object] = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors:
            self.body["errors"] = list(errors)


def invalid(resource: str, **said: str) -> Refused:
    """Return GitHub's 422 with one error about a resource."""
    return Refused(422, "Validation Failed", {"resource": resource, **said})
