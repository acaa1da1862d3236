"""Questions every registry answers: the distribution API (opencontainers/distribution-spec v1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

from hubctl.adapters.http import Reply
from hubctl.images.facts import TagFact
from hubctl.images.reference import is_digest, is_tag
from hubctl.registry.answers import Allowance, Unanswered, expect, optional, read_object, unknown_form, usable_tag
from hubctl.registry.manifest import ACCEPT, LARGEST_PART, checked, digest_of, parse_manifest
from hubctl.registry.paging import Pages, next_link
from hubctl.registry.session import Session

# Servers that cut a list without saying so cut at round numbers.
_ROUND = 50
# What a server says of a page nobody offered when its lists have no pages.
_NO_PAGES = frozenset({400, 404, 405, 501})


def list_tags(session: Session, allowance: Allowance, source: str = "oci") -> tuple[TagFact, ...]:
    """Return all tags in the registry's order, as `source` gives them: names alone; Unanswered as `tag_pages`."""
    names: dict[str, None] = {}
    for answer in tag_pages(session, allowance):
        names |= dict.fromkeys(tag_names(answer, session.at.host))
    return tuple(TagFact(name, source=source) for name in names)


def tag_pages(session: Session, allowance: Allowance) -> Iterator[dict[str, object]]:
    """Yield the pages of the tag list, each as the object that was sent.

    Unanswered `no-such-image` for 404, else as Session.ask; a list that cannot be read to its end is no list.
    """
    host = session.at.host
    pages = Pages(host)
    target: str | None = "tags/list"
    guessed = False
    while target is not None:
        reply = session.ask("GET", target, allowance)
        if guessed and reply.status in _NO_PAGES:
            break
        if reply.status == 404:
            raise Unanswered(f"`{host}` has no image `{session.at.name}`", code="no-such-image")
        answer = read_object(_succeeded(reply, host).body, host)
        page = _listed(answer, host)
        over = pages.over(page)
        yield answer
        link = next_link(reply.headers.get("link", ""), reply.url)
        guessed = link is None
        target = None if over else link or _after(reply, page)


def tag_names(answer: Mapping[str, object], host: str) -> list[str]:
    """Return the tags of one page, without signatures, digests and what is no tag."""
    return [tag for entry in _listed(answer, host) if (tag := usable_tag(entry)) is not None]


def _listed(answer: Mapping[str, object], host: str) -> list[str]:
    if "tags" not in answer:  # an error in the middle of a list would look like its end
        raise unknown_form(host, "`tags` is missing")
    listed = optional(answer.get("tags"), list, host, "`tags`") or []
    return [expect(entry, str, host, "a tag") for entry in listed if entry is not None]


def _after(reply: Reply, page: list[str]) -> str | None:
    """Return where a list without a link would go on: after the last tag of a page that looks full."""
    parts = urlsplit(reply.url)
    query = parse_qs(parts.query)
    wanted = query.get("n", [""])[0]
    full = len(page) == int(wanted) if wanted.isdigit() else len(page) % _ROUND == 0
    if not full:
        return None
    more = ({"n": wanted} if wanted else {}) | {"last": page[-1]}
    return urlunsplit(parts._replace(query=urlencode(more)))


def tag_digest(session: Session, tag: str, allowance: Allowance) -> str:
    """Return the digest a tag points at: the registry's word where it gives one, else the hash of what it sends."""
    reply = session.ask("HEAD", _manifest_path(tag), allowance, headers=ACCEPT)
    named = reply.headers.get("docker-content-digest", "")
    if reply.status == 200 and is_digest(named):
        return named
    if reply.status == 404:
        raise no_such_tag(session, tag)
    reply = manifest(session, tag, allowance)
    parse_manifest(reply.body, reply.headers.get("content-type", ""), session.at.host)
    return digest_of(reply.body)


def manifest(session: Session, tag: str, allowance: Allowance) -> Reply:
    """Return the manifest of a tag or digest, whose bytes are what the registry's header, and that digest, say."""
    host = session.at.host
    reply = session.ask("GET", _manifest_path(tag), allowance, headers=ACCEPT, limit=LARGEST_PART)
    if reply.status == 404:
        raise no_such_tag(session, tag)
    _succeeded(reply, host)
    if is_digest(tag):
        checked(reply.body, tag, host, "a manifest")
    if named := reply.headers.get("docker-content-digest"):
        checked(reply.body, named, host, "a manifest")
    return reply


def blob(session: Session, digest: str, allowance: Allowance) -> bytes:
    """Return the image config of a digest, hashed; Unanswered `unconfirmed` where the registry has lost it."""
    host = session.at.host
    reply = session.ask("GET", f"blobs/{digest}", allowance, limit=LARGEST_PART)
    if reply.status == 404:
        raise Unanswered(f"`{host}` has lost the config of this image", code="unconfirmed")
    return checked(_succeeded(reply, host).body, digest, host, "an image config")


def _manifest_path(tag: str) -> str:
    if not is_tag(tag) and not is_digest(tag):
        raise Unanswered("that is no tag", code="no-such-tag")
    return f"manifests/{quote(tag, safe=':')}"


def no_such_tag(session: Session, tag: str) -> Unanswered:
    return Unanswered(f"`{session.at.host}` has no `{session.at.name}:{tag}`", code="no-such-tag")


def _succeeded(reply: Reply, host: str) -> Reply:
    if reply.status != 200:
        raise Unanswered(f"`{host}` answered with status {reply.status}")
    return reply
