"""What sops encrypts of one file under a rule that leaves something in clear: values and comments (pure)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hubctl.secrets.comments import Comment
from hubctl.secrets.creation_rules import Encrypting
from hubctl.text.build import past
from hubctl.text.tree import Mapping, Node, Path, Sequence
from hubctl.text.walk import key_text

_EMPTY = re.compile(r"[\[{](?:\s++|#[^\n]*+)*+[\]}]")
_AFTER_ALL = -1  # the index that no item has: of comments below the last one


@dataclass(frozen=True, slots=True)
class Covering:
    """A rule, with what comments say to it, by the keys and indexes of what stands below them.

    `told` has the comments that decide, `judged` by the place of a comment whether sops encrypts it.
    """

    rule: Encrypting
    told: dict[Path, str] = field(default_factory=dict)
    judged: dict[int, bool] = field(default_factory=dict)

    def covers(self, path: Path) -> bool:
        """Return whether sops encrypts a value (sops.go, shouldBeEncrypted)."""
        return self.rule.covers(path, self.before(path))

    def before(self, path: Path) -> Iterator[str]:
        """Yield what comments say right before a value and before each of what it is in."""
        for length in range(1, len(path) + 1):
            if path[:length] in self.told:
                yield self.told[path[:length]]

    def tell(self, comment: Comment, around: Path, below: Path) -> None:
        """Take in one more comment; they come in the order of the text."""
        decides = self.rule.comments and self.rule.covers((), (comment.text,)) != self.rule.covers(())
        itself = decides and self.rule.key == "unencrypted_comment_regex"
        asked = [*self.before((*around, *below)), *([comment.text] if itself else [])]
        self.judged[comment.start] = self.rule.covers(around, asked)
        if decides:
            self.told.setdefault((*around, *below), comment.text)


def covering(rule: Encrypting, root: Node | None, comments: Iterable[Comment], text: str) -> Covering:
    """Return what sops encrypts of the document with this root under a rule."""
    made = Covering(rule)
    for comment in comments:
        node, around = _around(root, comment, text)
        made.tell(comment, around, (_beside(node, comment),))
    return made


def _around(root: Node | None, comment: Comment, text: str) -> tuple[Node | None, Path]:
    """Return the mapping or list in which a comment stands, and the keys above it, by its place and its column.

    A comment above a key belongs to the mapping of that key, one behind the last value of a mapping to that mapping
    as long as it stands no further left than its keys.
    """
    node = root
    path: Path = ()
    while True:
        step, inner = _last_before(node, comment.start)
        if node is None or not isinstance(inner, Mapping | Sequence) or not _holds(inner, comment, node, text):
            return node, path
        node, path = inner, (*path, step)


def _holds(inner: Mapping | Sequence, comment: Comment, outer: Node, text: str) -> bool:
    last = _last(inner)
    if last is None:
        return comment.start < past(_EMPTY, text, inner.start)
    if comment.start < inner.start and not comment.above:
        return False
    if inner.flow or last > comment.start:
        return True
    column = _column(inner, text)
    if column == _column(outer, text):  # a list no further right than its key: behind it, comments there are the key's
        return comment.column > column
    return comment.column >= column


def _last(node: Mapping | Sequence) -> int | None:
    """Return where the last child of a mapping or list begins, None for one that is empty."""
    if isinstance(node, Mapping):
        return node.pairs[-1][0].start if node.pairs else None
    return node.items[-1].start if node.items else None


def _column(node: Node, text: str) -> int:
    return node.start - text.rfind("\n", 0, node.start) - 1


def _last_before(node: Node | None, place: int) -> tuple[str | int, Node | None]:
    """Return the step to what begins last before a place, and what stands there."""
    count = _count_before(node, place)
    if isinstance(node, Mapping) and count:
        key, value = node.pairs[count - 1]
        return key_text(key) or "", value
    return (count - 1, node.items[count - 1]) if isinstance(node, Sequence) and count else (_AFTER_ALL, None)


def _beside(node: Node | None, comment: Comment) -> str | int:
    """Return the step to what a comment is about: what stands below it, or on its line."""
    index = _count_before(node, comment.start) - (not comment.above)
    if isinstance(node, Mapping) and 0 <= index < len(node.pairs):
        return key_text(node.pairs[index][0]) or ""
    return index if isinstance(node, Sequence) and 0 <= index < len(node.items) else _AFTER_ALL


def _count_before(node: Node | None, place: int) -> int:
    """Return how many children of a mapping or list begin before a place."""
    if isinstance(node, Mapping):
        return bisect_left(node.pairs, place, key=lambda pair: pair[0].start)
    return bisect_left(node.items, place, key=lambda item: item.start) if isinstance(node, Sequence) else 0
