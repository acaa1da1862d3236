"""A real bare repository, asked and changed with git's plumbing."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NOBODY = "0" * 40
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

    def git(self, *words: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
        return _run("git", "--git-dir", str(self.path), *words, stdin=stdin, environment=environment)

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
        parent = self.tip(branch) or (self.git("rev-parse", "--verify", onto) if onto else None)
        with tempfile.TemporaryDirectory() as folder:
            environment = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            if parent:
                self.git("read-tree", parent, environment=environment)
            for path, content in files.items():
                self._stage(path, content, environment)
            tree = self.git("write-tree", environment=environment)
        made = self.git(
            *("commit-tree", tree, *(("-p", parent) if parent else ()), "-F", "-"),
            stdin=message.encode(),
            environment=_people(author, committer or author, when),
        )
        self.git("update-ref", f"refs/heads/{branch}", made, self.tip(branch) or NOBODY)
        return made

    def _stage(self, path: str, content: str | bytes | None, environment: Mapping[str, str]) -> None:
        if content is None:
            self.git("update-index", "--force-remove", "--", path, environment=environment)
            return
        data = content.encode() if isinstance(content, str) else content
        blob = self.git("hash-object", "-w", "--stdin", stdin=data)
        self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", environment=environment)

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
        """Fetch a commit of a fork under a name of our own, as a forge does for a pull request."""
        self.git("fetch", "--quiet", "--no-tags", str(other.path), f"+{commit}:{name}")

    def holds(self, commit: str) -> bool:
        words = ("git", "--git-dir", str(self.path), "cat-file", "-e", f"{commit}^{{commit}}")
        return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _people(author: str, committer: str, when: str) -> dict[str, str]:
    found = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    for who, text in (("AUTHOR", author), ("COMMITTER", committer)):
        name, _, address = text.rstrip(">").partition(" <")
        found |= {f"GIT_{who}_NAME": name, f"GIT_{who}_EMAIL": address}
    return found


def _run(*words: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
    found = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    found |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C", **(environment or {})}
    done = subprocess.run(words, input=stdin, env=found, capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="surrogateescape").strip("\n")
