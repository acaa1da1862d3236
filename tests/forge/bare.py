"""A real bare repository, asked and changed with git's plumbing."""

from __future__ import annotations

import datetime as dt
import functools
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HUMAN = "Ada Human <ada@example.org>"


@dataclass(frozen=True)
class Bare:
    """`path` is the bare repository; every answer is what git says now."""

    path: Path

    @classmethod
    def create(cls, path: Path, *, copy_of: Bare | None = None) -> Bare:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        if copy_of is None:
            _run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(path))
        else:
            _run("git", "clone", "--quiet", "--bare", "--no-local", str(copy_of.path), str(path))
        with (path / "config").open("a") as config:
            config.write("[http]\n\treceivepack = true\n[gc]\n\tauto = 0\n")
        return made

    @classmethod
    def planted(cls, path: Path, files: Mapping[str, str | bytes | None]) -> Bare:
        """Make a repository whose `main` holds `files` in one commit; the second of its kind is copied from memory."""
        for name, content in _grown(tuple(files.items())):
            where = path / name
            if content is None:
                where.mkdir(parents=True, exist_ok=True)
            else:
                where.parent.mkdir(parents=True, exist_ok=True)
                where.write_bytes(content)
        return cls(path)

    def git(self, *words: str, stdin: bytes = b"") -> str:
        return _run("git", "--git-dir", str(self.path), *words, stdin=stdin)

    def branches(self) -> dict[str, str]:
        """Return the tip of each branch, sorted by name."""
        lines = self.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/").splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return {name.removeprefix("refs/heads/"): sha for sha, name in pairs}

    def tip(self, branch: str) -> str | None:
        return self.branches().get(branch)

    def commit(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None],
        message: str = "Change by hand",
        *,
        author: str = HUMAN,
        committer: str | None = None,
        onto: str | None = None,
        when: str = "2026-06-01T12:00:00Z",
    ) -> str:
        """Add a commit to `branch` (made from `onto` where it does not exist) and return its name.

        `files` maps paths to whole new contents; None deletes. `onto` names a branch or a commit.
        """
        parent = self.tip(branch) or onto
        moment = int(dt.datetime.fromisoformat(when).timestamp())
        stream = [
            f"commit refs/heads/{branch}".encode(),
            b"mark :1",
            f"author {author} {moment} +0000".encode(),
            f"committer {committer or author} {moment} +0000".encode(),
            _data(message.encode()),
        ]
        if parent:
            stream.append(f"from {parent}^0".encode())
        for path, content in files.items():
            if content is None:
                stream.append(f"D {path}".encode())
            else:
                data = content.encode() if isinstance(content, str) else content
                stream += [f"M 100644 inline {path}".encode(), _data(data)]
        stream += [b"get-mark :1", b""]
        return self.git("fast-import", "--quiet", stdin=b"\n".join(stream))

    def delete(self, branch: str) -> None:
        self.git("update-ref", "-d", f"refs/heads/{branch}")

    def point(self, branch: str, commit: str) -> None:
        self.git("update-ref", f"refs/heads/{branch}", commit)

    def read(self, branch: str, path: str) -> str:
        """Return the text of a file at the tip of a branch, without its last line end."""
        return self.git("show", f"{branch}:{path}")

    def ahead(self, base: str, head: str) -> list[str]:
        """Return the subjects of `base..head`, oldest first."""
        return self.git("log", "--reverse", "--format=%s", f"{base}..{head}").splitlines()

    def borrow(self, other: Bare, commit: str, name: str) -> None:
        """Take a commit of a fork under a name of our own, as a forge does for a pull request."""
        if other == self:
            self.git("update-ref", name, commit)
            return
        self.git("fetch", "--quiet", "--no-tags", str(other.path), f"+{commit}:{name}")

    def holds(self, commit: str) -> bool:
        words = ("git", "--git-dir", str(self.path), "cat-file", "-e", f"{commit}^{{commit}}")
        return subprocess.run(words, capture_output=True, check=False).returncode == 0


@functools.cache
def _grown(files: tuple[tuple[str, str | bytes | None], ...]) -> tuple[tuple[str, bytes | None], ...]:
    """Return the files of a bare repository, and its folders with None."""
    with tempfile.TemporaryDirectory() as folder:
        made = Bare.create(Path(folder) / "seed.git")
        if files:
            made.commit("main", dict(files), "Start", when="2026-01-01T00:00:00Z")
        found = sorted(made.path.rglob("*"))
        return tuple((str(one.relative_to(made.path)), one.read_bytes() if one.is_file() else None) for one in found)


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content


def _run(*words: str, stdin: bytes = b"") -> str:
    found = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    found |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    done = subprocess.run(words, input=stdin, env=found, capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="surrogateescape").strip("\n")
