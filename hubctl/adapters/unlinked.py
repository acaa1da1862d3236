"""Files below a folder as they lie there: no link is followed, whether it is the file or a folder above it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hubctl.adapters.files import COUNT_LIMIT
from hubctl.adapters.regular import read_regular
from hubctl.errors import NotFound, Unparseable
from hubctl.show import show


def path_in(root: Path, typed: str) -> str:
    """Return an absolute path as seen from the repository's root, `""` for the root itself; links stay what they are.

    A link that leads to the root or to a folder above it is no part of what is seen. NotFound, code `no-such-file`,
    for what lies elsewhere or is git's own.
    """
    top = os.path.realpath(root)
    ways = (Path(typed), *Path(typed).parents)
    start = next((way for way in reversed(ways) if os.path.realpath(way) == top), None)
    if start is None:
        folder, name = os.path.split(typed)
        seen = os.path.relpath(os.path.join(os.path.realpath(folder), name), top)  # noqa: PTH118  # paths as text
    else:
        seen = os.path.relpath(typed, start)
    parts = seen.split("/")
    if ".." in parts or ".git" in (part.lower() for part in parts):
        raise NotFound(f"not in this repository: `{show(typed)}`", code="no-such-file")
    return "" if seen == "." else seen


def link_in(root: Path, path: str) -> str | None:
    """Return the first part of `path` that is a link, from the repository's root on; None where none is."""
    place = ""
    for part in path.split("/"):
        place = f"{place}/{part}" if place else part
        if Path(root, place).is_symlink():
            return place
    return None


def read_unlinked(root: Path, path: str) -> bytes:
    """Return the bytes of the regular file `path` of at most 2 MB; Unparseable for everything else that is there.

    NotFound, code `no-such-file`, where nothing is there.
    """
    link = link_in(root, path)
    if link is not None:
        raise Unparseable("a symbolic link", file=link)
    return read_regular(Path(root, path), path)


def files_below(root: Path) -> Iterator[str]:
    """Yield all files and links below `root`, hidden ones too, but none of git's own.

    Unparseable for a folder that cannot be read and for more than 200,000 files.
    """
    count = 0
    for folder, names, files in os.walk(root, onerror=_refuse, followlinks=False):
        inside = os.path.relpath(folder, root)
        prefix = "" if inside == "." else f"{inside}/"
        links = [name for name in names if Path(folder, name).is_symlink()]
        names[:] = sorted(name for name in names if name != ".git" and name not in links)
        for name in (*files, *links):
            count += 1
            if count > COUNT_LIMIT:
                raise Unparseable(f"more than {COUNT_LIMIT:,} files", file=".")
            yield prefix + name


def _refuse(error: OSError) -> None:
    raise Unparseable(f"cannot be read: {(error.strerror or 'input or output error').lower()}", file=error.filename)
