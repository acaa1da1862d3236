"""What a text must mean after an insertion or a removal, told from the old text; two parsers have to agree."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.text.edit import refuse_disputed
from hubctl.text.parse import locate
from hubctl.text.quoting import reads_as_text
from hubctl.text.source import BOM
from hubctl.text.tree import Path, Stream
from hubctl.text.verify import Entry, outline, readings
from hubctl.text.walk import BY_HAND


class Expected(NamedTuple):
    """One entry of an outline; a new scalar may be quoted or not, as long as every reader takes it for text."""

    entry: Entry
    new: bool = False


Outline: TypeAlias = list[Expected]


def expected_of(text: str) -> Outline:
    """Return what a text means as it stands."""
    return [Expected(entry) for entry in outline(locate(text))]


def with_entry(old: Outline, document: int, parent: Path, added: tuple[Path, str], before: str | None) -> Outline:
    """Return the outline with keys, each in the one before, and a value at the end of the mapping `parent`.

    In the root the entry stands before the key `before`, if that is there. An empty document becomes a mapping.
    """
    start = found(old, document, parent)
    if start is None or old[start].entry.kind == "scalar":
        head = old if start is None else old[:start]
        head = head if start is not None else [*head, Expected(Entry(document, (), "document"))]
        tail = [] if start is None else old[start + 1 :]
        opening, end = Expected(Entry(document, (), "mapping")), Expected(Entry(document, (), "end"))
        return [*head, opening, *nested(document, parent, *added), end, *tail]
    above = None if parent or before is None else found(old, document, (before, None))
    place = end_at(old, start) if above is None else above
    return [*old[:place], *nested(document, parent, *added), *old[place:]]


def nested(document: int, parent: Path, keys: Path, value: str) -> Outline:
    """Return the outline of keys, each in the mapping under the one before, with a value under the last."""
    path: tuple[str | int | None, ...] = (*parent, keys[0])
    key = Expected(Entry(document, (*path, None), "scalar", str(keys[0])), new=True)
    if len(keys) == 1:
        return [key, Expected(Entry(document, path, "scalar", value), new=True)]
    inner = nested(document, (*parent, keys[0]), keys[1:], value)
    return [key, Expected(Entry(document, path, "mapping")), *inner, Expected(Entry(document, path, "end"))]


def with_item(old: Outline, document: int, path: Path, index: int, value: str) -> Outline:
    """Return the outline with one more scalar in a sequence, at `index`."""
    following = found(old, document, (*path, index))
    start = found(old, document, path)
    place = end_at(old, start or 0) if following is None else following
    item = Expected(Entry(document, (*path, index), "scalar", value), new=True)
    return [*old[:place], item, *old[place:]]


def without_entry(old: Outline, document: int, path: Path, instead: Outline) -> Outline:
    """Return the outline with other entries, or none, in the place of a key and its value."""
    key, value = found(old, document, (*path, None)) or 0, found(old, document, path) or 0
    leaf = old[value].entry.kind in ("scalar", "alias")
    stop = value if leaf else end_at(old, value)
    return [*old[:key], *instead, *old[stop + 1 :]]


def found(entries: Outline, document: int, path: tuple[str | int | None, ...]) -> int | None:
    """Return the place of the node at a path, None where there is none."""
    wanted = (document, path)
    places = (at for at, (entry, _) in enumerate(entries) if (entry.document, entry.path) == wanted)
    return next((at for at in places if entries[at].entry.kind != "document"), None)


def end_at(entries: Outline, start: int) -> int:
    """Return the place of the end of the collection that starts at `start`."""
    opening = entries[start].entry
    end = (opening.document, opening.path, "end")
    return next(at for at in range(start, len(entries)) if entries[at].entry[:3] == end)


def proven(stream: Stream, text: str, expected: Outline) -> bytes:
    """Return the bytes of the edited text, or raise `UnsafeEdit` where it does not mean what was wanted."""
    try:
        after = readings(text, locate(text))
    except Unparseable:
        refuse_disputed(stream.text)
        raise UnsafeEdit("the edited text would not parse; nothing was written", code="verify", hint=BY_HAND) from None
    same = len(after) == len(expected) and all(map(fits, after, expected))
    if not same:
        refuse_disputed(stream.text)
        message = "the edit would change more than the entry; nothing was written"
        raise UnsafeEdit(message, code="verify", hint=BY_HAND)
    return ((BOM if stream.bom else "") + text).encode()


def fits(entry: Entry, expected: Expected) -> bool:
    """Tell whether an entry is the expected one; indexes of items may have shifted."""
    wanted = expected.entry._replace(path=entry.path)
    if not expected.new:
        return entry == wanted
    return entry == wanted._replace(quoted=entry.quoted) and (entry.quoted or reads_as_text(entry.value))
