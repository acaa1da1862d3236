"""What people get who choose nothing, and what the files of a hub cannot say alone (pure)."""

from __future__ import annotations

from collections.abc import Sequence as Items
from typing import Literal, TypeAlias

from hubctl.fleet.index import Index, child, layers_of, values_at
from hubctl.fleet.model import Hub
from hubctl.images.copies import PROFILE_LISTS
from hubctl.images.site import Site
from hubctl.text.data import plain
from hubctl.text.tree import Alias, Mapping, Node, Scalar, Sequence
from hubctl.text.walk import below

Default: TypeAlias = Literal["everybody", "profile"]

_CONFIGURATOR = ("jupyterhub", "custom", "jupyterhubConfigurator", "enabled")
_MOST_PROFILES = 1_000  # in a longer list nobody chooses, and each would be compared with all others


def serves_default(root: Node | None, site: Site) -> Default | None:
    """Return who gets a site's image without choosing it: `everybody`, or whoever takes its `profile`; None for nobody.

    KubeSpawner takes the first profile, and the first choice of an option, where none says `default: true`. `root`
    is the tree of the site's file. None outside of profiles, for a text that users type themselves, and for containers
    that run beside the user's.
    """
    if site.document != 0 or site.role != "user" or not any(step in PROFILE_LISTS for step in site.path):
        return None
    node, above = root, ""
    default: Default | None = "everybody"
    chosen = False
    for step in site.path:
        rivals = _rivals(node) if above in (*PROFILE_LISTS, "choices") else ()
        node = _followed(below(node, step))
        if rivals and not _is_default(node, rivals):
            default = None if above == "choices" else "profile"
        if default is None or step == "unlisted_choice":
            return None
        chosen = chosen or above == "choices"
        above = str(step)
    return default if chosen or default == "everybody" else None


def configured_elsewhere(index: Index, site: Site) -> tuple[Hub, ...]:
    """Return the hubs whose admins may replace this image by the configurator, a service of basehub until 2025.

    It sets what is started where no profile says otherwise, so it concerns `singleuser.image` alone.
    """
    if tuple(site.path[-3:-1]) != ("singleuser", "image") and tuple(site.path[-2:]) != ("singleuser", "image"):
        return ()
    return tuple(hub for hub in index.hubs_of(site.file) if _has_configurator(index, hub))


def _has_configurator(index: Index, hub: Hub) -> bool:
    path = (*hub.prefix, *_CONFIGURATOR)
    last = next((layer for layer in reversed(layers_of(hub)) if index.says(layer, path)), None)
    return last is not None and _is_true(values_at(index.root(last[0]), last[1], path))


def _rivals(node: Node | None) -> tuple[Node, ...]:
    """Return the profiles of a list, or the choices of an option, in their order."""
    if isinstance(node, Sequence):
        return tuple(found for item in node.items if (found := _followed(item)))
    pairs = node.pairs if isinstance(node, Mapping) else ()
    return tuple(found for _, value in pairs if (found := _followed(value)))


def _is_default(node: Node | None, rivals: Items[Node]) -> bool:
    said = [
        rival for rival in rivals[:_MOST_PROFILES] if isinstance(rival, Mapping) and _is_true(child(rival, "default"))
    ]
    return len(rivals) <= _MOST_PROFILES and (said or rivals)[0] is node


def _followed(node: Node | None) -> Node | None:
    return node.target if isinstance(node, Alias) else node


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.style == "plain" and plain(node.value) is True
