"""How fast a run writes: GitHub asks for a second between two writes, and limits who does not keep to it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from hubctl.adapters import clock

_BETWEEN: Final = 1.0


class Pace:
    """The least `seconds` between two writes, shared by all clients of a run."""

    def __init__(self, seconds: float) -> None:
        self._between = timedelta(seconds=seconds)
        self._last: datetime | None = None
        self._lock = threading.Lock()

    def due(self) -> float:
        """Return the seconds to wait before the next write; 0 before the first."""
        with self._lock:
            if self._last is None:
                return 0.0
            left = self._last + self._between - clock.now()
            return min(max(left, timedelta(0)), self._between).total_seconds()

    def wrote(self) -> None:
        """Note that a write has just been answered."""
        with self._lock:
            self._last = clock.now()


def pace_of(api: str) -> Pace:
    """Return the pace for the API at this address.

    GitHub's own hosts limit content-creating requests (docs.github.com, best practices for the REST API); a server
    of one's own has its limits off until somebody sets them, and what it then says is waited for like any limit.
    """
    host = urlsplit(api).hostname or ""
    limited = host == "api.github.com" or host.endswith(".ghe.com")
    return Pace(_BETWEEN if limited else 0.0)
