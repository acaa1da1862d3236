"""The commits that changed a file, and its contents before and after each: read without a checkout."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.git import Repository
from hubctl.adapters.git_run import checked, open_git
from hubctl.errors import GitRefused

_SIZE_LIMIT = 2_000_000
_NONE = "0" * 40
_FIRST_PARENTS = ("--first-parent", "--diff-merges=first-parent")


@dataclass(frozen=True, slots=True)
class FileChange:
    """One commit that changed a file: its contents' ids `before` and `after`, zeros where there was no file.

    `age` orders commits, 0 is the newest.
    """

    age: int
    commit: str
    before: str
    after: str

    @property
    def blobs(self) -> tuple[str, ...]:
        """Return the ids of the contents that existed."""
        return tuple(blob for blob in (self.before, self.after) if blob != _NONE)


def changes_of(repository: Repository, base: str, file: str, *, merged: bool = False) -> tuple[FileChange, ...]:
    """Return the commits of `base` that changed a file, newest first, as far as history is here.

    Along the first parents, where a merge counts as one change; or (`merged`) the single commits that were merged.
    """
    walk = () if merged else _FIRST_PARENTS
    return _walked(repository.root, base, file.partition("/")[0], walk, _edge(repository)).get(file, ())


def _edge(repository: Repository) -> bytes:
    """What ends history here: a store gets more of it while a run lasts."""
    shallow = repository.common_dir / "shallow"
    return shallow.read_bytes() if shallow.exists() else b""


@functools.lru_cache(maxsize=16)
def _walked(root: Path, base: str, top: str, walk: tuple[str, ...], _edge: bytes) -> dict[str, tuple[FileChange, ...]]:
    """One walk serves all files below a folder: a run asks for many of them."""
    argv = ["--literal-pathspecs", "log", "-z", "--format=format:%x01%H%x02", "--raw", "--no-abbrev", "--no-renames"]
    argv += ["--no-show-signature", "--no-textconv", "--no-ext-diff", *walk, base, "--", top]
    listed = checked(argv, cwd=root).decode("utf-8", "surrogateescape")
    found: dict[str, list[FileChange]] = {}
    for age, entry in enumerate(listed.split("\x01")[1:]):
        commit, _, rest = entry.partition("\x02")
        words = rest.replace("\n", "\0", 1).split("\0")[1:]
        for about, file in zip(words[0::2], words[1::2], strict=False):
            fields = about.split()
            if len(fields) == 5:
                found.setdefault(file, []).append(FileChange(age, commit, fields[2], fields[3]))
    return {file: tuple(changes) for file, changes in found.items()}


def read_blobs(repository: Repository, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the contents of those of `blobs` that are here, in order; what is larger than 2 MB is left out."""
    if not blobs:
        return
    reader = open_git(["cat-file", "--batch"], cwd=repository.root)
    try:
        if reader.stdin is None or reader.stdout is None:
            raise GitRefused("`git cat-file` has no pipes")
        for blob in blobs:
            reader.stdin.write(f"{blob}\n".encode())
            reader.stdin.flush()
            header = reader.stdout.readline().split()
            if len(header) != 3:
                continue
            data = reader.stdout.read(int(header[2]) + 1)[:-1]
            if len(data) <= _SIZE_LIMIT:
                yield blob, data
    finally:
        for pipe in (reader.stdin, reader.stdout):
            if pipe is not None:
                pipe.close()
        reader.wait()


def message_of(repository: Repository, commit: str) -> str:
    """Return the message of a commit."""
    argv = ["show", "-s", "--no-show-signature", "--format=%B", commit]
    return checked(argv, cwd=repository.root).decode("utf-8", "replace")
