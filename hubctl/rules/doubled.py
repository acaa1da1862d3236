"""Keys that stand twice in one mapping (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.errors import Unparseable
from hubctl.fleet.seen import Spot
from hubctl.rules.finding import Finding, shown
from hubctl.text.helm import helm_key, is_merge
from hubctl.text.tree import Mapping, Node, Path, Sequence


def duplicate_key(file: str, root: Node | None) -> Iterator[Finding]:
    """Yield a finding for each key that Helm meets a second time in one mapping; an anchored one is looked at once."""
    yield from _doubled(file, root, ())


def _doubled(file: str, node: Node | None, path: Path) -> Iterator[Finding]:
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _doubled(file, item, (*path, index))
    elif isinstance(node, Mapping):
        seen: set[str] = set()
        for key, value in node.pairs:
            name = _name(key)
            if name is not None and name in seen:
                message = f"the key `{shown(name)}` occurs twice in one mapping; Helm takes the last"
                yield Finding("duplicate-key", Spot(file, (*path, name)), message, "keep one of them")
            seen.add(name or "")
            yield from _doubled(file, value, (*path, name or ""))


def _name(key: Node) -> str | None:
    try:
        return None if is_merge(key) else helm_key(key)
    except Unparseable:
        return None
