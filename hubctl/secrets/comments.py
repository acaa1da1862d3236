"""Where the comments of a YAML text stand: in what is left between its scalars (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hubctl.secrets.ciphertext import is_ciphertext
from hubctl.text.tree import Stream
from hubctl.text.walk import leaves

_COMMENT = re.compile("#[^\n]*")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `text` is what follows its `#`, up to the end of the line, `start` and `column` the place of `#`.

    `above` is True for one on a line of its own.
    """

    start: int
    column: int
    line: int
    text: str
    above: bool

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
            before = text[text.rfind("\n", 0, counted) + 1 : counted]
            yield Comment(counted, len(before), line, found.group()[1:].rstrip("\r"), not before.strip())


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
