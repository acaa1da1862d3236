"""Times as registries write them, as aware UTC values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z


def from_iso(text: str) -> datetime | None:
    """Return the moment of an RFC 3339 text, to the microsecond; None where it is none."""
    found = _ISO.fullmatch(text.strip())
    if not found:
        return None
    fraction = (found[2] or "")[:6].ljust(6, "0")
    try:
        return datetime.fromisoformat(f"{found[1]}.{fraction}{found[3].replace('Z', '+00:00')}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def from_http(text: str) -> datetime | None:
    """Return the moment of an RFC 2822 or HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def from_seconds(seconds: int) -> datetime | None:
    """Return the moment of a unix time; None before 1970 and after the year 9999."""
    return _EPOCH + timedelta(seconds=seconds) if 0 <= seconds <= _LAST_SECOND else None
