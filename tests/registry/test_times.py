from __future__ import annotations

import datetime as dt

import pytest

from hubctl.registry.limits import asked_pause, back_at
from hubctl.registry.times import from_http, from_iso, from_seconds

NOW = dt.datetime(2026, 6, 4, 12, 0, 0, tzinfo=dt.UTC)


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
        ({"retry-after": "9" * 12}, 31_536_000),
        ({"retry-after": "9" * 40}, None),
        ({"x-retry-after": str(int(NOW.timestamp()) + 40)}, 40),
        ({"x-retry-after": str(int(NOW.timestamp()) + 40), "retry-after": "1"}, 40),
        ({"x-retry-after": "9" * 12}, None),
    ],
)
def test_reads_how_long_to_wait(headers, seconds) -> None:
    assert asked_pause(headers, NOW) == seconds


def test_says_when_to_come_back() -> None:
    assert back_at(90, NOW) == "2026-06-04T12:01:30Z"
