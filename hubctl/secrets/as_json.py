"""Strict JSON as a tree of spans, the same tree as of YAML: what sops' JSON and binary stores write (pure)."""

from __future__ import annotations

import json
import re
from bisect import bisect_right

from hubctl.errors import Unparseable
from hubctl.text.build import MAX_NODES, past
from hubctl.text.source import MAX_DEPTH
from hubctl.text.tree import Mapping, Node, Scalar, Sequence, Style

_SPACE = re.compile(r"[ \t\r\n]*+")
_CHAR = r'[^"\\\x00-\x1f]*+'
_STRING = re.compile(rf'"{_CHAR}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_CHAR})*+"')
_WORD = re.compile(r"null|true|false|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?")


def read_json(text: str, file: str = "") -> Node:
    """Return the one value of a JSON text: objects, arrays and scalars with the spans they have in it.

    Strings have the style `double`, all else is `plain`; duplicate keys are kept. `Unparseable`, with the line and
    never a word of the text, for what is no JSON of RFC 8259 (a comment, `NaN`, a comma too many, a BOM), nested
    more than 64 levels deep, or of more than 200,000 values.
    """
    reader = _Reader(text, file)
    value = reader.value(1)
    if reader.place != len(text):
        raise reader.refused()
    return value


class _Reader:
    """One pass over a text; `place` stands behind the blanks after what was read last."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.breaks = [found.end() for found in re.finditer("\n", text)]
        self.count = 0
        self.place = 0
        self.move(0)

    def value(self, depth: int) -> Node:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_NODES:
            raise self.refused("nested too deep, or of too many values")
        if self.text.startswith("{", self.place):
            return self.mapping(depth)
        if self.text.startswith("[", self.place):
            return self.sequence(depth)
        if self.text.startswith('"', self.place):
            return self.string()
        word = self.matched(_WORD)
        return self.scalar(word, word.group(), "plain")

    def mapping(self, depth: int) -> Mapping:
        start = self.place
        pairs: list[tuple[Node, Node]] = []
        self.move(start + 1)
        if not self.takes("}"):
            while not pairs or not self.ends("}"):
                key = self.string()
                if not self.takes(":"):
                    raise self.refused()
                pairs.append((key, self.value(depth + 1)))
        return Mapping(start, self.line(start), tuple(pairs), None, None, flow=True)

    def sequence(self, depth: int) -> Sequence:
        start = self.place
        items: list[Node] = []
        self.move(start + 1)
        if not self.takes("]"):
            while not items or not self.ends("]"):
                items.append(self.value(depth + 1))
        return Sequence(start, self.line(start), tuple(items), None, None, flow=True)

    def string(self) -> Scalar:
        found = self.matched(_STRING)
        return self.scalar(found, json.loads(found.group()), "double")

    def matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.place)
        if found is None:
            raise self.refused()
        self.move(found.end())
        return found

    def scalar(self, found: re.Match[str], value: str, style: Style) -> Scalar:
        start, end = found.span()
        return Scalar(start, end, self.line(start), value, style, None, None, flow=True)

    def ends(self, closing: str) -> bool:
        """Tell whether the collection ends here; a comma leads to one more value."""
        if self.takes(closing):
            return True
        if not self.takes(","):
            raise self.refused()
        return False

    def takes(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.place)
        if found:
            self.move(self.place + 1)
        return found

    def move(self, place: int) -> None:
        self.place = past(_SPACE, self.text, place)

    def line(self, place: int) -> int:
        return bisect_right(self.breaks, place) + 1

    def refused(self, message: str = "not valid JSON") -> Unparseable:
        return Unparseable(message, file=self.file, line=self.line(self.place))
