"""`hubctl secret rotate`: the same values under a new data key, in every secret file of a hub."""

from __future__ import annotations

from hubctl.commands.carrying import carried_out
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretRotate
from hubctl.commands.secret_places import Ground, ground_of, source_of
from hubctl.commands.world import World
from hubctl.errors import NotFound
from hubctl.fleet.read import Tree
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan
from hubctl.secrets.changing import rotated
from hubctl.secrets.placing import fed_by
from hubctl.secrets.sops import Sops, find_sops

REVOKE = (
    "older commits keep the old ciphertext, and whoever could read it still can: renew the values themselves at their "
    "registry or service and store them with `hubctl secret set`, then revoke the old ones"
)


def run(request: SecretRotate, world: World) -> SecretReport:
    """Encrypt anew every file that the hub lists and that is there, all or none.

    NotFound, code `no-such-file`, where there is none; else as `ground_of`, `Source.checked` and `carried_out`,
    ToolMissing without a sops that can be trusted.
    """
    sops = find_sops(world.environment, world.root)

    def make(tree: Tree) -> SecretPlan:
        return _plan(ground_of(tree, request.cluster, request.hub, world.settings.staging), sops)

    return carried_out(make, request, world, lambda: sops)


def _plan(ground: Ground, sops: Sops) -> SecretPlan:
    there = [file for file in ground.hub.encrypted if ground.files[file].data is not None]
    if not there:
        raise NotFound(
            f"`{ground.hub.id}` lists no secret file that is there",
            hint="`hubctl secret set` makes one",
            code="no-such-file",
        )
    sources = [source_of(ground.files[file], ground.rules_text) for file in there]
    for source in sources:
        source.checked()  # all are looked at before the first is opened
    return SecretPlan(
        verb="secret rotate",
        scope=f"hub-{ground.hub.id}",
        title=f"[{ground.cluster.name}, {ground.hub.name}] rotate the data key",
        changes=tuple(
            SecretChange(file, "", "rotated", tuple(hub.id for hub in fed_by(file, ground.fleet))) for file in there
        ),
        edits=tuple(FileEdit(source.file, source.data, rotated(sops, source)) for source in sources),
        stages=ground.stages,
        notes=(REVOKE,),
    )
