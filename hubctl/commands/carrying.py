"""The plan of a `secret` verb, carried out: files of the work tree under the lock, or a pull request from base."""

from __future__ import annotations

from collections.abc import Callable

from hubctl.adapters.git import state_in_progress
from hubctl.adapters.lock import locked
from hubctl.adapters.writing import write_held
from hubctl.commands.finding import work_tree
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretWriting
from hubctl.commands.verifying import refuse_unencrypted, rules_of
from hubctl.commands.world import World
from hubctl.errors import GitRefused
from hubctl.fleet.read import Tree
from hubctl.proposals.secret_plan import SecretPlan
from hubctl.secrets.sops import Sops

LOCK_SECONDS = 60.0


def carried_out(
    make: Callable[[Tree], SecretPlan], request: SecretWriting, world: World, sops: Callable[[], Sops]
) -> SecretReport:
    """Make the plan and carry it out as the request says; a plan without edits is nothing to do.

    `make` is given the work tree, under the lock of the checkout from reading to the last rename, or with `--open-pr`
    and `--print-pr` the commit of base. `sops` is asked for where a branch that is there already has to be read.
    GitRefused in the middle of a merge or rebase; what `make`, writing and proposing raise.
    """
    if request.dry_run:
        return SecretReport(make(work_tree(world)), "planned")
    with locked(world.root, wait=LOCK_SECONDS):
        tree = work_tree(world)
        _refuse_in_progress(world)
        plan = make(tree)
        if not plan.edits:
            return SecretReport(plan, "nothing")
        refuse_unencrypted(plan.edits, rules_of(tree))
        write_held(world.root, plan.edits, follow_links=False)
    return SecretReport(plan, "written")


def _refuse_in_progress(world: World) -> None:
    state = state_in_progress(world.git) if world.git else None
    if state:
        raise GitRefused(
            f"the repository is in the middle of {state}",
            hint="finish or abort it first; `--dry-run` and `--open-pr` work meanwhile",
            code="in-progress",
        )
