"""Quay's tag API over a table of tags, from its documentation: newest push first, pages of at most 100."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import format_datetime

from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import Tag

Change = Callable[[Asked, dict[str, object]], object]
_URL = re.compile(r"/api/v1/repository/(.+)/tag/")
_BEARER = "canary-quay-token"


def quay_page(tags: Sequence[Tag], asked: Asked, *, filters: bool = True) -> dict[str, object]:
    """Return one page of the answer; without `filters` the server is too old to know them, and shows all rows."""
    limit = min(int(asked.query.get("limit", "50")), 100)
    page = int(asked.query.get("page", "1"))
    rows = list(_rows(tags))
    if filters and asked.query.get("onlyActiveTags") == "true":
        rows = [(tag, end) for tag, end in rows if end == tag.expires]
    if filters and (wanted := asked.query.get("specificTag")):
        rows = [row for row in rows if row[0].name == wanted]
    shown = rows[(page - 1) * limit : page * limit]
    return {"tags": [_as_quay(*row) for row in shown], "page": page, "has_additional": len(rows) > page * limit}


def _rows(tags: Sequence[Tag]) -> Iterator[tuple[Tag, dt.datetime | None]]:
    """Yield every place a tag pointed at and when that ended, newest push first; the same name again is its past."""
    ends: dict[str, dt.datetime] = {}
    for tag in sorted(tags, key=lambda tag: (-tag.pushed.timestamp(), tag.name)):
        yield tag, ends.get(tag.name, tag.expires)
        ends[tag.name] = tag.pushed


def _as_quay(tag: Tag, end: dt.datetime | None) -> dict[str, object]:
    pushed = int(tag.pushed.timestamp())
    shown: dict[str, object] = {
        "name": tag.name,
        "reversion": False,
        "start_ts": pushed,
        "manifest_digest": tag.digest,
        "is_manifest_list": False,
        "size": 1000,
        "last_modified": format_datetime(dt.datetime.fromtimestamp(pushed, dt.UTC)),
    }
    if end:
        shown |= {"end_ts": int(end.timestamp()), "expiration": format_datetime(end)}
    return shown


@contextlib.contextmanager
def start_quay(
    images: Mapping[str, Sequence[Tag]],
    *,
    private: Sequence[str] = (),
    change: Change | None = None,
    otherwise: Callable[[Asked], Answer] | None = None,
    tls: ssl.SSLContext | None = None,
    filters: bool = True,
) -> Iterator[Server]:
    """Run the API for `images` (path to tags). `change` turns a page into another answer, `otherwise` has the rest."""

    def answer(asked: Asked) -> Answer:
        found = _URL.fullmatch(asked.path)
        if not found:
            return otherwise(asked) if otherwise else as_json({"error": "not found"}, 404)
        if found[1] in private:
            return as_json({"error_type": "insufficient_scope"}, 401)
        if found[1] not in images:
            return as_json({"error_type": "not_found"}, 404)
        page = quay_page(images[found[1]], asked, filters=filters)
        changed = change(asked, page) if change else page
        return changed if isinstance(changed, Answer) else as_json(changed)

    with serve(answer, tls=tls) as server:
        yield server


def quay_v2(
    images: Mapping[str, Sequence[Tag]], *, private: Sequence[str] = (), login: str = "org+robot:canary"
) -> Callable[[Asked], Answer]:
    """Return Quay's distribution API: pages of 100 whatever is asked for, absolute links, tokens by scope.

    Without a scope and a login there is no token; a token opens the images it was given for.
    """
    listed = distribution(images, page=100, link='<{absolute}>; rel="next"')
    basic = "Basic " + base64.b64encode(login.encode()).decode()

    def answer(asked: Asked) -> Answer:
        if asked.path == "/v2/auth":
            return token(asked)
        name = re.sub(r"/(tags|manifests|blobs)/[^/]*$", "", asked.path.removeprefix("/v2/"))
        if asked.headers.get("authorization") != f"Bearer {_BEARER}-{name}":
            realm = f'realm="http://{asked.headers["host"]}/v2/auth",service="quay.test",scope="repository:{name}:pull"'
            return as_json({"errors": [{"code": "UNAUTHORIZED"}]}, 401, ("WWW-Authenticate", f"Bearer {realm}"))
        return listed(asked)

    def token(asked: Asked) -> Answer:
        name = asked.query.get("scope", "").removeprefix("repository:").removesuffix(":pull")
        shown = asked.headers.get("authorization")
        if shown not in (None, basic) or not name or (name in private and shown is None):
            return as_json({"message": "invalid username or password"}, 401)
        return as_json({"token": f"{_BEARER}-{name}"})

    return answer
