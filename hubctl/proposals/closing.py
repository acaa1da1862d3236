"""Open pull requests of hubctl that this run has no use for any more: done on base, or taken over by others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard

from hubctl.proposals.acting import PullRequestResult, Turn, delete_branch
from hubctl.proposals.commit import Commit
from hubctl.proposals.deciding import settled
from hubctl.proposals.destination import Destination, Proposal, Wishes
from hubctl.proposals.forge import PullRequest
from hubctl.proposals.identity import MARKED_PLACES, PREFIX, Marker
from hubctl.proposals.observe import Ending, Seen
from hubctl.proposals.observed import Decision
from hubctl.proposals.offer import Offer, Words, contained
from hubctl.proposals.surroundings import Surroundings


def taken_over(
    offers: Sequence[Offer],
    quiet: Collection[str],
    destination: Destination,
    wishes: Wishes,
    surroundings: Surroundings,
) -> dict[int, tuple[str, ...]]:
    """Return own open pull requests whose every place is in units of this run, by number, with those units' branches.

    So it is after a change of `--group`. What another selection opened stays where either is narrower than its units,
    and so does what people approved or committed to.
    """
    own = {
        pull.head_ref: pull
        for pull in surroundings.open
        if pull.head_ref not in quiet and _is_here(pull, destination) and surroundings.is_us(pull.author)
    }
    markers = {branch: marker for branch, pull in own.items() if _is_whole(marker := surroundings.marker(pull))}
    found: dict[int, tuple[str, ...]] = {}
    for branch, heirs in contained(markers, offers).items():
        decision = _decided(own[branch], Ending(covered=(0,)), destination, wishes, surroundings)[1]
        if decision.action == "close":
            found[own[branch].number] = heirs
    return found


def quiet_endings(
    quiet: Mapping[str, Ending], destination: Destination, surroundings: Surroundings
) -> Iterator[tuple[PullRequest, Ending]]:
    """Yield the open pull requests of branches for which the run has no unit, and why it has none."""
    for pull in _by_number(surroundings):
        if pull.head_ref in quiet and _is_here(pull, destination) and surroundings.marker(pull) is not None:
            yield pull, quiet[pull.head_ref]


def heirs_endings(
    heirs: Mapping[int, tuple[str, ...]], done: Iterable[PullRequestResult], surroundings: Surroundings
) -> Iterator[tuple[PullRequest, Ending]]:
    """Yield the open pull requests that others, open now, have taken over."""
    living = {made.branch: made.number for made in done if made.operation in {"created", "updated", "unchanged"}}
    for pull in _by_number(surroundings):
        numbers = [living.get(branch) for branch in heirs.get(pull.number, ())]
        covered = tuple(sorted(number for number in numbers if number is not None))
        if covered and len(covered) == len(numbers):
            yield pull, Ending(covered=covered)


def end(
    pull: PullRequest, why: Ending, destination: Destination, wishes: Wishes, surroundings: Surroundings
) -> PullRequestResult | None:
    """Do with a pull request that this run has no use for what the table says; None where it is closed meanwhile."""
    seen, decision = _decided(pull, why, destination, wishes, surroundings)
    return None if decision.number is None else Turn(seen).take(decision)


def left_over(
    offers: Iterable[Offer], quiet: Collection[str], destination: Destination, surroundings: Surroundings
) -> Iterator[PullRequest]:
    """Yield pull requests that an earlier run closed, and whose branch it then did not come to delete.

    Only of branches this run has looked at, or whose places it has; only where the branch still has the very head of
    the pull request, and hubctl's own note says that hubctl closed it.
    """
    busy = {offer.branch for offer in offers} | {pull.head_ref for pull in surroundings.open}
    if not busy and not quiet:
        return
    left = {name: tip for name, tip in (surroundings.tips or {}).items() if name not in busy}
    for pull in surroundings.closed() if left else ():
        marker = surroundings.marker(pull)
        known = pull.head_ref in quiet or (marker is not None and contained({pull.head_ref: marker}, offers))
        stands = _is_here(pull, destination) and left.get(pull.head_ref) == pull.head_sha
        if known and stands and surroundings.ended(pull.number):
            yield pull


def end_branch(pull: PullRequest, destination: Destination) -> PullRequestResult:
    """Delete the branch of a pull request that was closed, if it still has its head."""
    failed = delete_branch(destination, pull.head_ref, pull.head_sha)
    return PullRequestResult(pull.number, pull.url, pull.head_ref, "superseded", failed)


def _decided(
    pull: PullRequest, why: Ending, destination: Destination, wishes: Wishes, surroundings: Surroundings
) -> tuple[Seen, Decision]:
    tip = destination.tip
    offer = Offer(branch=pull.head_ref, edits=(), said=Words(id="", title="", message="", body=""))
    proposal = Proposal(offer, Commit(sha=tip, tree="", base=tip))
    return settled(proposal, destination, wishes, surroundings, why)


def _is_here(pull: PullRequest, destination: Destination) -> bool:
    """Whether it comes from a branch of hubctl in the repository that is pushed to."""
    there = (pull.head_repository or "").casefold() == destination.target.head_repository.casefold()
    return there and pull.head_ref.startswith(PREFIX)


def _is_whole(marker: Marker | None) -> TypeGuard[Marker]:
    """A marker with as many places as one can have may have been cut."""
    return marker is not None and len(marker.places) < MARKED_PLACES


def _by_number(surroundings: Surroundings) -> list[PullRequest]:
    return sorted(surroundings.open, key=lambda pull: pull.number)
