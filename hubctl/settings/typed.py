"""Values of a settings file in the form they must have, or Unparseable with file and line."""

from __future__ import annotations

import datetime as dt
import re
from typing import TypeVar

from hubctl.errors import HubctlError, Unparseable, UsageError
from hubctl.settings.values import Layer, Place, parse_age
from hubctl.show import show

_Word = TypeVar("_Word", bound=str)


def age(layer: Layer, place: Place, value: object) -> dt.timedelta:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(layer, place, "an age like `7d` or `12h`")
    try:
        return parse_age(str(value))
    except UsageError as error:
        raise located(layer, place, error) from error


def pattern(layer: Layer, place: Place, value: object) -> str | None:
    written = text(layer, place, value)
    if written is None:
        return None
    try:
        re.compile(written)
    except (re.error, RecursionError, OverflowError) as error:
        raise wrong(layer, place, f"a regular expression ({show(str(error), 80)})") from error
    return written


def text(layer: Layer, place: Place, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(layer, place, "a text")
    return str(value)


def texts(layer: Layer, place: Place, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise wrong(layer, place, "a list of texts")
    written = (text(layer, (*place, index), item) for index, item in enumerate(value))
    return tuple(each for each in written if each is not None)


def count(layer: Layer, place: Place, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong(layer, place, "a number of 0 or more")
    return value


def one_of(layer: Layer, place: Place, value: str | None, words: tuple[_Word, ...]) -> _Word | None:
    for word in words:
        if word == value:
            return word
    if value is None:
        return None
    raise wrong(layer, place, "one of " + ", ".join(f"`{word}`" for word in words))


def wrong(layer: Layer, place: Place, expected: str) -> Unparseable:
    name = show(".".join(str(part) for part in place), 120)
    return Unparseable(f"`{name}` is not {expected}", file=layer.file, line=layer.line(place), code="bad-settings")


def located(layer: Layer, place: Place, error: HubctlError) -> Unparseable:
    return Unparseable(error.message, file=layer.file, line=layer.line(place), hint=error.hint, code="bad-settings")
