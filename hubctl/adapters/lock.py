"""One writer at a time in one checkout, whatever worktree or folder it was started in."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hubctl.errors import HubctlError

_PAUSE = 0.05
_POINTER_LIMIT = 4096


@contextmanager
def locked(root: Path, *, wait: float = 10.0) -> Iterator[None]:
    """Hold the write lock of the checkout at `root`; waits at most `wait` seconds.

    HubctlError, code `locked`, naming the process that holds it.
    """
    descriptor = _open_lock(root)
    try:
        _acquire(descriptor, wait)
        with suppress(OSError):  # a folder as lock holds no text
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open_lock(root: Path) -> int:
    common = git_common_folder(root)
    name = hashlib.sha256(os.fsencode(os.path.realpath(common or root))).hexdigest()[:32]
    places = [common / "hubctl.lock"] if common else []
    places += [folder / f"{name}.lock" for folder in _private_folders()]
    for place in places:
        try:
            return os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError:
            continue  # a read-only .git or disk: the next place still keeps this user's runs apart
    try:
        return os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise HubctlError(f"no place for a lock: {(error.strerror or '').lower()}", code="locked") from error


def git_common_folder(root: Path) -> Path | None:
    """Return the folder that all worktrees of the repository at `root` share, None where `root` is none.

    Follows `.git` as a folder or as a worktree's file, as gitrepository-layout(5) describes; runs no git.
    """
    entry = root / ".git"
    try:
        folder = entry if entry.is_dir() else root / _pointer(entry, "gitdir: ")
        if (folder / "commondir").is_file():
            folder = folder / _pointer(folder / "commondir", "")
        return folder if (folder / "HEAD").is_file() else None
    except (OSError, ValueError):
        return None


def _pointer(file: Path, prefix: str) -> str:
    with file.open("rb") as opened:
        text = os.fsdecode(opened.read(_POINTER_LIMIT)).rstrip("\n")
    if not text.startswith(prefix):
        raise ValueError(prefix)
    return text.removeprefix(prefix)


def _private_folders() -> Iterator[Path]:
    """Folders that only this user can enter, outside every repository."""
    for base in (os.environ.get("XDG_RUNTIME_DIR"), os.environ.get("TMPDIR"), "/tmp", "/var/tmp"):  # noqa: S108  # see below
        if not base:
            continue
        folder = Path(base, f"hubctl-{os.getuid()}")
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            seen = folder.lstat()
        except OSError:
            continue
        # in a shared place somebody else may have made the folder first: then it is not used
        if stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and not seen.st_mode & 0o077:
            yield folder


def _acquire(descriptor: int, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() < deadline:
                time.sleep(_PAUSE)
                continue
            pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            raise HubctlError(
                f"another hubctl is writing here: process {pid if pid.isdecimal() else 'unknown'}",
                hint="wait until it has finished and run the command again",
                code="locked",
            ) from error
        else:
            return
