"""The registry of `--offline`: what earlier runs were told, by the same who asks now; nothing is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import ImageName, is_digest
from hubctl.registry.address import endpoint
from hubctl.registry.answers import Unanswered
from hubctl.registry.blobs import Blobs
from hubctl.registry.credentials import Login
from hubctl.registry.facts_as_json import moment_as_text
from hubctl.registry.inspecting import image_facts
from hubctl.registry.kept import Kept
from hubctl.registry.logins import Logins
from hubctl.registry.manifest import LARGEST_PART, Config, Index, Manifest, parse_config, parse_manifest
from hubctl.registry.memory import Memory
from hubctl.settings import RegistryEntry

_T = TypeVar("_T")


class Offline:
    """Answers as `Registry` does, from what is kept.

    No program is started for a login either: who would ask with such a login is told what anybody may know.
    """

    def __init__(self, registries: Mapping[str, RegistryEntry], environment: Mapping[str, str], kept: Kept) -> None:
        self._registries = registries
        self._logins = Logins(registries, environment)
        self._kept = kept

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the cache."""
        return self._kept.notes

    def tags_of(self, names: Iterable[ImageName]) -> dict[ImageName, Listing | NoAnswer]:
        """Return the last complete tag list of each image, with a note of when it was asked."""
        return {name: _answer(self._list, name) for name in names}

    def digests_of(self, tags: Iterable[tuple[ImageName, str]]) -> dict[tuple[ImageName, str], str | NoAnswer]:
        """Return where tags pointed when they were asked for last."""
        return {pair: _answer(self._digest, *pair) for pair in tags}

    def inspect_all(self, tags: Iterable[tuple[ImageName, str]]) -> dict[tuple[ImageName, str], ImageFacts | NoAnswer]:
        """Return what tags pointed at then, where manifest and config are kept."""
        return {pair: _answer(self._inspect, *pair) for pair in tags}

    def history_of(
        self, tags: Iterable[tuple[ImageName, str]]
    ) -> dict[tuple[ImageName, str], tuple[TagFact, ...] | NoAnswer]:
        """Return that the past of a tag is not kept."""
        return {(name, tag): _unknown(f"the past of `{name}:{tag}`").as_value() for name, tag in tags}

    def _list(self, name: ImageName) -> Listing:
        known = self._memory(name).listing
        if known is None:
            raise _unknown(f"the tags of `{name}`")
        asked, listing = known
        note = f"list of {moment_as_text(asked.replace(microsecond=0))}: `--offline` asks for no newer one"
        return Listing(listing.tags, listing.source, (*listing.notes, note))

    def _digest(self, name: ImageName, tag: str) -> str:
        digest = self._memory(name).digest(tag)
        if digest is None:
            raise _unknown(f"where `{name}:{tag}` points")
        return digest

    def _inspect(self, name: ImageName, tag: str) -> ImageFacts:
        digest = tag if is_digest(tag) else self._digest(name, tag)
        parts = KeptParts(self._kept.blobs, f"`{name}:{tag}`", name.host)
        return image_facts(digest, parts.manifest(digest), parts)

    def _memory(self, name: ImageName) -> Memory:
        at = endpoint(name.host, name.path, self._registries)
        login = self._logins.named(at).login
        return self._kept.memory(at, login if login and _is_whole(login) else None)


class KeptParts:
    """Manifests and configs that are kept; Unanswered, naming the image `what`, where one is not."""

    def __init__(self, blobs: Blobs, what: str, host: str) -> None:
        self._blobs = blobs
        self._what = what
        self.host = host

    def manifest(self, digest: str) -> Index | Manifest:
        """Return the manifest or index of a digest."""
        return parse_manifest(self._kept(digest), "", self.host)

    def config(self, digest: str) -> Config:
        """Return the image config of a digest."""
        return parse_config(self._kept(digest), self.host)

    def _kept(self, digest: str) -> bytes:
        kept = self._blobs.read(digest, LARGEST_PART)
        if kept is None:
            raise _unknown(f"what {self._what} points at")
        return kept


def _answer(ask: Callable[..., _T], *question: object) -> _T | NoAnswer:
    try:
        return ask(*question)
    except Unanswered as problem:
        return problem.as_value()


def _unknown(what: str) -> Unanswered:
    return Unanswered(f"not asked: `--offline`, and nothing is kept of {what}")


def _is_whole(login: Login) -> bool:
    """Whether a login is known, and not only the program that would give it."""
    return bool(login.password or login.identity or login.bearer)
