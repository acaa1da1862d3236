"""What a word on the command line may become: names and key paths of the fleet in the work tree, offline and fast."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from hubctl.commands import completion_scan as scan
from hubctl.errors import HubctlError
from hubctl.fleet import layout

if TYPE_CHECKING:  # names need no YAML parser
    from hubctl.fleet.read import Tree

_MOST_FILES = 1_500  # in which images are looked for: nobody waits longer for a Tab
_MOST_PATHS = 200  # offered at once; deeper ones follow with the next key


def clusters(tree: Tree) -> tuple[str, ...]:
    """Return the names of the fleet's clusters, sorted."""
    return tuple(sorted(_files(tree)))


def hubs(tree: Tree, cluster: str) -> tuple[str, ...]:
    """Return the names of a cluster's hubs as `cluster.yaml` lists them; none where it cannot be read."""
    file = _files(tree).get(cluster)
    return _hubs_in(tree, file) if file else ()


def hub_words(tree: Tree, begun: str) -> tuple[str, ...]:
    """Return every `CLUSTER/HUB` that begins with `begun`."""
    wanted = begun.partition("/")
    return tuple(
        f"{cluster}/{hub}"
        for cluster, file in sorted(_files(tree).items())
        if (cluster == wanted[0] if wanted[1] else cluster.startswith(begun))
        for hub in _hubs_in(tree, file)
        if f"{cluster}/{hub}".startswith(begun)
    )


def image_names(tree: Tree, cluster: str | None, begun: str) -> tuple[str, ...]:
    """Return the images, as they are written, whose names begin with `begun`: of one cluster's files, else of all.

    Defaults of charts are among them, as for `--image`. No more than 1,500 files are looked into.
    """
    found: set[str] = set()
    for path in islice(_values_files(tree, cluster), _MOST_FILES):
        text = _text(tree, path)
        if begun in text:
            found |= {name for name in scan.image_names(text) if name.startswith(begun)}
    return tuple(sorted(found))


def key_paths(tree: Tree, cluster: str, hub: str, begun: str) -> tuple[str, ...]:
    """Return the key paths of a hub's effective values that begin with `begun`, of mappings and of leaves.

    Where there are more than 200, the deepest are left out. A file that cannot be read counts as empty.
    """
    paths = {path for path in _every_path(tree, cluster, hub) if path[1].startswith(begun)}
    depths = sorted(depth for depth, _ in paths)
    if len(depths) <= _MOST_PATHS:
        return tuple(sorted(path for _, path in paths))
    deepest = max(depths[_MOST_PATHS] - 1, depths[0])  # whole levels, at least the first
    return tuple(sorted(path for depth, path in paths if depth <= deepest))


def _every_path(tree: Tree, cluster: str, hub: str) -> Iterator[tuple[int, str]]:
    from hubctl.fleet.index import layers_of  # noqa: PLC0415  # the YAML parser, which names of clusters need not load
    from hubctl.fleet.merging import Layer, below, merge  # noqa: PLC0415  # the same
    from hubctl.fleet.narrowing import read_cluster  # noqa: PLC0415  # the same
    from hubctl.fleet.values import values_of  # noqa: PLC0415  # the same
    from hubctl.text.walk import key_path  # noqa: PLC0415  # the same

    fleet = read_cluster(tree, cluster)
    found = next((one for one in fleet.hubs if (one.cluster, one.name) == (cluster, hub)), None)
    layers = []
    for file, prefix in layers_of(found) if found else ():
        with suppress(HubctlError):
            layers.append(Layer(file, below(prefix, values_of(fleet.texts[file], file).root), default=False))
    seen = {source.path[:end] for source in merge(layers).sources for end in range(1, len(source.path) + 1)}
    yield from ((len(path), key_path(None, path)) for path in seen)


def _files(tree: Tree) -> dict[str, str]:
    """Return each cluster's `cluster.yaml`; the layout is found as in `read_fleet`."""
    files = layout.standard_clusters(tree.paths(layout.CLUSTERS))
    if not files:
        found = layout.clusters_anywhere(tree.paths())
        files = [file for file in found if "\nhubs" in "\n" + _text(tree, file)]
    named = {posixpath.basename(posixpath.dirname(file)): file for file in reversed(files)}
    return {name: file for name, file in named.items() if scan.is_name(name)}


def _hubs_in(tree: Tree, file: str) -> tuple[str, ...]:
    text = _text(tree, file)
    names = scan.hub_names(text)
    if names or "hubs" not in text:
        return names
    from hubctl.fleet.declared import declared  # noqa: PLC0415  # only where a file is not written as usual

    with suppress(HubctlError):
        names = tuple(hub.name for hub in declared(text.encode(), file).hubs)
    return names


def _values_files(tree: Tree, cluster: str | None) -> Iterator[str]:
    """Yield the plain files that `cluster.yaml` lists, and the defaults of charts."""
    files = {file for name, file in _files(tree).items() if cluster in {None, name}}
    listed = {
        posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
        for file in files
        for path in scan.listed_files(_text(tree, file))
    }
    yield from sorted(path for path in listed if not layout.is_encrypted_name(path))
    for folder, names in sorted(layout.charts_among(tree.paths(layout.CHARTS) or tree.paths()).items()):
        if "values.yaml" in names:
            yield posixpath.join(folder, "values.yaml")


def _text(tree: Tree, path: str) -> str:
    """Return a file's text, empty where it cannot be read."""
    with suppress(HubctlError):
        return tree.read(path).decode("utf-8", "replace")
    return ""
