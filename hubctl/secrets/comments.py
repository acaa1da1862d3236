"""Where the comments of a YAML text stand: in what is left between its scalars (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hubctl.secrets.ciphertext import is_ciphertext
from hubctl.text.tree import Mapping, Node, Path, Sequence, Stream
from hubctl.text.walk import key_text, leaves

_COMMENT = re.compile("#[^\n]*")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `text` is what follows its `#`, up to the end of the line, `start` and `column` the place of `#`."""

    start: int
    column: int
    line: int
    text: str

    @property
    def is_encrypted(self) -> bool:
        """Whether it is one ciphertext, or empty, which sops leaves as it is."""
        return not self.text or is_ciphertext(self.text)


def comments_of(stream: Stream) -> Iterator[Comment]:
    """Yield every comment of a text in order: above, behind and below values, in the headers of block scalars."""
    text = stream.text
    if "#" not in text:
        return
    line, counted = 1, 0
    for start, end in _gaps(stream):
        for found in _COMMENT.finditer(text, start, end):
            line += text.count("\n", counted, found.start())
            counted = found.start()
            column = counted - text.rfind("\n", 0, counted) - 1
            yield Comment(counted, column, line, found.group()[1:].rstrip("\r"))


def _gaps(stream: Stream) -> Iterator[tuple[int, int]]:
    place = 0
    for root in stream.documents:
        for leaf in leaves(root):
            yield place, leaf.start
            place = leaf.end
            if stream.text.startswith(("|", ">"), leaf.start) and leaf.start < leaf.end:
                header = stream.text.find("\n", leaf.start, leaf.end)
                yield leaf.start, leaf.end if header < 0 else header
    yield place, len(stream.text)


def path_around(comment: Comment, root: Node | None, text: str) -> Path:
    """Return the keys of the mapping or list in which a comment stands, by its place and its column.

    A comment above a key belongs to the mapping of that key, one behind the last value of a mapping to that mapping
    as long as it stands no further left than its keys.
    """
    node = root
    path: Path = ()
    while True:
        step, inner = _last_before(node, comment.start)
        if inner is None or not isinstance(inner, Mapping | Sequence) or inner.start > comment.start:
            return path
        if comment.column < inner.start - text.rfind("\n", 0, inner.start) - 1:
            return path
        node, path = inner, (*path, step)


def _last_before(node: Node | None, place: int) -> tuple[str | int, Node | None]:
    """Return key and value, or index and item, of what begins last before a place."""
    if isinstance(node, Sequence):
        index = sum(item.start < place for item in node.items) - 1
        return index, node.items[index] if index >= 0 else None
    pairs = [pair for pair in node.pairs if pair[0].start < place] if isinstance(node, Mapping) else []
    return (key_text(pairs[-1][0]) or "", pairs[-1][1]) if pairs else ("", None)
