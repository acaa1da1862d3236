"""The door: declares commands, turns flags into a request, a report into text, JSON and an exit code."""

from __future__ import annotations

import gc
from collections.abc import Sequence

# Reading makes hundreds of thousands of objects that live until the end. Python would look for garbage among them
# every 700 objects, find none, and take a twentieth of a run for that.
_LOOK_FOR_GARBAGE_EVERY = 50_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run hubctl with `argv` (default: the process's) and return its exit code."""
    gc.set_threshold(_LOOK_FOR_GARBAGE_EVERY)
    from hubctl.cli.door import main as door  # noqa: PLC0415  # importing the package stays free of typer

    return door(argv)
