"""GitHub's registry over a table of tags: oldest push first, pages of a hundred, anonymous tokens."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import Tag

_NAME = re.compile(r"/v2/(.+?)/(?:tags|manifests|blobs)/")
Change = Callable[[Asked, Answer], Answer]


@contextlib.contextmanager
def start_ghcr(images: Mapping[str, Sequence[Tag]], *, change: Change | None = None) -> Iterator[Server]:
    """Run the registry for `images` (path to tags, oldest push first); its token is asked for at `/token`.

    `change` turns an answer of the registry, not of `/token`, into another.
    """
    open_door = distribution(images, page=100, by_name=False)

    def answer(asked: Asked) -> Answer:
        if asked.path == "/token":
            return as_json({"token": f"anonymous:{asked.query['scope']}"})
        if not asked.headers.get("authorization", "").startswith("Bearer anonymous:"):
            name = _NAME.match(asked.path)[1]
            realm = f"http://{asked.headers['host']}/token"
            challenge = f'Bearer realm="{realm}",service="ghcr.io",scope="repository:{name}:pull"'
            return as_json({"errors": [{"code": "UNAUTHORIZED"}]}, 401, ("WWW-Authenticate", challenge))
        given = open_door(asked)
        return change(asked, given) if change else given

    with serve(answer) as server:
        yield server
