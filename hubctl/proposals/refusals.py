"""What people declined: pull requests of hubctl that were closed unmerged, and not by hubctl itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubctl.proposals.forge import Forge, PullRequest
from hubctl.proposals.notes import SUPERSEDED, has_note
from hubctl.proposals.observed import Refusal
from hubctl.proposals.surroundings import Surroundings
from hubctl.show import show


def declined(
    identity: str, places: frozenset[str], pulls: Iterable[PullRequest], forge: Forge, surroundings: Surroundings
) -> Refusal | None:
    """Return the pull request in which a person declined a proposal with this id, or, in several, each of its places.

    `pulls` are those of its own branch, newest first; those of other branches are looked for where these do not tell.
    Asks the forge about a closed pull request only where it proposed one of the places.
    """
    own = tuple(pull for pull in pulls if _is_closed(pull))
    for pull in own:
        marker = surroundings.marker(pull)
        if (marker is None or marker.id == identity) and not _is_ours(pull, forge, surroundings):
            return _refusal(pull, forge, unknown=marker is None)
    refused: set[str] = set()
    for pull in _proposing(places, own, surroundings):
        marker = surroundings.marker(pull)
        if marker is None or _is_ours(pull, forge, surroundings):
            continue
        refused |= places & set(marker.places)
        if marker.id == identity or places <= refused:
            return _refusal(pull, forge, unknown=False)
    return None


def _proposing(
    places: frozenset[str], own: tuple[PullRequest, ...], surroundings: Surroundings
) -> Iterator[PullRequest]:
    """Yield the closed pull requests, of this branch first, that proposed one of the places."""
    known = {pull.number for pull in own}
    for pull in (*own, *(each for each in surroundings.closed() if each.number not in known)):
        marker = surroundings.marker(pull)
        if marker is not None and not places.isdisjoint(marker.places):
            yield pull


def _is_closed(pull: PullRequest) -> bool:
    return pull.state == "closed" and not pull.merged


def _is_ours(pull: PullRequest, forge: Forge, surroundings: Surroundings) -> bool:
    """Return whether hubctl closed it by itself: then its own note says so."""
    return has_note(forge, pull.number, SUPERSEDED, surroundings.is_us)


def _refusal(pull: PullRequest, forge: Forge, *, unknown: bool) -> Refusal:
    if unknown:
        return Refusal(pull.number, unknown=True)
    by = forge.closed_by(pull.number)
    return Refusal(pull.number, show(by) if by else None, show(pull.closed_at[:10]) if pull.closed_at else None)
