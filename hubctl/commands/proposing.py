"""`bump-image` as pull requests: from the base branch's tip to one living pull request for each unit of review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from hubctl.adapters.clock import Waiting
from hubctl.adapters.files import WorkTree
from hubctl.adapters.git import absent_paths
from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.bump_image import Planned, plan_bump
from hubctl.commands.editing import edited
from hubctl.commands.finding import find
from hubctl.commands.past import Base
from hubctl.commands.requests import BumpImage
from hubctl.commands.starting import Start, starting
from hubctl.commands.world import World
from hubctl.errors import HubctlError
from hubctl.proposals.acting import PullRequestResult
from hubctl.proposals.destination import Wishes
from hubctl.proposals.forking import permitted, with_fork
from hubctl.proposals.plan import Change, Skip
from hubctl.proposals.propose import propose_all
from hubctl.proposals.units import Seat, Selection, Unit, branches_of, divide
from hubctl.proposals.wording import words
from hubctl.show import show

VERB = "bump-image"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan made from the base commit, its units, and where they go (None where nothing is sent).

    `quiet` are the branches of what was looked at and has no unit, with the reason. `waiting` is the run's budget.
    """

    planned: Planned
    units: tuple[Unit, ...]
    quiet: Mapping[str, str]
    start: Start
    waiting: Waiting


@contextmanager
def preparing(request: BumpImage, world: World) -> Iterator[Proposal]:
    """Give everything a pull request needs; nothing is pushed, repository and token are checked first.

    What was fetched for it alone is gone afterwards. Raises as `starting`, and as planning does.
    """
    waiting = Waiting(request.sources.max_wait)
    with starting(request, world, waiting) as start:
        repository, base = start.repository, start.base
        with CommitTree(repository, start.tip) as tree:
            planned = plan_bump(
                request, start.world, find(tree, start.world.settings.staging), waiting, Base(repository, start.tip)
            )
        planned = replace(planned, notes=(*planned.notes, *_differing(planned, start.world, base)))
        units = _units(planned, request, start.world)
        quiet = _quiet(planned, units, request, start.world)
        yield Proposal(planned, units, quiet, start, waiting)


def printed(proposal: Proposal, request: BumpImage) -> Iterator[str]:
    """Yield the text of each pull request as it would be opened."""
    for unit in proposal.units:
        said = words(unit, base=proposal.start.base, named=request.to is not None)
        yield f"{said.title}\n{unit.branch} → {proposal.start.base}\n\n{said.body}"


def carry_out(proposal: Proposal, request: BumpImage) -> tuple[tuple[PullRequestResult, ...], tuple[HubctlError, ...]]:
    """Propose every unit and return the results and the failures; a missing right ends the run, others do not.

    A fork is made only now. Labels, assignees and reviewers that the token has no right to set are left out, which
    the first pull request says for all.
    """
    destination = proposal.start.destination
    if destination is None or not (proposal.units or (proposal.quiet and not destination.target.unmade)):
        return (), ()
    wishes, left_out = permitted(_wishes(request, proposal.start.world), destination.target)
    try:
        if destination.target.unmade:
            destination = with_fork(destination, proposal.waiting)
        done, failed = propose_all(proposal.units, destination, wishes, proposal.quiet)
    except HubctlError as error:
        return (), (error,)
    return tuple(_said_once(done, left_out)), tuple(each.error for each in failed)


def _said_once(done: tuple[PullRequestResult, ...], left_out: str | None) -> Iterator[PullRequestResult]:
    """Add a warning to the first pull request there is."""
    for result in done:
        if left_out is not None and result.number is not None:
            yield replace(result, warnings=(*result.warnings, left_out))
            left_out = None
        else:
            yield result


def _wishes(request: BumpImage, world: World) -> Wishes:
    wanted, settings = request.proposing, world.settings
    return Wishes(
        labels=wanted.labels or settings.labels,
        reviewers=wanted.reviewers or settings.reviewers,
        assignees=wanted.assignees or settings.assignees,
        draft=wanted.draft,
        named=request.to is not None,
        again=wanted.again,
        take_over=wanted.take_over,
        supersede_approved=wanted.supersede_approved,
        most_open=settings.max_open if wanted.most_open is None else wanted.most_open,
    )


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


def _quiet(planned: Planned, units: tuple[Unit, ...], request: BumpImage, world: World) -> dict[str, str]:
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
    return {branch: _reason(counted) for branch, counted in codes.items() if branch not in used}


def _reason(codes: Counter[str]) -> str:
    if codes.keys() <= {"up-to-date", "same-digest"}:
        return "base has these values already"
    return f"nothing to propose there now, {', '.join(f'{count} {code}' for code, count in sorted(codes.items()))}"


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


def _differing(planned: Planned, world: World, base: str) -> Iterator[str]:
    """Yield a note for each file of the plan that is another one on disk: the pull request starts from base."""
    if world.git is None or world.git.bare:
        return
    disk, absent = WorkTree(world.root), absent_paths(world.git)
    for edit in planned.plan.edits:
        if edit.file in absent:
            continue
        try:
            same = disk.read(edit.file) == edit.before
        except HubctlError:
            same = False
        if not same:
            yield f"`{show(edit.file)}` differs in your work tree: the pull request starts from `{show(base)}`"
