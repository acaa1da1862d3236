"""Whether base already had the proposed tags and somebody took them back: read from git, no database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hubctl.adapters.git import Repository
from hubctl.adapters.git_fetch import HISTORY_SECONDS, Side, deepened, fetch_blobs
from hubctl.adapters.git_history import FileChange, changes_of, message_of, read_blobs
from hubctl.errors import HubctlError, Unparseable
from hubctl.images.sites import find_sites
from hubctl.proposals.plan import Change

_READ = 200  # versions of one file that hold the tag
_NUMBER = re.compile(r"Merge pull request #(?P<merged>\d{1,9})\b|[^\n]*\(#(?P<squashed>\d{1,9})\)(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The commit of base that took a tag from its place; `number` is the pull request that had brought it.

    `number` is None where the commit that brought the tag does not say, as GitHub's merges do.
    """

    sha: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What history says: `back` is the newest commit that took back, None without one in what is known.

    `known`: all of base's history could be read, so that None means that there is none.
    """

    back: TakenBack | None
    known: bool = True


def look_back(
    repository: Repository, base: str, changes: Iterable[Change], seconds: float = HISTORY_SECONDS
) -> LookedBack:
    """Return whether one of the wanted tags stood in its very place on `base` before, whoever put it there.

    A store fetches older history, step by step and for at most `seconds`, until that is known.
    """
    wanted: dict[str, dict[str, set[str]]] = {}
    for change in changes:
        if change.new != change.old:  # a moving tag stays the same; which digest it had says nothing
            wanted.setdefault(change.site.file, {}).setdefault(change.new, set()).add(change.site.key_path)
    if not wanted:
        return LookedBack(None)
    known = False
    sides = [Side(repository.source, "", base)] if repository.source else []
    for complete in deepened(repository, sides, seconds):
        known = complete
        try:
            back = _newest(repository, base, wanted)
        except HubctlError:  # contents of old files that the remote does not give in time
            return LookedBack(None, known=False)
        if back is not None:
            return LookedBack(back)
    return LookedBack(None, known=known)


def _newest(repository: Repository, base: str, wanted: Mapping[str, Mapping[str, set[str]]]) -> TakenBack | None:
    """Look along the first parents, where a merge is one change, then at what was merged commit by commit."""
    walks = [{file: changes_of(repository, base, file, merged=merged) for file in wanted} for merged in (False, True)]
    listed = {one for history in walks for changes in history.values() for one in changes}
    fetch_blobs(repository, {blob for one in listed for blob in one.blobs})
    for history in walks[: 1 if walks[0] == walks[1] else 2]:
        found = [
            taken
            for file, tags in wanted.items()
            for tag, places in tags.items()
            if (taken := _taken(repository, history[file], tag, places)) is not None
        ]
        if found:
            _, sha, brought = min(found, key=lambda one: one[0])
            return TakenBack(sha, _number(repository, brought) if brought else None)
    return None


def _number(repository: Repository, commit: str) -> int | None:
    named = _NUMBER.match(message_of(repository, commit))
    return int(named["merged"] or named["squashed"]) if named else None


def _taken(
    repository: Repository, changes: tuple[FileChange, ...], tag: str, places: set[str]
) -> tuple[int, str, str | None] | None:
    """Return the newest loss of a tag as (age, commit, the commit that had brought it), None without one."""
    if not any(change.before in change.blobs for change in changes):
        return None  # the file was made and never changed
    having = _versions_with(repository, changes, tag)
    none: frozenset[str] = frozenset()
    for index, change in enumerate(changes):
        lost = places & having.get(change.before, none) - having.get(change.after, none)
        if lost:
            older = changes[index + 1 :]
            brought = (one.commit for one in older if lost & having.get(one.after, none) - having.get(one.before, none))
            return change.age, change.commit, next(brought, None)
    return None


def _versions_with(repository: Repository, changes: tuple[FileChange, ...], tag: str) -> dict[str, frozenset[str]]:
    """Return the key paths that had the tag, for each version of a file that held it; none where it is unreadable."""
    blobs = dict.fromkeys(blob for change in changes for blob in change.blobs)
    having: dict[str, frozenset[str]] = {}
    for blob, data in read_blobs(repository, tuple(blobs)):
        if tag.encode() not in data:
            continue
        try:
            having[blob] = frozenset(site.key_path for site in find_sites(data, blob) if site.tag == tag)
        except Unparseable:
            continue
        if len(having) >= _READ:
            break
    return having
