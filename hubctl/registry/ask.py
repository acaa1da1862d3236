"""The registry as one value: tags, digests and facts of images, each asked once a run, hosts side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.adapters.threads import side_by_side
from hubctl.images.facts import ImageFacts, Listing, NoAnswer
from hubctl.images.reference import ImageName
from hubctl.registry import oci
from hubctl.registry.address import Endpoint, endpoint
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.dialects import OWN_LISTS, WITH_LOGIN
from hubctl.registry.line import Lines
from hubctl.registry.logins import Logins
from hubctl.registry.session import Session
from hubctl.settings import RegistryEntry

_LIST_SECONDS = 100.0
_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


class Registry:
    """Asks registries for one run. Answers are values: what could not be told is a NoAnswer, nothing is raised.

    `registries` are those of the settings, `environment` says where logins are, `waiting` is the run's budget,
    `pause` the shortest pause in seconds before a failed request is made again.
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
        pause: float = 1.0,
    ) -> None:
        self._registries = registries
        self._logins = Logins(registries, environment, root)
        self._max_in_flight = max_in_flight
        self._lines = Lines(http, waiting, max_in_flight=max_in_flight, pause=pause)
        self._sessions: dict[Endpoint, Session] = {}
        self._lock = threading.Lock()
        self._lists = Asked[str, Listing]()
        self._digests = Asked[tuple[str, str], str]()
        self._facts = Asked[tuple[str, str], ImageFacts]()

    def tags(self, name: ImageName) -> Listing | NoAnswer:
        """Return the complete tag list of an image; an empty list is an answer, and proves nothing is new."""
        return self._lists.once(name.key, lambda: self._list(name))

    def digest(self, name: ImageName, tag: str) -> str | NoAnswer:
        """Return the digest `tag` points at."""
        known = self._facts.known((name.key, tag))
        if known is not None:
            return known.digest
        return self._digests.once((name.key, tag), lambda: oci.tag_digest(self._session(name), tag, _allowance()))

    def inspect(self, name: ImageName, tag: str) -> ImageFacts | NoAnswer:
        """Return digest, platforms, time of building, labels and size of what `tag` points at."""
        return self._facts.once((name.key, tag), lambda: oci.inspect(self._session(name), tag, _allowance()))

    def tags_of(self, names: Iterable[ImageName]) -> dict[ImageName, Listing | NoAnswer]:
        """Return the tag lists of many images, each asked once, hosts side by side."""
        return self._each({name: name for name in names}, self.tags)

    def digests_of(self, tags: Iterable[tuple[ImageName, str]]) -> dict[tuple[ImageName, str], str | NoAnswer]:
        """Return the digests of many tags, as `tags_of`."""
        return self._each({one: one[0] for one in tags}, lambda one: self.digest(*one))

    def inspect_all(self, tags: Iterable[tuple[ImageName, str]]) -> dict[tuple[ImageName, str], ImageFacts | NoAnswer]:
        """Return the facts of many tags, as `tags_of`."""
        return self._each({one: one[0] for one in tags}, lambda one: self.inspect(*one))

    def _list(self, name: ImageName) -> Listing:
        session = self._session(name)
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

    def _session(self, name: ImageName) -> Session:
        at = endpoint(name.host, name.path, self._registries)
        with self._lock:
            known = self._sessions.get(at)
        if known is None:
            found = self._logins.find(at)  # may wait for a program, which holds up no other host
            with self._lock:
                known = self._sessions.setdefault(at, Session(at, found, self._lines))
        return known

    def _each(self, hosts: Mapping[_K, ImageName], ask: Callable[[_K], _T]) -> dict[_K, _T]:
        """Ask about all keys, a few threads a host; Ctrl-C ends the waiting and leaves the threads behind."""
        by_host: dict[str, list[_K]] = {}
        for key, name in hosts.items():
            by_host.setdefault(name.host, []).append(key)
        answers = side_by_side(by_host.values(), ask, workers=self._max_in_flight)
        return {key: answers[key] for key in hosts}


class Asked(Generic[_K, _T]):
    """Answers by question; two threads never ask the same, the second waits for the first."""

    def __init__(self) -> None:
        self._answers: dict[_K, _T | NoAnswer] = {}
        self._turns: dict[_K, threading.Lock] = {}
        self._lock = threading.Lock()

    def known(self, key: _K) -> _T | None:
        """Return the answer that was given already, None without one."""
        answer = self._answers.get(key)
        return None if isinstance(answer, NoAnswer) else answer

    def once(self, key: _K, ask: Callable[[], _T]) -> _T | NoAnswer:
        """Return the answer to a question, asked at its first time; every failure is a NoAnswer."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._answers:
                self._answers[key] = _answer(ask)
            return self._answers[key]


def _answer(ask: Callable[[], _T]) -> _T | NoAnswer:
    try:
        return ask()
    except Unanswered as problem:
        return problem.as_value()
    except Exception as bug:  # noqa: BLE001  # one image that breaks hubctl never takes the others along
        return NoAnswer("no-answer", f"hubctl could not read the answer ({type(bug).__name__})")


def _allowance() -> Allowance:
    return Allowance(_LIST_SECONDS)
