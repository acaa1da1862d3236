"""The image name of a site where only a tag is written: it comes from another file (pure)."""

from __future__ import annotations

from hubctl.fleet.index import Index, layers_of, values_at
from hubctl.fleet.model import Hub
from hubctl.images.site import Site
from hubctl.text.tree import Node, Scalar

_NAME_KEYS = ("name", "repository")


def image_names(index: Index, site: Site) -> tuple[str, ...]:
    """Return the image names that the hubs a tag-only site reaches put beside its tag, sorted, each once.

    As Helm merges all plain files of each hub, chart defaults first: the last `name` or `repository` beside the tag.
    Empty where no file gives one (the name comes from a chart that is not here), and for a site inside a list, which
    no other file can add to.
    """
    if any(isinstance(step, int) for step in site.path):
        return ()
    found = {name for hub in index.hubs_of(site.file) if (name := _name_for(index, hub, site))}
    return tuple(sorted(found))


def _name_for(index: Index, hub: Hub, site: Site) -> str | None:
    prefix, _ = index.later(hub, site.file)
    image = (*prefix, *site.path[:-1])
    name: str | None = None
    for file, below in layers_of(hub):
        whole = values_at(index.root(file), below, image)
        if whole is None:
            continue
        if not whole[1]:
            name = None
        for key in _NAME_KEYS:
            found = values_at(index.root(file), below, (*image, key))
            if found is not None:
                name = _text(found[0]) if found[1] else None
                if found[1]:
                    break
    return name


def _text(node: Node) -> str | None:
    if not isinstance(node, Scalar) or (node.style == "plain" and node.value in {"", "~", "null"}):
        return None
    return node.value
