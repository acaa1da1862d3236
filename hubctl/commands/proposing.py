"""`bump-image` as pull requests: from the base branch's tip to one living pull request for each unit of review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from hubctl.adapters.clock import Waiting
from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.bump_image import Planned, plan_bump
from hubctl.commands.editing import edited
from hubctl.commands.finding import find
from hubctl.commands.past import Base
from hubctl.commands.requests import BumpImage
from hubctl.commands.sending import as_printed, differing, sent, wishes_of
from hubctl.commands.starting import Start, starting
from hubctl.commands.world import World
from hubctl.errors import HubctlError
from hubctl.proposals.acting import PullRequestResult
from hubctl.proposals.observe import Ending
from hubctl.proposals.offer import Offer
from hubctl.proposals.plan import Change, Skip
from hubctl.proposals.units import Seat, Selection, Unit, branches_of, divide
from hubctl.proposals.wording import offered

VERB = "bump-image"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan made from the base commit, its units, and where they go (None where nothing is sent).

    `quiet` are the branches of what was looked at and has no unit, and why. `waiting` is the run's budget.
    """

    planned: Planned
    units: tuple[Unit, ...]
    quiet: Mapping[str, Ending]
    start: Start
    waiting: Waiting


@contextmanager
def preparing(request: BumpImage, world: World) -> Iterator[Proposal]:
    """Give everything a pull request needs; nothing is pushed, repository and token are checked first.

    What was fetched for it alone is gone afterwards. Raises as `starting`, and as planning does.
    """
    waiting = Waiting(request.sources.max_wait)
    with starting(request.proposing, world, waiting) as start:
        repository, base = start.repository, start.base
        with CommitTree(repository, start.tip) as tree:
            planned = plan_bump(
                request, start.world, find(tree, start.world.settings.staging), waiting, Base(repository, start.tip)
            )
        planned = replace(planned, notes=(*planned.notes, *differing(planned.plan.edits, start.world, base)))
        units = _units(planned, request, start.world)
        quiet = _quiet(planned, units, request, start.world)
        yield Proposal(planned, units, quiet, start, waiting)


def printed(proposal: Proposal, request: BumpImage) -> Iterator[str]:
    """Yield the text of each pull request as it would be opened."""
    for offer in _offers(proposal, request):
        yield as_printed(offer, proposal.start.base)


def carry_out(proposal: Proposal, request: BumpImage) -> tuple[tuple[PullRequestResult, ...], tuple[HubctlError, ...]]:
    """Propose every unit and return the results and the failures, as `sent`."""
    wanted, start = request.proposing, proposal.start
    wishes = wishes_of(wanted, start.world.settings, named=request.to is not None, again=wanted.again)
    return sent(tuple(_offers(proposal, request)), start, proposal.waiting, wishes=wishes, quiet=proposal.quiet)


def _offers(proposal: Proposal, request: BumpImage) -> Iterator[Offer]:
    named = request.to is not None
    return (offered(unit, base=proposal.start.base, named=named) for unit in proposal.units)


def _units(planned: Planned, request: BumpImage, world: World) -> tuple[Unit, ...]:
    def apply(before: bytes, changes: tuple[Change, ...]) -> bytes:
        return edited(before, changes, planned.houses(changes[0].site.file))

    return divide(
        planned.plan,
        verb=VERB,
        group=request.proposing.group or world.settings.group,
        selection=_selection(planned, request),
        clusters=planned.found.fleet.clusters,
        apply=apply,
    )


def _quiet(planned: Planned, units: tuple[Unit, ...], request: BumpImage, world: World) -> dict[str, Ending]:
    """Return the branches on which the places that stay as they are would have their unit, where there is none."""
    seats = {skip: _seat(planned, skip) for skip in _left_alone(planned)}
    branches = branches_of(
        seats.values(),
        verb=VERB,
        group=request.proposing.group or world.settings.group,
        selection=_selection(planned, request),
        clusters=planned.found.fleet.clusters,
    )
    codes: dict[str, Counter[str]] = {}
    for skip, seat in seats.items():
        codes.setdefault(branches[seat], Counter())[skip.code] += 1
    used = {unit.branch for unit in units}
    return {branch: _ending(counted) for branch, counted in codes.items() if branch not in used}


def _ending(codes: Counter[str]) -> Ending:
    if codes.keys() <= {"up-to-date", "same-digest"}:
        return Ending()
    listed = ", ".join(f"{count} {code}" for code, count in sorted(codes.items()))
    return Ending(idle=f"nothing to propose there now, {listed}")


def _left_alone(planned: Planned) -> Iterator[Skip]:
    """Yield the places that were looked at and have no change."""
    yield from (skip for skip in planned.plan.skips if skip.code != "role" and skip.image is not None)
    yield from (skip for skip in planned.plan.unknown if skip.image is not None)


def _seat(planned: Planned, skip: Skip) -> Seat:
    hubs = tuple(hub.id for hub in planned.found.index.hubs_of(skip.site.file))
    return Seat(skip.site.file, skip.image or "", hubs)


def _selection(planned: Planned, request: BumpImage) -> Selection:
    images = {change.image for change in planned.plan.changes}
    images |= {str(skip.image) for skip in _left_alone(planned)}
    return Selection(
        cluster=request.cluster,
        hub=request.hub,
        images=tuple(sorted(images)) if request.image else (),
        roles=request.roles,
    )
