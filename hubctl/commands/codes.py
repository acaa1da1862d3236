"""Exit codes, and which one wins where several apply."""

from __future__ import annotations

from collections.abc import Iterable

DONE = 0
FAILED = 1
USAGE = 2
BUG = 3
CREDENTIALS = 4
WOULD_CHANGE = 8
COULD_NOT_TELL = 9
INTERRUPTED = 130
TERMINATED = 143

_STRONGEST_FIRST = (INTERRUPTED, BUG, USAGE, CREDENTIALS, FAILED, COULD_NOT_TELL, WOULD_CHANGE, DONE)


def strongest(codes: Iterable[int]) -> int:
    """Return the code that wins: 130, 3, 2, 4, 1, 9, 8, 0 in this order; 0 for none."""
    return min(codes, key=_STRONGEST_FIRST.index, default=DONE)
