"""Making files that are not there yet: all or none, and never over one that is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hubctl.adapters.files import TEMPORARY_SUFFIX
from hubctl.adapters.lock import locked
from hubctl.adapters.regular import real_path
from hubctl.errors import HubctlError
from hubctl.show import show

_UNCHANGED = "nothing was written"


def create_all(root: Path, files: Mapping[str, bytes]) -> None:
    """Make every file, with the folders above it, or none; paths are relative to the repository's root.

    Each is written beside its place and linked there, so that it is whole or absent. On a failure or a signal what
    was made is removed again. HubctlError where the disk or another run refuses, where a file stands in the place of
    a folder, or where something is there by now; Unparseable for a path that leads out of the repository.
    """
    with locked(root):
        places = {name: real_path(root, name) for name in files}
        folders: list[Path] = []
        temporary: dict[Path, Path] = {}
        done = False
        try:
            for name, place in places.items():
                _make_folders(name, place.parent, folders)
                beside = place.with_name(f".{place.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
                temporary[place] = beside
                _write(name, beside, files[name])
            for name, place in places.items():
                _link(name, temporary[place], place)
            done = True
        finally:
            _clean(temporary, folders, keep=done)


def _make_folders(name: str, folder: Path, made: list[Path]) -> None:
    there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    if not there.is_dir():
        raise HubctlError(
            f"`{show(name)}` cannot be written: `{show(there.name)}` is no folder",
            hint=f"move `{show(there.name)}` out of the way; {_UNCHANGED}",
        )
    missing = [one for one in (folder, *folder.parents) if there in one.parents]
    for one in reversed(missing):
        made.append(one)
        try:
            one.mkdir()
        except OSError as error:
            made.remove(one)
            raise _refused(name, error) from error


def _write(name: str, place: Path, data: bytes) -> None:
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with open(descriptor, "wb") as opened:  # noqa: PTH123  # a descriptor, not a path
            opened.write(data)
            opened.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise _refused(name, error) from error


def _link(name: str, temporary: Path, place: Path) -> None:
    try:
        place.hardlink_to(temporary)
    except OSError as error:
        raise _refused(name, error) from error


def _clean(temporary: Mapping[Path, Path], folders: list[Path], *, keep: bool) -> None:
    """Remove the temporary files, and unless `keep` what was made; what another run put there meanwhile stays."""
    for place, beside in temporary.items():
        with suppress(OSError):
            if not keep and place.samefile(beside):
                place.unlink()
        with suppress(OSError):
            beside.unlink()
    for folder in reversed(folders):
        if not keep:
            with suppress(OSError):
                folder.rmdir()


def _refused(name: str, error: OSError) -> HubctlError:
    reason = (error.strerror or "input or output error").lower()
    return HubctlError(f"`{show(name)}` cannot be written: {reason}", hint=_UNCHANGED)
