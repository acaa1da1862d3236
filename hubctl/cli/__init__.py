"""The door: declares commands, turns flags into a request, a report into text, JSON and an exit code."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run hubctl with `argv` (default: the process's) and return its exit code."""
    from hubctl.cli.door import main as door  # noqa: PLC0415  # importing the package stays free of typer

    return door(argv)
