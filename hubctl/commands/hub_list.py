"""`hubctl hub list`: every hub and the files that feed it."""

from __future__ import annotations

from hubctl.commands.finding import work_tree
from hubctl.commands.reports import HubsReport
from hubctl.commands.requests import HubList
from hubctl.commands.world import World
from hubctl.fleet.read import read_fleet
from hubctl.fleet.select import part_of
from hubctl.rules import check


def run(request: HubList, world: World) -> HubsReport:
    """Return the hubs of one cluster or of all; NotFound for an unknown cluster and where there is no fleet."""
    part = part_of(read_fleet(work_tree(world), world.settings.staging), request.cluster)
    return HubsReport(part.hubs, (*part.problems, *check(part)))
