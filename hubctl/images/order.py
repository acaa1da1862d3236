"""Which tags may be candidates at all, and the key that orders the tags a pattern lets through."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from hubctl.images.case import Case
from hubctl.images.choice import Order
from hubctl.images.shape import Key, calendar_date, order_key, shape_of, tag_date

DAYS_AHEAD = 2  # a clock or a time zone apart; more is a typing error in the year
FROZEN_DOCKER_STACKS = "Docker Hub's copies of `jupyter/*` are frozen since 2023-10-20, quay.io has the newer ones"

_DATE_CLASSES = {"date", "date8"}
_VERSION_CLASSES = {"version", "chartpress", "git-describe", "line"}
_DATE_INSIDE = re.compile(r"(?<![0-9])([0-9]{4})[._-]?([0-9]{2})[._-]?([0-9]{2})(?![0-9])")
_VERSION_INSIDE = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_INTEGER = re.compile(r"[0-9]+")


def is_docker_stack(image: str) -> bool:
    """Return whether the image is one of jupyter/docker-stacks, on its registry, a copy or a mirror."""
    _, *path = image.split("/")
    return path[:-1] == ["jupyter"] or path[-3:-1] in (["quay.io", "jupyter"], ["docker.io", "jupyter"])


def is_frozen_docker_stack(image: str) -> bool:
    return is_docker_stack(image) and image.startswith("docker.io/")


def shut_out(case: Case, tag: str, day: dt.date | None) -> str | None:
    """Return why a tag is never a candidate, None for one that may be; `day` is the date it names, if any."""
    for glob in case.policy.ignore:
        if fnmatchcase(tag, glob):
            return f"ignored by `{glob}`"
    today = case.now.astimezone(dt.UTC).date() if day else None
    if day is None or today is None or day < today:
        return None
    if day > today + dt.timedelta(days=DAYS_AHEAD):
        return "its date lies in the future"
    # docker-stacks pushes the tag of the running day again with each build of that day.
    return "the tag of today may still be pushed again" if is_docker_stack(case.image) else None


def infer_order(current: str | None, tags: Iterable[str]) -> Order | None:
    """Return the order of a pattern's tags: that of the current tag's class, else of the classes of all of them.

    `current` is None where the pattern does not match it. None stands for commit tags, which evidence orders.
    Free-form names are ordered by their numbers where all hold equally many, else by their dates of push.
    """
    among = [current] if current else sorted(tags)
    classes = {shape_of(tag).cls for tag in among}
    if classes <= _DATE_CLASSES:
        return "date"
    if classes <= _VERSION_CLASSES:
        return "version"
    if classes == {"commit"}:
        return None
    counts = {len(_INTEGER.findall(tag)) for tag in tags}
    return "number" if len(counts) == 1 and 0 not in counts else "created"


def pattern_keys(matches: Mapping[str, re.Match[str]], order: Order) -> dict[str, Key | None]:
    """Return the integers that order each tag of a pattern, None where a tag holds none of the kind.

    They are read from the pattern's groups where these hold some in every tag, else from the whole tags: a group may
    also be there for a choice or for what can be missing. For `date` they are the calendar date and the integers
    behind it, for `version` the first dotted number, for `number` all integers.
    """
    grouped = {tag: _key(tag, ".".join(filter(None, match.groups())), order) for tag, match in matches.items()}
    return grouped if all(grouped.values()) else {tag: _key(tag, tag, order) for tag in matches}


def _key(tag: str, text: str, order: Order) -> Key | None:
    shape, key = shape_of(tag), order_key(tag)
    if text == tag and key and shape.cls in (_DATE_CLASSES if order == "date" else _VERSION_CLASSES):
        return key
    if order == "date":
        return _date_inside(text)
    if order == "version":
        found = _VERSION_INSIDE.search(text)
        return _integers(found[0]) if found else None
    return _integers(text) or None


def named_day(tag: str, key: Key | None, order: Order) -> dt.date | None:
    """Return the calendar date a tag of a pattern names, None where it names none."""
    return dt.date(*key[:3]) if key and order == "date" else tag_date(tag)


def _date_inside(text: str) -> Key | None:
    found = _DATE_INSIDE.search(text)
    if not found or not calendar_date(*(key := _integers(" ".join(found.groups())))):
        return None
    return key + _integers(text[found.end() :])


def _integers(text: str) -> Key:
    return tuple(int(number) for number in _INTEGER.findall(text))


def newest_by_push(case: Case, tags: Sequence[str], count: int = 5) -> list[str]:
    """Return at most `count` of the tags with a known date of push, the newest first."""
    dated = sorted(((pushed, tag) for tag in tags if (pushed := case.pushed(tag))), reverse=True)
    return [tag for _, tag in dated[:count]]
