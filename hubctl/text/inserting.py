"""New keys in mappings and new items in sequences: whole new lines, or a place in brackets; nothing else moves."""

from __future__ import annotations

import re
from collections.abc import Sequence as Several
from dataclasses import dataclass, replace

from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.text.blocks import behind_lines, emptied, end_of_empty, in_place, new_lines
from hubctl.text.build import SPACE, past
from hubctl.text.edit import spelled_anew
from hubctl.text.expected import expected_of, proven, with_entry, with_item
from hubctl.text.flowing import before_all, behind_entry, filled
from hubctl.text.layout import (
    STEP,
    column,
    dash_offset,
    end_of,
    leads_line,
    line_start,
    step_at,
)
from hubctl.text.parse import parse
from hubctl.text.quoting import House, quote_majority, stands_plain
from hubctl.text.splice import Splice, spliced
from hubctl.text.tree import Mapping, Node, Path, Scalar, Sequence, Stream
from hubctl.text.walk import BY_HAND, key_text
from hubctl.text.ways import opened, refuse_merged, refuse_shared, users, way

_PLAIN = Scalar(0, 0, 1, "", "plain", None, None, flow=False)
_JSON = Scalar(0, 0, 1, '"', "double", None, None, flow=True)  # double quotes, whatever the new text holds
_BLANKS = re.compile(" *")


@dataclass(frozen=True, slots=True)
class Addition:
    """A new scalar at a path of keys that is not there yet; `document` counts from 0."""

    document: int
    path: tuple[str, ...]
    value: str


def insert_scalars(
    data: bytes,
    additions: Several[Addition],
    *,
    before: str | None = None,
    house: House = House(),  # noqa: B008  # frozen
) -> bytes:
    """Return the text with new keys, every other byte as it was; parents that are not there are made.

    A key stands at the end of the deepest mapping that is there, behind the comments that follow directly and are
    indented as its keys or deeper; in the root before the key `before`, if that is there. Indentation, line ends,
    braces and quotes are the file's. The result is read by two parsers and must hold exactly the new values, each a
    string to YAML 1.1, YAML 1.2 and Go's YAML. `UnsafeEdit` with code otherwise: `parse`, `missing` (no such
    document), `duplicate-key` (the key is there, or one on the way is twice), `collection` (a list or scalar on the
    way, null too), `alias` (an alias, an anchor used elsewhere, a key merged in), `tagged`, `layout`, `formatter`,
    `root`, `verify`.
    """
    stream = opened(data)
    house = house if house.formatter else replace(house, quote=quote_majority([stream]) or house.quote)
    values: dict[tuple[int, tuple[str, ...]], str] = {}
    for addition in additions:
        if values.setdefault((addition.document, addition.path), addition.value) != addition.value:
            raise ValueError("two additions give one key different values")
    if not values:
        return data
    expected = expected_of(stream.text)
    grown = stream
    for (document, path), value in values.items():
        nodes = mappings_on(grown, document, path)
        keys = path[max(len(nodes) - 1, 0) :]
        text = spliced(grown.text, _Entry(grown, document, nodes, keys, value, house).splices(before))
        expected = with_entry(expected, document, path[: len(path) - len(keys)], (keys, value), before)
        grown = reread(text)
    return proven(stream, grown.text, expected)


def reread(text: str) -> Stream:
    """Return the tree of a text that was just edited."""
    try:
        return parse(text.encode())
    except Unparseable:
        raise UnsafeEdit("the edited text would not parse; nothing was written", code="verify", hint=BY_HAND) from None


def mappings_on(stream: Stream, document: int, path: tuple[str, ...]) -> list[Mapping]:
    """Return the mappings from the root to the deepest one on the path, none of an empty document."""
    if not path:
        raise UnsafeEdit("the whole document is not a value that can be added", code="root")
    nodes = way(stream, document, path)
    if len(nodes) > len(path):
        raise UnsafeEdit(f"the key at line {nodes[-1].line} is there already", code="duplicate-key")
    mappings = [node for node in nodes if isinstance(node, Mapping)]
    if len(mappings) < len(nodes):
        line = nodes[len(mappings)].line
        raise UnsafeEdit(f"no mapping stands at line {line}, so no key can be added", code="collection", hint=BY_HAND)
    if mappings:
        refuse_merged(mappings[-1], path[len(mappings) - 1])
    return mappings


@dataclass(frozen=True, slots=True)
class _Entry:
    """New keys, each in the one before, with a value under the last, for the last of `above`."""

    stream: Stream
    document: int
    above: list[Mapping]
    keys: tuple[str, ...]
    value: str
    house: House

    def splices(self, before: str | None) -> list[Splice]:
        """Return the splices that write the entry."""
        text = self.stream.text
        if not self.above:
            return [new_lines(text, end_of_empty(text, self.document), self.lines(0, STEP))]
        mapping = self.above[-1]
        if not mapping.pairs:
            return self.into_empty(mapping)
        names = [key_text(key) for key, _ in mapping.pairs]
        inner = before is None or len(self.above) > 1
        at = len(names) if inner or before not in names else names.index(before)
        if mapping.flow:
            spelled = self.in_braces(mapping.pairs[at - 1][0])
            return [behind_entry(text, *mapping.pairs[at - 1], spelled) if at else before_all(text, mapping, spelled)]
        key, value = mapping.pairs[max(at - 1, 0)]
        if not leads_line(text, key.start) and text[line_start(text, key.start) :].lstrip()[:1] not in "&!":
            raise UnsafeEdit(f"the key at line {key.line} does not begin its line", code="layout", hint=BY_HAND)
        indent = column(text, mapping.start)
        lines = self.lines(indent, self.step())
        if at == 0:
            return [new_lines(text, line_start(text, mapping.start), lines)]
        return [behind_lines(text, value, lines, indent)]

    def into_empty(self, mapping: Mapping) -> list[Splice]:
        """Return the splices that fill `{}`: in braces it stays so, elsewhere it becomes a block."""
        text = self.stream.text
        if len(self.above) > 1 and self.above[-2].flow:
            return [filled(text, mapping, self.in_braces(self.above[-2].pairs[-1][0]))]
        step = self.step()
        if leads_line(text, mapping.start):
            return [in_place(text, mapping, self.lines(column(text, mapping.start), step))]
        outer = column(text, self.above[-2].start) + step if len(self.above) > 1 else 0
        return emptied(text, mapping, self.lines(outer, step))

    def step(self) -> int:
        """Return by how many columns a new mapping is indented here."""
        block = [mapping for mapping in self.above if mapping.pairs]
        return step_at(self.stream.text, block, self.above[0])

    def lines(self, indent: int, step: int) -> list[str]:
        """Return the lines of the entry in block style."""
        old = replace(_PLAIN, line=self.above[-1].line if self.above else 1)
        keys = [spelled_anew(key, old, self.house) for key in self.keys]
        value = spelled_anew(self.value, old, self.house)
        ends = [""] * (len(keys) - 1) + [f" {value}"]
        return [f"{' ' * (indent + at * step)}{keys[at]}:{end}" for at, end in enumerate(ends)]

    def in_braces(self, beside: Node) -> str:
        """Return the entry in flow style, all quoted as JSON is where the key beside it has double quotes."""
        double = isinstance(beside, Scalar) and beside.style == "double"
        line = self.above[-1].line
        old = replace(_JSON if double else _PLAIN, flow=True, line=line)
        house = House() if double else self.house
        *outer, last = [f"{spelled_anew(key, old, house)}: " for key in self.keys]
        return "".join(f"{key}{{" for key in outer) + last + spelled_anew(self.value, old, house) + "}" * len(outer)


def insert_item(data: bytes, document: int, path: Path, value: str, *, after: int | None) -> bytes:
    """Return the text with one more scalar in the sequence at `path`, behind the item `after` or (None) at the end.

    Every other byte stays; dash, indentation and quotes are those of the item before. The result is read by two
    parsers, as in `insert_scalars`. `UnsafeEdit` with code otherwise: `parse`, `missing` (nothing at the path, no
    such item), `collection` (no sequence), `duplicate-key`, `alias`, `tagged`, `layout`, `verify`.
    """
    stream = opened(data)
    nodes = way(stream, document, path)
    if len(nodes) <= len(path):
        line = nodes[-1].line if nodes else 1
        raise UnsafeEdit(f"no such key or item below line {line}", code="missing")
    sequence = nodes[-1]
    refuse_shared(stream, users(nodes[0]), sequence)
    if not isinstance(sequence, Sequence):
        raise UnsafeEdit(f"no list stands at line {sequence.line}", code="collection", hint=BY_HAND)
    count = len(sequence.items)
    at = count - 1 if after is None else after
    if after is not None and not 0 <= after < count:
        raise UnsafeEdit(f"no such item in the list at line {sequence.line}", code="missing")
    house = House(quote=quote_majority([stream]) or House().quote)
    outer = nodes[-2] if path else None
    flow = isinstance(outer, Mapping | Sequence) and outer.flow
    spelled = spelled_anew(value, pattern(sequence, at, flow=flow), house)
    if not count and flow:
        splices = [filled(stream.text, sequence, spelled)]
    elif not count:
        splices = first_item(stream.text, nodes[:-1], sequence, f"- {spelled}")
    elif sequence.flow:
        splices = [behind_entry(stream.text, sequence.items[at], sequence.items[at], spelled)]
    else:
        splices = [one_more_line(stream.text, outer, sequence, at, spelled)]
    expected = with_item(expected_of(stream.text), document, path, at + 1, value)
    return proven(stream, spliced(stream.text, splices), expected)


def pattern(sequence: Sequence, at: int, *, flow: bool) -> Scalar:
    """Return the scalar whose quotes a new item takes: the item before it, else the nearest, else one without.

    In a block the quotes count only of what could stand without them: the others tell nothing of style.
    """
    beside = [*sequence.items[at::-1], *sequence.items] if sequence.items else []
    scalars = (item for item in beside if isinstance(item, Scalar) and item.style in ("plain", "single", "double"))
    telling = (
        item
        for item in scalars
        if item.start < item.end and (item.flow or item.style == "plain" or stands_plain(item.value, flow=False))
    )
    in_flow = sequence.flow if sequence.items else flow
    return next(telling, replace(_PLAIN, flow=in_flow, line=sequence.line))


def first_item(text: str, above: list[Node], empty: Sequence, line: str) -> list[Splice]:
    """Return the splices that make a block of `[]`: in its place, or below the key that it stands beside."""
    outer = above[-1] if above else None
    if leads_line(text, empty.start) or isinstance(outer, Sequence):
        return [in_place(text, empty, [line])]
    indent = column(text, outer.start) + dash_offset(text, above[0]) if outer else 0
    return emptied(text, empty, [" " * indent + line])


def one_more_line(text: str, outer: Node | None, sequence: Sequence, at: int, spelled: str) -> Splice:
    """Return the splice that writes a line with an item behind the one at `at`.

    A comment at the column of the dashes stays above it only where nothing that follows can have it as its head:
    not the next item, and not the next key where dashes stand at the column of the keys.
    """
    items = sequence.items
    dash = past(SPACE, text, end_of(text, items[at - 1])) if at else sequence.start
    width = past(_BLANKS, text, dash + 1) - dash - 1
    indent = column(text, dash)
    heads = at + 1 < len(items) or (isinstance(outer, Mapping) and column(text, outer.start) == indent)
    return behind_lines(text, items[at], [f"{' ' * indent}-{' ' * (width or 1)}{spelled}"], indent + heads)
