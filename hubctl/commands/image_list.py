"""`hubctl image list`: every place where an image is written."""

from __future__ import annotations

from hubctl.commands.finding import choose_sites, find_in_work_tree, roles_of
from hubctl.commands.reports import ListedSite, SitesReport
from hubctl.commands.requests import ImageList
from hubctl.commands.world import World
from hubctl.fleet.shadow import shadowed
from hubctl.images.site import ROLES


def run(request: ImageList, world: World) -> SitesReport:
    """Return the selected sites with their reach; files that cannot be read are problems and do not fail the list.

    NotFound for an unknown cluster, hub or image, and where there is no fleet.
    """
    found = find_in_work_tree(world)
    selected = choose_sites(found, request.cluster, request.hub, request.image)
    roles = roles_of(request.roles, default=ROLES)
    listed = tuple(
        ListedSite(site, tuple(hub.id for hub in found.index.hubs_of(site.file)), shadowed(found.index, site))
        for site in selected.sites
        if site.role in roles
    )
    return SitesReport(listed, selected.problems)
