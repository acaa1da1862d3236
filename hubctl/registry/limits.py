"""When a refused request may be made again (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from hubctl.registry.times import from_http, from_seconds

TRIES = 3
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)
_LONGEST = timedelta(days=365)


def asked_pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds a server asks to wait, at most a year; None where it does not say.

    `Retry-After` is seconds or an HTTP date (RFC 9110), `X-Retry-After` of Docker Hub a unix time.
    """
    own = headers.get("x-retry-after", "")
    if _NUMBER.fullmatch(own):
        return _until(from_seconds(int(own)), now)
    given = headers.get("retry-after", "")
    if _NUMBER.fullmatch(given):
        return min(float(given), _LONGEST.total_seconds())
    return _until(from_http(given), now) if given else None


def _until(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else min(max((moment - now), timedelta(0)), _LONGEST).total_seconds()


def own_pause(tries: int, shortest: float) -> float:
    """Return the seconds to wait after `tries` failures where the server does not say: 1, 3, 9 times `shortest`."""
    return float(shortest * 3 ** (tries - 1))


def back_at(seconds: float, now: datetime) -> str:
    """Return the time to come back, for a message: `2026-06-04T12:00:00Z`."""
    return (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
