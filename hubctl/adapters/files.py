"""The work tree: which files there are, and their bytes, never from outside the repository."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.regular import read_regular, real_path
from hubctl.errors import Unparseable

COUNT_LIMIT = 200_000  # files of one tree
TEMPORARY_SUFFIX = ".hubctl-tmp"
_STALE_AFTER = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class WorkTree:
    """The files below `root`, which is the repository's root; every path is relative to it, with `/`.

    One listing gives at most `limit` files.
    """

    root: Path
    limit: int = COUNT_LIMIT

    def paths(self, under: str = "") -> tuple[str, ...]:
        """Return the files and links to files in the folder `under` and below it, sorted.

        Left out: hidden folders (so `.git`), `node_modules`, folders that are links or cannot be read, special
        files, hubctl's temporary files, and names that are not UTF-8. Empty where there is no such folder.
        What a killed run left more than an hour ago is removed on the way.
        Unparseable for a tree of more files than the limit or an `under` outside the repository.
        """
        start = real_path(self.root, under) if under else self.root
        prefix = f"{under.strip('/')}/" if under else ""
        found: list[str] = []
        for path in _walked(start, prefix):
            if len(found) >= self.limit:
                raise Unparseable(f"more than {self.limit:,} files", file=under or ".")
            found.append(path)
        return tuple(sorted(found))

    def read(self, path: str) -> bytes:
        """Return the bytes of the regular file `path`; a link is followed where it stays in the repository.

        NotFound, code `no-such-file`, where nothing is there; Unparseable for everything else that is no regular
        file of at most 2 MB inside the repository.
        """
        return read_regular(real_path(self.root, path), path)

    def target(self, path: str) -> str:
        """Return the path of the file that `path` stands for, links resolved; `path` itself where it leads outside."""
        try:
            return real_path(self.root, path).relative_to(os.path.realpath(self.root)).as_posix()
        except Unparseable:
            return path


def _walked(start: Path, prefix: str) -> Iterator[str]:
    waiting = [(os.fspath(start), prefix)]
    while waiting:
        folder, name = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    path = name + entry.name
                    if entry.name.endswith(TEMPORARY_SUFFIX):
                        _remove_stale(Path(entry.path))
                    elif entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(".") and entry.name != "node_modules":
                            waiting.append((entry.path, f"{path}/"))
                    elif _is_listed(entry):
                        yield path
        except (PermissionError, FileNotFoundError, NotADirectoryError):
            continue


def _is_listed(entry: os.DirEntry[str]) -> bool:
    if not entry.name.isascii() and not _is_text(entry.name):
        return False
    if not entry.is_symlink():
        return entry.is_file()
    try:
        return not entry.is_dir()
    except OSError:
        return True  # a loop: listed, so that reading it can say what is wrong


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def sweep(folder: Path) -> None:
    """Remove what a killed run left in `folder`: `.NAME.*.hubctl-tmp` older than an hour."""
    for leftover in folder.glob(f".*{TEMPORARY_SUFFIX}"):
        _remove_stale(leftover)


def _remove_stale(leftover: Path) -> None:
    # Another run may be quicker, or the folder read-only: then nothing is lost.
    with suppress(OSError):
        seen = leftover.lstat()
        is_ours = leftover.name.startswith(".") and stat.S_ISREG(seen.st_mode)
        if is_ours and seen.st_mtime < time.time() - _STALE_AFTER:
            leftover.unlink()
