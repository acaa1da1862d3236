"""Whether what is written at a site is what any hub gets (pure)."""

from __future__ import annotations

from hubctl.fleet.index import Index, merged_path
from hubctl.fleet.model import Hub
from hubctl.images.site import Site


def shadowed(index: Index, site: Site) -> bool:
    """Return whether in every hub the site reaches, and at least one, a later file takes its place.

    A later file does so by setting the same key path, a list above it, or something else than a mapping above it:
    Helm merges mappings and replaces everything else. Profile overrides do not count; encrypted and jsonnet files
    are unknown and do not count either.
    """
    hubs = index.hubs_of(site.file)
    return site.document == 0 and bool(hubs) and all(_is_replaced(index, hub, site) for hub in hubs)


def overriding_hubs(index: Index, site: Site) -> tuple[Hub, ...]:
    """Return the hubs that the site reaches and in which a later file takes its place, by the rules of `shadowed`."""
    if site.document != 0:
        return ()
    return tuple(hub for hub in index.hubs_of(site.file) if _is_replaced(index, hub, site))


def _is_replaced(index: Index, hub: Hub, site: Site) -> bool:
    prefix, later = index.later(hub, site.file)
    path = (*prefix, *merged_path(site.path))
    return any(index.says(layer, path) for layer in later)
