"""GitLab's registry over a table of tags: sorted by name, pages with a link, tokens from GitLab's own host."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import Tag


@contextlib.contextmanager
def start_gitlab(images: Mapping[str, Sequence[Tag]], login: str = "") -> Iterator[tuple[Server, Server]]:
    """Run the registry and the host that gives tokens for it, to whoever shows `login` (a Basic header) where set."""
    open_door = distribution(images, page=100)

    def token(asked: Asked) -> Answer:
        if login and asked.headers.get("authorization") != login:
            return as_json({"errors": [{"code": "DENIED"}]}, 403)
        return as_json({"token": "of-gitlab"}) if asked.path == "/jwt/auth" else as_json({}, 404)

    with serve(token, host="localhost") as forge:

        def answer(asked: Asked) -> Answer:
            if asked.headers.get("authorization") == "Bearer of-gitlab":
                return open_door(asked)
            challenge = f'Bearer realm="{forge.base}/jwt/auth",service="container_registry"'
            return as_json({"errors": [{"code": "UNAUTHORIZED"}]}, 401, ("WWW-Authenticate", challenge))

        with serve(answer) as server:
            yield server, forge
