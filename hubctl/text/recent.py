"""Answers about texts that were read lately, kept as long as the texts together are not too long."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Recent(Generic[_K, _V]):
    """Keeps values by key, the ones used last, up to `limit` in size; usable from many threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[_K, tuple[_V, int]] = {}
        self._size = 0
        self._lock = Lock()

    def recall(self, key: _K, size: int, make: Callable[[], _V]) -> _V:
        """Return the value of a key, made where it is not kept; one that is larger than the limit is not kept.

        What `make` raises goes through, and nothing is kept of it.
        """
        with self._lock:
            found = self._kept.pop(key, None)
            if found is not None:
                self._kept[key] = found
                return found[0]
        value = make()
        with self._lock:
            if size <= self._limit and key not in self._kept:
                self._kept[key] = (value, size)
                self._size += size
            while self._size > self._limit:
                self._size -= self._kept.pop(next(iter(self._kept)))[1]
        return value
