"""The forge as a request meets it: who asks, which repository, and what pushes changed meanwhile."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forge import bodies
from tests.forge.bare import Bare
from tests.forge.state import Account, Pull, Refused, Repository

PERMISSION = "Resource not accessible by personal access token"


@dataclass(frozen=True)
class Asked:
    """A request that passed the door: who asks, what for, with which path parameters, query and body."""

    account: Account | None
    parameters: dict[str, str]
    query: dict[str, str]
    body: Any
    api: str

    @property
    def login(self) -> str | None:
        return self.account.login if self.account else None


@dataclass
class World:
    """All repositories of the forge, by present name; `renamed` maps old names to present ones."""

    repositories: dict[str, Repository]
    renamed: dict[str, str]
    comments: int = 0

    def repository(self, full_name: str, login: str | None) -> Repository:
        found = next((one for name, one in self.repositories.items() if name.lower() == full_name.lower()), None)
        if found is None or found.deleted or not found.allows(login, "read"):
            raise Refused(404, "Not Found")
        if found.late:
            found.late -= 1
            raise Refused(404, "Not Found")
        settle(found, self)
        return found

    def add(self, full_name: str, root: Path, origin: Repository | None) -> Repository:
        """Make a repository below `root`: an empty one, or a fork of `origin`."""
        bare = Bare.create(root / f"{full_name}.git", copy_of=origin.bare if origin else None)
        made = Repository(100 + len(self.repositories), full_name, bare, origin.full_name if origin else None)
        if origin:
            made.default_branch, made.late = origin.default_branch, origin.fork_late
        self.repositories[full_name] = made
        return made


def settle(found: Repository, world: World) -> None:
    """Bring open pull requests up to what was pushed: new tips, branches that went away, merges by push."""
    waiting = [pull for pull in found.pulls if pull.state == "open"]
    heads = {pull.head_repository: world.repositories[pull.head_repository] for pull in waiting}
    tips = {name: {} if head.deleted else head.bare.branches() for name, head in heads.items()}
    bases = found.bare.branches() if waiting else {}
    for pull in waiting:
        tip = tips[pull.head_repository].get(pull.head)
        pull.base_sha = bases.get(pull.base, pull.base_sha)
        if tip is None:
            pull.state, pull.closed_by = "closed", None
        elif tip != pull.head_sha:
            pull.head_sha = tip
            remember_head(found, heads[pull.head_repository], pull)
        if pull.state == "open" and _contained(found.bare, pull.base_sha, pull.head_sha):
            pull.state, pull.merged, pull.closed_by = "closed", True, found.owner


@functools.cache
def _contained(bare: Bare, base: str, head: str) -> bool:
    return not bare.ahead(base, head)


def remember_head(base: Repository, head: Repository, pull: Pull) -> None:
    base.bare.borrow(head.bare, pull.head_sha, f"refs/pull/{pull.number}/head")


def repository_of(asked: Asked, world: World) -> Repository:
    return world.repository(f"{asked.parameters['owner']}/{asked.parameters['repo']}", asked.login)


def writable(asked: Asked, world: World, right: str, permissions: str) -> Repository:
    """Return the repository of a write, or refuse: archived, or the token lacks a right."""
    found = repository_of(asked, world)
    if asked.account is None:
        raise Refused(401, "Requires authentication")
    if found.archived:
        raise Refused(403, "Repository was archived so is read-only.")
    if not found.allows(asked.login, right):
        raise Refused(403, PERMISSION, x_accepted_github_permissions=permissions)
    return found


def pull_of(found: Repository, asked: Asked, name: str = "pull_number") -> Pull:
    number = int(asked.parameters[name])
    pull = next((one for one in found.pulls if one.number == number), None)
    if pull is None:
        raise Refused(404, "Not Found")
    return pull


def shown(pull: Pull, found: Repository, asked: Asked, world: World, *, whole: bool) -> dict[str, Any]:
    return bodies.pull(pull, found, world.repositories[pull.head_repository], asked.api, whole=whole)
