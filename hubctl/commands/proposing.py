"""`bump-image` as pull requests: from the base branch's tip to one living pull request for each unit of review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hubctl.adapters.clock import Waiting
from hubctl.adapters.files import WorkTree
from hubctl.adapters.gh import gh_token
from hubctl.adapters.git import Repository, absent_paths, checked_branch, default_branch, remotes, tracking_tip
from hubctl.adapters.git_fetch import fetch_tip
from hubctl.adapters.git_run import Access
from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.bump_image import Planned, plan_bump
from hubctl.commands.editing import edited
from hubctl.commands.finding import find
from hubctl.commands.past import Base
from hubctl.commands.requests import BumpImage
from hubctl.commands.world import World
from hubctl.errors import GitRefused, HubctlError, NotFound
from hubctl.proposals.commit import committer
from hubctl.proposals.destination import Destination, Wishes
from hubctl.proposals.github import GitHub
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_pace import pace_of
from hubctl.proposals.github_refusal import Token
from hubctl.proposals.plan import Change, Skip
from hubctl.proposals.propose import PullRequestResult, propose_all
from hubctl.proposals.settling import settle
from hubctl.proposals.target import Aim, choose, find_token
from hubctl.proposals.units import Seat, Selection, Unit, branches_of, divide
from hubctl.proposals.wording import words
from hubctl.show import show

VERB = "bump-image"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan made from the base commit, its units, and where they go (None where nothing is sent).

    `quiet` are the branches of what was looked at and has no unit, with the reason.
    """

    planned: Planned
    units: tuple[Unit, ...]
    quiet: Mapping[str, str]
    base: str
    destination: Destination | None


def prepare(request: BumpImage, world: World) -> Proposal:
    """Return everything a pull request needs; nothing is pushed, repository and token are checked first.

    `--print-pr` reads the remote-tracking branch of the clone and asks neither git's remote nor the forge.
    GitRefused outside a repository and where base is not known, AuthNeeded without a token or the right to push.
    """
    repository = _repository(world)
    waiting = Waiting(request.sources.max_wait)
    if request.proposing.print_pr:
        base, tip = _tracked(request, repository)
        destination = None
    else:
        destination = _destination(request, world, repository, waiting)
        base, tip = destination.base, destination.tip
    with CommitTree(repository, tip) as tree:
        planned = plan_bump(request, world, find(tree), waiting, Base(repository, tip))
    planned = replace(planned, notes=(*planned.notes, *_differing(planned, world, repository, base)))
    units = _units(planned, request, world)
    return Proposal(planned, units, _quiet(planned, units, request, world), base, destination)


def printed(proposal: Proposal, request: BumpImage) -> Iterator[str]:
    """Yield the text of each pull request as it would be opened."""
    for unit in proposal.units:
        said = words(unit, base=proposal.base, named=request.to is not None)
        yield f"{said.title}\n{unit.branch} → {proposal.base}\n\n{said.body}"


def carry_out(
    proposal: Proposal, request: BumpImage, world: World
) -> tuple[tuple[PullRequestResult, ...], tuple[HubctlError, ...]]:
    """Propose every unit and return the results and the failures; a missing right ends the run, others do not."""
    destination = proposal.destination
    if destination is None or not (proposal.units or proposal.quiet):
        return (), ()
    wishes = Wishes(
        labels=request.proposing.labels or world.settings.labels,
        reviewers=request.proposing.reviewers or world.settings.reviewers,
        draft=request.proposing.draft,
        named=request.to is not None,
    )
    try:
        done, failed = propose_all(proposal.units, destination, wishes, proposal.quiet)
    except HubctlError as error:
        return (), (error,)
    return done, tuple(each.error for each in failed)


def _repository(world: World) -> Repository:
    if world.git is None:
        raise GitRefused(
            f"no git repository at `{show(str(world.root))}`",
            hint="a pull request needs a clone; without one hubctl edits files: leave out `--open-pr`",
            code="no-repository",
        )
    return world.git


def _tracked(request: BumpImage, repository: Repository) -> tuple[str, str]:
    """Return the base branch and its commit as the clone knows them."""
    wanted = request.proposing
    names = [remote.name for remote in remotes(repository)]
    if not names and wanted.remote is None:
        raise GitRefused("there is no remote, so no base to start from", hint="add one: `git remote add origin URL`")
    usual = next((name for name in ("upstream", "origin") if name in names), names[0] if names else "")
    remote = wanted.remote or usual
    if remote not in names:
        raise NotFound(f"no such remote: `{show(remote)}`", code="no-such-remote")
    base = checked_branch(wanted.base) if wanted.base else default_branch(repository, remote)
    tip = tracking_tip(repository, remote, base) if base else None
    if base is None or tip is None:
        name = f"`{show(remote)}/{show(base)}`" if base else f"the default branch of `{show(remote)}`"
        raise GitRefused(
            f"the clone does not know {name}", hint=f"run `git fetch {show(remote)}`, or say `--base BRANCH`"
        )
    return base, tip


def _destination(request: BumpImage, world: World, repository: Repository, waiting: Waiting) -> Destination:
    wanted = request.proposing
    aim = choose(remotes(repository), world.environment, repository=wanted.repository, remote=wanted.remote)
    text, source = find_token(world.environment, aim.host, gh_token)

    pace = pace_of(aim.api)

    def open_forge(full_name: str) -> GitHub:
        return GitHub(Api(world.http, waiting, aim.api, full_name, Token(text, source), pace=pace))

    identity = committer(repository)
    target, forge = settle(aim, open_forge, credential=f"the token from `{source}`")
    base = checked_branch(wanted.base) if wanted.base else target.repository.default_branch
    tip = fetch_tip(repository, Access(target.base_url, text), f"refs/heads/{base}")
    if tip is None:
        raise _no_base(base, aim, named=wanted.base is not None)
    return Destination(
        repository=repository,
        target=target,
        forge=forge,
        token=text,
        base=base,
        tip=tip,
        identity=identity,
        bots=world.settings.bot_identities,
    )


def _no_base(base: str, aim: Aim, *, named: bool) -> HubctlError:
    where = f"`{show(aim.remote.name)}`"
    if named:
        return NotFound(f"no branch `{show(base)}` at {where}", hint="say another `--base`", code="no-such-branch")
    return GitRefused(f"{where} has no branch `{show(base)}`: it is empty", hint="push a first commit", code="empty")


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


def _differing(planned: Planned, world: World, repository: Repository, base: str) -> Iterator[str]:
    """Yield a note for each file of the plan that is another one on disk: the pull request starts from base."""
    if repository.bare:
        return
    disk, absent = WorkTree(world.root), absent_paths(repository)
    for edit in planned.plan.edits:
        if edit.file in absent:
            continue
        try:
            same = disk.read(edit.file) == edit.before
        except HubctlError:
            same = False
        if not same:
            yield f"`{show(edit.file)}` differs in your work tree: the pull request starts from `{show(base)}`"
