"""What one unit of review offers to the forge: a branch, its files and its words, whichever verb it is of (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hubctl.proposals.identity import Marker, spot
from hubctl.proposals.plan import Change, FileEdit


@dataclass(frozen=True, slots=True)
class Words:
    """`title` of commit and pull request, `message` of the commit with its trailer, `body` with its markers."""

    id: str
    title: str
    message: str
    body: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One branch with one commit and one pull request, as they should be.

    `places` stand for what is changed, whole as in `place_id`; `wanted` are lines of Markdown that say it in a comment.
    `narrowed` and `selection` are as in `Marker`. `changes` are those of tags, whose history says whether they were
    taken back; none where there are no tags.
    """

    branch: str
    edits: tuple[FileEdit, ...]
    said: Words
    places: frozenset[str] = frozenset()
    wanted: tuple[str, ...] = ()
    narrowed: bool = False
    selection: str = ""
    changes: tuple[Change, ...] = ()


def contained(opened: Mapping[str, Marker], offers: Iterable[Offer]) -> dict[str, tuple[str, ...]]:
    """Return the branches of open pull requests whose every change is in other offers, each with the branches of those.

    `opened` are the markers of hubctl's own open pull requests into one base, by branch; `offers` those of this run
    that have, or are about to get, a pull request into it. After a change of `--group` such a pull request is
    superseded: where the selection is the same, or none was narrower than its units. Its places, whatever the tags
    are, may be spread over several offers, or be a part of one. A pull request on the branch of one of the offers is
    its own and never named; one that says nothing of its changes, neither.
    """
    known = [(offer, {spot(place) for place in offer.places}) for offer in offers]
    places = {offer.branch: held for offer, held in known}
    found: dict[str, tuple[str, ...]] = {}
    for branch, marker in opened.items():
        wanted = {spot(place) for place in marker.places}
        holding = sorted(
            offer.branch for offer, held in known if not wanted.isdisjoint(held) and _regrouped(marker, offer)
        )
        everything = set[str]().union(*(places[other] for other in holding))
        if wanted and branch not in places and wanted <= everything:
            found[branch] = tuple(holding)
    return found


def _regrouped(marker: Marker, offer: Offer) -> bool:
    return marker.selection == offer.selection or not (marker.narrowed or offer.narrowed)
