"""Harbor's own list: artifacts with their tags, digests and push dates, newest push first.

API: goharbor/harbor `api/v2.0/swagger.yaml`, `listArtifacts`. Public projects need no login; others take that of the
registry, by Basic authentication that Harbor does not ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

from hubctl.adapters.http import Reply
from hubctl.images.facts import TagFact, believed
from hubctl.registry.address import Endpoint, origin
from hubctl.registry.answers import (
    Allowance,
    Unanswered,
    expect,
    expect_digest,
    optional,
    optional_moment,
    read_list,
    usable_tag,
)
from hubctl.registry.hosts import known_dialect
from hubctl.registry.line import Lines
from hubctl.registry.own_list import ask_page
from hubctl.registry.paging import Pages, next_link
from hubctl.registry.session import Session
from hubctl.registry.times import from_iso
from hubctl.secret import Secret

SOURCE = "harbor"
_PAGE = 100  # the most Harbor gives


def list_tags(session: Session, lines: Lines, allowance: Allowance) -> tuple[TagFact, ...]:
    """Return all tags; Unanswered `denied` for 401 and 403, `no-such-image` for 404 (also of a private project).

    The stored login is shown to the image's own host alone, and only after the list was refused without it.
    """
    host = origin(session.at.api)[1]
    pages, read = Pages(host), 0
    facts: dict[str, TagFact] = {}
    reply, shown = _opened(session, lines, allowance)
    while True:
        artifacts = [expect(one, dict, host, "an artifact") for one in read_list(reply.body, host)]
        seen: list[str] = []
        for artifact in artifacts:
            found = list(_facts(artifact, host))
            facts |= {fact.name: fact for fact in found if fact.name not in facts}
            seen += [fact.name for fact in found] or [str(artifact["digest"])]
        read += len(artifacts)
        following = None if pages.over(seen) else _following(reply, len(artifacts), read)
        if following is None:
            return tuple(facts.values())
        reply = ask_page(session, lines, following, allowance, authorization=shown)


def _opened(session: Session, lines: Lines, allowance: Allowance) -> tuple[Reply, Secret | None]:
    """Return the first page and what had to be shown for it."""
    try:
        return ask_page(session, lines, _first(session.at), allowance), None
    except Unanswered as problem:
        at = session.at
        # A file of the repository can call any host a Harbor: one that is known for another never sees a password.
        shown = session.basic if origin(at.api) == origin(at.base) and known_dialect(at.host) is None else None
        if shown is None or problem.code not in ("denied", "no-such-image"):
            raise
    return ask_page(session, lines, _first(session.at), allowance, authorization=shown), shown


def _first(at: Endpoint) -> str:
    project, _, repository = at.api_name.partition("/")
    # A `/` in the name is encoded twice, as swagger.yaml says of `repository_name`.
    named = quote(quote(repository, safe=""), safe="")
    below = f"/api/v2.0/projects/{quote(project, safe='')}/repositories/{named}/artifacts"
    return f"{at.api}{below}?with_tag=true&page_size={_PAGE}&page=1&sort=-push_time"


def _following(reply: Reply, here: int, read: int) -> str | None:
    """Return the next page: that of the Link, else one by number where this one is full or more were counted."""
    if (link := next_link(reply.headers.get("link", ""), reply.url)) is not None:
        return link
    total = reply.headers.get("x-total-count", "")
    if here < _PAGE and not (total.isdecimal() and total.isascii() and len(total) < _PAGE and int(total) > read):
        return None
    parts = urlsplit(reply.url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    page = query.get("page", "1")
    number = int(page) if page.isdecimal() and len(page) < _PAGE else 1
    return urlunsplit(parts._replace(query=urlencode(query | {"page": number + 1})))


def _facts(artifact: dict[str, object], host: str) -> Iterator[TagFact]:
    """Yield the tags of one artifact; one without tags is nothing that can be written down."""
    digest = expect_digest(artifact.get("digest"), host, "`digest`")
    pushed, created = _moment(artifact, host), _created(artifact)
    for entry in optional(artifact.get("tags"), list, host, "`tags`") or []:
        tag = expect(entry, dict, host, "a tag")
        name = usable_tag(expect(tag.get("name"), str, host, "`name`"))
        came = _moment(tag, host) or pushed
        if name is not None:
            yield TagFact(name, digest=digest, pushed=came, created=created, source=SOURCE)


def _moment(value: dict[str, object], host: str) -> datetime | None:
    """Return when an artifact or tag was pushed; Harbor writes the year 1 where it does not know."""
    return believed(optional_moment(value.get("push_time"), host, "`push_time`"))


def _created(artifact: dict[str, object]) -> datetime | None:
    """Return when the image says it was built; what builders write there is their own, so odd values are none."""
    extra = artifact.get("extra_attrs")
    text = extra.get("created") if isinstance(extra, dict) else None
    return believed(from_iso(text)) if isinstance(text, str) else None
