"""The shape of a tag: what kind of name it is, and which tags may be compared with it.

Only tags of one shape are ever compared; within an ordered shape the key, a tuple of integers, says which is
newer. The text of a tag is never normalised: `2024.05.21` stays as it is, because `2024.5.21` does not exist.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

TagClass: TypeAlias = Literal[
    "moving", "chartpress", "git-describe", "date", "date8", "commit", "version", "line", "free"
]
Key: TypeAlias = tuple[int, ...]

ORDERED: frozenset[TagClass] = frozenset({"date", "date8", "chartpress", "git-describe", "version"})
MOVING = frozenset(
    {"latest", "main", "master", "develop", "dev", "devel", "stable", "edge", "nightly", "staging", "prod"}
)

_SIGNATURE = re.compile(r"sha256-[0-9a-f]{64}(\.\w+)?")
_DATE = r"[0-9]{4}([.-])[0-9]{2}\1[0-9]{2}"
_HOLDS_DATE = re.compile(_DATE)
# A literal prefix ends where no digit and no dot could run on into the number behind it.
_PREFIX = r"(?P<prefix>(?:[A-Za-z0-9._-]*[A-Za-z_-])?)"
_CHARTPRESS = re.compile(r"(\d+)\.(\d+)\.(\d+)(?P<sep>-0\.dev\.git\.|-n|\.n)(\d+)\.h[0-9a-f]{7,}", re.ASCII)
_GIT_DESCRIBE = re.compile(r"(\d+)\.(\d+)\.(\d+)(?P<sep>\.dev|-)(\d+)(?P<dash>-?)g[0-9a-f]{7,}", re.ASCII)
_DATED = re.compile(_PREFIX + r"([0-9]{4})(?P<sep>[.-])([0-9]{2})(?P=sep)([0-9]{2})(?:-v([0-9]+))?")
_DATE8 = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})")
_COMMIT = re.compile(r"[0-9a-f]{7}|[0-9a-f]{8}|[0-9a-f]{12}|[0-9a-f]{40}")
_VERSION = re.compile(
    r"(?P<prefix>(?:[A-Za-z0-9._-]*[A-Za-z_-])??)(?P<v>v?)([0-9]+)\.([0-9]+)\.([0-9]+)",
)


_LINE = re.compile(r"(?P<v>v?)[0-9]+(?:(?P<sep>\.)[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Shape:
    """What two tags must share to be compared: class, literal prefix, separator, `v`, hex digits."""

    cls: TagClass
    prefix: str = ""
    separator: str = ""
    hex_length: int = 0
    v: bool = False

    @property
    def ordered(self) -> bool:
        return self.cls in ORDERED

    def __str__(self) -> str:
        if self.cls == "commit":
            return f"{self.hex_length}-hex commit"
        if self.cls == "date":
            return f"{self.prefix}YYYY{self.separator}MM{self.separator}DD"
        if self.cls == "version":
            return f"{self.prefix}{'v' if self.v else ''}X.Y.Z"
        return {"date8": "YYYYMMDD", "free": "free-form", "line": "release line"}.get(self.cls, self.cls)


_NOUNS = {"date8": "date", "chartpress": "build number", "git-describe": "number of commits"}


def noun_of(cls: TagClass) -> str:
    """Return what orders the tags of a class, in words."""
    return _NOUNS.get(cls, cls)


_Read: TypeAlias = tuple[Shape, Key | None]


def is_signature(tag: str) -> bool:
    """Return whether the tag is one of cosign or of the referrers fallback: never an image to run."""
    return _SIGNATURE.fullmatch(tag) is not None


def calendar_date(year: int, month: int, day: int) -> dt.date | None:
    """Return the date, None where the calendar has no such day."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def shape_of(tag: str) -> Shape:
    """Return the shape of a tag: the first class that matches the whole tag."""
    return _read(tag)[0]


def order_key(tag: str) -> Key | None:
    """Return the integers that order the tag among tags of its shape; None where the class has no order."""
    return _read(tag)[1]


def tag_date(tag: str) -> dt.date | None:
    """Return the calendar date a `date` or `date8` tag names, None for every other class."""
    shape, key = _read(tag)
    return dt.date(*key[:3]) if key and shape.cls in ("date", "date8") else None


@lru_cache(maxsize=131_072)  # the longest list a registry may give, read once
def _read(tag: str) -> _Read:
    for read in _READERS:
        if found := read(tag):
            return found
    return Shape("free"), None


def _read_moving(tag: str) -> _Read | None:
    return (Shape("moving"), None) if tag in MOVING else None


def _read_chartpress(tag: str) -> _Read | None:
    match = _CHARTPRESS.fullmatch(tag)
    return match and (Shape("chartpress", separator=match["sep"]), _integers(match.group(1, 2, 3, 5)))


def _read_git_describe(tag: str) -> _Read | None:
    match = _GIT_DESCRIBE.fullmatch(tag)
    separator = match["sep"] + match["dash"] + "g" if match else ""
    return match and (Shape("git-describe", separator=separator), _integers(match.group(1, 2, 3, 5)))


def _read_date(tag: str) -> _Read | None:
    """Return `date`, or `free` for a date pasted behind another one and for a day no calendar has."""
    match = _DATED.fullmatch(tag)
    if not match:
        return None
    year, month, day, build = _integers((match[2], match[4], match[5], match[6] or "0"))
    if _HOLDS_DATE.search(match["prefix"]) or calendar_date(year, month, day) is None:
        return Shape("free"), None
    return Shape("date", prefix=match["prefix"], separator=match["sep"]), (year, month, day, build)


def _read_date8(tag: str) -> _Read | None:
    match = _DATE8.fullmatch(tag)
    key = _integers(match.groups()) if match else ()
    return (Shape("date8"), key) if key and calendar_date(*key) else None


def _read_commit(tag: str) -> _Read | None:
    return (Shape("commit", hex_length=len(tag)), None) if _COMMIT.fullmatch(tag) else None


def _read_version(tag: str) -> _Read | None:
    match = _VERSION.fullmatch(tag)
    if not match or _HOLDS_DATE.search(match["prefix"]):
        return None
    shape = Shape("version", prefix=match["prefix"], separator=".", v=bool(match["v"]))
    return shape, _integers(match.group(3, 4, 5))


def _read_line(tag: str) -> _Read | None:
    match = _LINE.fullmatch(tag)
    return match and (Shape("line", separator=match["sep"] or "", v=bool(match["v"])), None)


# In the order in which a tag is tried; what nothing reads is free.
_READERS: tuple[Callable[[str], _Read | None], ...] = (
    _read_moving,
    _read_chartpress,
    _read_git_describe,
    _read_date,
    _read_date8,
    _read_commit,
    _read_version,
    _read_line,
)


def _integers(texts: tuple[str, ...]) -> Key:
    return tuple(int(text) for text in texts)
