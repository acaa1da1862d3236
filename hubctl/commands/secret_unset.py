"""`hubctl secret unset`: one value out of the last file that Helm reads it from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hubctl.commands.carrying import carried_out, sops_of
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretUnset
from hubctl.commands.secret_places import Ground, ground_of, refuse_place, source_of, unlisted
from hubctl.commands.world import World
from hubctl.fleet.read import Tree
from hubctl.proposals.markdown import code
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan
from hubctl.secrets.changing import without
from hubctl.secrets.permitted import path_text
from hubctl.secrets.placing import Place, find_place, keys_of
from hubctl.secrets.sops import Sops
from hubctl.text.walk import key_path


def run(request: SecretUnset, world: World) -> SecretReport:
    """Remove one secret and the mappings that it leaves empty; a key that is not there is nothing to do.

    Raises as `ground_of`, `keys_of`, `find_place`, `refuse_place` and `carried_out`, ToolMissing without a sops that
    can be trusted.
    """
    sops = sops_of(world)

    def make(tree: Tree) -> SecretPlan:
        ground = ground_of(tree, request.cluster, request.hub, world.settings.staging)
        path = keys_of(request.key_path, ground.hub)
        place = find_place(path, ground.hub, ground.fleet, ground.files)
        return _plan(path, place, ground, sops)

    return carried_out(make, request, world, sops)


def _plan(path: tuple[str, ...], place: Place | None, ground: Ground, sops: Callable[[], Sops]) -> SecretPlan:
    edits, changes = [], []
    if place is not None:
        refuse_place(place, ground)
        source = source_of(place.held, ground.rules_text)
        edits.append(FileEdit(place.file, source.data, without(sops(), source, path)))
        hubs = tuple(hub.id for hub in place.hubs)
        changes.append(SecretChange(place.file, key_path(None, path), "removed", hubs))
    return SecretPlan(
        verb="secret unset",
        scope=f"hub-{ground.hub.id}/{key_path(None, path)}",
        title=f"[{ground.cluster.name}, {ground.hub.name}] remove {path_text(path)}",
        changes=tuple(changes),
        edits=tuple(edits),
        stages=ground.stages,
        notes=("the value stays readable in older commits: revoke it where it was used",) if place else (),
        warnings=tuple(_warnings(path, place, ground)),
    )


def _warnings(path: tuple[str, ...], place: Place | None, ground: Ground) -> Iterator[str]:
    if place is None:
        yield from unlisted(key_path(None, path), ground)
    elif place.others:
        yield f"{code(place.others[0])} has {code(path_text(path), limit=400)}, too: what it says counts from now on"
