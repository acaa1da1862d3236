"""Work side by side in threads that never outlive an interrupt: a slow server must not keep a user waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeAlias, TypeVar

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")
_Done: TypeAlias = SimpleQueue[tuple[_K, _T | None, BaseException | None]]

# A signal that arrives just before a wait begins is seen by Python only when the wait ends.
_GLANCE = 0.2


def side_by_side(groups: Iterable[Sequence[_K]], work: Callable[[_K], _T], *, workers: int) -> dict[_K, _T]:
    """Return what `work` gives for every key; each group is worked off by at most `workers` threads.

    The first exception of `work` is raised here. Ctrl-C ends the waiting at once and leaves the threads behind:
    they are daemons, take no further key and end with the process. Such a thread, which no signal reaches, works off a
    single key itself.
    """
    groups = [group for group in groups if group]
    if len(groups) == 1 and len(groups[0]) == 1 and threading.current_thread() is not threading.main_thread():
        return {groups[0][0]: work(groups[0][0])}
    done: _Done[_K, _T] = SimpleQueue()
    stopped = threading.Event()
    answers: dict[_K, _T] = {}
    try:
        for _ in range(sum(_started(group, work, done, stopped, workers) for group in groups)):
            key, answer, error = _next(done)
            if error is not None:
                raise error
            answers[key] = answer  # type: ignore[assignment]  # there is an answer where there is no error
    finally:
        stopped.set()
    return answers


def _started(
    group: Sequence[_K], work: Callable[[_K], _T], done: _Done[_K, _T], stopped: threading.Event, workers: int
) -> int:
    """Start the threads of one group and return how many answers will come."""
    left: SimpleQueue[_K] = SimpleQueue()
    for key in group:
        left.put(key)
    for _ in range(min(workers, len(group))):
        threading.Thread(target=_work_off, args=(left, work, done, stopped), daemon=True).start()
    return len(group)


def _work_off(left: SimpleQueue[_K], work: Callable[[_K], _T], done: _Done[_K, _T], stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            key = left.get_nowait()
        except Empty:
            return
        try:
            done.put((key, work(key), None))
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits for the answer
            done.put((key, None, error))


def _next(done: _Done[_K, _T]) -> tuple[_K, _T | None, BaseException | None]:
    while True:
        try:
            return done.get(timeout=_GLANCE)
        except Empty:
            continue
