"""Where folders of this machine really are: on a disk or in memory. Linux alone tells."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def temporary_place() -> tuple[str, bool]:
    """Return the folder that temporary files are made in, and whether it is known to lie in memory."""
    folder = os.path.realpath(tempfile.gettempdir())
    try:
        lines = _MOUNTS.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return folder, False
    kinds: dict[str, str] = {}
    for line in lines:
        about, _, kind = line.partition(" - ")
        fields = about.split(" ")
        if len(fields) > 4 and kind:
            kinds[_unescaped(fields[4])] = kind.split(" ")[0]
    above = (folder, *map(str, Path(folder).parents))
    return folder, next((kinds[place] for place in above if place in kinds), "") in _IN_MEMORY


def _unescaped(text: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text
