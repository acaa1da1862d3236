"""Events to a tree of exact spans: parsers' marks are repaired where they are known to be wrong."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from hubctl.errors import Unparseable
from hubctl.text.events import Event
from hubctl.text.source import MAX_DEPTH, too_deep
from hubctl.text.tree import Alias, Mapping, Node, Scalar, Sequence

MAX_NODES = 200_000

SPACE = re.compile(r"(?:\s+|(?<!\S)#[^\n]*)*")  # blanks, breaks and comments
_PROPERTY = re.compile(r"!<[^>\n]*>|[&!][^\s,\[\]{}]*")
_HEADER = re.compile(r"[|>][-+0-9]*[^\n]*")


def build(events: Iterable[Event], text: str, file: str = "") -> tuple[Node | None, ...]:
    """Return the root of each document, None for an empty one; `Unparseable` over the limits of depth and nodes."""
    builder = _Builder(iter(events), text, file)
    return tuple(builder.document(event) for event in builder.events if event.kind == "document")


class _Builder:
    """One pass over the events of one text."""

    def __init__(self, events: Iterator[Event], text: str, file: str) -> None:
        self.events = events
        self.text = text
        self.file = file
        self.breaks = [found.end() for found in re.finditer("\n", text)]
        self.cursor = 0  # end of the last leaf or flow collection
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}  # node, expanded size, height; None while open
        self.count = 0
        self.size = 0  # of the node built last, with its aliases expanded
        self.height = 0

    def document(self, start: Event) -> Node | None:
        self.anchors.clear()
        self.cursor = start.end
        event = next(self.events)
        root = self.node(event, depth=1, flow=False, mark="")
        return None if unwritten(event) and event.anchor is None and event.tag is None else root

    def node(self, event: Event, *, depth: int, flow: bool, mark: str) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            self.refuse_over_limits(self.count, 0, event.start)
        if event.kind == "alias":
            return self.alias(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if event.kind == "scalar":
            self.size, self.height = 1, 1
            node: Node = self.scalar(event, flow=flow, mark=mark)
        else:
            node = self.collection(event, depth=depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.size, self.height)
        return node

    def alias(self, event: Event) -> Alias:
        name = str(event.anchor)
        line = self.line(event.start)
        if name not in self.anchors:
            raise Unparseable("an alias without its anchor", file=self.file, line=line)
        anchored = self.anchors[name]
        if anchored is None:
            raise Unparseable("an alias inside its own anchor", file=self.file, line=line)
        target, self.size, self.height = anchored
        self.cursor = event.end
        return Alias(event.start, event.end, line, name, target)

    def collection(self, event: Event, *, depth: int) -> Mapping | Sequence:
        start = self.after_properties(event)
        line = self.line(start)
        self.refuse_over_limits(0, depth - 1, start)
        self.cursor = start + event.flow
        size = 1
        height = 0
        nodes: list[Node] = []
        while (inner := next(self.events)).kind != "end":
            mark = "-" if event.kind == "sequence" else ("?", ":")[len(nodes) % 2]
            nodes.append(self.node(inner, depth=depth + 1, flow=event.flow, mark=mark))
            size += self.size
            height = max(height, self.height)
        self.refuse_over_limits(size, height - 1, start)  # a scalar is no level of its own
        if event.flow:
            self.cursor = max(self.cursor, inner.end)
        self.size, self.height = size, height + 1
        if event.kind == "sequence":
            return Sequence(start, line, tuple(nodes), event.anchor, event.tag, event.flow)
        pairs = tuple(zip(nodes[::2], nodes[1::2], strict=True))
        return Mapping(start, line, pairs, event.anchor, event.tag, event.flow)

    def refuse_over_limits(self, size: int, height: int, place: int) -> None:
        if size > MAX_NODES:
            message = f"more than {MAX_NODES:,} values with its aliases expanded"
            raise Unparseable(message, file=self.file, line=self.line(place))
        if height >= MAX_DEPTH:
            raise Unparseable(too_deep(), file=self.file, line=self.line(place))

    def scalar(self, event: Event, *, flow: bool, mark: str) -> Scalar:
        start, end = event.start, event.end
        if event.anchor is not None or event.tag is not None:
            start = self.after_properties(event)
        if unwritten(event):
            start = end = self.empty(event, start, mark)
        elif event.style in ("literal", "folded"):
            end = self.block_end(start, end, event.value)
        self.cursor = end
        line = self.line(start)
        return Scalar(start, end, line, event.value, event.style, event.anchor, event.tag, flow)

    def after_properties(self, event: Event) -> int:
        """Return where the node itself starts: the mark stands before its anchor and tag."""
        announced = (event.anchor is not None) + (event.tag is not None)
        position = event.start
        for count in range(announced):
            position = past(_PROPERTY, self.text, position)
            if count + 1 < announced or not unwritten(event):
                position = past(SPACE, self.text, position)
        return position

    def empty(self, event: Event, start: int, mark: str) -> int:
        """Return the place of a value that is not written: after its colon or dash, or where the last leaf ended."""
        if event.anchor is not None or event.tag is not None:
            return start
        place = past(SPACE, self.text, self.cursor)
        return place + 1 if mark and self.text.startswith(mark, place) else self.cursor

    def block_end(self, start: int, mark: int, value: str) -> int:
        """Return the end of the last line of a block scalar, before its line break.

        The mark stands behind the breaks that follow it, which belong to it only under a `+`.
        """
        body = past(_HEADER, self.text, start)
        header, _, _ = self.text[start:body].partition("#")
        lines = self.text[body:mark].split("\n")
        if len(lines) > 1 and not lines[-1].strip(" "):
            lines.pop()
        if "+" not in header:
            indent = content_indent(lines, value)
            while len(lines) > 1 and not lines[-1].strip(" \r") and len(lines[-1].rstrip("\r")) <= indent:
                lines.pop()
        place = body + len("\n".join(lines))
        return place - self.text.startswith("\r", place - 1)

    def line(self, position: int) -> int:
        return bisect_right(self.breaks, position) + 1


def unwritten(event: Event) -> bool:
    """Tell whether the event is a value of which no character stands in the text."""
    return event.kind == "scalar" and event.style == "plain" and not event.value


def content_indent(lines: list[str], value: str) -> int:
    """Return the spaces before the content of a block scalar, given its source lines, the header's first."""
    first = next((line for line in lines[1:] if line.strip(" \r")), "")
    spoken = next((line for line in value.split("\n") if line.strip(" ")), "")
    return (len(first) - len(first.lstrip(" "))) - (len(spoken) - len(spoken.lstrip(" ")))


def past(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return the end of the match that starts at `position`, `position` itself where there is none."""
    found = pattern.match(text, position)
    return found.end() if found else position
