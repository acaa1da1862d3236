"""Splices that put an entry into brackets or take one out, comma and line included."""

from __future__ import annotations

from hubctl.errors import UnsafeEdit
from hubctl.text.build import SPACE, past
from hubctl.text.layout import closing, end_of, leads_line, line_end, line_start, next_line
from hubctl.text.splice import Splice
from hubctl.text.tree import Mapping, Node, Scalar, Sequence
from hubctl.text.walk import BY_HAND


def filled(text: str, empty: Mapping | Sequence, spelled: str) -> Splice:
    """Return the splice that writes the only entry of `{}` or `[]`; refused where a comment stands inside."""
    start, stop = inside_empty(text, empty)
    return Splice(start, stop, spelled)


def inside_empty(text: str, empty: Mapping | Sequence) -> tuple[int, int]:
    """Return the places behind and before the brackets of an empty collection."""
    start, stop = empty.start + 1, closing(text, empty)
    if text[start:stop].strip():
        raise UnsafeEdit(f"a comment stands in the brackets at line {empty.line}", code="layout", hint=BY_HAND)
    return start, stop


def behind_entry(text: str, first: Node, last: Node, spelled: str) -> Splice:
    """Return the splice that writes an entry behind the one that reaches from `first` to `last`.

    On a line of its own where that one is; a comment behind the comma stays with the entry it stands beside.
    """
    end = entry_end(text, last)
    mark = " ," if text[end - 1] == ":" else ","  # a comma right behind a colon would not end a key everywhere
    if not leads_line(text, first.start):
        return Splice(end, end, f"{mark} {spelled}")
    line = f"{line_end(text, end)}{text[line_start(text, first.start) : first.start]}{spelled}"
    behind, comma = past_comma(text, end)
    if stop := rest_of_line(text, behind):
        return Splice(stop, stop, f"{line},") if comma else Splice(end, stop, f"{mark}{text[end:stop]}{line}")
    return Splice(end, end, f"{mark} {spelled}" if comma else f"{mark}{line}")


def before_all(text: str, mapping: Mapping, spelled: str) -> Splice:
    """Return the splice that writes an entry before the first of a mapping in braces."""
    place = past(SPACE, text, mapping.start + 1)
    own = leads_line(text, place)
    gap = line_end(text, place) + text[line_start(text, place) : place] if own else " "
    return Splice(place, place, f"{spelled},{gap}")


def without_pair(text: str, mapping: Mapping, index: int) -> list[Splice]:
    """Return the splices that take one of several pairs out of braces; refused where a comment would go along."""
    before = entry_end(text, mapping.pairs[index - 1][1]) if index else mapping.start
    comma = past(SPACE, text, before) if index else mapping.start
    start = past(SPACE, text, comma + 1)
    end = end_of(text, mapping.pairs[index][1])
    behind, followed = past_comma(text, end)
    if leads_line(text, start) and rest_of_line(text, behind):
        whole = Splice(line_start(text, start), next_line(text, behind), "")
        return [whole] if followed or not index else [Splice(comma, comma + 1, ""), whole]
    following = past(SPACE, text, past(SPACE, text, end) + 1)
    gap, cut = ((before, start), (before, end)) if index else ((end, following), (start, following))
    if "#" in text[slice(*gap)]:
        message = f"a comment stands beside the entry in the braces at line {mapping.line}"
        raise UnsafeEdit(message, code="layout", hint=BY_HAND)
    return [Splice(*cut, "")]


def entry_end(text: str, value: Node) -> int:
    """Return where an entry ends, with the blank after the colon where no value is written."""
    end = end_of(text, value)
    unwritten = isinstance(value, Scalar) and value.start == value.end
    return end + (unwritten and text.startswith(" ", end) and not text.startswith(" #", end))


def past_comma(text: str, end: int) -> tuple[int, bool]:
    """Return the place behind the comma that follows an entry on its line, and whether there is one."""
    comma = past(SPACE, text, end)
    follows = text.startswith(",", comma) and "\n" not in text[end:comma]
    return (comma + 1, True) if follows else (end, False)


def rest_of_line(text: str, place: int) -> int:
    """Return where a line ends, before its break, if at most a comment stands there from `place` on; else 0."""
    rest = text[place : next_line(text, place)].rstrip("\r\n")
    return place + len(rest) if not rest.strip() or rest.lstrip().startswith("#") else 0
