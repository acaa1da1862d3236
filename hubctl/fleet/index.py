"""A fleet with what is looked up again and again; it lives as long as one command."""

from __future__ import annotations

from sys import intern
from typing import TypeAlias

from hubctl.errors import Unparseable
from hubctl.fleet.model import Fleet, Hub
from hubctl.fleet.reach import reach_of
from hubctl.text.parse import KEPT, parse
from hubctl.text.recent import Recent
from hubctl.text.tree import Alias, Mapping, Node, Scalar, Sequence
from hubctl.text.walk import below, key_text

Layer = tuple[str, tuple[str, ...]]
Keys: TypeAlias = "dict[str, Keys | None]"


class Index:
    """Who is fed by which file, the trees of values files that were asked for last, and which keys every file has.

    Trees of ten thousand files are too large to keep; the keys of their mappings are a hundredth of that.
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._reach = reach_of(fleet)
        self._roots: Recent[str, Node | None] = Recent(KEPT)
        self._keys: dict[str, Keys | None] = {}

    def hubs_of(self, file: str) -> tuple[Hub, ...]:
        """Return the hubs that `file` feeds, in the fleet's order."""
        return self._reach.get(file, ())

    def root(self, file: str) -> Node | None:
        """Return the tree of a values file's first document, the only one Helm reads; None where it has none.

        None as well for a file that is not YAML: whoever looks for images in it says so.
        """
        text = self.fleet.texts.get(file, b"")
        return self._roots.recall(file, len(text), lambda: _first_document(text, file))

    def keys(self, file: str) -> Keys | None:
        """Return the keys of a values file's first document and of the mappings below it, None below all else.

        None as a whole where the document is no mapping. Aliases are followed and `<<` is merged in. Best asked for
        while the file has just been read.
        """
        if file not in self._keys:
            self._keys[file] = _keys_of(self.root(file), {})
        return self._keys[file]

    def says(self, layer: Layer, path: tuple[str | int, ...]) -> bool:
        """Return whether one layer says something at `path` of the merged values: whether `values_at` gives a node."""
        file, prefix = layer
        found = self.keys(file)
        if path[: len(prefix)] != prefix or found is None:
            return False
        for step in path[len(prefix) :]:
            if found is None or isinstance(step, int):
                return True
            if step not in found:
                return False
            found = found[step]
        return True

    def later(self, hub: Hub, file: str) -> tuple[tuple[str, ...], tuple[Layer, ...]]:
        """Return the key prefix that the values of `file` have for `hub`, and the layers Helm merges over it."""
        layers = layers_of(hub)
        position = max(index for index, (name, _) in enumerate(layers) if name == file)
        return layers[position][1], layers[position + 1 :]


def _first_document(text: bytes, file: str) -> Node | None:
    try:
        documents = parse(text, file).documents
    except Unparseable:
        return None
    return documents[0] if documents else None


def _keys_of(node: Node | None, known: dict[int, Keys]) -> Keys | None:
    """Return the keys that `child` finds; what is anchored is looked at once, however often it is used."""
    target = node.target if isinstance(node, Alias) else node
    if not isinstance(target, Mapping):
        return None
    if id(target) not in known:
        keys: Keys = {}
        merged: list[Node] = []
        for key, value in target.pairs:
            if (text := key_text(key)) is not None:
                keys[intern(text)] = _keys_of(value, known)
                merged += [value] if text == "<<" and isinstance(key, Scalar) and key.style == "plain" else []
        for value in merged:
            for source in _sources(value):
                keys = (_keys_of(source, known) or {}) | keys
        known[id(target)] = keys
    return known[id(target)]


def _sources(value: Node) -> tuple[Node, ...]:
    """Return what one `<<` merges, the strongest first."""
    target = value.target if isinstance(value, Alias) else value
    if isinstance(target, Sequence):
        return tuple(source for item in target.items for source in _sources(item))
    return (target,)


def layers_of(hub: Hub) -> tuple[Layer, ...]:
    """Return the plain files that feed a hub in Helm's order, lowest first, each with the prefix of its values."""
    return (*hub.defaults, *((file, ()) for file in hub.files))


def child(node: Node, key: str) -> Node | None:
    """Return the value under `key` of a mapping, aliases followed and `<<` merged in, None where there is none."""
    found = below(node, key)
    if found is None and isinstance(node, Mapping):
        for name, value in node.pairs:
            if isinstance(name, Scalar) and name.style == "plain" and key_text(name) == "<<":
                found = found or _merged(value, key)
    return found.target if isinstance(found, Alias) else found


def _merged(value: Node, key: str) -> Node | None:
    target = value.target if isinstance(value, Alias) else value
    if isinstance(target, Sequence):
        return next((found for item in target.items if (found := _merged(item, key))), None)
    return child(target, key)


def values_at(root: Node | None, prefix: tuple[str, ...], path: tuple[str | int, ...]) -> Node | None:
    """Return what one layer, whose values stand below `prefix`, says at `path` of the merged values.

    The node at `path`, or the one above it that is no mapping or a whole list and so replaces what lies below it;
    None where the layer says nothing.
    """
    if path[: len(prefix)] != prefix or not isinstance(root, Mapping):
        return None
    node: Node = root
    for step in path[len(prefix) :]:
        if isinstance(step, int) or not isinstance(node, Mapping):
            return node
        found = child(node, step)
        if found is None:
            return None
        node = found
    return node


def merged_path(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return where a written path counts: what stands under `<<` belongs to the mapping around it."""
    return tuple(step for step in path if step != "<<")
