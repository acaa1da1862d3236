"""Harbor's artifact list over a table of tags, from its documentation: newest push first, `prev` before `next`."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import Tag, sha256

_URL = re.compile(r"/api/v2\.0/projects/([^/]+)/repositories/([^/]+)/artifacts")


def artifacts(tags: Sequence[Tag]) -> list[dict[str, object]]:
    """Return what the registry holds, newest push first: one artifact a digest, and one that has no tag."""
    by_digest: dict[str, list[Tag]] = {}
    for tag in sorted(tags, key=lambda tag: (-tag.pushed.timestamp(), tag.name)):
        by_digest.setdefault(tag.digest, []).append(tag)
    untagged = {"digest": sha256(b"untagged"), "push_time": "2030-01-01T00:00:00.000Z", "tags": None}
    return [untagged, *(_artifact(digest, found) for digest, found in by_digest.items())]


def _artifact(digest: str, tags: Sequence[Tag]) -> dict[str, object]:
    created = {"created": tags[0].created.isoformat()} if tags[0].created else {}
    return {
        "id": 1,
        "type": "IMAGE",
        "digest": digest,
        "push_time": _time(min(tags, key=lambda tag: tag.pushed)),
        "size": 1000,
        "extra_attrs": {"architecture": "amd64", "os": "linux"} | created,
        "tags": [{"id": 1, "name": tag.name, "push_time": _time(tag), "immutable": False} for tag in tags],
    }


def _time(tag: Tag) -> str:
    return f"{tag.pushed:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def harbor_page(tags: Sequence[Tag], asked: Asked, *, link: bool = True) -> Answer:
    """Return one page of the answer; without `link` a proxy on the way dropped that header."""
    size = min(int(asked.query.get("page_size", "10")), 100)
    page = int(asked.query.get("page", "1"))
    listed = artifacts(tags)
    headers = [("X-Total-Count", str(len(listed)))]
    links = []
    if page > 1:
        links.append(f'<{_page_url(asked, page - 1, size)}>; rel="prev"')
    if len(listed) > page * size:
        links.append(f'<{_page_url(asked, page + 1, size)}>; rel="next"')
    if links and link:
        headers.append(("Link", " , ".join(links)))
    return as_json(listed[(page - 1) * size : page * size], 200, *headers)


def _page_url(asked: Asked, page: int, size: int) -> str:
    return f"{asked.path}?page={page}&page_size={size}&sort=-push_time&with_tag=true"


@contextlib.contextmanager
def start_harbor(
    images: Mapping[str, Sequence[Tag]],
    *,
    private: Sequence[str] = (),
    login: str = "robot$p+ci:canary",
    change: Callable[[Asked, Answer], Answer] | None = None,
    otherwise: Callable[[Asked], Answer] | None = None,
    link: bool = True,
) -> Iterator[Server]:
    """Run the API for `images` (path to tags); those of a `private` project (its name) need `login`."""
    basic = "Basic " + base64.b64encode(login.encode()).decode()

    def answer(asked: Asked) -> Answer:
        found = _URL.fullmatch(asked.path)
        if not found:
            return otherwise(asked) if otherwise else as_json({"errors": [{"code": "NOT_FOUND"}]}, 404)
        project, repository = unquote(found[1]), unquote(unquote(found[2]))
        if project in private and asked.headers.get("authorization") != basic:
            status = 403 if "authorization" in asked.headers else 401
            return as_json({"errors": [{"code": "UNAUTHORIZED", "message": "unauthorized"}]}, status)
        tags = images.get(f"{project}/{repository}")
        if tags is None:
            return as_json({"errors": [{"code": "NOT_FOUND", "message": "not found"}]}, 404)
        page = harbor_page(tags, asked, link=link)
        return change(asked, page) if change else page

    with serve(answer) as server:
        yield server
