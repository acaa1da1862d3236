"""A fleet with what is looked up again and again; it lives as long as one command."""

from __future__ import annotations

from hubctl.errors import Unparseable
from hubctl.fleet.model import Fleet, Hub
from hubctl.fleet.reach import reach_of
from hubctl.text.parse import parse
from hubctl.text.tree import Alias, Mapping, Node, Scalar, Sequence
from hubctl.text.walk import below, key_text

Layer = tuple[str, tuple[str, ...]]


class Index:
    """Who is fed by which file, and parsed values files, each parsed once and only when asked for."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._reach = reach_of(fleet)
        self._roots: dict[str, Node | None] = {}

    def hubs_of(self, file: str) -> tuple[Hub, ...]:
        """Return the hubs that `file` feeds, in the fleet's order."""
        return self._reach.get(file, ())

    def root(self, file: str) -> Node | None:
        """Return the tree of a values file's first document, the only one Helm reads; None where it has none.

        None as well for a file that is not YAML: whoever looks for images in it says so.
        """
        if file not in self._roots:
            try:
                documents = parse(self.fleet.texts.get(file, b""), file).documents
            except Unparseable:
                documents = ()
            self._roots[file] = documents[0] if documents else None
        return self._roots[file]

    def later(self, hub: Hub, file: str) -> tuple[tuple[str, ...], tuple[Layer, ...]]:
        """Return the key prefix that the values of `file` have for `hub`, and the layers Helm merges over it."""
        layers = layers_of(hub)
        position = max(index for index, (name, _) in enumerate(layers) if name == file)
        return layers[position][1], layers[position + 1 :]


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
