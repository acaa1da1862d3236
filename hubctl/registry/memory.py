"""What earlier runs learnt of the names of one image's tags, and how far that may be believed today (pure)."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from hubctl.errors import Unparseable
from hubctl.images.facts import Listing
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
        self._listed: tuple[datetime, Listing] | None = None
        self._digests: dict[str, Seen] = {}
        self._moved: dict[str, Seen] = {}
        self._by_list: dict[str, str | None] | None = None
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
        return self._listed

    def listed(self, listing: Listing, now: datetime) -> None:
        """Take down a list that was just asked."""
        with self._lock:
            asked, before = self._listed or (now, Listing((), ""))
            self._same_list = {fact.name for fact in before.tags} == {fact.name for fact in listing.tags}
            for fact in before.tags:
                if fact.digest:
                    self._digests.setdefault(fact.name, Seen(fact.digest, asked))
            for fact in listing.tags:
                if fact.digest:
                    self._compare(fact.name, fact.digest)
                    self._digests.pop(fact.name, None)
            self._listed = now, listing
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
        if seen is None and self._by_list is None:
            self._by_list = {fact.name: fact.digest for fact in self._listed[1].tags} if self._listed else {}
        return seen.digest if seen else (self._by_list or {}).get(tag)

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
            if self._listed is not None:
                asked, listed = self._listed
                kept["asked"] = moment_as_text(asked)
                kept["list"] = listing_as_json(listed)
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
            listed = (fields["asked"].moment(), fields["list"].listing()) if "list" in fields else None
        except (Unparseable, ValueError, RecursionError, KeyError):
            return
        self._digests, self._moved, self._listed = digests, moved, listed


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
