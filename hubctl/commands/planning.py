"""From selected sites and choices to a plan: pure, complete before the first byte is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from hubctl.commands.choosing import Query
from hubctl.commands.editing import copies_of_each, edited
from hubctl.commands.finding import Found, Selected, names_of, roles_of
from hubctl.commands.requests import BumpImage
from hubctl.errors import HubctlError, UsageError
from hubctl.fleet.serving import configured_elsewhere, serves_default
from hubctl.fleet.shadow import overriding_hubs
from hubctl.images.choice import Choice, Keep, Policy, Take, Unknown
from hubctl.images.choose import Question
from hubctl.images.groups import Group, groups_of
from hubctl.images.policy import parse_policy, policy_for, resolve_policy
from hubctl.images.reference import ImageName
from hubctl.images.site import Site
from hubctl.problem import Problem
from hubctl.proposals.plan import Change, FileEdit, Plan, Skip
from hubctl.settings import Settings
from hubctl.show import plural
from hubctl.text.quoting import House

Houses = Callable[[str], House]
Item = TypeVar("Item", Change, Skip)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be asked of registries, and the sites that need no answer.

    `groups` are those with an image that is asked about; every member's list is asked for. `used` are the names that
    every place of the fleet can have.
    """

    queries: Mapping[Site, Query]
    skips: tuple[Skip, ...]
    problems: tuple[Problem, ...]
    groups: tuple[Group, ...]
    used: Mapping[Site, tuple[ImageName, ...]]


@dataclass(frozen=True, slots=True)
class _Edited:
    """One file: the changes made in it, its new bytes where they differ, and the changes that were refused and why."""

    changes: tuple[Change, ...]
    edit: FileEdit | None
    refused: tuple[tuple[Change, HubctlError], ...]


def questions(found: Found, selected: Selected, request: BumpImage, settings: Settings) -> Asking:
    """Return a query for each selected site that may change and a skip for each that may not.

    UsageError for a `--policy` that cannot be read, Unparseable for a group with a name that is none.
    """
    roles = roles_of(request.roles, default=("user",))
    flag = parse_policy(request.policy, origin="--policy") if request.policy is not None else None
    queries: dict[Site, Query] = {}
    skips: list[Skip] = []
    problems: list[Problem] = []
    for site in selected.sites:
        if site.role not in roles and (request.roles or request.image is None):
            why = f"an image of role `{site.role}`: select it with `--role {site.role}` or `--image`"
            skips.append(Skip(site, _one(selected.names[site]), "role", why))
            continue
        asked = _asked(site, selected.names[site], flag, request, settings)
        if isinstance(asked, Query):
            queries[site] = asked
        else:
            skip, problem = asked
            skips.append(skip)
            problems += [problem] if problem else []
    used = {site: names_of(found.index, site) for site in found.sites}
    return Asking(queries, tuple(skips), tuple(problems), _groups(settings, queries, used), used)


def _groups(
    settings: Settings, queries: Mapping[Site, Query], used: Mapping[Site, tuple[ImageName, ...]]
) -> tuple[Group, ...]:
    asked = {query.name.key for query in queries.values() if query.question.needs_tags}
    groups = groups_of(settings.groups, {name for names in used.values() for name in names})
    return tuple(group for group in groups if group.keys & asked)


def _asked(
    site: Site, names: tuple[ImageName, ...], flag: Policy | None, request: BumpImage, settings: Settings
) -> Query | tuple[Skip, Problem | None]:
    if len(names) != 1:
        listed = " or ".join(f"`{name}`" for name in names)
        why = f"its hubs give this tag different names: {listed}" if names else "no file gives this tag an image name"
        return Skip(site, None, "ambiguous-name" if names else "no-name", why), None
    name = names[0]
    try:
        policy = _policy(site, name, flag, request, settings)
    except UsageError as error:
        mend = error.hint or "write a policy that can be read"
        problem = Problem(site.file, site.line, "policy", error.message, mend)
        return Skip(site, str(name), "pinned", "its policy cannot be read, so it stays"), problem
    told = request.explain
    question = Question(name.key, site.tag, site.digest, policy, pin=request.pin, history=told, candidates=told)
    return Query(name, question)


def _policy(site: Site, name: ImageName, flag: Policy | None, request: BumpImage, settings: Settings) -> Policy:
    comment = parse_policy(site.comment) if site.comment is not None and flag is None and request.to is None else None
    return resolve_policy(
        comment=comment,
        rule=policy_for(settings.policies, image=str(name), key=name.key, file=site.file, key_path=site.key_path),
        flag=flag,
        to=request.to,
        minimum_age=request.minimum_age,
        settings_age=settings.minimum_age,
        allow_downgrade=request.allow_downgrade,
    )


def make_plan(
    found: Found, selected: Selected, asking: Asking, choices: Mapping[Query, Choice], houses: Houses
) -> Plan:
    """Return the whole plan, with the bytes of every file that changes already made and checked.

    A site whose edit is refused becomes a skip and a problem that fails the run; the others go on.
    """
    taken: dict[str, list[tuple[Site, Query, Take]]] = {}
    skips: list[Skip] = list(asking.skips)
    unknown: list[Skip] = []
    staying = _staying(asking)
    for site, query in asking.queries.items():
        match choices[query]:
            case Take() as take:
                beside = _beside(query.name, asking.groups, staying)
                warned = replace(take, warnings=(*take.warnings, *beside))
                taken.setdefault(site.file, []).append((site, query, warned))
            case Keep(code, why, candidates):
                skips.append(Skip(site, str(query.name), code, why, candidates))
            case Unknown(code, why):
                unknown.append(Skip(site, str(query.name), code, why))
    files = [_edited(found, file, together, houses(file)) for file, together in taken.items()]
    refused = [refusal for each in files for refusal in each.refused]
    skips += [Skip(change.site, change.image, error.code, error.message) for change, error in refused]
    problems = [_refusal(change, error) for change, error in refused]
    return Plan(
        changes=_ordered(change for each in files for change in each.changes),
        skips=_ordered(skips),
        unknown=_ordered(unknown),
        problems=tuple(sorted({*selected.problems, *asking.problems, *problems})),
        edits=tuple(each.edit for each in files if each.edit),
        stages={hub.id: hub.stage for hub in found.fleet.hubs},
    )


def _staying(asking: Asking) -> Mapping[str, str]:
    """Return why images of the fleet stay, by normalised name, where groups make that matter."""
    if not asking.groups:
        return {}
    moving = {query.name.key for query in asking.queries.values() if query.question.policy.kind != "pin"}
    pinned = {query.name.key for query in asking.queries.values()} - moving
    used = {each.key for names in asking.used.values() for each in names}
    return {key: "pinned" if key in pinned else "not selected" for key in used - moving}


def _beside(name: ImageName, groups: Iterable[Group], staying: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each image of the fleet that should move along and stays."""
    for group in groups:
        if name.key in group.keys:
            for member in group.members:
                if member.key in staying:
                    yield f"{group}: `{member}` is {staying[member.key]} and stays"


def _change(found: Found, site: Site, query: Query, take: Take) -> Change:
    hubs = found.index.hubs_of(site.file)
    overridden = overriding_hubs(found.index, site)
    hidden = 0 < len(hubs) == len(overridden)
    return Change(
        site=site,
        image=str(query.name),
        old=site.tag,
        new=take.tag,
        digest=take.digest,
        why=take.why + ("; shadowed: every hub it reaches overrides it" if hidden else ""),
        evidence=take.evidence,
        hubs=tuple(hub.id for hub in hubs),
        shadowed=hidden,
        warnings=(*take.warnings, *_configurator(found, site)),
        candidates=take.candidates,
        size=take.size,
        overridden=tuple(hub.id for hub in overridden),
        default=serves_default(found.index.root(site.file), site),
        before=take.before,
        after=take.after,
    )


def _configurator(found: Found, site: Site) -> Iterator[str]:
    """Yield a warning where hubs let their admins set the image in the configurator, which wins over the file."""
    if hubs := configured_elsewhere(found.index, site):
        more = f" and {plural(len(hubs) - 1, 'hub')} more" if len(hubs) > 1 else ""
        yield f"the configurator of `{hubs[0].id}`{more} may override it: its admins set the image there"


def _edited(found: Found, file: str, taken: Iterable[tuple[Site, Query, Take]], house: House) -> _Edited:
    """Return everything about one file at once, while its tree is at hand: trees of a whole fleet are not kept."""
    before = found.fleet.texts[file]
    changes = [_change(found, site, query, take) for site, query, take in taken]
    after, refused = _as_many_as_possible(before, changes, house)
    kept = [change for change in changes if change not in refused] if refused else changes
    edit = FileEdit(file, before, after) if after != before else None
    return _Edited(tuple(_with_copies(before, kept)), edit, tuple(refused.items()))


def _as_many_as_possible(data: bytes, together: list[Change], house: House) -> tuple[bytes, dict[Change, HubctlError]]:
    """Return the bytes with every change that can be made, and the others with the reason.

    Where one is refused its halves are tried, so that the others still go on and few of many are found in few tries.
    """
    try:
        return edited(data, together, house), {}
    except HubctlError as error:
        why = error
    refused: dict[Change, HubctlError] = {}
    if len(together) > 1 and why.code != "parse":
        middle = len(together) // 2
        for half in (together[:middle], together[middle:]):
            refused |= _as_many_as_possible(data, half, house)[1]
    if not refused:
        return data, dict.fromkeys(together, why)
    possible = [change for change in together if change not in refused]
    after, more = _as_many_as_possible(data, possible, house)
    return after, refused | more


def _refusal(change: Change, error: HubctlError) -> Problem:
    mend = error.hint or "edit it by hand"
    return Problem(change.site.file, change.site.line, error.code, error.message, mend, fails=True)


def _with_copies(data: bytes, changes: list[Change]) -> Iterator[Change]:
    for change, (paths, warnings) in zip(changes, copies_of_each(data, changes), strict=True):
        yield replace(change, copies=paths, warnings=(*change.warnings, *warnings))


def _ordered(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: (item.site.file, item.site.line, item.site.key_path)))


def _one(names: tuple[ImageName, ...]) -> str | None:
    return str(names[0]) if len(names) == 1 else None
