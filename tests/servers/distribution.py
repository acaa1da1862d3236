"""The distribution API over a table of tags, with every way of paging that registries have."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from tests.servers.faults import Answer, Asked, as_json
from tests.servers.tags import OCI_MANIFEST, Tag, sha256

_URL = re.compile(r"/v2/(.+?)/(tags/list|manifests/[^/]+|blobs/[^/]+)")


def distribution(
    images: Mapping[str, Sequence[Tag]],
    *,
    page: int | None = None,
    link: str | None = '<{next}>; rel="next"',
    by_name: bool = True,
) -> Callable[[Asked], Answer]:
    """Return a handler for `images` (path to tags).

    With `page` a list is cut there and goes on behind `link`, in which `{next}`, `{absolute}` and `{first}` are
    addresses; None sends no Link. Tags are in the order of their names, without `by_name` in that of the table.
    """
    pushed = _by_push(images, page)

    def answer(asked: Asked) -> Answer:
        found = _URL.fullmatch(asked.path)
        if not found or found[1] not in images:
            return as_json({"errors": [{"code": "NAME_UNKNOWN"}]}, 404)
        tags = images[found[1]]
        what, _, reference = found[2].partition("/")
        if what == "tags":
            return _list(asked, found[1], tags)
        if what == "blobs":
            return next(Answer(body=tag.config) for tag in tags if sha256(tag.config) == reference)
        for tag in tags:
            if not tag.gone and (tag.name == reference or (":" in reference and tag.digest == reference)):
                named = (("Docker-Content-Digest", tag.digest), ("Content-Type", OCI_MANIFEST))
                return Answer(200, tag.manifest, named)
        return as_json({"errors": [{"code": "MANIFEST_UNKNOWN"}]}, 404)

    def _list(asked: Asked, name: str, tags: Sequence[Tag]) -> Answer:
        rest = _by_name(tags, asked) if by_name else pushed(name, asked.query.get("last", ""))
        if page is None:
            return as_json({"name": name, "tags": rest})
        shown = rest[:page]
        following = f"{urlsplit(asked.url).path}?last={shown[-1]}&n={page}" if shown else ""
        if link is None or len(shown) < page:
            return as_json({"name": name, "tags": shown})
        absolute = f"http://{asked.headers['host']}{following}"
        value = link.format(next=following, absolute=absolute, first=f"/v2/{name}/tags/list")
        return as_json({"name": name, "tags": shown}, 200, ("Link", value))

    return answer


def _by_name(tags: Sequence[Tag], asked: Asked) -> list[str]:
    last = asked.query.get("last", "")
    return [name for name in sorted(tag.name for tag in tags) if name > last]


def _by_push(images: Mapping[str, Sequence[Tag]], page: int | None) -> Callable[[str, str], list[str]]:
    """Return what gives the tags of an image after the one called `last`, in the order of the table."""

    @functools.cache
    def places(name: str) -> dict[str, int]:
        return {tag.name: place for place, tag in enumerate(images[name])}

    def after(name: str, last: str) -> list[str]:
        first = places(name).get(last, -1) + 1
        return [tag.name for tag in images[name][first : first + (page or len(images[name]))]]

    return after
