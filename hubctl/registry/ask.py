"""The registry as one value: tags, digests and facts of images, each asked once a run, hosts side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hubctl.adapters.cache import CacheFolder
from hubctl.adapters.clock import Waiting, now
from hubctl.adapters.http import Http
from hubctl.adapters.threads import side_by_side
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import ImageName, is_digest
from hubctl.registry import oci
from hubctl.registry.address import Endpoint, endpoint
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.dialects import HISTORIES, OWN_LISTS, WITH_LOGIN
from hubctl.registry.inspecting import image_facts
from hubctl.registry.kept import Kept
from hubctl.registry.line import Lines
from hubctl.registry.logins import Logins
from hubctl.registry.manifest import Index, Manifest
from hubctl.registry.memory import Memory, is_fixed
from hubctl.registry.once import Asked
from hubctl.registry.parts import AskedParts, Shelf
from hubctl.registry.session import Session
from hubctl.settings import RegistryEntry

_LIST_SECONDS = 100.0
_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


class Registry:
    """Asks registries for one run. Answers are values: what could not be told is a NoAnswer, nothing is raised.

    `registries` are those of the settings, `environment` says where logins are, `waiting` is the run's budget,
    `kept` what earlier runs learnt, `fresh` whether a tag's digest must be of this run all the same, `pause` the
    shortest pause in seconds before a failed request is made again.
    """

    def __init__(  # noqa: PLR0913  # what asking needs from outside, once a run
        self,
        http: Http,
        registries: Mapping[str, RegistryEntry],
        environment: Mapping[str, str],
        waiting: Waiting,
        *,
        max_in_flight: int = 4,
        root: Path | None = None,
        kept: Kept | None = None,
        fresh: bool = True,
        pause: float = 1.0,
    ) -> None:
        self._kept = kept or Kept(CacheFolder(None))
        self._fresh = fresh
        self._registries = registries
        self._logins = Logins(registries, environment, root)
        self._max_in_flight = max_in_flight
        self._lines = Lines(http, waiting, max_in_flight=max_in_flight, pause=pause)
        self._sessions: dict[Endpoint, tuple[Session, Memory, Shelf]] = {}
        self._lock = threading.Lock()
        self._lists = Asked[str, Listing]()
        self._listed: dict[str, Mapping[str, str | None]] = {}
        self._digests = Asked[tuple[str, str], str]()
        self._headed: dict[tuple[str, str], str] = {}
        self._facts = Asked[tuple[str, str], ImageFacts]()
        self._histories = Asked[tuple[str, str], tuple[TagFact, ...]]()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the cache; complete once the run's questions are answered."""
        return self._kept.notes

    def tags(self, name: ImageName) -> Listing | NoAnswer:
        """Return the complete tag list of an image; an empty list is an answer, and proves nothing is new."""
        return self._lists.once(name.key, lambda: self._list(name))

    def digest(self, name: ImageName, tag: str) -> str | NoAnswer:
        """Return the digest `tag` points at."""
        known = self._facts.known((name.key, tag))
        if known is not None:
            return known.digest
        return self._digests.once((name.key, tag), lambda: self._digest(name, tag))

    def inspect(self, name: ImageName, tag: str) -> ImageFacts | NoAnswer:
        """Return digest, platforms, time of building, labels and size of what `tag` points at."""
        return self._facts.once((name.key, tag), lambda: self._inspect(name, tag))

    def history(self, name: ImageName, tag: str) -> tuple[TagFact, ...] | NoAnswer:
        """Return every place `tag` pointed at, newest first; empty where the registry does not remember."""
        return self._histories.once((name.key, tag), lambda: self._history(name, tag))

    def tags_of(self, names: Iterable[ImageName]) -> dict[ImageName, Listing | NoAnswer]:
        """Return the tag lists of many images, each asked once, hosts side by side."""
        return self._each({name: name for name in names}, self.tags)

    def digests_of(self, tags: Iterable[tuple[ImageName, str]]) -> dict[tuple[ImageName, str], str | NoAnswer]:
        """Return the digests of many tags, as `tags_of`."""
        return self._each({one: one[0] for one in tags}, lambda one: self.digest(*one))

    def inspect_all(self, tags: Iterable[tuple[ImageName, str]]) -> dict[tuple[ImageName, str], ImageFacts | NoAnswer]:
        """Return the facts of many tags, as `tags_of`."""
        return self._each({one: one[0] for one in tags}, lambda one: self.inspect(*one))

    def history_of(
        self, tags: Iterable[tuple[ImageName, str]]
    ) -> dict[tuple[ImageName, str], tuple[TagFact, ...] | NoAnswer]:
        """Return the histories of many tags, as `tags_of`."""
        return self._each({one: one[0] for one in tags}, lambda one: self.history(*one))

    def _list(self, name: ImageName) -> Listing:
        session, memory, _ = self._opened(name)
        listing = self._listing(session)
        memory.listed(listing, now())
        self._listed[name.key] = {fact.name: fact.digest for fact in listing.tags}
        return listing

    def _digest(self, name: ImageName, tag: str) -> str:
        known = self._known(name, tag)
        if known is not None:
            return known
        session, memory, _ = self._opened(name)
        digest = oci.tag_digest(session, tag, _allowance())
        memory.saw(tag, digest, now())
        self._headed[name.key, tag] = digest
        return digest

    def _inspect(self, name: ImageName, tag: str) -> ImageFacts:
        session, memory, shelf = self._opened(name)
        parts = AskedParts(session, shelf, self._kept.blobs, _allowance())
        if is_digest(tag):
            return image_facts(tag, parts.manifest(tag), parts)
        before = self._headed.get((name.key, tag)) or self._known(name, tag)
        pointed = self._pointed(name, tag, parts)
        digest, read = pointed or parts.tagged(tag)
        if pointed is None:
            memory.saw(tag, digest, now())
        facts = image_facts(digest, read, parts)
        notes = [memory.warning(tag, digest)]
        if before and before != digest and is_fixed(tag, now()):
            notes.insert(0, f"`{tag}` was moved while it was asked for: from {before} to {digest}")
        return replace(facts, notes=(*facts.notes, *filter(None, notes)))

    def _pointed(self, name: ImageName, tag: str, parts: AskedParts) -> tuple[str, Index | Manifest] | None:
        """Return where a tag points as far as nothing says that it must be asked for by its name.

        What `HEAD` said in this run is asked for by digest, so that what was seen and what is read are one image. A
        digest of the list or of an earlier run is enough for what is kept, in a run that only looks.
        """
        headed = self._headed.get((name.key, tag))
        if headed is not None:
            read = _or_gone(parts, headed)
            return (headed, read) if read else None
        known = None if self._fresh else self._known(name, tag)
        kept = parts.kept(known) if known else None
        return (known, kept) if known and kept else None

    def _known(self, name: ImageName, tag: str) -> str | None:
        """Return the digest of a tag in this run's list as far as the list or an earlier run gives it."""
        listed = self._listed.get(name.key, {})
        if tag not in listed or listed[tag]:
            return listed.get(tag)
        return None if self._fresh else self._opened(name)[1].usable(tag, now())

    def _history(self, name: ImageName, tag: str) -> tuple[TagFact, ...]:
        session, _, _ = self._opened(name)
        own = HISTORIES.get(session.at.dialect)
        return own(session, self._lines, tag, _allowance()) if own is not None else ()

    def _listing(self, session: Session) -> Listing:
        allowance = _allowance()
        own = OWN_LISTS.get(session.at.dialect)
        source, notes = str(session.at.dialect), tuple[str, ...]()
        if own is not None:
            try:
                facts = own(session, self._lines, allowance)
                return Listing(facts, session.at.dialect, tuple(session.notes))
            except Unanswered as problem:
                if session.at.dialect in WITH_LOGIN or problem.code not in ("denied", "no-such-image"):
                    raise
                if not session.has_login:
                    raise self._refused(session, problem) from None
            source = "oci"
            notes = (f"push dates are not known: the tag list of `{session.at.host}` with dates takes no such login",)
        return Listing(oci.list_tags(session, allowance, source), source, (*session.notes, *notes))

    @staticmethod
    def _refused(session: Session, problem: Unanswered) -> Unanswered:
        return session.denied("its own tag list refuses") if problem.code == "denied" else problem

    def _opened(self, name: ImageName) -> tuple[Session, Memory, Shelf]:
        at = endpoint(name.host, name.path, self._registries)
        with self._lock:
            known = self._sessions.get(at)
        if known is None:
            found = self._logins.find(at)  # may wait for a program, which holds up no other host
            with self._lock:
                new = Session(at, found, self._lines, aws=self._logins.aws), self._kept.memory(at, found.login), Shelf()
                known = self._sessions.setdefault(at, new)
        return known

    def _each(self, hosts: Mapping[_K, ImageName], ask: Callable[[_K], _T]) -> dict[_K, _T]:
        """Ask about all keys, a few threads a host; Ctrl-C ends the waiting and leaves the threads behind."""
        by_host: dict[str, list[_K]] = {}
        for key, name in hosts.items():
            by_host.setdefault(name.host, []).append(key)
        answers = side_by_side(by_host.values(), ask, workers=self._max_in_flight)
        return {key: answers[key] for key in hosts}


def _or_gone(parts: AskedParts, digest: str) -> Index | Manifest | None:
    """Return the manifest of a digest, None where the registry has none."""
    try:
        return parts.manifest(digest)
    except Unanswered as problem:
        if problem.code != "no-such-tag":
            raise
        return None


def _allowance() -> Allowance:
    return Allowance(_LIST_SECONDS)
