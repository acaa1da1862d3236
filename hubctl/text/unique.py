"""Keys that stand twice, where hubctl reads a file itself and must not guess which one was meant."""

from __future__ import annotations

from hubctl.errors import Unparseable
from hubctl.show import show
from hubctl.text.tree import Mapping, Node, Sequence
from hubctl.text.walk import key_text


def refuse_duplicate_keys(node: Node | None, file: str) -> None:
    """Raise Unparseable, with the line of the second, where a mapping anywhere in the tree has a key twice."""
    if isinstance(node, Sequence):
        for item in node.items:
            refuse_duplicate_keys(item, file)
    elif isinstance(node, Mapping):
        seen: set[str | None] = set()
        for key, value in node.pairs:
            name = key_text(key)
            if name in seen:
                raise Unparseable(f"the key `{show(str(name), 80)}` occurs twice", file=file, line=key.line)
            seen.add(name)
            refuse_duplicate_keys(value, file)
