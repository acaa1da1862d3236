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
    value: str
    style: Style
    anchor: str | None
    tag: str | None
    flow: bool


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
    if kind == "document" and (raw.version or raw.tags):
        raise Unparseable("a `%` directive is not supported", file=file, line=raw.start_mark.line + 1)
    if kind == "scalar":
        tag = None if raw.tag is None else str(raw.tag)
        start, end = raw.start_mark.index, raw.end_mark.index
        return Event(kind, start, end, raw.value, STYLES[raw.style], raw.anchor, tag, False)  # noqa: FBT003  # a field
    tag = getattr(raw, "tag", None)
    return Event(
        kind,
        raw.start_mark.index,
        raw.end_mark.index,
        "",
        "plain",
        getattr(raw, "anchor", None),
        None if tag is None else str(tag),
        bool(getattr(raw, "flow_style", False)),
    )
