"""The line of `cluster.yaml` that lists a hub's secret file (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from hubctl.errors import UnsafeEdit
from hubctl.fleet.declared import inside
from hubctl.fleet.model import Hub
from hubctl.show import show
from hubctl.text.inserting import insert_item
from hubctl.text.parse import parse
from hubctl.text.tree import Alias, Mapping, Node, Path, Scalar, Sequence
from hubctl.text.walk import below, key_path, resolve

_LIST_KEY = "helm_chart_values_files"


def with_listed(text: bytes, cluster_file: str, hub: Hub, file: str) -> tuple[bytes, str]:
    """Return the text of a `cluster.yaml` in which a hub lists a file, too, and the list's key path as text.

    The file stands behind `HUB.values.yaml`, else behind the last plain file. No other byte differs. UnsafeEdit where
    the hub has no list of its own that can be edited.
    """
    root = parse(text, cluster_file).documents[0]
    path = _list_path(root, hub, cluster_file)
    folder = posixpath.dirname(cluster_file)
    items = resolve(root, path)
    names = [_path(item, folder) for item in items.items] if isinstance(items, Sequence) else []
    after = _behind(names, posixpath.join(folder, f"{hub.name}.values.yaml"), hub.encrypted)
    return insert_item(text, 0, path, posixpath.relpath(file, folder or "."), after=after), key_path(root, path)


def _list_path(root: Node | None, hub: Hub, file: str) -> Path:
    hubs = below(root, "hubs")
    entries = hubs.items if isinstance(hubs, Sequence) else ()
    for index, entry in enumerate(entries):
        name = below(entry, "name") if isinstance(entry, Mapping) else None
        if isinstance(name, Scalar) and (name.value, name.line) == (hub.name, hub.line):
            listed = below(entry, _LIST_KEY)
            if isinstance(listed, Sequence):
                return ("hubs", index, _LIST_KEY)
            break
    raise UnsafeEdit(
        f"`{show(file)}` has no `{_LIST_KEY}` of {hub.id} that can be edited",
        hint="write the list out there: it may share it with others, or have none",
    )


def _path(item: Node, folder: str) -> str | None:
    scalar = item.target if isinstance(item, Alias) else item
    return inside(folder, scalar.value) if isinstance(scalar, Scalar) else None


def _behind(names: list[str | None], own: str, encrypted: Collection[str]) -> int | None:
    """The index of the item to stand behind, None where there is no plain file: then at the end."""
    owned = [index for index, name in enumerate(names) if name == own]
    plain = [index for index, name in enumerate(names) if name not in encrypted]
    return next((found[-1] for found in (owned, plain) if found), None)
