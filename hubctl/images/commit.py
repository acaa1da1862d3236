"""Commit tags have no order of their own: which one is newer is decided by evidence, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from hubctl.images.board import Tally, none_left
from hubctl.images.case import MOST_ASKED, Case
from hubctl.images.choice import Keep, Take
from hubctl.images.confirm import Manner, pick
from hubctl.images.evidence import is_older, no_image
from hubctl.images.moving import GROWTH

MOVING_WITNESSES = ("latest", "main", "master")
FIRST_BATCH = 4  # as many as a registry is asked at once
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Twins:
    """The candidates that are the same image as a moving tag, newest first; `current`: today's image is it already."""

    moving: str
    tags: tuple[str, ...]
    current: bool

    def moment(self, case: Case) -> dt.datetime | None:
        tags = (*self.tags, case.tag) if self.current else self.tags
        moments = [moment for tag in tags if (moment := case.moment(tag))]
        return max(moments, default=None)


def choose_commit(case: Case, candidates: Sequence[str], tally: Tally) -> Take | Keep | None:
    """Return the newest of `candidates` (in the list's order) by evidence; None where the current tag is the newest.

    In this order: the twin of `latest`, `main` or `master`, the registry's dates of push, the images' dates of
    creation (of all candidates or not at all). Without any of these, or where they tie, the code is `ambiguous`.
    """
    twins = _newest_twins(case, candidates)
    if twins and twins.current:
        return Keep("up-to-date", f"`{twins.moving}` is the same image")
    if twins:
        manner = Manner(f"twin of {twins.moving}", twin_of=twins.moving, unordered=True)
        taken = pick(case, twins.tags, manner, tally)
        if taken:
            for tag in candidates:
                tally.lost.setdefault(tag, f"not the image of `{twins.moving}`")
            return taken
    # A moving tag that points back, or to another branch, leaves only builds of the current image's own branch.
    beyond = bool({"downgrade", "ambiguous", "group"} & tally.codes.keys())
    return choose_by_moment(case, candidates, tally, branch_known=beyond)


def choose_by_moment(
    case: Case, candidates: Sequence[str], tally: Tally, *, unordered: bool = True, branch_known: bool = False
) -> Take | Keep | None:
    """Return the newest of `candidates` by date of push, else of creation; None where the current tag is the newest."""
    left = _unbarred(case, [tag for tag in candidates if tag not in tally.lost], tally)
    manner = Manner("newest by push date", unordered=unordered, branch_known=branch_known)
    moments = _moments(case, left, case.pushed)
    if moments is None:
        manner = Manner("newest by date of creation", unordered=unordered, branch_known=branch_known)
        moments = _creations(case, left, tally)
    if moments is None:
        return none_left(tally) or _undecided(left, tally)
    ranked, tied = _ranked(case, moments, tally)
    taken = pick(case, ranked, manner, tally)
    for tag in tied:
        if taken:
            tally.lost[tag] = "older than the tags that were tried"
        else:
            tally.drop(tag, "ambiguous", "nothing tells which of the tags of one moment is newer")
    return taken or none_left(tally)


def _unbarred(case: Case, tags: Sequence[str], tally: Tally) -> list[str]:
    """Return the tags that the image's group takes; of the others only those that may be newer speak in the result."""
    for tag in tags:
        if barred := case.barred(tag):
            if older := is_older(case, tag):
                tally.lost[tag] = older
            else:
                tally.drop(tag, "group", barred)
    return [tag for tag in tags if tag not in tally.lost]


def _newest_twins(case: Case, candidates: Sequence[str]) -> Twins | None:
    """Return the twins of the newest moving tag by date where all have one, else of the first in order."""
    found: list[Twins] = []
    for moving in MOVING_WITNESSES:
        if moving not in case.tags or (found and not case.digest_at_hand(moving)):
            continue
        twins = _twins(case, moving, candidates, at_hand=bool(found))
        if twins:
            found.append(twins)
    moments = [twins.moment(case) for twins in found]
    if found and all(moments):
        return max(found, key=lambda twins: moment.timestamp() if (moment := twins.moment(case)) else 0.0)
    return found[0] if found else None


def _twins(case: Case, moving: str, candidates: Sequence[str], *, at_hand: bool) -> Twins | None:
    asked = [moving, case.tag] if case.listed and not case.written_digest else [moving]
    digest = case.digests(asked).get(moving)
    if digest is None:
        return None
    current = digest == case.current_digest()
    same = case.of_digest(candidates, digest)
    if not (same or current or at_hand):
        _ask_backwards(case, candidates)
    same.sort(key=lambda tag: (moment.timestamp() if (moment := case.moment(tag)) else 0.0, tag), reverse=True)
    return Twins(moving, tuple(same), current) if same or current else None


def _ask_backwards(case: Case, candidates: Sequence[str]) -> None:
    """Ask for digests from the end of the list, where some registries put what was pushed last, in growing batches.

    A twin that is not among the last `MOST_ASKED` candidates is not looked for.
    """
    unasked = (tag for tag in reversed(candidates) if not (case.digest_at_hand(tag) or case.failure(tag)))
    asked = [tag for tag in candidates if tag in case.known.digests]
    batch = min(max(FIRST_BATCH, GROWTH * len(asked)), MOST_ASKED - len(asked))
    case.digests(list(islice(unasked, max(0, batch))))
    case.digests([tag for tag in asked if case.failure(tag)])  # the twin may be one that could not be asked


def _creations(case: Case, tags: Sequence[str], tally: Tally) -> dict[str, dt.datetime] | None:
    """Return when each image was built, None as soon as one does not say or they are too many to ask.

    It asks in growing batches.
    """
    wanted = [*([case.tag] if case.listed else []), *tags]
    unknown = [tag for tag in wanted if not case.created_at_hand(tag)]
    too_many = len(unknown) > MOST_ASKED
    if too_many or any(tag in case.known.images and not case.failure(tag) for tag in unknown):
        return None
    unasked = [tag for tag in unknown if not case.failure(tag)]
    case.images(unasked[: max(1, len(wanted) - len(unasked))])
    case.images(unknown)
    tally.lost.update((tag, no_image(case, tag)) for tag in tags if case.failure(tag))
    return _moments(case, [tag for tag in tags if not case.failure(tag)], case.created_at_hand)


def _moments(
    case: Case, tags: Sequence[str], moment_of: Callable[[str], dt.datetime | None]
) -> dict[str, dt.datetime] | None:
    """Return the moments of `tags` and of the current tag where it is listed; None where one is missing."""
    moments = {tag: moment_of(tag) for tag in tags}
    if case.listed and not case.failure(case.tag):
        moments[case.tag] = moment_of(case.tag)
    known = {tag: moment for tag, moment in moments.items() if moment}
    return known if len(known) == len(moments) else None


def _ranked(case: Case, moments: dict[str, dt.datetime], tally: Tally) -> tuple[list[str], list[str]]:
    """Return the tags later than the current one, newest first, and apart those from the first tie on.

    Two images of one moment cannot be told apart, least of all by their names.
    """
    current = moments.get(case.tag)
    groups: dict[dt.datetime, list[str]] = {}
    for tag in sorted(moments):
        groups.setdefault(moments[tag], []).append(tag)
    ranked: list[str] = []
    tied: list[str] = []
    for moment in sorted(groups, reverse=True):
        others = [tag for tag in groups[moment] if tag != case.tag]
        if current and moment < current:
            tally.lost.update(dict.fromkeys(others, "older than the current tag"))
        elif tied or not _one_image(case, groups[moment]):
            tied += others
        elif moment == current:
            tally.lost.update(dict.fromkeys(others, "the image of the current tag"))
        else:
            ranked += others
    return ranked, tied


def _one_image(case: Case, tags: Sequence[str]) -> bool:
    digests = {case.digest_at_hand(tag) for tag in tags}
    return len(tags) == 1 or (len(digests) == 1 and None not in digests)


def _undecided(tags: Sequence[str], tally: Tally) -> Keep:
    for tag in tags:
        tally.lost.setdefault(tag, "nothing tells whether it is newer")
    named = ", ".join(f"`{tag}`" for tag in sorted(tags)[:_LISTED])
    more = f" and {len(tags) - _LISTED} more" if len(tags) > _LISTED else ""
    return Keep("ambiguous", f"no moving tag and no date tells which is newer: {named}{more}")
