"""A plan divided into units of review: each becomes one branch, one commit and one pull request (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hubctl.errors import UnsafeEdit
from hubctl.fleet.model import Cluster
from hubctl.proposals.identity import branch_name, hashed
from hubctl.proposals.plan import Change, FileEdit, Plan
from hubctl.show import show

Group: TypeAlias = Literal["hub", "cluster", "image", "all"]
Apply: TypeAlias = Callable[[bytes, tuple[Change, ...]], bytes]


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for: None and `()` stand for everything (roles: the default ones)."""

    cluster: str | None = None
    hub: str | None = None
    images: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """What decides to which unit a place belongs: its file, its image and the `cluster/hub` it reaches."""

    file: str
    image: str
    hubs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of review.

    `scope` names it (`hub-leap/prod`, `cluster-leap`, `image-quay.io/org/name`, `all`, `file-…`), `branch` is the
    branch it lives on, `title` what stands in the square brackets of a title. `edits` hold its own changes only.
    """

    scope: str
    branch: str
    title: str
    changes: tuple[Change, ...]
    edits: tuple[FileEdit, ...]
    stages: Mapping[str, str]


def divide(  # noqa: PLR0913  # keyword-only: a plan and what decides how it is cut
    plan: Plan,
    *,
    verb: str,
    group: Group,
    selection: Selection,
    clusters: tuple[Cluster, ...],
    apply: Apply,
) -> tuple[Unit, ...]:
    """Return the units of a plan, sorted by branch; each change is in exactly one, none without changes.

    `group` `cluster` (or `hub`): what one cluster (hub) owns is a unit; a file that feeds several, or none as a
    chart's defaults do, is one of its own (`file-…`). A selection narrower than the unit names its own branch. `apply`
    makes some changes in the bytes of one file; it is asked where a file's changes belong to several units.
    """
    owners = _Owners(clusters)
    together: dict[str, list[Change]] = {}
    titles: dict[str, str] = {}
    for change in plan.changes:
        scope, title = _scope(_seat(change), group, selection, owners)
        together.setdefault(scope, []).append(change)
        titles[scope] = title
    narrowed = {scope: scope + _narrowing(group, selection) for scope in together}
    branches = _branches(verb, narrowed.values(), clusters)
    units = [
        Unit(
            scope=narrowed[scope],
            branch=branches[narrowed[scope]],
            title=titles[scope],
            changes=tuple(changes),
            edits=_edits(plan, tuple(changes), apply),
            stages=plan.stages,
        )
        for scope, changes in together.items()
    ]
    return tuple(sorted(units, key=lambda unit: unit.branch))


def branches_of(
    seats: Iterable[Seat], *, verb: str, group: Group, selection: Selection, clusters: tuple[Cluster, ...]
) -> dict[Seat, str]:
    """Return the branch on which the unit of each place lives, or would live if the place had a change."""
    owners = _Owners(clusters)
    scopes = {seat: _scope(seat, group, selection, owners)[0] + _narrowing(group, selection) for seat in seats}
    branches = _branches(verb, scopes.values(), clusters)
    return {seat: branches[scope] for seat, scope in scopes.items()}


def _seat(change: Change) -> Seat:
    return Seat(change.site.file, change.image, change.hubs)


class _Owners:
    """Which cluster and hub a file belongs to: by the hubs it reaches, else by the folder it lies in."""

    def __init__(self, clusters: tuple[Cluster, ...]) -> None:
        self._folders = sorted(((f"{cluster.folder}/", cluster.name) for cluster in clusters), reverse=True)

    def cluster(self, seat: Seat) -> str | None:
        names = {hub.partition("/")[0] for hub in seat.hubs}
        if names:
            return names.pop() if len(names) == 1 else None
        return next((name for folder, name in self._folders if seat.file.startswith(folder)), None)


def _scope(seat: Seat, group: Group, selection: Selection, owners: _Owners) -> tuple[str, str]:
    """Return the scope of the unit a place belongs to, and its part of the title."""
    if group == "image":
        where = _selected(selection)
        return f"image-{seat.image}{f'-{where}' if where else ''}", _title(selection, "*")
    if group == "all":
        return _selected(selection) or "all", _title(selection, "*")
    cluster = owners.cluster(seat)
    if cluster is None:
        return f"file-{seat.file}", "*"
    if group == "hub":
        return _hub_scope(seat, cluster)
    if selection.hub is not None:
        return _selected(selection), _title(selection, cluster)
    return f"cluster-{cluster}", cluster


def _hub_scope(seat: Seat, cluster: str) -> tuple[str, str]:
    if len(seat.hubs) != 1:
        return f"file-{seat.file}", cluster
    hub = seat.hubs[0].partition("/")[2]
    return f"hub-{cluster}/{hub}", f"{cluster}, {hub}"


def _selected(selection: Selection) -> str:
    if selection.cluster is None:
        return ""
    return f"cluster-{selection.cluster}" if selection.hub is None else f"hub-{selection.cluster}/{selection.hub}"


def _title(selection: Selection, otherwise: str) -> str:
    if selection.cluster is None:
        return otherwise
    return selection.cluster if selection.hub is None else f"{selection.cluster}, {selection.hub}"


def _narrowing(group: Group, selection: Selection) -> str:
    images = "" if group == "image" else "".join(f"-image-{name}" for name in sorted(set(selection.images)))
    return images + "".join(f"-role-{role}" for role in sorted(set(selection.roles)))


def _branches(verb: str, scopes: Iterable[str], clusters: tuple[Cluster, ...]) -> dict[str, str]:
    """Name a branch for each scope; where two hubs of the fleet would share one, each gets a hash."""
    hubs = [f"hub-{hub.id}" for cluster in clusters for hub in cluster.hubs]
    counted = Counter(name.replace("/", "-") for name in hubs)
    twice = tuple(name for name in hubs if counted[name.replace("/", "-")] > 1)
    return {
        scope: branch_name(verb, hashed(scope, scope) if scope.startswith(twice) else scope)
        for scope in sorted(set(scopes))
    }


def _edits(plan: Plan, changes: tuple[Change, ...], apply: Apply) -> tuple[FileEdit, ...]:
    """Return the edits of some changes: the plan's own where a file is theirs alone, else made again for them."""
    edits = []
    for file in sorted({change.site.file for change in changes}):
        edit = next((edit for edit in plan.edits if edit.file == file), None)
        if edit is None:
            raise UnsafeEdit(f"the plan changes `{show(file)}` but has no text for it")
        own = tuple(change for change in changes if change.site.file == file)
        if len(own) < sum(1 for change in plan.changes if change.site.file == file):
            edit = FileEdit(file=file, before=edit.before, after=apply(edit.before, own))
        edits.append(edit)
    return tuple(edits)
