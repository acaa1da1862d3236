"""Key paths as people type them, the inverse of `key_path` (pure)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

from hubctl.errors import UsageError
from hubctl.show import show

_LONGEST = 2_000
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_STEP = re.compile(
    rf"(?P<dot>\.)?(?P<word>[^.\[\]\"\\\s]+)|\[(?P<key>{_QUOTED})\]"
    rf"|\[(?P<index>[0-9]{{1,9}})\]|\[(?P<field>slug|name)=(?:(?P<quoted>{_QUOTED})|(?P<bare>[^\[\]\"\\]+))\]"
)


@dataclass(frozen=True, slots=True)
class Named:
    """The item of a list whose `field`, `slug` or `name`, is `value`."""

    field: str
    value: str


Step: TypeAlias = str | int | Named


def parse_key_path(text: str) -> tuple[Step, ...]:
    """Return the steps of a key path: keys, list indexes, and names of list items.

    A key may hold any character but dots, brackets, quotes, backslashes and blanks, or stands as `["…"]` with the
    escapes of JSON. UsageError for anything else.
    """
    steps: list[Step] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position) if len(text) <= _LONGEST else None
        if found is None or (found["word"] is not None and bool(found["dot"]) != bool(steps)):
            raise _unclear(text)
        steps.append(_step(found, text))
        position = found.end()
    if not steps:
        raise _unclear(text)
    return tuple(steps)


def _step(found: re.Match[str], text: str) -> Step:
    if found["word"] is not None:
        return found["word"]
    if found["index"] is not None:
        return int(found["index"])
    if found["key"] is not None:
        return _unquoted(found["key"], text)
    value = found["bare"] if found["quoted"] is None else _unquoted(found["quoted"], text)
    return Named(found["field"], value)


def _unquoted(quoted: str, text: str) -> str:
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        raise _unclear(text) from None


def _unclear(text: str) -> UsageError:
    return UsageError(
        f"not a key path: `{show(text, 120)}`",
        hint='write keys with dots between them, `["…"]` for a key with a dot, `[slug=…]` for a list item',
    )
