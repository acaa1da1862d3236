"""Which sites and which problems a command line selects, and whom a change reaches beyond that (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hubctl.errors import NotFound
from hubctl.fleet.model import Cluster, Fleet, Hub
from hubctl.fleet.reach import reach_of
from hubctl.images.site import Site
from hubctl.show import near, show


def select(
    fleet: Fleet, sites: Iterable[Site], cluster: str | None = None, hub: str | None = None, *, charts: bool = False
) -> tuple[Site, ...]:
    """Return the sites in files that feed the selected hubs, with a cluster alone its support files too.

    Without a selection all sites; with one, chart defaults only where `charts` (the user named an image).
    NotFound, code `no-such-cluster` or `no-such-hub`, with near names as hint.
    """
    if cluster is None:
        return tuple(sites)
    chosen, hubs = selected_hubs(fleet, cluster, hub)
    files = {file for one in hubs for file in one.files}
    if hub is None and chosen:
        files |= set(chosen.support)
    if charts:
        files |= {file for one in hubs for file, _ in one.defaults}
    return tuple(site for site in sites if site.file in files)


def selected_hubs(fleet: Fleet, cluster: str, hub: str | None = None) -> tuple[Cluster | None, tuple[Hub, ...]]:
    """Return the selected cluster and its selected hubs; no cluster where its `cluster.yaml` could not be read.

    NotFound as `select`.
    """
    chosen = next((one for one in fleet.clusters if one.name == cluster), None)
    if chosen is None:
        if _is_broken(fleet, cluster):
            return None, ()
        raise _not_found("cluster", cluster, [one.name for one in fleet.clusters])
    hubs = tuple(one for one in chosen.hubs if hub in {None, one.name})
    if not hubs and hub is not None:
        raise _not_found("hub", hub, [one.name for one in chosen.hubs], f" in cluster `{show(cluster, 80)}`")
    return chosen, hubs


def _is_broken(fleet: Fleet, cluster: str) -> bool:
    ending = f"/{cluster}/cluster.yaml"
    return any(problem.fails and f"/{problem.file}".endswith(ending) for problem in fleet.problems)


def _not_found(kind: str, name: str, known: Sequence[str], where: str = "") -> NotFound:
    words = ", ".join(f"`{word}`" for word in near(name, known))
    every = f"there is `{known[0]}`" if len(known) == 1 else f"see `hubctl hub list` for all {len(known)}"
    return NotFound(
        f"no such {kind}{where}: `{show(name, 80)}`",
        hint=f"did you mean {words}?" if words else every,
        code=f"no-such-{kind}",
    )


def also_moves(
    fleet: Fleet, sites: Iterable[Site], cluster: str | None = None, hub: str | None = None
) -> tuple[str, ...]:
    """Return the `cluster/hub` that a change of `sites` reaches beyond what was selected, in the fleet's order."""
    if cluster is None:
        return ()
    reach = reach_of(fleet)
    reached = {one.id for site in sites for one in reach.get(site.file, ())}
    within = {one.id for one in selected_hubs(fleet, cluster, hub)[1]}
    return tuple(one.id for one in fleet.hubs if one.id in reached - within)


def part_of(fleet: Fleet, cluster: str | None = None, hub: str | None = None) -> Fleet:
    """Return the fleet with the clusters, hubs, absent files and problems of the selection alone; texts stay whole.

    For telling what is wrong with what was selected. NotFound as `select`.
    """
    if cluster is None:
        return fleet
    chosen, hubs = selected_hubs(fleet, cluster, hub)
    own = {file for one in hubs for file in (*one.files, *one.unreadable, *one.encrypted, *one.jsonnet)}
    own |= {file for one in hubs for file, _ in one.defaults}
    folder = f"{chosen.folder}/" if chosen and chosen.folder else ""

    def is_ours(file: str) -> bool:
        if chosen is None:
            return f"/{file}".endswith(f"/{cluster}/cluster.yaml")
        return file in own or file == chosen.file or (hub is None and file.startswith(folder))

    clusters = (replace(chosen, hubs=hubs),) if chosen else ()
    return replace(
        fleet,
        clusters=clusters,
        problems=tuple(problem for problem in fleet.problems if is_ours(problem.file)),
        absent=tuple(one for one in fleet.absent if chosen and one.file == chosen.file),
        unlisted=tuple(file for file in fleet.unlisted if is_ours(file)),
        jsonnet=tuple(file for file in fleet.jsonnet if is_ours(file)),
    )
