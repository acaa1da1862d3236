"""One page of a dialect's own tag list: asked without a login, redirects followed on its own origin alone."""

from __future__ import annotations

from hubctl.adapters.http import Reply
from hubctl.registry.address import Endpoint, origin
from hubctl.registry.answers import Allowance, Unanswered, read_object
from hubctl.registry.line import MOVED, REDIRECTS, Lines, Request
from hubctl.registry.paging import same_origin


def read_page(at: Endpoint, lines: Lines, url: str, allowance: Allowance) -> dict[str, object]:
    """Return the JSON object at `url`.

    Unanswered `denied` for 401 and 403, `no-such-image` for 404 (also of a private image), else `no-answer`.
    """
    host = origin(at.api)[1]
    reply = _followed(lines, url, allowance)
    if reply.status in (401, 403):
        raise Unanswered(f"`{host}` does not show `{at.api_name}` (status {reply.status})", code="denied")
    if reply.status == 404:
        raise Unanswered(f"`{host}` has no image `{at.api_name}`", code="no-such-image")
    if reply.status != 200:
        raise Unanswered(f"`{host}` answered with status {reply.status}")
    return read_object(reply.body, host)


def _followed(lines: Lines, url: str, allowance: Allowance) -> Reply:
    for _ in range(REDIRECTS + 1):
        reply = lines.ask(Request("GET", url), allowance)
        if reply.status not in MOVED:
            return reply
        url = same_origin(reply.headers.get("location", ""), url)
    raise Unanswered(f"`{origin(url)[1]}` sends from one address to the next without end")
