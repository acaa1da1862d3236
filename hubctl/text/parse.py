"""Bytes of a YAML file to a tree of spans."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.text.build import build
from hubctl.text.events import WITH_LIBYAML, Event, libyaml_events
from hubctl.text.recent import Recent
from hubctl.text.reference import reference_events
from hubctl.text.source import decode
from hubctl.text.tree import Node, Stream

# Characters of text whose trees are kept: planning reads a file again for each of its changes, and a fleet of three
# hundred files has a third of this. A tree takes some hundred times as many bytes at worst.
KEPT = 2_000_000
_trees: Recent[str, tuple[Node | None, ...]] = Recent(KEPT)


def parse(data: bytes, file: str = "") -> Stream:
    """Return the tree of a YAML text of any number of documents, spans in code points of the text without BOM.

    Duplicate keys, custom tags and aliases are kept as written; nothing is constructed. `file` only names the text
    in errors. `Unparseable` with the line, never with a word of the text: not UTF-8, not YAML, a directive, a
    character that parsers read differently, or over a limit (2 MB, depth 64, 200,000 values with aliases expanded,
    an alias inside its own anchor).
    """
    text, bom = decode(data, file)
    documents = _trees.recall(text, len(text), lambda: build(locate(text, file), text, file))
    return Stream(text, bom, documents)


def locate(text: str, file: str = "") -> Iterator[Event]:
    """Yield the events of the fastest parser that is installed."""
    return libyaml_events(text, file) if WITH_LIBYAML else reference_events(text, file)
