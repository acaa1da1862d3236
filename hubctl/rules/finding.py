"""What a rule says, before it is known on which line that stands (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hubctl.errors import Unparseable
from hubctl.fleet.index import child
from hubctl.fleet.seen import Spot
from hubctl.problem import Problem
from hubctl.show import show
from hubctl.text import tree
from hubctl.text.parse import parse
from hubctl.text.walk import key_path, key_text

_NAMED = 3  # hubs
_OF_KEYS = frozenset({"duplicate-key", "ignored-key", "unknown-key"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding at a key path of a file; `hub` is the `cluster/hub` for which it holds, empty where that is no matter.

    The same finding for several hubs is one problem.
    """

    rule: str
    spot: Spot
    message: str
    mend: str
    hub: str = ""


def problems_of(findings: Iterable[Finding], texts: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Return the findings with line and column, each once with all its hubs, by file and line.

    The position is that of the scalar, else of the key, and of the key where it is what is wrong; where a key is
    missing that of the nearest one above it.
    """
    hubs: dict[tuple[str, Spot, str, str], list[str]] = {}
    for one in findings:
        hubs.setdefault((one.rule, one.spot, one.message, one.mend), []).append(one.hub)
    places = _Places(texts)
    found = set()
    for (rule, spot, message, mend), named in hubs.items():
        line, column, path = places.of(spot, by_key=rule in _OF_KEYS)
        said = message + _told_of(sorted(set(named) - {""}))
        found.add(Problem(spot.file, line, rule, said, mend, column=column, path=path))
    return tuple(sorted(found))


def _told_of(hubs: list[str]) -> str:
    if not hubs:
        return ""
    more = f" and {len(hubs) - _NAMED} more" if hubs[_NAMED:] else ""
    return f" ({', '.join(hubs[:_NAMED])}{more})"


class _Places:
    """Where key paths stand; each file is parsed once."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.texts = texts
        self.streams: dict[str, tree.Stream] = {}

    def of(self, spot: Spot, *, by_key: bool) -> tuple[int, int, str]:
        """Line, column and key path as text; the start of a file that cannot be read."""
        stream = self.stream(spot.file)
        root = stream.documents[0] if stream and stream.documents else None
        if stream is None or root is None:
            return 1, 1, key_path(None, spot.path)
        position = _position(root, spot.path, by_key=by_key)
        start = stream.text.rfind("\n", 0, position) + 1
        return stream.text.count("\n", 0, position) + 1, position - start + 1, key_path(root, spot.path)

    def stream(self, file: str) -> tree.Stream | None:
        if file not in self.streams:
            try:
                self.streams[file] = parse(self.texts.get(file, b""), file)
            except Unparseable:
                return None
        return self.streams[file]


def _position(root: tree.Node, path: tuple[str | int, ...], *, by_key: bool) -> int:
    node, place = root, root.start
    for step in path:
        key, found = _below(node, step)
        if found is None:
            break
        node = found.target if isinstance(found, tree.Alias) else found
        written = isinstance(node, tree.Scalar) and node.start < node.end and not by_key
        place = node.start if key is None or written else key.start
    return place


def _below(node: tree.Node, step: str | int) -> tuple[tree.Node | None, tree.Node | None]:
    """The key and the value at a step; no key in a list and for what `<<` merges in."""
    if isinstance(node, tree.Sequence) and isinstance(step, int):
        return None, node.items[step] if step < len(node.items) else None
    if not isinstance(node, tree.Mapping) or isinstance(step, int):
        return None, None
    for key, value in reversed(node.pairs):
        if key_text(key) == step:
            return key, value
    return None, child(node, step)


def shown(value: object, limit: int = 80) -> str:
    """Return a foreign value as text in a message."""
    return show(str(value), limit)
