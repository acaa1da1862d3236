"""One file that the user named: written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from hubctl.adapters.files import TEMPORARY_SUFFIX
from hubctl.errors import HubctlError
from hubctl.show import show


def writable_place(path: Path) -> Path:
    """Return the path behind every link; HubctlError where no file can be written there as far as that is seen."""
    try:
        real = path.resolve()
        folder = real.parent.is_dir()
        kind = real.stat().st_mode if folder and real.exists() else stat.S_IFREG
    except (OSError, ValueError, RuntimeError) as error:
        raise _unwritable(path, "not a path of a file") from error
    if not folder:
        raise _unwritable(path, "no such folder")
    if not stat.S_ISREG(kind):
        raise _unwritable(path, "not a regular file")
    return real


def save(path: Path, data: bytes) -> None:
    """Write a file, or leave what was there; HubctlError where the disk refuses."""
    real = writable_place(path)
    temporary = real.with_name(f".{real.name[:60]}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
    try:
        with open(temporary, "xb") as opened:  # noqa: PTH123  # `x` is what matters here
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(real)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _unwritable(path, (error.strerror or "input or output error").lower()) from error


def _unwritable(path: Path, reason: str) -> HubctlError:
    return HubctlError(f"`{show(str(path))}` cannot be written: {reason}", hint="name another file")
