"""A plan divided into units of review: each becomes one branch, one commit and one pull request (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hubctl.errors import UnsafeEdit
from hubctl.fleet.model import Cluster
from hubctl.images.reference import parse_name
from hubctl.proposals.identity import branch_name, hashed, place_id
from hubctl.proposals.plan import Change, FileEdit, Plan
from hubctl.show import show

Group: TypeAlias = Literal["hub", "cluster", "image", "all"]
Apply: TypeAlias = Callable[[bytes, tuple[Change, ...]], bytes]

# What a run that was narrowed down to roles appends to the name of a unit.
_ROLES = re.compile(r"-role-(?:user|hub|sidecar|service|all)\Z")


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
    `narrowed`: the selection was narrower than such units are. `selection` names what was selected, `""` everything.
    """

    scope: str
    branch: str
    title: str
    changes: tuple[Change, ...]
    edits: tuple[FileEdit, ...]
    stages: Mapping[str, str]
    narrowed: bool = False
    selection: str = ""

    @property
    def places(self) -> frozenset[str]:
        """Return the `place_id` of each change."""
        return frozenset(map(place_id, self.changes))


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
    cut = _Cut(verb, group, selection, clusters)
    together: dict[_Scope, list[Change]] = {}
    for change in plan.changes:
        together.setdefault(cut.scope(_seat(change)), []).append(change)
    units = [
        Unit(
            scope=scope.full,
            branch=cut.branch(scope),
            title=scope.title,
            changes=tuple(changes),
            edits=_edits(plan, tuple(changes), apply),
            stages=plan.stages,
            narrowed=cut.is_narrow(scope),
            selection=_selected(selection) + _images(selection) + _roles(selection),
        )
        for scope, changes in together.items()
    ]
    return tuple(sorted(units, key=lambda unit: unit.branch))


def branches_of(
    seats: Iterable[Seat], *, verb: str, group: Group, selection: Selection, clusters: tuple[Cluster, ...]
) -> dict[Seat, str]:
    """Return the branch on which the unit of each place lives, or would live if the place had a change."""
    cut = _Cut(verb, group, selection, clusters)
    return {seat: cut.branch(cut.scope(seat)) for seat in seats}


def _seat(change: Change) -> Seat:
    return Seat(change.site.file, change.image, change.hubs)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The name of a unit, what a narrower selection appends to it, and its part of the title."""

    name: str
    title: str
    narrowing: str = ""

    @property
    def full(self) -> str:
        return self.name + self.narrowing


class _Cut:
    """How one run cuts its places into units, and what it calls them."""

    def __init__(self, verb: str, group: Group, selection: Selection, clusters: tuple[Cluster, ...]) -> None:
        self._verb = verb
        self._group = group
        self._selection = selection
        self._folders = sorted(((f"{cluster.folder}/", cluster.name) for cluster in clusters), reverse=True)
        hubs = [f"hub-{hub.id}" for cluster in clusters for hub in cluster.hubs]
        counted = Counter(_flat(name) for name in hubs)
        self._twice = frozenset(name for name in hubs if counted[_flat(name)] > 1)
        self._endings = tuple(f"-{_flat(name)}" for name in (*(f"cluster-{one.name}" for one in clusters), *hubs))

    def scope(self, seat: Seat) -> _Scope:
        """Return the unit a place belongs to."""
        selection, selected = self._selection, _selected(self._selection)
        if self._group == "image":
            narrowing = (f"-{selected}" if selected else "") + _roles(selection)
            return _Scope(f"image-{_key(seat.image)}", _title(selection, "*"), narrowing)
        narrowing = _images(selection) + _roles(selection)
        if self._group == "all":
            return _Scope(selected or "all", _title(selection, "*"), narrowing)
        cluster = self._cluster(seat)
        if cluster is None:
            return _Scope(f"file-{seat.file}", "*", narrowing)
        if self._group == "hub":
            return _Scope(*_hub_scope(seat, cluster), narrowing)
        if selection.hub is not None:
            return _Scope(selected, _title(selection, cluster), narrowing)
        return _Scope(f"cluster-{cluster}", cluster, narrowing)

    def is_narrow(self, scope: _Scope) -> bool:
        """Return whether the selection is narrower than a unit of this kind."""
        held = {"hub": None, "image": None, "cluster": self._selection.hub, "all": self._selection.cluster}
        return bool(scope.narrowing) or held[self._group] is not None

    def branch(self, scope: _Scope) -> str:
        """Name a branch; where its name could be another scope's, it gets a hash of what it stands for."""
        if scope.name in self._twice or self._reads_as_narrowed(scope.name):
            return branch_name(self._verb, hashed(scope.full, f"{scope.name} {scope.narrowing}"))
        return branch_name(self._verb, scope.full)

    def _cluster(self, seat: Seat) -> str | None:
        """Return which cluster a file belongs to: by the hubs it reaches, else by the folder it lies in."""
        names = {hub.partition("/")[0] for hub in seat.hubs}
        if names:
            return names.pop() if len(names) == 1 else None
        return next((name for folder, name in self._folders if seat.file.startswith(folder)), None)

    def _reads_as_narrowed(self, name: str) -> bool:
        """Whether a name ends as another does that was narrowed down: a hub `role-hub`, an image `x-cluster-leap`."""
        flat = _flat(name)
        return bool(_ROLES.search(flat)) or (name.startswith("image-") and flat.endswith(self._endings))


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


def _images(selection: Selection) -> str:
    return "".join(f"-image-{key}" for key in sorted({_key(name) for name in selection.images}))


def _roles(selection: Selection) -> str:
    return "".join(f"-role-{role}" for role in sorted(set(selection.roles)))


def _key(image: str) -> str:
    """Return the one form of all spellings of an image's name."""
    name = parse_name(image)
    return name.key if name else image


def _flat(scope: str) -> str:
    return scope.replace("/", "-")


def _edits(plan: Plan, changes: tuple[Change, ...], apply: Apply) -> tuple[FileEdit, ...]:
    """Return the edits of some changes: the plan's own where a file is theirs alone, else made again for them."""
    edits = []
    for file in sorted({change.site.file for change in changes}):
        edit = next((edit for edit in plan.edits if edit.file == file), None)
        if edit is None or edit.before is None:
            raise UnsafeEdit(f"the plan changes `{show(file)}` but has no text for it")
        own = tuple(change for change in changes if change.site.file == file)
        if len(own) < sum(1 for change in plan.changes if change.site.file == file):
            edit = FileEdit(file=file, before=edit.before, after=apply(edit.before, own))
        edits.append(edit)
    return tuple(edits)
