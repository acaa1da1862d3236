"""What became of every tag of the list: what was dropped and why, and the table of it that `--explain` prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import nlargest

from hubctl.images.case import Case
from hubctl.images.choice import Candidate, Keep
from hubctl.images.shape import Shape, order_key, shape_of

CANDIDATE_LIMIT = 2_000

# Where every candidate was dropped, the first of these that befell one names the result.
_NONE_LEFT = ("too-young", "ambiguous", "downgrade", "unconfirmed", "group")
# What speaks against a tag for one image speaks against it for all of its group; these speak of the site alone.
_OF_SITE = ("same-digest", "downgrade")


@dataclass(slots=True)
class Tally:
    """What was dropped so far, and why: `lost` by tag for `--explain`, `codes` of the candidates that were tried.

    `refused` are the tags that the image's group should not take either.
    """

    lost: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def drop(self, tag: str, code: str, why: str) -> None:
        self.lost[tag] = why
        self.codes.setdefault(code, f"`{tag}`: {why}")
        if code not in _OF_SITE:
            self.refused[tag] = why

    def shut_out(self, tag: str, why: str) -> None:
        """Note a tag that is no candidate at all."""
        self.lost[tag] = self.refused[tag] = why


def none_left(tally: Tally) -> Keep | None:
    """Return why nothing is taken where candidates were tried and all were dropped; None where none was tried."""
    for code in _NONE_LEFT:
        if code in tally.codes:
            return Keep(code, tally.codes[code])
    return None


def board(case: Case, tally: Tally, winner: str | None = None) -> tuple[Candidate, ...]:
    """Return every tag but the current one with why it lost: the current shape first, newest first."""
    shape = shape_of(case.tag)

    def rank(tag: str) -> tuple[tuple[int, ...], float, str]:
        key = order_key(tag) if shape_of(tag) == shape else None
        moment = None if key else case.moment(tag)
        return key or (), moment.timestamp() if moment else 0.0, tag

    left_out = {case.tag, winner}
    alike = [tag for tag in case.usable.by_shape.get(shape, ()) if tag not in left_out]
    ranked = [winner] if winner and winner != case.tag else []
    ranked += nlargest(CANDIDATE_LIMIT, alike, key=rank)
    if len(ranked) < CANDIDATE_LIMIT:
        unlike = (tag for tag in case.tags if tag not in left_out and shape_of(tag) != shape)
        ranked += nlargest(CANDIDATE_LIMIT, unlike, key=rank)
    return tuple(
        candidate(case, tag, None if tag == winner else tally.lost.get(tag) or by_shape(tag, shape))
        for tag in ranked[:CANDIDATE_LIMIT]
    )


def candidate(case: Case, tag: str, lost: str | None) -> Candidate:
    """Return a tag of the list as it is told; `lost` is why it was not taken, None for the winner."""
    return Candidate(tag, lost, case.pushed(tag), case.created_at_hand(tag))


def by_shape(tag: str, shape: Shape) -> str:
    """Return why a tag that was never tried lost to the current one, which has `shape`."""
    other = shape_of(tag)
    return "not newer than the current tag" if other == shape else f"another shape: {other}"
