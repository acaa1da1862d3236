"""Splices that put whole lines between the lines of a text."""

from __future__ import annotations

from hubctl.errors import UnsafeEdit
from hubctl.text.build import SPACE, past
from hubctl.text.flowing import inside_empty
from hubctl.text.layout import end_of, line_end, line_start, next_line, past_comments
from hubctl.text.parse import locate
from hubctl.text.splice import Splice
from hubctl.text.tree import Mapping, Node, Scalar, Sequence
from hubctl.text.walk import leaves


def new_lines(text: str, place: int, lines: list[str]) -> Splice:
    """Return the splice that puts lines at the start of a line, or behind a text without a line break at its end."""
    end = line_end(text, place)
    unfinished = place > 0 and text[place - 1] != "\n"
    return Splice(place, place, "".join(f"{end}{line}" if unfinished else f"{line}{end}" for line in lines))


def behind_lines(text: str, last: Node, lines: list[str], least: int) -> Splice:
    """Return the splice that puts lines behind those of a node and the comments directly below it.

    A comment counts at column `least` or deeper. Refused behind a block scalar that ends a text without a line
    break: the break that has to follow would become a part of its value.
    """
    end = end_of(text, last)
    place = past_comments(text, next_line(text, end), least)
    if end == len(text) and breaks_count(text, last):
        line = text.count("\n") + 1
        raise UnsafeEdit(
            f"the block scalar up to line {line} ends the file without a line break",
            code="layout",
            hint="end the file with a line break",
        )
    return new_lines(text, place, lines)


def breaks_count(text: str, node: Node) -> bool:
    """Tell whether a line break behind a node belongs to its value: it ends in a block scalar without `-`."""
    leaf = [None, *leaves(node)][-1]
    if not isinstance(leaf, Scalar) or leaf.style not in ("literal", "folded"):
        return False
    return "-" not in text[leaf.start : next_line(text, leaf.start)].partition("#")[0]


def in_place(text: str, empty: Mapping | Sequence, lines: list[str]) -> Splice:
    """Return the splice that puts lines, all indented as `{}` or `[]` is, in its place."""
    start, stop = inside_empty(text, empty)
    return Splice(start - 1, stop + 1, line_end(text, start).join(lines).lstrip(" "))


def emptied(text: str, empty: Mapping | Sequence, lines: list[str]) -> list[Splice]:
    """Return the splices that put lines below the line of `{}` or `[]` and take the brackets away."""
    _, stop = inside_empty(text, empty)
    start = len(text[: empty.start].rstrip(" "))
    return [Splice(start, stop + 1, ""), new_lines(text, next_line(text, stop), lines)]


def end_of_empty(text: str, document: int) -> int:
    """Return the place of new lines in a document that holds at most comments: behind these."""
    ends = [event.end for event in locate(text) if event.kind == "document"]
    if not ends:
        return len(text)
    place = past(SPACE, text, next_line(text, ends[document]))
    return place if place == len(text) else line_start(text, place)
