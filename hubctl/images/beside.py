"""What stands beside the places of one text: their key paths as text and their comments, each in linear time.

A hostile file may hold tens of thousands of places in one list or on one line, so no list, mapping or line is
read anew for each of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace

from hubctl.text.tree import Alias, Mapping, Node, Path, Scalar, Sequence, Stream
from hubctl.text.walk import item_name, key_path, key_text, leaves, name_under, trailing_comment

_COMMENT = re.compile(r"(?:^|#\s*)hubctl:\s*(.*)")


class KeyPaths:
    """Key paths of one document as text, equal to `text.walk.key_path`."""

    def __init__(self, root: Node | None) -> None:
        self.root = root
        self._labels: dict[int, list[str]] = {}
        self._children: dict[int, dict[str | int, Node]] = {}

    def text(self, path: Path) -> str:
        """Return `path`, which leads to a written value, dot-joined with list items by what names them."""
        text = ""
        node = self.root
        for step in path:
            if isinstance(node, Sequence) and isinstance(step, int):
                text += f"[{self._label(node, step)}]"
            else:
                piece = key_path(None, (step,))
                text += f".{piece}" if text and not piece.startswith("[") else piece
            node = self._child(node, step)
        return text

    def _child(self, node: Node | None, step: str | int) -> Node | None:
        if isinstance(node, Sequence) and isinstance(step, int):
            return node.items[step]
        if isinstance(node, Mapping) and id(node) not in self._children:
            self._children[id(node)] = {text: value for key, value in node.pairs if (text := key_text(key)) is not None}
        return self._children.get(id(node), {}).get(step)

    def _label(self, node: Sequence, index: int) -> str:
        if id(node) not in self._labels:
            self._labels[id(node)] = item_labels(node)
        return self._labels[id(node)][index]


def item_labels(node: Sequence) -> list[str]:
    """Return what names each item of a list, as `text.walk.item_name` does for one."""
    slugs = [name_under(item, "slug") for item in node.items]
    names = [name_under(item, "name") for item in node.items]
    slugs_used, names_used = Counter(slugs), Counter(names)
    twins: dict[str | None, list[Node]] = {}
    for item, slug in zip(node.items, slugs, strict=True):
        twins.setdefault(slug, []).append(item)
    labels = []
    for index, (item, slug, name) in enumerate(zip(node.items, slugs, names, strict=True)):
        if slug is not None and slugs_used[slug] == 1:
            named: tuple[Node, ...] = (item,)
        elif name is not None and names_used[name] == 1:
            # beside an item of the same slug the name is what tells them apart
            named = (item, *(twin for twin in twins[slug][:2] if twin is not item))
        else:
            named = ()
        labels.append(item_name(replace(node, items=named), 0) if named else str(index))
    return labels


class Comments:
    """The `# hubctl:` comments of one text."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._marks = [found.start() for found in re.finditer("hubctl:", stream.text)]
        self._breaks = [found.start() for found in re.finditer("\n", stream.text)] if self._marks else []
        self._leaves: list[Scalar | Alias] = []
        self._by_line: dict[int, str | None] = {}

    def of(self, scalar: Scalar) -> str | None:
        """Return what stands after `# hubctl:` on the line of a written scalar, stripped; None without one."""
        if not self._marks:
            return None
        end = scalar.start if scalar.style in ("literal", "folded") else scalar.end
        line = bisect_left(self._breaks, end)
        stop = self._breaks[line] if line < len(self._breaks) else len(self.stream.text)
        if stop not in self._by_line:
            marked = bisect_left(self._marks, end) < bisect_left(self._marks, stop)
            found = _COMMENT.search(self._trailing(scalar, stop) or "") if marked else None
            self._by_line[stop] = found[1].strip() if found else None
        return self._by_line[stop]

    def _trailing(self, scalar: Scalar, stop: int) -> str | None:
        """Return the comment of the scalar's line; only the last value of a flow collection can hide its start."""
        last: tuple[Scalar | Alias, ...] = ()
        if scalar.flow:
            self._leaves = self._leaves or [leaf for root in self.stream.documents for leaf in leaves(root)]
            index = bisect_left(self._leaves, stop, key=lambda leaf: leaf.start)
            last = (self._leaves[index - 1],)
        return trailing_comment(replace(self.stream, documents=last), scalar)
