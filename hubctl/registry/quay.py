"""Quay's own tag list: all active tags with push dates, digests and expiry, newest push first.

Docs: docs.quay.io/api, `listRepoTags`. Robot accounts do not work there, so it is asked without a login.
"""

from __future__ import annotations

from urllib.parse import quote

from hubctl.images.facts import TagFact
from hubctl.images.reference import is_digest
from hubctl.registry.address import origin
from hubctl.registry.answers import Allowance, Unanswered, expect, optional, usable_tag
from hubctl.registry.line import Lines
from hubctl.registry.own_list import read_page
from hubctl.registry.paging import Pages
from hubctl.registry.session import Session
from hubctl.registry.times import from_http, from_seconds

SOURCE = "quay"


def list_tags(session: Session, lines: Lines, allowance: Allowance) -> tuple[TagFact, ...]:
    """Return all active tags; Unanswered `denied` for 401 and 403, `no-such-image` for 404."""
    at = session.at
    host = origin(at.api)[1]
    pages = Pages(host)
    facts: dict[str, TagFact] = {}
    page = 1
    while True:
        url = f"{at.api}/api/v1/repository/{quote(at.api_name)}/tag/?limit=100&page={page}&onlyActiveTags=true"
        answer = read_page(at, lines, url, allowance)
        tags = [expect(tag, dict, host, "a tag") for tag in expect(answer.get("tags"), list, host, "`tags`")]
        for tag in tags:
            if (fact := _fact(tag, host)) is not None:
                facts.setdefault(fact.name, fact)
        over = pages.over([expect(tag.get("name"), str, host, "`name`") for tag in tags])
        if over or not (optional(answer.get("has_additional"), bool, host, "`has_additional`") or False):
            return tuple(facts.values())
        page += 1


def _fact(tag: dict[str, object], host: str) -> TagFact | None:
    name = usable_tag(expect(tag.get("name"), str, host, "`name`"))
    digest = optional(tag.get("manifest_digest"), str, host, "`manifest_digest`")
    start = optional(tag.get("start_ts"), int, host, "`start_ts`")
    end = optional(tag.get("end_ts"), int, host, "`end_ts`")
    expiration = optional(tag.get("expiration"), str, host, "`expiration`")
    if digest is not None and not is_digest(digest):
        raise Unanswered(f"`{host}` answered in an unknown form: `manifest_digest` is no digest")
    if name is None:
        return None
    expires = from_seconds(end) if end is not None else None
    if expires is None and expiration:
        expires = from_http(expiration)
        if expires is None:
            raise Unanswered(f"`{host}` answered in an unknown form: `expiration` is no date")
    changed = optional(tag.get("last_modified"), str, host, "`last_modified`")
    pushed = from_seconds(start) if start is not None else from_http(changed or "")
    return TagFact(name, digest=digest, pushed=pushed, expires=expires, source=SOURCE)
