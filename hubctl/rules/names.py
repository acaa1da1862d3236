"""Names of clusters and hubs that do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.fleet.model import Cluster, Fleet
from hubctl.problem import Problem
from hubctl.show import show

CLUSTER_RULE = "cluster-name"
HUB_RULE = "duplicate-hub"


def check(fleet: Fleet) -> Iterator[Problem]:
    """Yield a problem for each cluster that is not called like its folder and each hub name used twice in one."""
    for cluster in fleet.clusters:
        yield from _cluster_name(cluster)
        yield from _hub_names(cluster)


def _cluster_name(cluster: Cluster) -> Iterator[Problem]:
    if cluster.declared is not None and cluster.declared != cluster.name:
        message = f"the cluster calls itself `{show(cluster.declared, 80)}` and its folder `{cluster.name}`"
        yield Problem(cluster.file, cluster.line, CLUSTER_RULE, message, "make `name` the folder's name")


def _hub_names(cluster: Cluster) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for hub in cluster.hubs:
        if hub.name in first:
            message = f"hub `{hub.name}` is declared twice, first on line {first[hub.name]}"
            yield Problem(cluster.file, hub.line, HUB_RULE, message, "rename or remove one of them")
        first.setdefault(hub.name, hub.line)
