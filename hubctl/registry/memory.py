"""What earlier runs learnt of the names of one image's tags, and how far that may be believed today (pure)."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hubctl.errors import Unparseable
from hubctl.images.facts import Listing
from hubctl.images.reference import is_digest
from hubctl.images.shape import shape_of, tag_date
from hubctl.registry.facts_as_json import Json, Written, listing_as_json, moment_as_text

_VERSION = 1
_FIXED = frozenset({"commit", "version", "chartpress", "git-describe"})
_FIXED_FOR = timedelta(hours=24)
_MOVING_FOR = timedelta(minutes=10)
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A digest a tag had, and when the registry said so."""

    digest: str
    asked: datetime


class Memory:
    """The last complete tag list, the digests of tags, and which fixed tags were moved; for threads."""

    def __init__(self, text: bytes | None) -> None:
        """Take what `as_bytes` gave once; what cannot be read is nothing."""
        self._lock = threading.Lock()
        self._asked: datetime | None = None
        self._list: Listing | Written | None = None
        self._by_list: Mapping[str, str | None] = {}
        self._digests: dict[str, Seen] = {}
        self._moved: dict[str, Seen] = {}
        self._same_list = False
        self._changed = False
        if text is not None:
            self._recall(text)

    @property
    def changed(self) -> bool:
        """Whether there is more to keep than was read."""
        return self._changed

    @property
    def listing(self) -> tuple[datetime, Listing] | None:
        """When the last list was asked, and the list."""
        listed = self._list
        try:
            read = listed.listing() if isinstance(listed, Written) else listed
        except Unparseable:
            return None
        return (self._asked, read) if self._asked and read else None

    def listed(self, listing: Listing, now: datetime) -> None:
        """Take down a list that was just asked."""
        with self._lock:
            before, self._by_list = self._by_list, {fact.name: fact.digest for fact in listing.tags}
            self._same_list = before.keys() == self._by_list.keys()
            for tag, digest in before.items():
                if digest and self._asked:
                    self._digests.setdefault(tag, Seen(digest, self._asked))
            for tag, digest in self._by_list.items():
                if digest:
                    self._compare(tag, digest)
                    self._digests.pop(tag, None)
            self._asked, self._list = now, listing
            self._changed = True

    def saw(self, tag: str, digest: str, now: datetime) -> None:
        """Take down where a tag pointed when it was just asked for."""
        with self._lock:
            self._compare(tag, digest)
            self._digests[tag] = Seen(digest, now)
            self._changed = True

    def digest(self, tag: str) -> str | None:
        """Return where a tag pointed when it was asked for last, however long ago."""
        seen = self._digests.get(tag)
        return seen.digest if seen else self._by_list.get(tag)

    def usable(self, tag: str, now: datetime) -> str | None:
        """Return where a tag points as far as that need not be asked again.

        A fixed tag is believed for a day, any other for ten minutes and only while the list is the same.
        """
        seen = self._digests.get(tag)
        if seen is None:
            return None
        age = now - seen.asked
        fixed = is_fixed(tag, seen.asked) and age < _FIXED_FOR
        believed = timedelta(0) <= age and (fixed or (self._same_list and age < _MOVING_FOR))
        return seen.digest if believed else None

    def warning(self, tag: str, digest: str) -> str | None:
        """Return a sentence where a fixed tag points elsewhere than it once did."""
        before = self._moved.get(tag)
        if before is None or before.digest == digest:
            return None
        return f"`{tag}` was moved: it pointed at {before.digest} when asked on {before.asked.date().isoformat()}"

    def as_bytes(self) -> bytes:
        """Return everything for the next run."""
        with self._lock:
            latest = sorted(self._digests.items(), key=lambda one: one[1].asked, reverse=True)[:_MOST]
            kept: Json = {
                "version": _VERSION,
                "digests": {tag: [seen.digest, moment_as_text(seen.asked)] for tag, seen in latest},
                "moved": {tag: [seen.digest, moment_as_text(seen.asked)] for tag, seen in self._moved.items()},
            }
            if self._asked and self._list:
                kept["asked"] = moment_as_text(self._asked)
                kept["list"] = self._list.value if isinstance(self._list, Written) else listing_as_json(self._list)
        return json.dumps(kept, separators=(",", ":")).encode()

    def _compare(self, tag: str, digest: str) -> None:
        before = self._digests.get(tag)
        if before is None or before.digest == digest or not is_fixed(tag, before.asked):
            return
        if before.digest.partition(":")[0] == digest.partition(":")[0]:
            self._moved.setdefault(tag, before)

    def _recall(self, text: bytes) -> None:
        try:
            fields = Written(json.loads(text), "", "").fields("version", "asked", "list", "digests", "moved")
            if fields["version"].value != _VERSION:
                return
            digests, moved = _all_seen(fields["digests"]), _all_seen(fields["moved"])
            if "list" in fields:
                asked, self._by_list = fields["asked"].moment(), _by_list(fields["list"])
                self._asked, self._list = asked, fields["list"]
        except (Unparseable, ValueError, RecursionError, KeyError):
            return
        self._digests, self._moved = digests, moved


def _by_list(at: Written) -> dict[str, str | None]:
    """Return the digests of a list by tag; its other facts are read where they are needed."""
    tags = at.value.get("tags") if isinstance(at.value, dict) else None
    if not isinstance(tags, list):
        at.wrong("no list of tags")
    found: dict[str, str | None] = {}
    for tag in tags:
        name, digest = (tag.get("name"), tag.get("digest")) if isinstance(tag, dict) else (None, None)
        if not isinstance(name, str) or not (digest is None or (isinstance(digest, str) and is_digest(digest))):
            at.wrong("a list with something else than tags")
        found[name] = digest
    return found


def _all_seen(at: Written) -> dict[str, Seen]:
    return {tag: _seen(one) for tag, one in at.fields().items()}


def _seen(at: Written) -> Seen:
    items = at.items(2)
    if len(items) != 2:
        at.wrong("no digest with its moment")
    return Seen(items[0].digest(), items[1].moment())


def is_fixed(tag: str, asked: datetime) -> bool:
    """Whether a tag of this shape should never point elsewhere than it did when it was asked for.

    A date may be built again on its day: docker-stacks says to use one before today's, in UTC.
    """
    day = tag_date(tag)
    return day < asked.date() if day else shape_of(tag).cls in _FIXED
