"""The image name of a site where only a tag is written: it comes from another file (pure)."""

from __future__ import annotations

from hubctl.fleet.index import Index, child, layers_of, merged_path, values_at
from hubctl.fleet.model import Hub
from hubctl.images.site import Site
from hubctl.text.tree import Mapping, Node, Scalar
from hubctl.text.walk import is_empty

_KEYS = ("registry", "repository", "name")


def image_names(index: Index, site: Site) -> tuple[str, ...]:
    """Return the image names that the hubs a tag-only site reaches put beside its tag, sorted, each once.

    As Helm merges all plain files of each hub, chart defaults first: `repository`, else `name`, below `registry`
    where that is given. Empty where no file gives one (the name comes from a chart that is not here), and for a site
    inside a list, which no other file can add to.
    """
    if any(isinstance(step, int) for step in site.path):
        return ()
    found = {name for hub in index.hubs_of(site.file) if (name := _name_for(index, hub, site))}
    return tuple(sorted(found))


def _name_for(index: Index, hub: Hub, site: Site) -> str:
    prefix, _ = index.later(hub, site.file)
    image = (*prefix, *merged_path(site.path)[:-1])
    fields: dict[str, str] = {}
    for file, below in layers_of(hub):
        node = values_at(index.root(file), below, image)
        if isinstance(node, Mapping):
            given = {key: value for key in _KEYS if (value := child(node, key))}
            fields |= {key: _text(value) for key, value in given.items()}
        elif node is not None:
            fields = {}
    name = fields.get("repository") or fields.get("name", "")
    registry = fields.get("registry", "").rstrip("/")
    return f"{registry}/{name}" if registry and name else name


def _text(node: Node) -> str:
    return "" if not isinstance(node, Scalar) or is_empty(node) else node.value
