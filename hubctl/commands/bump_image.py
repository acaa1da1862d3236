"""`hubctl bump-image`: find, ask, choose, plan; then write the work tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hubctl.adapters.clock import Waiting
from hubctl.adapters.git import commit_of
from hubctl.adapters.writing import write_all
from hubctl.commands import codes
from hubctl.commands.answering import answering
from hubctl.commands.choosing import Query, choose_all
from hubctl.commands.finding import Found, Selected, choose_sites, find_in_work_tree
from hubctl.commands.looking_into import with_origins
from hubctl.commands.noticing import notices
from hubctl.commands.past import Base
from hubctl.commands.planning import Asking, make_plan, questions
from hubctl.commands.requests import BumpImage
from hubctl.commands.staging import Rollout, feeding_both, follow_staging, with_waits
from hubctl.commands.undisturbed import refuse_in_progress
from hubctl.commands.world import World
from hubctl.errors import HubctlError, NotFound, RemoteRefused, UsageError
from hubctl.fleet.select import also_moves
from hubctl.images.choice import Choice
from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.reference import is_tag
from hubctl.proposals.plan import Plan, Skip
from hubctl.show import plural, show
from hubctl.text.quoting import House, detect_house

_NOT_ASKED = NoAnswer("no-answer", "nothing about this image depends on its tags")


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with the fleet it was made from, the hubs it moves beyond the selection, and what was noted."""

    plan: Plan
    found: Found
    houses: Callable[[str], House]
    also_moves: tuple[str, ...]
    notes: tuple[str, ...]


def plan_bump(request: BumpImage, world: World, found: Found, waiting: Waiting, base: Base) -> Planned:
    """Return the whole plan for what was found; nothing is written. `waiting` is the run's budget for limits.

    `base` is where history says since when a tag is on staging; read only where production waits for that.
    NotFound for an unknown cluster, hub, image or `--to` tag; UsageError for a policy or tag that is none.
    """
    if request.to is not None and not is_tag(request.to):
        raise UsageError(f"not a tag: `{show(request.to)}`", hint="a tag holds letters, digits and `._-`, at most 128")
    selected = _without_charts(found, choose_sites(found, request.cluster, request.hub, request.image), request)
    asking = questions(found, selected, request, world.settings)
    if request.proposing.staging_first or world.settings.rollout == "staging-first":
        asking = replace(asking, queries=with_waits(asking.queries, asking.used, found.index))
    rollout = Rollout(base, world.now, world.settings.soak, asking.groups)
    listings, choices, notes = _ask(asking, request, world, waiting, rollout)
    houses = _houses(found)
    noticed = (*notices(asking, listings, world.now), *feeding_both(asking.queries, choices))
    plan = make_plan(found, selected, replace(asking, problems=(*asking.problems, *noticed)), choices, houses)
    _refuse_missing_tag(plan, request)
    moved = tuple(change.site for change in plan.changes)
    beyond = also_moves(found.fleet, moved, request.cluster, request.hub)
    return Planned(plan, found, houses, beyond, (*_notes(listings), *notes))


def plan_in_work_tree(request: BumpImage, world: World) -> Planned:
    """Return the plan for the files on disk; GitRefused in a bare repository and in the middle of a rebase or merge."""
    found = find_in_work_tree(world)
    if not (request.dry_run or request.check):
        refuse_in_progress(world)
    base = Base(world.git, commit_of(world.git, "HEAD") if world.git else None)
    return plan_bump(request, world, found, Waiting(request.sources.max_wait), base)


def write(planned: Planned, world: World) -> None:
    """Write every file of the plan or none; HubctlError where one cannot be written."""
    if planned.plan.edits:
        write_all(world.root, planned.plan.edits)


def outcome(plan: Plan, request: BumpImage) -> tuple[int, HubctlError | None]:
    """Return the exit code of a plan that was carried out, and the failure it stands for, None where all went well."""
    failures = [failure for failure in (_unreadable(plan), _denied(plan), _untold(plan)) if failure]
    would = [codes.WOULD_CHANGE] if request.check and plan.changes else []
    code = codes.strongest([*(number for number, _ in failures), *would])
    return code, next((error for number, error in failures if number == code), None)


def _ask(
    asking: Asking, request: BumpImage, world: World, waiting: Waiting, rollout: Rollout
) -> tuple[Mapping[str, Listing | NoAnswer], dict[Query, Choice], tuple[str, ...]]:
    queries = tuple(dict.fromkeys(asking.queries.values()))
    # One question for each image, however it is spelled and however often it stands in the fleet.
    names = {member.key: member for group in asking.groups for member in group.members}
    names |= {query.name.key: query.name for query in queries if query.question.needs_tags}
    settled = {query.name.key: _NOT_ASKED for query in queries}
    with answering(world, request.sources, waiting, fresh=not (request.dry_run or request.check)) as answers:
        lists = answers.tags_of(names.values())
        listings = {key: lists[name] for key, name in names.items()}
        choices = choose_all(queries, {**settled, **listings}, answers, world.now, asking.groups)
        choices = follow_staging(choices, listings, answers, rollout)
        if request.proposing.from_base:
            choices = with_origins(choices, answers)
    return listings, choices, answers.notes


def _without_charts(found: Found, selected: Selected, request: BumpImage) -> Selected:
    """Leave chart defaults out of a selection by cluster; without one, and where an image is named, they belong."""
    if request.cluster is None or request.image is not None:
        return selected
    return replace(selected, sites=tuple(site for site in selected.sites if site.file not in found.fleet.charts))


def _houses(found: Found) -> Callable[[str], House]:
    def house(file: str) -> House:
        return detect_house(found.hooks, file, (found.fleet.texts[file],))

    return house


def _refuse_missing_tag(plan: Plan, request: BumpImage) -> None:
    missing = [skip for skip in plan.skips if skip.code == "no-such-tag"]
    if missing:
        names = ", ".join(f"`{show(name)}`" for name in sorted({str(skip.image) for skip in missing}))
        raise NotFound(
            f"no tag `{request.to}` of {names}: nothing was written",
            hint="narrow the run down with `--image NAME`, or look at the tags with `--explain`",
            code="no-such-tag",
        )


def _notes(listings: Mapping[str, Listing | NoAnswer]) -> list[str]:
    answered = sorted((key, listing) for key, listing in listings.items() if isinstance(listing, Listing))
    about: dict[str, list[str]] = {}
    for key, listing in answered:
        for note in listing.notes:
            about.setdefault(note, []).append(show(key))
    return [f"{keys[0]}{_and_more(keys)}: {note}" for note, keys in about.items()]


def _and_more(keys: Sequence[str]) -> str:
    return f" and {plural(len(keys) - 1, 'image')} more" if len(keys) > 1 else ""


def _unreadable(plan: Plan) -> tuple[int, HubctlError] | None:
    failing = [problem for problem in plan.problems if problem.fails]
    if not failing:
        return None
    first = failing[0]
    return codes.FAILED, HubctlError(
        f"{plural(len(failing), 'problem')} in what was selected: {show(first.file)}:{first.line}: {first.message}",
        hint=first.mend,
        code=first.rule,
    )


def _denied(plan: Plan) -> tuple[int, HubctlError] | None:
    denied = [skip for skip in plan.unknown if skip.code == "denied"]
    if not denied:
        return None
    return codes.CREDENTIALS, HubctlError(
        f"a registry denies access to {_images(denied)}: {_first(denied).why}",
        hint="log in with `docker login` or `podman login`, or name variables under `registries:` in your settings",
        code="denied",
    )


def _untold(plan: Plan) -> tuple[int, HubctlError] | None:
    untold = [skip for skip in plan.unknown if skip.code != "denied"]
    if not untold:
        return None
    first = _first(untold)
    message = f"could not tell about {_images(untold)}: {first.why}"
    hidden = "is the name right? some registries hide private images like this: try `docker login`"
    deeper = "get more history, `git fetch --unshallow`, or use `--open-pr`, which fetches what it needs"
    hint = {"no-such-image": hidden, "no-history": deeper}.get(first.code, "run again later")
    return codes.COULD_NOT_TELL, RemoteRefused(message, hint=hint, code=first.code)


def _first(skips: list[Skip]) -> Skip:
    return min(skips, key=lambda skip: str(skip.image))


def _images(skips: list[Skip]) -> str:
    names = sorted({str(skip.image) for skip in skips})
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"`{show(names[0])}`{more}"
