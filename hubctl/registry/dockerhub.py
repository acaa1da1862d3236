"""Docker Hub's own tag list: tags with push dates and digests, last updated first.

Docs: docs.docker.com/reference/api/hub, "List repository tags". Public repositories need no login. A private one is
left to the distribution API: that needs no second place the password goes to, and dates come from the images there.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from hubctl.images.facts import TagFact
from hubctl.images.reference import is_digest
from hubctl.registry.address import origin
from hubctl.registry.answers import Allowance, Unanswered, expect, optional, usable_tag
from hubctl.registry.line import Lines
from hubctl.registry.own_list import read_page
from hubctl.registry.paging import Pages, same_origin
from hubctl.registry.session import Session
from hubctl.registry.times import from_iso

SOURCE = "dockerhub"


def list_tags(session: Session, lines: Lines, allowance: Allowance) -> tuple[TagFact, ...]:
    """Return all tags; Unanswered `denied` for 401 and 403, `no-such-image` for 404 (also of a private one).

    A tag that nobody pulled lately (`tag_status: inactive`) exists like any other.
    """
    at = session.at
    host = origin(at.api)[1]
    pages = Pages(host)
    facts: dict[str, TagFact] = {}
    namespace, _, repository = at.api_name.partition("/")
    below = f"/v2/namespaces/{quote(namespace)}/repositories/{quote(repository)}/tags"
    url = f"{at.api}{below}?page_size=100&page=1&ordering=last_updated"
    while True:
        answer = read_page(session, lines, url, allowance)
        tags = [expect(tag, dict, host, "a tag") for tag in expect(answer.get("results"), list, host, "`results`")]
        for tag in tags:
            if (fact := _fact(tag, host)) is not None:
                facts.setdefault(fact.name, fact)
        over = pages.over([expect(tag.get("name"), str, host, "`name`") for tag in tags])
        following = optional(answer.get("next"), str, host, "`next`")
        if over or not following:
            return tuple(facts.values())
        url = same_origin(following, url)


def _fact(tag: dict[str, object], host: str) -> TagFact | None:
    name = usable_tag(expect(tag.get("name"), str, host, "`name`"))
    digest = optional(tag.get("digest"), str, host, "`digest`") or None
    if digest is not None and not is_digest(digest):
        raise Unanswered(f"`{host}` answered in an unknown form: `digest` is no digest")
    pushed = _moment(tag, "tag_last_pushed", host) or _moment(tag, "last_updated", host)
    return None if name is None else TagFact(name, digest=digest, pushed=pushed, source=SOURCE)


def _moment(tag: dict[str, object], key: str, host: str) -> datetime | None:
    text = optional(tag.get(key), str, host, f"`{key}`")
    if not text:
        return None
    moment = from_iso(text)
    if moment is None:
        raise Unanswered(f"`{host}` answered in an unknown form: `{key}` is no date")
    return moment
