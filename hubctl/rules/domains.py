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
        names = sorted({hub.id for hub, _ in same})  # a hub that is declared twice is told as that
        for hub, spot in same if domain and len(names) > 1 else ():
            other = next(name for name in names if name != hub.id)
            message = f"{len(names)} hubs have this domain, `{other}` is one of them"
            yield Finding("shared-domain", spot, message, "give each hub its own")
