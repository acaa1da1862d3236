"""`hubctl secret set`: one value into one file, and that file into `cluster.yaml` where it is new."""

from __future__ import annotations

import functools

from hubctl.commands.carrying import carried_out, refuse_early, sops_of
from hubctl.commands.finding import work_tree
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretSet
from hubctl.commands.secret_places import Ground, deploying, ground_of, listing_of, refuse_place, source_of, warnings_on
from hubctl.commands.secret_value import asked_value
from hubctl.commands.world import World
from hubctl.fleet.read import Tree
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan
from hubctl.secret import Secret
from hubctl.secrets.changing import changed, made
from hubctl.secrets.permitted import path_text
from hubctl.secrets.placing import Place, find_place, keys_of, new_place
from hubctl.secrets.sops import Sops
from hubctl.text.walk import key_path


def run(request: SecretSet, world: World) -> SecretReport:
    """Store one secret; the value is asked for when nothing else can be refused any more.

    Raises as `ground_of`, `keys_of`, `find_place`, `asked_value` and `carried_out` do, ToolMissing without a sops that
    can be trusted.
    """
    sops = sops_of(world)
    question = f"value for {request.cluster}/{request.hub} {request.key_path}"
    value = functools.cache(lambda: asked_value(question, request.from_file))

    def make(tree: Tree) -> SecretPlan:
        ground = ground_of(tree, request.cluster, request.hub, world.settings.staging)
        return _plan(_place(request, ground), ground, sops(), value())

    if not request.proposing.from_base:
        refuse_early(request, world, sops)
        ground = ground_of(work_tree(world), request.cluster, request.hub)
        _place(request, ground)
        value()  # asked for before the lock is taken: others need not wait for somebody who types
    return carried_out(make, request, world, sops)


def _place(request: SecretSet, ground: Ground) -> Place:
    """Return where the value goes; everything is refused here that can be without it."""
    hub, fleet, files = ground.hub, ground.fleet, ground.files
    path = keys_of(request.key_path, hub)
    place = find_place(path, hub, fleet, files) or new_place(path, hub, ground.cluster, fleet, files)
    refuse_place(place, ground)
    if not place.listed:
        listing_of(place, ground)
    return place


def _plan(place: Place, ground: Ground, sops: Sops, value: Secret) -> SecretPlan:
    source = source_of(place.held, ground.rules_text)
    store = made if source.data is None else changed
    after = store(sops, source, {place.path: value})
    edits, changes = [], []
    if after != source.data:
        edits.append(FileEdit(place.file, source.data, after))
        hubs = tuple(hub.id for hub in place.hubs)
        changes.append(
            SecretChange(place.file, key_path(None, place.path), "changed" if place.there else "added", hubs)
        )
    listed = None if place.listed else listing_of(place, ground)
    if listed is not None:
        edits.append(listed[0])
        changes.append(listed[1])
    return SecretPlan(
        verb="secret set",
        scope=f"hub-{ground.hub.id}/{key_path(None, place.path)}",
        title=f"[{ground.cluster.name}, {ground.hub.name}] store {path_text(place.path)}",
        changes=tuple(changes),
        edits=tuple(edits),
        stages=ground.stages,
        notes=(deploying(ground),) if listed else (),
        warnings=tuple(warnings_on(place, ground, listed[0] if listed else None)),
    )
