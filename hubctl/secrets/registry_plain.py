"""The bytes of a plain values file with registry addresses and user names set, and no other byte changed (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubctl.errors import UnsafeEdit
from hubctl.fleet.merging import Keys
from hubctl.secrets.registry_places import PlainValue, RegistryPlaces
from hubctl.show import show
from hubctl.text.edit import ScalarEdit, set_scalars
from hubctl.text.inserting import Addition, insert_scalars
from hubctl.text.parse import parse
from hubctl.text.quoting import House
from hubctl.text.tree import Alias, Mapping, Node, Scalar
from hubctl.text.tree import Sequence as SequenceNode
from hubctl.text.walk import key_path, key_text, resolve


def with_values(data: bytes, values: Sequence[PlainValue], places: RegistryPlaces, prefix: Keys, house: House) -> bytes:
    """Return the text with each value set where its key is, and inserted where it is not.

    A value behind an alias is set at the anchor, if everything that shares it may say the same; UnsafeEdit otherwise,
    and as `set_scalars` and `insert_scalars`.
    """
    documents = parse(data).documents
    root = documents[0] if documents else None
    edits: dict[Keys, str] = {}
    additions: list[Addition] = []
    for one in values:
        node = resolve(root, one.path)
        if node is None:
            additions.append(Addition(0, one.path, one.value))
            continue
        target = node.target if isinstance(node, Alias) else node
        shared = _sharing(root, target)
        others = [path for path in shared if not places.agrees(prefix, path, one.value)]
        if others:
            raise UnsafeEdit(
                f"`{key_path(root, one.path)}` shares its value with `{show(key_path(root, others[0]), 120)}`, "
                "which means something else",
                hint="write the two apart, without an alias",
                code="alias",
            )
        edits[shared[0] if shared else one.path] = one.value
    edited = set_scalars(data, [ScalarEdit(0, path, value) for path, value in edits.items()], house=house)
    return insert_scalars(edited, additions, house=house) if additions else edited


def _sharing(root: Node | None, target: Node) -> list[Keys]:
    """Return the key paths of an anchored scalar and of its aliases, the anchor first; none for one without anchor."""
    if not isinstance(target, Scalar) or target.anchor is None:
        return []
    found = list(_places(root, target, ()))
    return [path for path, is_alias in found if not is_alias] + [path for path, is_alias in found if is_alias]


def _places(node: Node | None, target: Scalar, above: Keys) -> Iterator[tuple[Keys, bool]]:
    if node is target:
        yield above, False
    elif isinstance(node, Alias):
        if node.target is target:
            yield above, True
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            yield from _places(value, target, (*above, key_text(key) or ""))
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _places(item, target, (*above, "[]"))
