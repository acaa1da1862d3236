"""Questions of one run, each asked once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from hubctl.images.facts import NoAnswer
from hubctl.registry.answers import Unanswered

_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


class Asked(Generic[_K, _T]):
    """Answers by question; two threads never ask the same, the second waits for the first."""

    def __init__(self) -> None:
        self._answers: dict[_K, _T | NoAnswer] = {}
        self._turns: dict[_K, threading.Lock] = {}
        self._lock = threading.Lock()

    def known(self, key: _K) -> _T | None:
        """Return the answer that was given already, None without one."""
        answer = self._answers.get(key)
        return None if isinstance(answer, NoAnswer) else answer

    def once(self, key: _K, ask: Callable[[], _T]) -> _T | NoAnswer:
        """Return the answer to a question, asked at its first time; every failure is a NoAnswer."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._answers:
                self._answers[key] = _answer(ask)
            return self._answers[key]


def _answer(ask: Callable[[], _T]) -> _T | NoAnswer:
    try:
        return ask()
    except Unanswered as problem:
        return problem.as_value()
    except Exception as bug:  # noqa: BLE001  # one image that breaks hubctl never takes the others along
        return NoAnswer("no-answer", f"hubctl could not read the answer ({type(bug).__name__})")
