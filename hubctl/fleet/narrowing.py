"""Reading no more of a fleet than one cluster needs."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from hubctl.fleet import layout
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import Tree, read_fleet


def read_cluster(tree: Tree, cluster: str) -> Fleet:
    """Return the fleet with the cluster of that name alone where its place says where it is, else with all clusters.

    As `read_fleet` otherwise: charts are read, too.
    """
    file = posixpath.join(layout.CLUSTERS, cluster, "cluster.yaml")
    if file in layout.standard_clusters(tree.paths(layout.CLUSTERS)):
        return read_fleet(_OneCluster(tree, file))
    return read_fleet(tree)


@dataclass(frozen=True, slots=True)
class _OneCluster:
    """A tree in which no other `cluster.yaml` is."""

    tree: Tree
    file: str

    def paths(self, under: str = "") -> tuple[str, ...]:
        found = self.tree.paths(under)
        others = frozenset(layout.standard_clusters(found)) - {self.file}
        return tuple(path for path in found if path not in others)

    def target(self, path: str) -> str:
        return self.tree.target(path)

    def read(self, path: str) -> bytes:
        return self.tree.read(path)
