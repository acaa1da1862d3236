"""Work side by side: every answer arrives, a failure is raised, an interrupt waits for nobody."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from hubctl.adapters.threads import side_by_side


def test_every_key_of_every_group_has_its_answer() -> None:
    groups = [["a", "b", "c"], [], ["d"]]

    assert side_by_side(groups, str.upper, workers=2) == {"a": "A", "b": "B", "c": "C", "d": "D"}
    assert side_by_side([], str.upper, workers=2) == {}


def test_a_group_has_no_more_threads_than_workers() -> None:
    at_work, most, lock = 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.01)
        with lock:
            at_work -= 1

    side_by_side([range(12)], work, workers=3)

    assert most == 3


def test_a_failure_is_raised_where_the_answers_are_awaited() -> None:
    def work(key: int) -> int:
        return 1 // key

    with pytest.raises(ZeroDivisionError):
        side_by_side([[1, 0, 2]], work, workers=1)


def test_a_thread_works_off_a_single_key_itself_and_the_main_thread_never_does() -> None:
    def at_work(_: object) -> threading.Thread:
        return threading.current_thread()

    def nested(key: str) -> tuple[threading.Thread, dict[str, threading.Thread]]:
        return threading.current_thread(), side_by_side([[], [key]], at_work, workers=2)

    mine, inner = side_by_side([["a"]], nested, workers=1)["a"]

    assert inner == {"a": mine}
    assert mine is not threading.current_thread()


@pytest.mark.parametrize("word", ["SIGINT", "SIGTERM"])
def test_an_interrupt_does_not_wait_for_work_under_way(word: str) -> None:
    program = (
        "import signal, sys, time\n"
        "from hubctl.adapters.threads import side_by_side\n"
        "def stop(*_): raise KeyboardInterrupt\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "def work(key):\n"
        "    print(key, flush=True)\n"
        "    time.sleep(60)\n"
        "try:\n"
        "    side_by_side([['started']], work, workers=1)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(130)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(getattr(signal, word))

        assert child.wait(20) == 130
