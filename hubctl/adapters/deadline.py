"""A deadline over a whole exchange: connecting, headers and body, also against a server that drips."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from typing import Any, Self, TypeAlias

_CONNECT_SECONDS = 5.0
_NAME_SECONDS = 10.0
_Address: TypeAlias = tuple[int, int, int, str, Any]


class Deadline:
    """Shuts the sockets of one exchange down when its seconds are over, or when `cut` is called.

    A timeout of a socket counts from byte to byte: a server that sends one byte every ten seconds never
    meets it. A duplicate of the descriptor is kept, because TLS detaches the socket it wraps.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.connected = False
        self.ended = False
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._over = False

    def __enter__(self) -> Self:
        _alarm.set(self._ends, self)
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True
        with self._lock:
            for one in self._sockets:
                one.close()
            self._sockets.clear()

    @property
    def over(self) -> bool:
        """Whether the seconds have passed or the exchange was cut."""
        return self._over or self._left <= 0

    @property
    def _left(self) -> float:
        return self._ends - time.monotonic()

    def cut(self) -> None:
        """End the exchange now: whoever reads or writes sees the end of the stream."""
        with self._lock:
            self._over = True
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def watch(self, connected: socket.socket) -> None:
        """Include a connected socket in what `cut` shuts down."""
        self.connected = True
        with self._lock:
            self._sockets.append(socket.socket(fileno=os.dup(connected.fileno())))

    def connect(self, host: str, port: int, options: Iterable[tuple[Any, ...]]) -> socket.socket:
        """Return a socket connected to the first address of `host` that answers within five seconds.

        Raises OSError: that of the last address, or TimeoutError where the whole deadline is over.
        """
        failed: OSError = TimeoutError("no address answered in time")
        for family, kind, protocol, _, address in _addresses(host, port, min(_NAME_SECONDS, self._left)):
            if self.over:
                break
            one = socket.socket(family, kind, protocol)
            try:
                for option in options:
                    one.setsockopt(*option)
                one.settimeout(min(_CONNECT_SECONDS, max(self._left, 0.001)))
                one.connect(address)
            except OSError as problem:
                one.close()
                failed = problem
                continue
            self.watch(one)
            return one
        raise failed


class _Alarm:
    """Cuts every exchange that lasts too long, in one thread: a thread for each would cost half of a quick exchange."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._set: list[tuple[float, int, Deadline]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def set(self, ends: float, deadline: Deadline) -> None:
        """Have `deadline` cut at the moment `ends` (monotonic seconds), unless it has ended by then."""
        with self._changed:
            heapq.heappush(self._set, (ends, next(self._numbers), deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            elif self._set[0][2] is deadline:
                self._changed.notify()

    def _watch(self) -> None:
        while True:
            self._next().cut()

    def _next(self) -> Deadline:
        """Wait for the first exchange whose time is over and take it out."""
        with self._changed:
            while True:
                while self._set and self._set[0][2].ended:
                    heapq.heappop(self._set)
                left = self._set[0][0] - time.monotonic() if self._set else None
                if left is not None and left <= 0:
                    return heapq.heappop(self._set)[2]
                self._changed.wait(left)


_alarm = _Alarm()


def _addresses(host: str, port: int, seconds: float) -> list[_Address]:
    """Return what the resolver says within `seconds`: it knows no timeout itself, so a thread waits for it."""
    found: SimpleQueue[list[_Address] | Exception] = SimpleQueue()

    def look() -> None:
        try:
            found.put([*socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)])
        except (OSError, ValueError) as problem:
            found.put(problem)

    threading.Thread(target=look, daemon=True).start()
    try:
        answer = found.get(timeout=max(seconds, 0.001))
    except Empty:
        raise socket.gaierror(socket.EAI_AGAIN, "the resolver did not answer in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
