"""Real repositories and a forge in memory, for tests of proposing."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hubctl.adapters.git import Repository, find_repository
from hubctl.errors import RemoteRefused
from hubctl.images.choice import Evidence
from hubctl.images.site import Site
from hubctl.proposals.commit import committer
from hubctl.proposals.destination import Destination
from hubctl.proposals.forge import (
    AlreadyExists,
    Comment,
    ForgeRepository,
    NewPullRequest,
    NoCommits,
    PullRequest,
    Review,
)
from hubctl.proposals.identity import branch_name
from hubctl.proposals.offer import Offer
from hubctl.proposals.plan import Change, FileEdit
from hubctl.proposals.target import Target
from hubctl.proposals.units import Unit
from hubctl.proposals.wording import offered
from hubctl.secret import Secret

CANARY = Secret("ghp_canary0123456789")
FILE = "config/clusters/leap/common.values.yaml"
OLD, NEW, NEWER = "2025.07.09", "2026.06.04", "2026.07.01"
DIGEST = "sha256:" + "ab" * 32
TEXT = f"singleuser:\n  image:\n    name: quay.io/pangeo/base\n    tag: {OLD}  # keep\nother: 1\n"


def git(folder: Path, *argv: str) -> str:
    """Run the real git as a person would and return what it printed."""
    clean = {name: value for name, value in os.environ.items() if name not in {"GIT_DIR", "GIT_INDEX_FILE"}}
    done = subprocess.run(["git", *argv], cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit_file(folder: Path, file: str, text: str, subject: str = "Change") -> str:
    """Write, commit and return the new commit's id."""
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text, newline="")
    git(folder, "add", "--", file)
    git(folder, "commit", "-q", "-m", subject)
    return git(folder, "rev-parse", "HEAD")


def make_clone(folder: Path, files: Mapping[str, str] | None = None) -> tuple[Path, Path]:
    """Return a bare remote with branch `main` and a clone of it."""
    bare, clone = folder / "remote.git", folder / "clone"
    git(folder, "init", "-q", "--bare", str(bare))
    git(folder, "clone", "-q", str(bare), str(clone))
    for file, text in (files or {FILE: TEXT, "README.md": "fleet\n"}).items():
        commit_file(clone, file, text, f"Add {file}")
    git(clone, "push", "-q", "origin", "HEAD:refs/heads/main")
    git(clone, "fetch", "-q")
    return bare, clone


def found(folder: Path) -> Repository:
    """Return the repository that must be there."""
    repository = find_repository(folder)
    assert repository is not None
    return repository


def change(
    new: str = NEW,
    *,
    file: str = FILE,
    old: str = OLD,
    image: str = "quay.io/pangeo/base",
    path: tuple[str | int, ...] = ("singleuser", "image", "tag"),
    hubs: tuple[str, ...] = ("leap/prod", "leap/staging"),
    warnings: tuple[str, ...] = (),
    why: str = "newest date, pushed 2026-06-05",
) -> Change:
    """Return one change with evidence."""
    return Change(
        site=Site(
            file=file,
            path=path,
            line=4,
            form="split",
            image=image,
            tag=old,
            digest=None,
            role="user",
            key_path=".".join(map(str, path)),
        ),
        image=image,
        old=old,
        new=new,
        digest=DIGEST,
        why=why,
        evidence=Evidence(source="oci", pushed=dt.datetime(2026, 6, 5, 23, tzinfo=dt.UTC)),
        hubs=hubs,
        warnings=warnings,
        size=1_234_000_000,
    )


def unit(new: str = NEW, *, before: str = TEXT, old: str = OLD) -> Unit:
    """Return the unit `cluster-leap` that moves the one tag of `FILE`."""
    return Unit(
        scope="cluster-leap",
        branch=branch_name("bump-image", "cluster-leap"),
        title="leap",
        changes=(change(new, old=old),),
        edits=(FileEdit(FILE, before.encode(), before.replace(old, new).encode()),),
        stages={"leap/prod": "prod", "leap/staging": "staging"},
    )


def offer(new: str = NEW, *, before: str = TEXT, old: str = OLD) -> Offer:
    """Return what `unit` offers to `main`."""
    return offered(unit(new, before=before, old=old), base="main")


def pull_request(number: int, **fields: object) -> PullRequest:
    """Return an open pull request of a member into `main`, without a word in it."""
    usual = {
        "url": f"https://github.com/org/fleet/pull/{number}", "state": "open", "merged": False, "draft": False,
        "title": "", "body": "", "head_ref": f"hubctl/bump-image/{number}",
        "head_label": f"org:hubctl/bump-image/{number}", "head_sha": "", "head_repository": "org/fleet",
        "base_ref": "main", "author": "ann", "author_association": "MEMBER",
    }  # fmt: skip
    return PullRequest(number=number, **(usual | fields))


@dataclass
class MemoryForge:
    """Implements `Forge` over a real bare repository; keeps every call that writes.

    `small`: all its pull requests fit one answer.
    """

    bare: Path
    about: ForgeRepository = field(default_factory=lambda: ForgeRepository("org/fleet", "main", can_push=True))
    others: dict[str, ForgeRepository] = field(default_factory=dict)
    me: str | None = "engineer"
    pulls: list[PullRequest] = field(default_factory=list)
    given: dict[int, tuple[Review, ...]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    unaskable: frozenset[str] = frozenset()
    crash_before_create: int = 0
    refuse_labels: bool = False
    said: dict[int, list[Comment]] = field(default_factory=dict)
    strict: bool = False
    small: bool = True
    reads: list[str] = field(default_factory=list)

    def repository(self, full_name: str | None = None) -> ForgeRepository:
        if full_name is None or full_name.casefold() == self.about.full_name.casefold():
            return self.about
        if full_name not in self.others:
            raise RemoteRefused(f"no such repository: `{full_name}`")
        return self.others[full_name]

    def login(self) -> str | None:
        return self.me

    def pulls_of(self, owner: str, branch: str) -> tuple[PullRequest, ...]:
        return tuple(pull for pull in reversed(self._current()) if pull.head_label == f"{owner}:{branch}")

    def newest_pulls(self) -> tuple[tuple[PullRequest, ...], bool]:
        return tuple(reversed(self._current())), self.small

    def open_pulls(self, base: str) -> tuple[PullRequest, ...]:
        return tuple(pull for pull in reversed(self._current()) if pull.state == "open" and pull.base_ref == base)

    def closed_pulls(self, base: str) -> tuple[PullRequest, ...]:
        self.reads.append("closed")
        closed = (pull for pull in reversed(self._current()) if pull.state == "closed" and not pull.merged)
        return tuple(pull for pull in closed if pull.base_ref == base)

    def _current(self) -> list[PullRequest]:
        """An open pull request's head is whatever its branch has now."""
        for index, pull in enumerate(self.pulls):
            shown = git(self.bare, "for-each-ref", "--format=%(objectname)", f"refs/heads/{pull.head_ref}")
            if pull.state == "open" and shown:
                self.pulls[index] = replace(pull, head_sha=shown)
        return self.pulls

    def create(self, new: NewPullRequest) -> PullRequest | NoCommits | AlreadyExists:
        self.calls.append(f"create {new.head} -> {new.base}")
        if self.crash_before_create:
            self.crash_before_create -= 1
            raise RemoteRefused("GitHub failed: 502")
        owner, _, branch = new.head.partition(":")
        if any(pull.state == "open" and pull.base_ref == new.base for pull in self.pulls_of(owner, branch)):
            return AlreadyExists()
        if git(self.bare, "rev-list", "--count", f"{new.base}..{branch}") == "0":
            return NoCommits()
        number = len(self.pulls) + 1
        self.pulls.append(
            PullRequest(
                number=number,
                url=f"https://github.com/{self.about.full_name}/pull/{number}",
                state="open",
                merged=False,
                draft=new.draft,
                title=new.title,
                body=new.body,
                head_ref=branch,
                head_label=new.head,
                head_sha=git(self.bare, "rev-parse", branch),
                head_repository=new.head_repository or f"{owner}/{self.about.full_name.partition('/')[2]}",
                base_ref=new.base,
                author=self.me,
                author_association="MEMBER",
            )
        )
        return self.pulls[-1]

    def edit(self, number: int, **fields: object) -> None:
        """Change a pull request as a person would on the web."""
        index = number - 1
        self.pulls[index] = replace(self.pulls[index], **fields)

    def update(
        self, number: int, *, title: str | None = None, body: str | None = None, base: str | None = None
    ) -> PullRequest:
        wanted = (("title", title), ("body", body), ("base_ref", base))
        fields = {name: text for name, text in wanted if text is not None}
        self.calls.append(f"update {number} {' '.join(fields)}")
        self.edit(number, **fields)
        return self.pulls[number - 1]

    def add_labels(self, number: int, labels: tuple[str, ...]) -> tuple[str, ...]:
        self.calls.append(f"label {number} {' '.join(labels)}")
        if self.refuse_labels:
            raise RemoteRefused("GitHub refused: 403")
        self.edit(number, labels=(*self.pulls[number - 1].labels, *labels))
        return self.pulls[number - 1].labels

    def request_reviewers(self, number: int, users: tuple[str, ...], teams: tuple[str, ...]) -> tuple[str, ...]:
        self.calls.append(f"ask {number} {' '.join((*users, *teams))}")
        asked = self.pulls[number - 1]
        self.edit(
            number,
            reviewers=(*asked.reviewers, *(user for user in users if user not in self.unaskable)),
            teams=(*asked.teams, *(team for team in teams if team not in self.unaskable)),
        )
        return tuple(f"`{name}` was not asked" for name in (*users, *teams) if name in self.unaskable)

    def add_assignees(self, number: int, users: tuple[str, ...]) -> tuple[str, ...]:
        self.calls.append(f"assign {number} {' '.join(users)}")
        able = tuple(user for user in users if user not in self.unaskable)
        self.edit(number, assignees=(*self.pulls[number - 1].assignees, *able))
        return tuple(f"`{name}` was not assigned" for name in users if name not in able)

    def comments(self, number: int) -> tuple[Comment, ...]:
        self.reads.append(f"comments {number}")
        return tuple(self.said.get(number, ()))

    def comment(self, number: int, body: str) -> Comment:
        self.calls.append(f"comment {number}")
        made = Comment(sum(map(len, self.said.values())) + 1, self.me, body)
        self.said.setdefault(number, []).append(made)
        return made

    def edit_comment(self, comment: int, body: str) -> None:
        self.calls.append(f"edit comment {comment}")
        for listed in self.said.values():
            listed[:] = [replace(one, body=body) if one.id == comment else one for one in listed]

    def delete_comment(self, comment: int) -> None:
        self.calls.append(f"delete comment {comment}")
        for listed in self.said.values():
            listed[:] = [one for one in listed if one.id != comment]

    def close(self, number: int) -> None:
        self.calls.append(f"close {number}")
        self.edit(number, state="closed")

    def closed_by(self, number: int) -> str | None:
        self.reads.append(f"closed by {number}")
        return "ann"

    def must_be_current(self, base: str) -> bool:
        self.reads.append(f"rules of {base}")
        return self.strict

    def fork(self) -> ForgeRepository:
        raise RemoteRefused("nobody forks in these tests")

    def reviews(self, number: int) -> tuple[Review, ...]:
        self.reads.append(f"reviews {number}")
        return self.given.get(number, ())


def destination(clone: Path, bare: Path, forge: MemoryForge, *, tip: str | None = None) -> Destination:
    """Return where units of the clone go: its remote by path, `main` as it is there now."""
    repository = found(clone)
    return Destination(
        repository=repository,
        target=Target(forge.about, base_url=str(bare), push_url=str(bare), head_repository=forge.about.full_name),
        forge=forge,
        token=CANARY,
        base="main",
        tip=tip or git(bare, "rev-parse", "main"),
        identity=committer(repository),
    )


def picture(bare: Path) -> dict[str, str]:
    """Return the branches of a remote with the subjects above `main`, oldest first."""
    heads = git(bare, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    return {name: git(bare, "log", "--reverse", "--format=%s", f"main..{name}") for name in heads if name != "main"}
