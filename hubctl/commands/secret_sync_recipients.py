"""`hubctl secret sync-recipients`: files whose recipients are not those of their rule, listed or brought there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from hubctl.adapters.unlinked import path_in
from hubctl.commands.carrying import carried_out, sops_of
from hubctl.commands.codes import DONE, WOULD_CHANGE
from hubctl.commands.finding import work_tree
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretSync
from hubctl.commands.secret_contents import on_disk
from hubctl.commands.secret_places import held, rules_text, source_of
from hubctl.commands.world import World
from hubctl.errors import NotFound
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import STAGING, Tree, read_fleet
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan
from hubctl.secrets.changing import synced
from hubctl.secrets.choosing import Wanted, chosen, wanted_among
from hubctl.secrets.placing import fed_by
from hubctl.secrets.recipients import Recipient, drift
from hubctl.secrets.source import Source, told
from hubctl.show import plural, show

_LEFT = (
    "a recipient left, so the data key is another one now; older commits stay readable to whoever it was: renew the "
    "values themselves at their registry or service, store them with `hubctl secret set`, then revoke the old ones"
)


@dataclass(frozen=True, slots=True)
class Drift:
    """A file whose recipients are not its rule's: `gone` are those the rule no longer has, `new` those it lacks."""

    source: Source
    gone: tuple[Recipient, ...]
    new: tuple[Recipient, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was done, and every file whose recipients differed before."""

    written: SecretReport
    drift: tuple[Drift, ...]


def run(request: SecretSync, world: World) -> SyncReport:
    """Bring files to the recipients of their rules, all or none; with `check` only list them, without sops or a key.

    Without paths every file that `secret check` looks at. HubctlError where a file has any other finding, or no rule;
    NotFound for a path that is not there; as `carried_out`, ToolMissing without a sops that can be trusted.
    """
    scope = ",".join(sorted(path_in(world.root, typed) or "." for typed in request.paths)) or "all"
    if request.check:
        found = tuple(_drifted(_named(request, world, work_tree(world))))
        plan = _plan(found, (), _fleet(work_tree(world), world.settings.staging), scope)
        return SyncReport(SecretReport(plan, "planned", exit_code=WOULD_CHANGE if found else DONE), found)
    seen: list[Drift] = []

    sops = sops_of(world)

    def make(tree: Tree) -> SecretPlan:
        seen[:] = _drifted(_named(request, world, tree))
        edits = tuple(FileEdit(one.source.file, one.source.data, synced(sops(), one.source)) for one in seen)
        return _plan(seen, edits, _fleet(tree, world.settings.staging), scope)

    return SyncReport(carried_out(make, request, world, sops), tuple(seen))


def _named(request: SecretSync, world: World, tree: Tree) -> Iterator[Source]:
    """Yield the files to look at, each as it is in the tree."""
    rules = rules_text(tree)
    if not request.proposing.from_base:
        for one in on_disk(world, request.paths).files:
            if one.problem is not None:
                raise told(one.problem)
            yield Source(one.file, one.data, rules)
        return
    paths = tree.paths()
    known = frozenset(paths)
    wanted = tuple(_wanted(known, path_in(world.root, typed), typed) for typed in request.paths)
    for file in chosen(paths, (), wanted):
        yield source_of(held(tree, file), rules)


def _wanted(known: Collection[str], path: str, typed: str) -> Wanted:
    found = wanted_among(known, path)
    if found is not None:
        return found
    raise NotFound(f"no such file or folder in the base commit: `{show(typed)}`", code="no-such-file")


def _drifted(sources: Iterable[Source]) -> Iterator[Drift]:
    """Yield the files whose recipients differ, after all were looked at: any other finding is refused first."""
    looked_at = [(source, source.checked(drifted=True).recipients) for source in sources]
    for source, found in looked_at:
        wanted = source.rule.recipients
        detail = drift(found, wanted)
        if detail:
            yield Drift(source, found.missing_from(wanted), wanted.missing_from(found), detail)


def _fleet(tree: Tree, staging: tuple[str, ...] = STAGING) -> Fleet | None:
    """Return the fleet, None in a repository that has none."""
    try:
        return read_fleet(tree, staging)
    except NotFound:
        return None


def _plan(found: Iterable[Drift], edits: tuple[FileEdit, ...], fleet: Fleet | None, scope: str) -> SecretPlan:
    drifted = tuple(found)
    changes = tuple(
        SecretChange(
            one.source.file,
            "",
            "recipients",
            tuple(hub.id for hub in fed_by(one.source.file, fleet)) if fleet else (),
            one.detail,
        )
        for one in drifted
    )
    return SecretPlan(
        verb="secret sync-recipients",
        scope=scope,
        title=f"Bring the recipients of {plural(len(drifted), 'secret file')} to `.sops.yaml`",
        changes=changes,
        edits=edits,
        stages={hub.id: hub.stage for hub in fleet.hubs} if fleet else {},
        notes=(_LEFT,) if any(one.gone for one in drifted) else (),
    )
