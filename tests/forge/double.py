r"""A GitHub of our own: a real bare repository over smart HTTP, REST in memory, and hands for what people do.

    with start_forge(tmp_path, "acme", "fleet", {"README.md": "hello\n"}) as forge:
        environment = forge.environment()

Leaving the block fails the test where an exchange did not fit GitHub's description of its API.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.forge.bare import HUMAN, Bare
from tests.forge.faults import Fault
from tests.forge.server import Board, Call, Server
from tests.forge.state import Account, Comment, Pull, Repository, Review
from tests.forge.world import World, settle

TOKEN = "ghp_CanaryTokenOfTheBot0000000000000000"
BOT = "hubctl-bot"


@dataclass
class Forge:
    """A running forge with one repository, `owner/repo`, and an account `hubctl-bot` that may write to it."""

    server: Server
    board: Board
    repository: Repository
    thread: threading.Thread

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if kind is None:
            assert not self.board.violations, "\n".join(self.board.violations)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        """Return the API's address, without a slash at the end."""
        return self.server.url

    @property
    def remote_url(self) -> str:
        return self.remote_url_of(self.repository)

    def remote_url_of(self, repository: Repository) -> str:
        return f"{self.server.url}/{repository.full_name}.git"

    @property
    def bare(self) -> Bare:
        return self.repository.bare

    @property
    def bare_path(self) -> Path:
        return self.repository.bare.path

    @property
    def pulls(self) -> list[Pull]:
        """Return the pull requests as they stand after what was pushed, oldest first."""
        with self.board.lock:
            settle(self.repository, self.board.world)
        return self.repository.pulls

    @property
    def faults(self) -> list[Fault]:
        return self.board.faults

    @property
    def log(self) -> list[Call]:
        return self.board.log

    @property
    def violations(self) -> list[str]:
        return self.board.violations

    def writes(self) -> list[str]:
        """Return the mutating calls so far, pushes too: `POST /repos/acme/fleet/pulls`."""
        return [str(call) for call in self.log if call.mutating]

    def environment(self, token: str = TOKEN) -> dict[str, str]:
        """Return the variables that point a subprocess at this forge."""
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": self.repository.full_name, "GH_TOKEN": token}

    def account(self, token: str, login: str, right: str = "read", kind: str = "User") -> Account:
        """Let a token belong to somebody, with one right on the repository."""
        self.board.accounts[token] = made = Account(login, kind)
        self.repository.rights[login] = right
        return made

    def fork(self, owner: str, name: str | None = None) -> Repository:
        """Fork the repository; only `owner` may write to the fork unless `rights` say else."""
        full_name = f"{owner}/{name or self.repository.full_name.split('/')[1]}"
        return self.board.world.add(full_name, self.board.root, self.repository)

    def add_repository(self, full_name: str) -> Repository:
        """Add a stranger: no fork of the first one."""
        return self.board.world.add(full_name, self.board.root, None)

    def rename(self, full_name: str) -> None:
        """Give the repository a new name; the old one redirects."""
        world, old = self.board.world, self.repository.full_name
        del world.repositories[old]
        target = self.board.root / f"{full_name}.git"
        target.parent.mkdir(exist_ok=True)
        self.repository.bare.path.rename(target)
        self.repository.full_name, self.repository.bare = full_name, Bare(target)
        world.repositories[full_name] = self.repository
        world.renamed[old] = full_name
        for one in world.repositories.values():
            one.parent = full_name if one.parent == old else one.parent
            for pull in one.pulls:
                pull.head_repository = full_name if pull.head_repository == old else pull.head_repository

    def commit(
        self, branch: str, files: Mapping[str, str | bytes | None], message: str = "Change by hand", *,
        author: str = HUMAN, committer: str | None = None, onto: str | None = None,
        repository: Repository | None = None,
    ) -> str:  # fmt: skip
        """Commit to a branch as somebody would by pushing; a new branch starts from `onto`."""
        bare = (repository or self.repository).bare
        return bare.commit(branch, files, message, author=author, committer=committer, onto=onto)

    def open_pull(
        self, branch: str, *, title: str = "By hand", body: str | None = "", author: str = "ada", base: str = "main",
        association: str = "MEMBER", head: Repository | None = None,
    ) -> Pull:  # fmt: skip
        """Open a pull request as somebody would in the browser."""
        origin = head or self.repository
        tip, onto = origin.bare.tip(branch), self.bare.tip(base)
        assert tip is not None, branch
        assert onto is not None, base
        number = len(self.repository.pulls) + 1
        self.bare.borrow(origin.bare, tip, f"refs/pull/{number}/head")
        made = Pull(number, title, body, author, origin.full_name, branch, tip, base, onto, association=association)
        self.repository.pulls.append(made)
        return made

    def pull(self, number: int) -> Pull:
        return next(pull for pull in self.pulls if pull.number == number)

    def close(self, number: int, by: str = "ada") -> None:
        pull = self.pull(number)
        pull.state, pull.closed_by = "closed", by

    def merge(self, number: int, *, delete_branch: bool = False) -> str:
        """Squash-merge a pull request: one new commit on its base; return it."""
        pull = self.pull(number)
        tree = self.bare.git("merge-tree", "--write-tree", f"refs/heads/{pull.base}", pull.head_sha).splitlines()[0]
        made = self.bare.git(
            "-c", "user.name=GitHub", "-c", "user.email=noreply@github.com",
            "commit-tree", tree, "-p", f"refs/heads/{pull.base}", "-m", f"{pull.title} (#{number})",
        )  # fmt: skip
        self.bare.point(pull.base, made)
        pull.state, pull.merged, pull.closed_by = "closed", True, "ada"
        if delete_branch:
            self.board.world.repositories[pull.head_repository].bare.delete(pull.head)
        return made

    def review(self, number: int, state: str, user: str | None = "ada") -> None:
        pull = self.pull(number)
        pull.reviews.append(Review(user, state, pull.head_sha))

    def comment(self, number: int, body: str, user: str = "ada") -> None:
        self.board.world.comments += 1
        self.pull(number).comments.append(Comment(self.board.world.comments, user, body))

    def picture(self) -> str:
        """Return the branches (what they are ahead of the default one, and which files differ) and pull requests."""
        return "\n".join([*self._branches(self.repository), *self._forks(), *map(_drawn, self.pulls)]) + "\n"

    def _forks(self) -> list[str]:
        forks = [
            one for one in self.board.world.repositories.values() if one is not self.repository and not one.deleted
        ]
        return [f"{one.full_name} {line}" for one in forks for line in self._branches(one) if " = main" not in line]

    def _branches(self, repository: Repository) -> list[str]:
        bare, lines = repository.bare, []
        for name, tip in bare.branches().items():
            if name == repository.default_branch:
                count = bare.git("rev-list", "--count", tip)
                lines.append(f"{name}: {count} commits, last: {bare.git('log', '-1', '--format=%s', tip)}")
                continue
            base = f"refs/heads/{repository.default_branch}"
            behind = len(bare.ahead(tip, base))
            files = bare.git("diff", "--name-only", f"{base}...{tip}").split()
            start = repository.default_branch + (f"~{behind}" if behind else "")
            lines.append(f"{name}: {start} + {bare.ahead(base, tip)} changes {files}")
        return lines


def _drawn(pull: Pull) -> str:
    state = ("merged" if pull.merged else pull.state) + (" draft" if pull.draft else "")
    head = f"{pull.head_repository.split('/')[0]}:{pull.head}"
    asked = pull.reviewers + pull.teams
    extras = (
        f" labels {pull.labels}" if pull.labels else "",
        f" reviewers {asked}" if asked else "",
        f" assignees {pull.assignees}" if pull.assignees else "",
        f" comments {len(pull.comments)}" if pull.comments else "",
    )
    return f"#{pull.number} {state} {head} -> {pull.base}: {pull.title}{''.join(extras)}"


def start_forge(folder: Path, owner: str, repo: str, files: Mapping[str, str | bytes | None]) -> Forge:
    """Start a forge below `folder` with one repository whose `main` holds `files`; no files, no commit."""
    root = folder / "forge"
    bare = Bare.planted(root / owner / f"{repo}.git", files)
    repository = Repository(1, f"{owner}/{repo}", bare, rights={BOT: "write"})
    board = Board(root, World({repository.full_name: repository}, {}), {TOKEN: Account(BOT)})
    server = Server(board)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    return Forge(server, board, repository, thread)
