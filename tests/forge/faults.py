"""What can go wrong on the way to a forge, as values a test adds before it calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Fault:
    """Meets the next `times` requests of `method` whose path matches `path` (a regex, searched).

    With `status` the answer is that one, with `body` and `headers`; with `cut` the connection is closed without an
    answer. `applies` lets the request take effect first. `drip` are the seconds between two bytes of the answer.
    `before` is called ahead of everything: what somebody else does at that very moment.
    """

    method: str
    path: str
    status: int | None = None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    applies: bool = False
    drip: float = 0.0
    before: Callable[[], object] | None = None
    times: int = 1

    def meets(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method == method and re.search(self.path, path) is not None


def taken(faults: list[Fault], method: str, path: str) -> Fault | None:
    """Return the first fault that meets a request, one time fewer."""
    found = next((fault for fault in faults if fault.meets(method, path)), None)
    if found:
        found.times -= 1
    return found


def lost_push_reply() -> Fault:
    """Return the fault of a push that the server takes and whose reply never arrives."""
    return Fault("POST", r"/git-receive-pack$", cut=True, applies=True)
