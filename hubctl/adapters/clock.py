"""The real clock, and the budget of seconds a run may spend waiting for limits."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class Waiting:
    """The seconds a run may wait in all, shared by its threads; two that wait side by side count once."""

    def __init__(self, seconds: float) -> None:
        self._left = max(0.0, seconds)
        self._until = 0.0
        self._lock = threading.Lock()

    def wait(self, seconds: float) -> bool:
        """Sleep `seconds` and return True, or return False at once where the budget does not allow it.

        Ctrl-C in the main thread interrupts it.
        """
        with self._lock:
            start = time.monotonic()
            more = max(0.0, start + seconds - max(start, self._until))
            if more > self._left:
                return False
            self._left -= more
            self._until = max(self._until, start + seconds)
        time.sleep(max(0.0, seconds))
        return True
