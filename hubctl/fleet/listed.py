"""What the `cluster.yaml` files of a tree list, read without any values file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hubctl.errors import NotFound
from hubctl.fleet import layout
from hubctl.fleet.declared import declared
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import Tree, read_fleet
from hubctl.fleet.redeploys import Listing, listings_of
from hubctl.problem import Problem
from hubctl.show import show


@dataclass(frozen=True, slots=True)
class Listings:
    """The clusters of a tree; `layout` is the pattern they were found by, `absent` why there are none."""

    clusters: tuple[Listing, ...]
    problems: tuple[Problem, ...]
    layout: str
    absent: NotFound | None = None

    def is_cluster(self, path: str) -> bool:
        """Whether a path is that of a `cluster.yaml` in this layout."""
        standard = bool(layout.standard_clusters([path]))
        return standard or (self.layout != layout.STANDARD and bool(layout.clusters_anywhere([path])))


def read_listings(tree: Tree, staging: tuple[str, ...], changed: Iterable[str] = ()) -> Listings:
    """Return what each `cluster.yaml` lists, files that are not there, too; `changed` may be paths that are gone.

    `staging` as of `read_fleet`, and so are the problems.
    """
    listed = _Listed(tree, tuple(changed))
    try:
        fleet = read_fleet(listed, staging)
    except NotFound as absent:
        return Listings((), (), "", absent)
    return Listings(listings_of(fleet, _support(tree, fleet)), fleet.problems, fleet.layout)


def _support(tree: Tree, fleet: Fleet) -> dict[str, tuple[str, ...]]:
    """Return the listed support values by `cluster.yaml`, encrypted ones, too."""
    files = [cluster.file for cluster in fleet.clusters]
    return {file: tuple(entry.path for entry in declared(tree.read(file), file).support) for file in files}


@dataclass(frozen=True, slots=True)
class _Listed:
    """A tree in which every listed file is there and empty; `changed` are names that may be encrypted."""

    tree: Tree
    changed: tuple[str, ...]

    def paths(self, under: str = "") -> tuple[str, ...]:
        prefix = f"{under.rstrip('/')}/" if under else ""
        gone = (path for path in self.changed if path.startswith(prefix) and not path.endswith("cluster.yaml"))
        return tuple(sorted({*self.tree.paths(under), *gone}))

    def read(self, path: str) -> bytes:
        return self.tree.read(path) if path.endswith("cluster.yaml") else b""

    def target(self, path: str) -> str:
        return path


@dataclass(frozen=True, slots=True)
class Texts:
    """A tree of texts in memory, by path."""

    texts: Mapping[str, bytes]

    def paths(self, under: str = "") -> tuple[str, ...]:
        """Return the paths in the folder `under` and below it, sorted."""
        return tuple(sorted(path for path in self.texts if path.startswith(f"{under}/" if under else "")))

    def read(self, path: str) -> bytes:
        """Return a text; NotFound where there is none."""
        if path not in self.texts:
            raise NotFound(f"no such file: `{show(path)}`", code="no-such-file")
        return self.texts[path]

    def target(self, path: str) -> str:
        """Return `path` itself: there are no links."""
        return path
