"""Copies of files in a folder that only this user can enter, for a program that changes files in place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hubctl.adapters.temporary import temporary_folder
from hubctl.errors import HubctlError


@contextmanager
def private_copies(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Give the real path of a new folder with these files, each by its relative path, all gone afterwards.

    HubctlError where they cannot be written.
    """
    with temporary_folder() as temporary:
        folder = temporary.resolve()
        try:
            for name, data in files.items():
                _write(folder / name, data)
        except OSError as error:
            said = f"no copy can be written into the folder for temporary files: {(error.strerror or '').lower()}"
            raise HubctlError(said, hint="set `TMPDIR` to a folder with room") from error
        yield folder


def _write(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as opened:  # noqa: PTH123  # a descriptor, not a path
        opened.write(data)
