from __future__ import annotations

import datetime as dt
import threading
import time

from hubctl.adapters.clock import Waiting, now


def test_now_is_aware_and_in_utc() -> None:
    assert abs(now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)
    assert now().utcoffset() == dt.timedelta(0)


def test_waits_until_the_budget_is_spent() -> None:
    waiting = Waiting(0.15)
    started = time.monotonic()
    assert waiting.wait(0.1)
    assert time.monotonic() - started >= 0.1
    assert not waiting.wait(0.1)
    assert waiting.wait(0.01)


def test_a_budget_of_nothing_allows_no_wait() -> None:
    started = time.monotonic()
    assert not Waiting(0).wait(5)
    assert not Waiting(-3).wait(0.1)
    assert time.monotonic() - started < 1
    assert Waiting(0).wait(0)


def test_those_who_wait_side_by_side_count_once() -> None:
    waiting, waited = Waiting(0.5), []
    threads = [threading.Thread(target=lambda: waited.append(waiting.wait(0.3))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waited == [True] * 4
