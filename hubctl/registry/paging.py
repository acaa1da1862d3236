"""Where the next page is, and when a list has come to its end (pure)."""

from __future__ import annotations

import re

from hubctl.registry.address import joined, origin
from hubctl.registry.answers import MOST_PAGES, MOST_TAGS, Unanswered
from hubctl.show import show

_ADDRESS = re.compile(r"<([^<>]*)>", re.ASCII)
_PARAMETER = re.compile(r";\s*([\w*!.-]*)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?\s*", re.ASCII)
_NEXT = re.compile(r"\bnext\b", re.ASCII | re.IGNORECASE)


def next_link(header: str, asked: str) -> str | None:
    """Return the URL of `rel=next` in a Link header, None without one (RFC 8288: other relations may come first).

    Unanswered where it leads to another origin than that of the URL `asked`, and where the header speaks of a next
    page in a form that cannot be read: a list that goes on must not be taken for one that ends.
    """
    at, unread = 0, []
    while found := _ADDRESS.search(header, at):
        unread.append(header[at : found.start()])
        at, relations = _relations(header, found.end())
        if "next" in relations:
            return same_origin(found[1].strip(), asked)
    if any(_NEXT.search(text) for text in [*unread, header[at:]]):
        raise Unanswered(f"`{origin(asked)[1]}` names a next page that cannot be read")
    return None


def _relations(header: str, at: int) -> tuple[int, list[str]]:
    """Return where the parameters that begin at `at` end, and the relation types they name in lower case."""
    relations: list[str] | None = None
    at += len(header[at:]) - len(header[at:].lstrip())
    while found := _PARAMETER.match(header, at):
        at = found.end()
        if found[1].lower() == "rel" and relations is None:
            relations = (found[2] or found[3] or "").lower().split()
    return at, relations or []


def same_origin(link: str, asked: str) -> str:
    """Return `link` resolved against `asked`; Unanswered where it leads to another scheme, host or port."""
    url = joined(asked, link)
    if not origin(url)[1]:
        raise Unanswered(f"`{origin(asked)[1]}` names a next page that cannot be read")
    if origin(url) != origin(asked):
        raise Unanswered(
            f"`{origin(asked)[1]}` names a next page on `{show(origin(url)[1], 80)}`, which is not followed"
        )
    return url


class Pages:
    """Counts the pages and tags of one list: `over` tells when nothing new comes, limits are errors, never a cut."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._pages = 0
        self._seen: set[str] = set()

    def over(self, names: list[str]) -> bool:
        """Take one page's names; True where it brought no new one."""
        self._pages += 1
        before = len(self._seen)
        self._seen.update(names)
        if self._pages > MOST_PAGES or len(self._seen) > MOST_TAGS:
            raise Unanswered(f"`{self._host}` lists more than {MOST_PAGES} pages or {MOST_TAGS} tags of one image")
        return len(self._seen) == before
