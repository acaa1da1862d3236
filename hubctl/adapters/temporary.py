"""Folders that are thrown away, those of runs that were killed, too."""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubctl.errors import HubctlError

PREFIX = "hubctl-run-"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give an empty folder that only this user can enter and that is gone afterwards.

    Who uses it holds a lock on it, which ends with the process: the first folder of a run makes room by removing
    those that nobody holds. HubctlError where no folder for temporary files can be written.
    """
    _sweep()
    folder, held = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _made() -> tuple[Path, int]:
    while True:
        try:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        except OSError as error:
            said = f"no folder for temporary files: {(error.strerror or '').lower()}"
            raise HubctlError(said, hint="set `TMPDIR` to a folder that can be written") from error
        held = _held(folder, wait=True)
        if held is not None:
            return folder, held


def _held(folder: Path, *, wait: bool) -> int | None:
    """Lock a folder; None where another process has it, or swept it away in the moment before it was locked."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    if folder.exists():
        return descriptor
    os.close(descriptor)
    return None


@functools.cache
def _sweep() -> None:
    """Once a run: remove what this user's killed runs left."""
    try:
        with os.scandir(tempfile.gettempdir()) as entries:
            left = [Path(entry) for entry in entries if entry.name.startswith(PREFIX) and _is_own_folder(entry)]
    except OSError:
        return
    for folder in left:
        held = _held(folder, wait=False)
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_uid == os.getuid()
