"""Which hubs a file reaches (pure)."""

from __future__ import annotations

from hubctl.fleet.model import Fleet, Hub


def reach_of(fleet: Fleet) -> dict[str, tuple[Hub, ...]]:
    """Return the hubs that each values file and each chart default feeds, in the fleet's order."""
    reach: dict[str, list[Hub]] = {}
    for hub in fleet.hubs:
        for file in dict.fromkeys([*(file for file, _ in hub.defaults), *hub.files]):
            reach.setdefault(file, []).append(hub)
    return {file: tuple(hubs) for file, hubs in reach.items()}
