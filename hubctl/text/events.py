"""Parser events in one shape, whichever parser made them; PyYAML's C parser is this file's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

import yaml

from hubctl.errors import Unparseable
from hubctl.text.tree import Style

Kind: TypeAlias = Literal["document", "scalar", "alias", "mapping", "sequence", "end"]

KINDS: dict[str, Kind] = {
    "DocumentStartEvent": "document",
    "ScalarEvent": "scalar",
    "AliasEvent": "alias",
    "MappingStartEvent": "mapping",
    "SequenceStartEvent": "sequence",
    "MappingEndEvent": "end",
    "SequenceEndEvent": "end",
}
STYLES: dict[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
WITH_LIBYAML: bool = yaml.__with_libyaml__


class Event(NamedTuple):
    """`start` and `end` are the parser's marks as code points: `start` stands before anchor and tag."""

    kind: Kind
    start: int
    end: int
    anchor: str | None = None
    tag: str | None = None
    value: str = ""
    style: Style = "plain"
    flow: bool = False


def libyaml_events(text: str, file: str) -> Iterator[Event]:
    """Yield the events of PyYAML's C parser; `Unparseable` where it stumbles, without a word of the text."""
    parser = yaml.CBaseLoader(text)
    try:
        while True:
            raw = parser.get_event()
            if raw is None:
                return
            event = uniform(raw, file)
            if event is not None:
                yield event
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Unparseable("not valid YAML", file=file, line=mark.line + 1 if mark else 1) from None


def uniform(raw: Any, file: str) -> Event | None:  # noqa: ANN401  # two parsers' event classes, alike by name only
    """Return a parser's event in our shape, None for one without meaning here; directives are refused.

    A directive changes what tags and values mean below it, so no edit beside one can be checked.
    """
    kind = KINDS.get(type(raw).__name__)
    if kind is None:
        return None
    start, end = raw.start_mark.index, raw.end_mark.index
    if kind == "end":
        return Event(kind, start, end)
    if kind == "document":
        if raw.version or raw.tags:
            raise Unparseable("a `%` directive is not supported", file=file, line=raw.start_mark.line + 1)
        return Event(kind, start, end)
    if kind == "alias":
        return Event(kind, start, end, anchor=raw.anchor)
    tag = None if raw.tag is None else str(raw.tag)
    if kind == "scalar":
        return Event(kind, start, end, raw.anchor, tag, raw.value, STYLES[raw.style])
    return Event(kind, start, end, raw.anchor, tag, flow=bool(raw.flow_style))
