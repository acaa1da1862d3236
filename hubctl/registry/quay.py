"""Quay's own tag list: all active tags with push dates, digests and expiry, newest push first; and a tag's past.

Docs: docs.quay.io/api, `listRepoTags`. Robot accounts do not work there, so it is asked without a login.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from hubctl.adapters.clock import now
from hubctl.images.facts import TagFact
from hubctl.registry.address import origin
from hubctl.registry.answers import Allowance, expect, expect_digest, optional, unknown_form, usable_tag
from hubctl.registry.line import Lines
from hubctl.registry.own_list import read_page
from hubctl.registry.paging import Pages
from hubctl.registry.session import Session
from hubctl.registry.times import from_http, from_seconds

SOURCE = "quay"


def list_tags(session: Session, lines: Lines, allowance: Allowance) -> tuple[TagFact, ...]:
    """Return all active tags; Unanswered `denied` for 401 and 403, `no-such-image` for 404.

    A server that does not know the filter sends the past of every tag too, which shows by a tag that comes twice: then
    what has ended is left out.
    """
    rows = tuple(_rows(session, lines, "onlyActiveTags=true", allowance))
    facts: dict[str, TagFact] = {}
    for row in rows:
        facts.setdefault(row.name, row)
    if len(facts) == len(rows):
        return rows
    moment = now()
    return tuple(fact for fact in facts.values() if fact.expires is None or fact.expires > moment)


def history(session: Session, lines: Lines, tag: str, allowance: Allowance) -> tuple[TagFact, ...]:
    """Return every place `tag` pointed at, newest first: `pushed` is when it came there, `expires` when it left.

    `expires` is None for where it points now, unless it will vanish. Empty for a tag that never was.
    Unanswered as `list_tags`; a server that does not know the filter is read to the end of all tags.
    """
    rows = _rows(session, lines, f"specificTag={quote(tag, safe='')}", allowance)
    return tuple(sorted((row for row in rows if row.name == tag), key=_start, reverse=True))


def _start(fact: TagFact) -> float:
    return fact.pushed.timestamp() if fact.pushed else 0.0


def _rows(session: Session, lines: Lines, filtered: str, allowance: Allowance) -> Iterator[TagFact]:
    host = origin(session.at.api)[1]
    pages = Pages(host)
    page = 1
    while True:
        at = session.at
        url = f"{at.api}/api/v1/repository/{quote(at.api_name)}/tag/?limit=100&page={page}&{filtered}"
        answer = read_page(session, lines, url, allowance)
        tags = [expect(tag, dict, host, "a tag") for tag in expect(answer.get("tags"), list, host, "`tags`")]
        for tag in tags:
            if (fact := _fact(tag, host)) is not None:
                yield fact
        # A name comes again with every place it pointed at.
        over = pages.over([f"{tag['name']} {tag.get('start_ts')} {tag.get('end_ts')}" for tag in tags])
        if over or not (optional(answer.get("has_additional"), bool, host, "`has_additional`") or False):
            return
        page += 1


def _fact(tag: dict[str, object], host: str) -> TagFact | None:
    name = usable_tag(expect(tag.get("name"), str, host, "`name`"))
    start = optional(tag.get("start_ts"), int, host, "`start_ts`")
    changed = optional(tag.get("last_modified"), str, host, "`last_modified`")
    told = tag.get("manifest_digest")
    digest = None if told is None else expect_digest(told, host, "`manifest_digest`")
    expires = _end(tag, host)
    if name is None:
        return None
    pushed = from_seconds(start) if start is not None else None
    return TagFact(name, digest=digest, pushed=pushed or from_http(changed or ""), expires=expires, source=SOURCE)


def _end(tag: dict[str, object], host: str) -> datetime | None:
    """Return when a tag ends or ended. An end that cannot be read is no answer: a tag that vanishes is no choice."""
    end = optional(tag.get("end_ts"), int, host, "`end_ts`")
    expiration = optional(tag.get("expiration"), str, host, "`expiration`")
    if end is None and not expiration:
        return None
    found = from_seconds(end) if end is not None else from_http(expiration or "")
    if found is None:
        what = "`end_ts`" if end is not None else "`expiration`"
        raise unknown_form(host, f"{what} is no date")
    return found
