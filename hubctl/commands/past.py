"""What the base branch's history says of places: since when a tag is on staging."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hubctl.adapters.git import Repository
from hubctl.adapters.git_fetch import HISTORY_SECONDS, Side, deepened, fetch_blobs
from hubctl.adapters.git_history import read_blobs
from hubctl.adapters.git_moments import FileState, states_of
from hubctl.errors import GitRefused, HubctlError, Unparseable
from hubctl.fleet.staging import Place, Standing, Version, Written, standing
from hubctl.images.choice import Unknown
from hubctl.images.reference import parse_name
from hubctl.images.sites import find_sites

_TOGETHER = 8  # states of a file whose contents are read at once
_WITHOUT_GIT = Unknown("no-history", "there is no git history that says since when a tag is on staging")
_CUT_OFF = Unknown("no-history", "history not known: this shallow clone does not say since when a tag is on staging")


@dataclass(frozen=True, slots=True)
class Base:
    """Where the past is read: the commit the plan starts from, None without a repository or before the first commit."""

    repository: Repository | None = None
    commit: str | None = None


def standings_of(
    base: Base, places: Iterable[Place], now: dt.datetime, soak: dt.timedelta
) -> dict[Place, Standing | Unknown]:
    """Return what history says of each place, `Unknown` where it does not reach far enough back or cannot be read.

    A store fetches older history, step by step and for at most a minute, until that is known; a clone stays as it is.
    """
    wanted = tuple(dict.fromkeys(places))
    repository, commit = base.repository, base.commit
    if repository is None or commit is None or not wanted:
        return dict.fromkeys(wanted, _WITHOUT_GIT)
    found: dict[Place, Standing | Unknown] = {}
    reader = _Reader(repository)
    sides = [Side(repository.source, "", commit)] if repository.source else []
    for _ in deepened(repository, sides, HISTORY_SECONDS):
        reader.states.clear()
        found |= {place: _looked_up(reader, commit, place, now, soak) for place in wanted}
        wanted = tuple(place for place in wanted if isinstance(found[place], Unknown))
        if not wanted:
            break
    return found


def _looked_up(reader: _Reader, commit: str, place: Place, now: dt.datetime, soak: dt.timedelta) -> Standing | Unknown:
    try:
        said = standing(reader.versions(commit, place), now, soak)
    except HubctlError as error:
        return Unknown("no-history", f"since when a tag is on staging could not be read: {error.message}")
    return said if said.known else _CUT_OFF


@dataclass(slots=True)
class _Reader:
    """The states of files, as far as history is here, and what they hold, each contents read and searched once."""

    repository: Repository
    states: dict[str, tuple[FileState, ...]] = field(default_factory=dict)
    _contents: dict[str, bytes] = field(default_factory=dict)
    _found: dict[str, Mapping[str, tuple[str | None, Written]]] = field(default_factory=dict)

    def versions(self, commit: str, place: Place) -> Iterator[Version]:
        """Yield the states of a place, newest first; nothing is read that nobody asks for."""
        if place.file not in self.states:
            self.states[place.file] = states_of(self.repository, commit, place.file)
        states = self.states[place.file]
        for number, state in enumerate(states):
            yield Version(state.moment, self._written(states[number : number + _TOGETHER], place), edge=state.edge)

    def _written(self, states: tuple[FileState, ...], place: Place) -> Written | None:
        """Return what the first of `states` has at a place; None where that is no place of its image."""
        blob = states[0].blob
        if blob is None:
            return None
        if blob not in self._contents:
            self._read([state.blob for state in states if state.blob is not None])
        if blob not in self._found:
            self._found[blob] = _images(self._contents[blob], place.file)
        image, written = self._found[blob].get(place.key_path, (None, None))
        return written if image in {None, place.image} else None

    def _read(self, blobs: list[str]) -> None:
        wanted = [blob for blob in dict.fromkeys(blobs) if blob not in self._contents]
        fetch_blobs(self.repository, wanted)
        self._contents |= dict(read_blobs(self.repository, wanted))
        if blobs[0] not in self._contents:
            raise GitRefused("the contents of an older version of a file are not in this clone")


def _images(data: bytes, file: str) -> dict[str, tuple[str | None, Written]]:
    """Return what a text writes at each key path: the image's normalised name, None where only a tag stands there."""
    try:
        sites = find_sites(data, file)
    except Unparseable:
        return {}
    found: dict[str, tuple[str | None, Written]] = {}
    for site in sites:
        name = parse_name(site.image) if site.image is not None else None
        found[site.key_path] = (name.key if name else None, Written(site.tag, site.digest))
    return found
