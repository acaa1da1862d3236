"""What is wrong in a fleet, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding; `line` is 1-based, `file` is relative to the repository's root."""

    file: str
    line: int
    rule: str
    message: str
    mend: str
    fails: bool = False  # True where a selected file could not be read: the run exits 1
