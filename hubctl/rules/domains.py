"""Two hubs at one address (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubctl.fleet.model import Hub
from hubctl.fleet.seen import Spot
from hubctl.rules.finding import Finding


def shared_domain(hubs: Iterable[tuple[Hub, Spot]]) -> Iterator[Finding]:
    """Yield a finding for each hub whose domain another one has; `hubs` come with the place of their domain."""
    users: dict[str, list[tuple[Hub, Spot]]] = {}
    for hub, spot in hubs:
        users.setdefault(hub.domain.lower(), []).append((hub, spot))
    for domain, same in users.items():
        for hub, spot in same if domain and len(same) > 1 else ():
            other = next(one for one, _ in same if one is not hub)
            message = f"{len(same)} hubs have this domain, `{other.id}` is one of them"
            yield Finding("shared-domain", spot, message, "give each hub its own")
