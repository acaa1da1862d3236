"""Docker Hub's own tag list: tags with push dates and digests, last updated first.

Docs: docs.docker.com/reference/api/hub, "List repository tags". Public repositories need no login. A private one is
left to the distribution API: that needs no second place the password goes to, and dates come from the images there.
"""

from __future__ import annotations

from urllib.parse import quote

from hubctl.images.facts import TagFact
from hubctl.registry.address import origin
from hubctl.registry.answers import Allowance, expect, expect_digest, optional, optional_moment, usable_tag
from hubctl.registry.line import Lines
from hubctl.registry.own_list import read_page
from hubctl.registry.paging import Pages, same_origin
from hubctl.registry.session import Session

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
    digest = None if tag.get("digest") in (None, "") else expect_digest(tag["digest"], host, "`digest`")
    pushed = optional_moment(tag.get("tag_last_pushed"), host, "`tag_last_pushed`")
    pushed = pushed or optional_moment(tag.get("last_updated"), host, "`last_updated`")
    return None if name is None else TagFact(name, digest=digest, pushed=pushed, source=SOURCE)
