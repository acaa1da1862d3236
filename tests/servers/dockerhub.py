"""Docker Hub's tag API over a table of tags, from its documentation: last updated first, `next` as a whole URL."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import Tag

Change = Callable[[Asked, dict[str, object]], object]
_URL = re.compile(r"/v2/namespaces/([^/]+)/repositories/([^/]+)/tags")


def hub_page(tags: Sequence[Tag], asked: Asked, base: str) -> dict[str, object]:
    """Return one page of the answer."""
    size = min(int(asked.query.get("page_size", "10")), 100)
    page = int(asked.query.get("page", "1"))
    ordered = sorted(tags, key=lambda tag: (-tag.pushed.timestamp(), tag.name))
    more = len(ordered) > page * size
    following = f"{base}{asked.path}?page_size={size}&page={page + 1}&ordering=last_updated"
    return {
        "count": len(ordered),
        "next": following if more else None,
        "previous": None,
        "results": [_as_hub(tag) for tag in ordered[(page - 1) * size : page * size]],
    }


def _as_hub(tag: Tag) -> dict[str, object]:
    pushed = f"{tag.pushed:%Y-%m-%dT%H:%M:%S.%f}Z"
    return {
        "name": tag.name,
        "digest": tag.digest,
        "tag_status": "active",
        "tag_last_pushed": pushed,
        "last_updated": pushed,
        "full_size": 1000,
        "images": [{"architecture": "amd64", "os": "linux", "digest": tag.digest}],
    }


@contextlib.contextmanager
def start_dockerhub(
    images: Mapping[str, Sequence[Tag]],
    *,
    change: Change | None = None,
    otherwise: Callable[[Asked], Answer] | None = None,
) -> Iterator[Server]:
    """Run the API for `images` (path to tags). `change` turns a page into another answer, `otherwise` has the rest."""
    running: list[Server] = []

    def answer(asked: Asked) -> Answer:
        found = _URL.fullmatch(asked.path)
        if not found:
            return otherwise(asked) if otherwise else as_json({"message": "not found"}, 404)
        tags = images.get(f"{found[1]}/{found[2]}")
        if tags is None:
            return as_json({"message": "httperror 404: object not found"}, 404)
        page = hub_page(tags, asked, running[0].base)
        changed = change(asked, page) if change else page
        return changed if isinstance(changed, Answer) else as_json(changed)

    with serve(answer) as server:
        running.append(server)
        yield server
