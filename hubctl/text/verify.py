"""The check of an edit: two parsers read the text before and after, and only the targets may differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.text.events import Event, Kind
from hubctl.text.quoting import reads_as_text
from hubctl.text.reference import reference_events

Place: TypeAlias = tuple[int, tuple[str | int | None, ...]]
Targets: TypeAlias = Mapping[Place, str]


class Entry(NamedTuple):
    """What one event means: a document, a node or the end of a collection, and at which path it stands.

    A key stands at the path of its value with `None` added, so no value can be taken for it.
    """

    document: int
    path: tuple[str | int | None, ...]
    kind: Kind
    value: str = ""
    quoted: bool = False
    anchor: str | None = None
    tag: str | None = None


def outline(events: Iterable[Event]) -> list[Entry]:
    """Return all that a text means, layout left out: two texts with equal outlines hold the same data."""
    entries: list[Entry] = []
    document = -1
    anchored: dict[str | None, str] = {}
    stack: list[_Place] = []
    for event in events:
        if event.kind == "end":
            place = stack.pop()
            entries.append(Entry(document, place.path, "end"))
            continue
        if event.kind == "document":
            document += 1
            stack = [_Place((), "document")]
            entries.append(Entry(document, (), "document"))
            continue
        text = anchored.get(event.anchor, "") if event.kind == "alias" else event.value
        path = stack[-1].next(text)
        entries.append(Entry(document, path, event.kind, event.value, event.style != "plain", event.anchor, event.tag))
        if event.kind == "scalar":
            anchored[event.anchor] = event.value
        elif event.kind != "alias":
            stack.append(_Place(path, event.kind))
    return entries


class _Place:
    """A collection being read: gives the path of each node that comes next in it."""

    def __init__(self, path: tuple[str | int | None, ...], kind: Kind) -> None:
        self.path = path
        self.kind = kind
        self.count = 0
        self.key = ""

    def next(self, text: str) -> tuple[str | int | None, ...]:
        self.count += 1
        if self.kind == "document":
            return self.path
        if self.kind == "sequence":
            return (*self.path, self.count - 1)
        if self.count % 2:
            self.key = text
            return (*self.path, text, None)
        return (*self.path, self.key)


def readings(text: str, locate: Iterable[Event]) -> list[Entry]:
    """Return what two parsers agree the text means; `Unparseable` where one stumbles or they differ."""
    entries = outline(reference_events(text))
    if entries != outline(locate):
        raise Unparseable("two YAML parsers read this text differently")
    return entries


def check(before: list[Entry], after: list[Entry], targets: Targets) -> None:
    """Raise `UnsafeEdit` unless only the targets differ, each the wanted text and a string to every reader."""
    if len(before) != len(after):
        raise UnsafeEdit("the edit would change more than the value; nothing was written", code="verify")
    seen = set()
    for old, new in zip(before, after, strict=True):
        place = (old.document, old.path)
        wanted = targets.get(place) if old.kind == "scalar" else None
        if wanted is None:
            if old != new:
                raise UnsafeEdit("the edit would change more than the value; nothing was written", code="verify")
            continue
        seen.add(place)
        if new != old._replace(value=wanted, quoted=new.quoted) or not (new.quoted or reads_as_text(wanted)):
            raise UnsafeEdit("the edit would not give the wanted text; nothing was written", code="verify")
    if len(seen) != len(targets):
        raise UnsafeEdit("a value was not found again after the edit; nothing was written", code="verify")
