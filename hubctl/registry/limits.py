"""When a refused request may be made again (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from hubctl.registry.times import from_http, from_seconds

TRIES = 3
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
LIMITED = 429
_NUMBER = re.compile(r"(\d{1,12})(?:\.\d{1,9})?", re.ASCII)
_WINDOW = re.compile(r"\bw=(\d{1,9})\b", re.ASCII)
_LONGEST = timedelta(days=365)
_FIRST_MOMENT = 1_000_000_000  # larger numbers are unix times: nobody asks to wait for thirty years


def asked_pause(status: int, headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds a server asks to wait, at most a year; None where it does not say.

    `Retry-After` is seconds or an HTTP date (RFC 9110), `X-Retry-After` of Docker Hub a unix time; each is taken in all
    three forms. A 429 without them may name the end of its window (`X-RateLimit-Reset`, a unix time or seconds) or the
    window's length (Docker Hub's `ratelimit-limit: 100;w=21600`), which is waited for at the most.
    """
    names = ["x-retry-after", "retry-after"]
    names += ["x-ratelimit-reset", "ratelimit-reset"] if status == LIMITED else []
    pauses = (_pause(headers[name], now) for name in names if name in headers)
    pause = next((pause for pause in pauses if pause is not None), None)
    if pause is None and status == LIMITED and (window := _WINDOW.search(headers.get("ratelimit-limit", ""))):
        pause = float(window[1])
    return None if pause is None else min(pause, _LONGEST.total_seconds())


def _pause(given: str, now: datetime) -> float | None:
    """Return the seconds until what a header says, 0 where it has passed; None where it cannot be read."""
    number = _NUMBER.fullmatch(given)
    if number and int(number[1]) < _FIRST_MOMENT:
        return float(given)
    moment = from_seconds(int(number[1])) if number else from_http(given)
    return None if moment is None else max((moment - now).total_seconds(), 0.0)


def own_pause(tries: int, shortest: float) -> float:
    """Return the seconds to wait after `tries` failures where the server does not say: 1, 3, 9 times `shortest`."""
    return float(shortest * 3 ** (tries - 1))


def back_at(seconds: float, now: datetime) -> str:
    """Return the time to come back, for a message: `2026-06-04T12:00:00Z`."""
    return (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
