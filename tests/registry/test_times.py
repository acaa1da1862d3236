from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.registry.limits import AGAIN, asked_pause, back_at
from hubctl.registry.times import from_http, from_iso, from_seconds

NOW = dt.datetime(2026, 6, 4, 12, 0, 0, tzinfo=dt.UTC)
UNIX = str(int(NOW.timestamp()) + 40)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-04T12:00:00Z", NOW),
        (" 2026-06-04T14:00:00+02:00 ", NOW),
        ("2026-06-04T12:00:00.5Z", NOW.replace(microsecond=500_000)),
        ("2026-06-04T12:00:00.123456789Z", NOW.replace(microsecond=123_456)),
        ("2026-06-04", None),
        ("2026-06-04T12:00:00", None),
        ("2026-13-04T12:00:00Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("", None),
    ],
)
def test_reads_iso_times(text, moment) -> None:
    assert from_iso(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thu, 04 Jun 2026 12:00:00 GMT", NOW),
        ("Thu, 04 Jun 2026 12:00:00 -0000", NOW),
        ("Thu, 04 Jun 2026 14:00:00 +0200", NOW),
        ("soon", None),
        ("", None),
        ("Thu, 99 Jun 2026 12:00:00 GMT", None),
    ],
)
def test_reads_http_dates(text, moment) -> None:
    assert from_http(text) == moment


@pytest.mark.parametrize(("seconds", "known"), [(0, True), (-1, False), (10**12, False), (10**30, False)])
def test_takes_unix_times_that_are_years(seconds, known) -> None:
    assert (from_seconds(seconds) is not None) is known


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Thu, 04 Jun 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Thu, 04 Jun 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": ""}, None),
        ({"retry-after": "\u0665"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "9" * 9}, 31_536_000),
        ({"retry-after": "9" * 12}, None),
        ({"retry-after": "9" * 40}, None),
        ({"retry-after": UNIX}, 40),
        ({"retry-after": "Thu, 04 Jun 9999 12:00:30 GMT"}, 31_536_000),
        ({"retry-after": "Thu, 04 Jun 10000 12:00:30 GMT"}, None),
        ({"x-retry-after": UNIX}, 40),
        ({"x-retry-after": UNIX, "retry-after": "1"}, 40),
        ({"x-retry-after": "soon", "retry-after": "1"}, 1),
        ({"x-retry-after": "7"}, 7),
        ({"x-retry-after": "1000000000"}, 0),
        ({"x-retry-after": "9" * 12}, None),
        ({"x-ratelimit-reset": UNIX}, 40),
        ({"x-ratelimit-reset": UNIX, "retry-after": "3"}, 3),
        ({"ratelimit-reset": "12"}, 12),
        ({"ratelimit-limit": "100;w=21600", "ratelimit-remaining": "0;w=21600"}, 21_600),
        ({"ratelimit-limit": "100"}, None),
    ],
)
def test_reads_how_long_to_wait(headers, seconds) -> None:
    assert asked_pause(429, headers, NOW) == seconds


def test_a_server_that_only_failed_asks_for_nothing_by_the_limit_it_always_names() -> None:
    headers = {"x-ratelimit-reset": UNIX, "ratelimit-limit": "100;w=21600"}
    assert asked_pause(503, headers, NOW) is None
    assert asked_pause(503, headers | {"retry-after": "2"}, NOW) == 2


@given(st.text() | st.integers().map(str) | st.floats().map(str), st.sampled_from(sorted(AGAIN)))
def test_never_waits_for_less_than_nothing_or_more_than_a_year(text, status) -> None:
    for name in ("retry-after", "x-retry-after", "x-ratelimit-reset", "ratelimit-reset", "ratelimit-limit"):
        pause = asked_pause(status, {name: text}, NOW)
        assert pause is None or 0 <= pause <= 31_536_000


def test_says_when_to_come_back() -> None:
    assert back_at(90, NOW) == "2026-06-04T12:01:30Z"
