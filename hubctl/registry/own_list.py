"""One page of a dialect's own tag list: redirects followed on its own origin alone, a login only where it is given."""

from __future__ import annotations

from dataclasses import replace

from hubctl.adapters.http import Reply
from hubctl.registry.address import origin
from hubctl.registry.answers import Allowance, Unanswered, read_object
from hubctl.registry.line import HTTP_TO_TLS, MOVED, REDIRECTS, Lines, Request
from hubctl.registry.paging import same_origin
from hubctl.registry.session import Session
from hubctl.secret import Secret


def read_page(session: Session, lines: Lines, url: str, allowance: Allowance) -> dict[str, object]:
    """Return the JSON object at `url`, asked without a login; Unanswered as `ask_page`."""
    return read_object(ask_page(session, lines, url, allowance).body, origin(session.at.api)[1])


def ask_page(
    session: Session, lines: Lines, url: str, allowance: Allowance, *, authorization: Secret | None = None
) -> Reply:
    """Return the successful answer for `url`, an address of the dialect's own API.

    Unanswered `denied` for 401 and 403, `no-such-image` for 404 (also of a private image), else `no-answer`.
    """
    at = session.at
    host = origin(at.api)[1]
    reply = _followed(session, lines, Request("GET", url, authorization=authorization), allowance)
    if reply.status in (401, 403):
        raise Unanswered(f"`{host}` does not show `{at.api_name}` (status {reply.status})", code="denied")
    if reply.status == 404:
        raise Unanswered(f"`{host}` has no image `{at.api_name}`", code="no-such-image")
    if reply.status != 200:
        raise Unanswered(f"`{host}` answered with status {reply.status}")
    return reply


def _followed(session: Session, lines: Lines, request: Request, allowance: Allowance) -> Reply:
    for _ in range(REDIRECTS + 1):
        reply = _reached(session, lines, request, allowance)
        if reply.status not in MOVED:
            return reply
        request = replace(request, url=same_origin(reply.headers.get("location", ""), reply.url))
    raise Unanswered(f"`{origin(request.url)[1]}` sends from one address to the next without end")


def _reached(session: Session, lines: Lines, request: Request, allowance: Allowance) -> Reply:
    """Ask, by the fallback of a host where it speaks the other way; what worked is kept for the whole session."""
    at = session.at
    other = at.fallback if at.api == at.base else None
    try:
        reply = lines.ask(request, allowance)
        if other is None or not (other.startswith("https:") and reply.status == HTTP_TO_TLS):
            session.at = replace(at, fallback=None) if other else at
            return reply
    except Unanswered as problem:
        if other is None or problem.reached or other.startswith("https:"):
            raise
    session.at = replace(at, base=other, api=other, fallback=None)
    return lines.ask(replace(request, url=other + request.url.removeprefix(at.api)), allowance)
