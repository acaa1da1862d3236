"""Which file a path really is, and its bytes: regular, of bounded size, inside the repository."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from hubctl.errors import NotFound, Unparseable
from hubctl.show import show

SIZE_LIMIT = 2_000_000  # bytes of one file


def real_path(root: Path, path: str) -> Path:
    """Return the absolute path of `path` with all links resolved; it need not exist.

    Unparseable for a name or a link that leads out of `root` or into its `.git`.
    """
    if not path or "\0" in path or path.startswith("/"):
        raise Unparseable("not a path inside the repository", file=show(path) or ".")
    base = os.path.realpath(root)
    if not _is_inside(os.path.normpath(os.path.join(base, path)), base):  # noqa: PTH118  # text, the disk is not asked
        raise Unparseable("leads out of the repository", file=path)
    try:
        real = os.path.realpath(Path(base, path))
    except (OSError, ValueError) as error:
        raise Unparseable("not a path inside the repository", file=path) from error
    if not _is_inside(real, base):
        raise Unparseable("a link that leads out of the repository", file=path)
    if ".git" in (part.lower() for part in Path(real).relative_to(base).parts):
        raise Unparseable("a file of git itself", file=path)
    return Path(real)


def _is_inside(path: str, base: str) -> bool:
    return path == base or path.startswith(base.rstrip("/") + "/")


def read_regular(real: Path, name: str, most: int = SIZE_LIMIT, *, folder: int | None = None) -> bytes:
    """Return the bytes of the file at the resolved path `real`, called `name` in messages; see `WorkTree.read`.

    `most` is the largest size in bytes; `folder` an open folder that `real` is relative to.
    """
    try:
        # O_NONBLOCK: opening a FIFO must not wait for a writer. O_NOFOLLOW: links were resolved before.
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise _unreadable(error, name) from error
    try:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode):
            raise Unparseable("not a regular file", file=name)
        if seen.st_size > most:
            raise _too_large(seen.st_size, name, most)
        with open(descriptor, "rb", closefd=False) as opened:  # a descriptor, not a path
            data = opened.read(most + 1)
    except OSError as error:
        raise _unreadable(error, name) from error
    finally:
        os.close(descriptor)
    if len(data) > most:
        raise _too_large(len(data), name, most)
    return data


def _too_large(size: int, name: str, most: int) -> Unparseable:
    return Unparseable(f"larger than {most // 1_000_000} MB: {size:,} bytes", file=name)


def _unreadable(error: OSError, name: str) -> NotFound | Unparseable:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return NotFound(f"no such file: `{show(name)}`", code="no-such-file")
    if error.errno in {errno.ENXIO, errno.ENODEV, errno.EISDIR}:
        return Unparseable("not a regular file", file=name)
    if error.errno == errno.ELOOP:
        return Unparseable("a link that leads nowhere", file=name)
    return Unparseable(f"cannot be read: {(error.strerror or 'input or output error').lower()}", file=name)
