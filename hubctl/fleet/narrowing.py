"""Reading no more of a fleet than one cluster needs."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from hubctl.fleet import layout
from hubctl.fleet.declared import NAME
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import STAGING, Tree, read_fleet


def read_cluster(tree: Tree, cluster: str, staging: tuple[str, ...] = STAGING) -> Fleet:
    """Return the fleet with the cluster of that name alone where its place says where it is, else with all clusters.

    As `read_fleet` otherwise: charts are read, too, and values files of other folders that it lists.
    """
    folder = posixpath.join(layout.CLUSTERS, cluster)
    if NAME.fullmatch(cluster) and posixpath.join(folder, "cluster.yaml") in tree.paths(folder):
        return read_fleet(_OneCluster(tree, folder), staging)
    return read_fleet(tree, staging)


@dataclass(frozen=True, slots=True)
class _OneCluster:
    """A tree in which one cluster's folder is the only one among clusters."""

    tree: Tree
    folder: str

    def paths(self, under: str = "") -> tuple[str, ...]:
        return self.tree.paths(self.folder if under == layout.CLUSTERS else under)

    def target(self, path: str) -> str:
        return self.tree.target(path)

    def read(self, path: str) -> bytes:
        return self.tree.read(path)
