"""What is wrong in a fleet, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding; `line` and `column` are 1-based, `file` is relative to the repository's root.

    `path` is the key path as text, empty where the whole file is meant; what it is and where it stands is one
    problem: `path` does not count when problems are compared.
    """

    file: str
    line: int
    rule: str
    message: str
    mend: str
    fails: bool = False  # True where a selected file could not be read: the run exits 1
    column: int = 1
    path: str = field(default="", compare=False)
