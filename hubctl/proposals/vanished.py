"""Whether anything is left of a proposal: base may have got its values, or newer ones, by other hands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from hubctl.adapters.git import Repository
from hubctl.adapters.git_fetch import fetch_blobs
from hubctl.adapters.git_history import changes_of, read_blobs
from hubctl.adapters.git_tree import CommitTree
from hubctl.errors import HubctlError, Unparseable
from hubctl.images.sites import find_sites

_LOOKED_THROUGH = 50  # commits that changed one file
_Places: TypeAlias = Mapping[str, tuple[str | None, str | None, str | None]]


def has_vanished(repository: Repository, span: tuple[str, str], base: str) -> bool:
    """Return whether base has another value now in every place that the commits `span` (before, after) differ in.

    False where that cannot be told: a file that cannot be read, or a commit that changes no place.
    """
    try:
        changed = _changed(repository, span)
        with CommitTree(repository, base) as tree:
            now = {file: _places(tree.read(file)) if tree.entry(file) else {} for file in changed}
    except HubctlError:
        return False
    both = [(now[file].get(place), old) for file, places in changed.items() for place, old in places.items()]
    return bool(both) and all(value != old for value, old in both)


def done_in(repository: Repository, span: tuple[str, str], base: str) -> str:
    """Return the newest commit of `base` that gave a place of `span` its present value, `base` where none is known."""
    try:
        changed = _changed(repository, span)
        found = [_brought(repository, base, file, places) for file, places in changed.items()]
    except HubctlError:
        return base
    ages = [each for each in found if each is not None]
    return min(ages)[1] if ages else base


def _changed(repository: Repository, span: tuple[str, str]) -> dict[str, _Places]:
    """Return the places that two commits differ in, with their values in the first, by file."""
    with CommitTree(repository, span[0]) as before, CommitTree(repository, span[1]) as after:
        files = [path for path in after.paths() if after.entry(path) != before.entry(path) and before.entry(path)]
        found = {}
        for file in files:
            old, new = _places(before.read(file)), _places(after.read(file))
            found[file] = {place: value for place, value in old.items() if new.get(place) != value}
    return {file: places for file, places in found.items() if places}


def _brought(repository: Repository, base: str, file: str, places: _Places) -> tuple[int, str] | None:
    """Return age and id of the newest commit after which none of the places had its old value."""
    changes = changes_of(repository, base, file, merged=False)[:_LOOKED_THROUGH]
    blobs = tuple(dict.fromkeys(change.before for change in changes if change.before in change.blobs))
    fetch_blobs(repository, blobs)
    known = {blob: _readable(data) for blob, data in read_blobs(repository, blobs)}
    for change in changes:
        before = known.get(change.before, {})
        if any(before.get(place) == old for place, old in places.items()):
            return change.age, change.commit
    return None


def _readable(data: bytes) -> _Places:
    try:
        return _places(data)
    except Unparseable:
        return {}


def _places(data: bytes) -> _Places:
    return {site.key_path: (site.image, site.tag, site.digest) for site in find_sites(data, "")}
