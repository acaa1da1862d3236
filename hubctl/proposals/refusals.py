"""What people declined: pull requests of hubctl that were closed unmerged, and not by hubctl itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubctl.proposals.forge import PullRequest
from hubctl.proposals.observed import Refusal
from hubctl.proposals.surroundings import Surroundings
from hubctl.show import show


def declined_here(identity: str, pulls: Iterable[PullRequest], surroundings: Surroundings) -> Refusal | None:
    """Return the pull request of this very branch in which a person declined the proposal with this id.

    `pulls` are all of the branch, newest first. One whose marker is gone may have been it. Asks the forge only about
    such a pull request.
    """
    for pull in filter(_is_closed, pulls):
        marker = surroundings.marker(pull)
        if (marker is None or marker.id == identity) and not surroundings.ended(pull.number):
            return _refusal(pull, surroundings, unknown=marker is None)
    return None


def declined_anywhere(
    identity: str, places: frozenset[str], pulls: Iterable[PullRequest], surroundings: Surroundings
) -> Refusal | None:
    """Return the pull request in which a person declined this id, or, in several, each of its places with its tag.

    `pulls` are those of its own branch; those of all branches are looked through, too. Asks the forge only about a
    closed pull request that proposed one of the places.
    """
    refused: set[str] = set()
    for pull in _proposing(places, tuple(filter(_is_closed, pulls)), surroundings):
        marker = surroundings.marker(pull)
        if marker is None or surroundings.ended(pull.number):
            continue
        refused |= places & set(marker.places)
        if marker.id == identity or places <= refused:
            return _refusal(pull, surroundings, unknown=False)
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


def _refusal(pull: PullRequest, surroundings: Surroundings, *, unknown: bool) -> Refusal:
    if unknown:
        return Refusal(pull.number, unknown=True)
    by = surroundings.closed_by(pull.number)
    return Refusal(pull.number, show(by) if by else None, show(pull.closed_at[:10]) if pull.closed_at else None)
