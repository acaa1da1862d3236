"""Where the parts of a text lie: ends of nodes, lines, columns, steps of indentation, comments below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Several

from hubctl.text.build import SPACE, past
from hubctl.text.tree import Alias, Mapping, Node, Scalar, Sequence

STEP = 2  # columns by which a nested mapping is indented where nothing of the text tells


def children(node: Node) -> tuple[Node, ...]:
    """Return the keys and values of a mapping or the items of a sequence in text order, none of a scalar or alias."""
    if isinstance(node, Mapping):
        return tuple(part for pair in node.pairs for part in pair)
    return node.items if isinstance(node, Sequence) else ()


def every(node: Node) -> Iterator[Node]:
    """Yield a node and all below it in text order; what an alias stands for is not below it."""
    yield node
    for child in children(node):
        yield from every(child)


def end_of(text: str, node: Node) -> int:
    """Return where the text of a node ends, brackets included, comments behind it not."""
    if isinstance(node, Scalar | Alias):
        return node.end
    return closing(text, node) + 1 if bracketed(text, node) else end_of(text, children(node)[-1])


def bracketed(text: str, node: Mapping | Sequence) -> bool:
    """Tell whether brackets of its own surround a collection: not in block style, nor the pair in `[name: x]`."""
    inner = children(node)
    return node.flow and text[node.start] in "[{" and not (inner and inner[0].start == node.start)


def closing(text: str, node: Mapping | Sequence) -> int:
    """Return the place of the bracket that closes a flow collection."""
    inner = children(node)
    place = past(SPACE, text, end_of(text, inner[-1]) if inner else node.start + 1)
    return past(SPACE, text, place + 1) if text.startswith(",", place) else place


def line_start(text: str, place: int) -> int:
    """Return where the line of a place begins."""
    return text.rfind("\n", 0, place) + 1


def next_line(text: str, place: int) -> int:
    """Return where the line after a place begins, the length of the text on its last line."""
    stop = text.find("\n", place)
    return len(text) if stop < 0 else stop + 1


def column(text: str, place: int) -> int:
    """Return the column of a place, counted from 0."""
    return place - line_start(text, place)


def leads_line(text: str, place: int) -> bool:
    """Tell whether only blanks stand before a place on its line."""
    return not text[line_start(text, place) : place].strip(" ")


def line_end(text: str, place: int) -> str:
    """Return the line break that a new line at a place takes: that of the line before, else of the first line."""
    before = line_start(text, max(place - 1, 0))
    for start in (before, 0):
        stop = text.find("\n", start)
        if stop >= 0:
            return "\r\n" if text.startswith("\r", stop - 1) and stop else "\n"
    return "\n"


def past_comments(text: str, place: int, least: int) -> int:
    """Return the start of the first line from `place` on that is no comment at column `least` or deeper."""
    while place < len(text):
        line = text[place : next_line(text, place)]
        bare = line.lstrip(" ")
        if not bare.startswith("#") or len(line) - len(bare) < least:
            break
        place += len(line)
    return place


def step_at(text: str, above: Several[Mapping], root: Node) -> int:
    """Return by how many columns a new mapping in the last of `above` is indented.

    As the mappings beside it are, else those beside the nearest ancestor, else most of the document; else two.
    """
    for mapping in reversed(above):
        if found := most(steps(text, mapping)):
            return found
    mappings = (node for node in every(root) if isinstance(node, Mapping))
    return most(step for mapping in mappings for step in steps(text, mapping)) or STEP


def steps(text: str, mapping: Mapping) -> Iterator[int]:
    """Yield by how many columns each block mapping in a block mapping is indented."""
    for _, value in mapping.pairs:
        if isinstance(value, Mapping) and not value.flow:
            yield column(text, value.start) - column(text, mapping.start)


def dash_offset(text: str, root: Node) -> int:
    """Return by how many columns most dashes of a document are indented under their key; none without a list."""
    return most(
        column(text, value.start) - column(text, node.start)
        for node in every(root)
        if isinstance(node, Mapping)
        for _, value in node.pairs
        if isinstance(value, Sequence) and not value.flow
    )


def most(numbers: Iterable[int]) -> int:
    """Return the number that occurs most often, the first of several; 0 of none."""
    return next((number for number, _ in Counter(numbers).most_common(1)), 0)
