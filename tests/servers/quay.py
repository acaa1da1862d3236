"""Quay's tag API over a table of tags, from its documentation: newest push first, pages of at most 100."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import format_datetime

from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import Tag

Change = Callable[[Asked, dict[str, object]], object]
_URL = re.compile(r"/api/v1/repository/(.+)/tag/")


def quay_page(tags: Sequence[Tag], asked: Asked) -> dict[str, object]:
    """Return one page of the answer."""
    limit = min(int(asked.query.get("limit", "50")), 100)
    page = int(asked.query.get("page", "1"))
    ordered = sorted(tags, key=lambda tag: (-tag.pushed.timestamp(), tag.name))
    shown = ordered[(page - 1) * limit : page * limit]
    return {"tags": [_as_quay(tag) for tag in shown], "page": page, "has_additional": len(ordered) > page * limit}


def _as_quay(tag: Tag) -> dict[str, object]:
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
    if tag.expires:
        shown |= {"end_ts": int(tag.expires.timestamp()), "expiration": format_datetime(tag.expires)}
    return shown


@contextlib.contextmanager
def start_quay(
    images: Mapping[str, Sequence[Tag]],
    *,
    private: Sequence[str] = (),
    change: Change | None = None,
    otherwise: Callable[[Asked], Answer] | None = None,
    tls: ssl.SSLContext | None = None,
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
        page = quay_page(images[found[1]], asked)
        changed = change(asked, page) if change else page
        return changed if isinstance(changed, Answer) else as_json(changed)

    with serve(answer, tls=tls) as server:
        yield server
