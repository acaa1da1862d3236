"""The plan of a `secret` verb, carried out: files of the work tree under the lock, or a pull request from base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Literal

from hubctl.adapters.clock import Waiting
from hubctl.adapters.git_tree import CommitTree
from hubctl.adapters.lock import locked
from hubctl.adapters.writing import write_held
from hubctl.commands import codes
from hubctl.commands.finding import work_tree
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretWriting, Sources
from hubctl.commands.undisturbed import refuse_in_progress
from hubctl.commands.verifying import refuse_unencrypted_on
from hubctl.commands.world import World
from hubctl.fleet.read import Tree
from hubctl.proposals.secret_plan import SecretPlan, branch_of
from hubctl.secrets.sops import Sops, find_sops

LOCK_SECONDS = 60.0


def sops_of(world: World) -> Callable[[], Sops]:
    """Return what finds sops once, when it is needed; it raises as `find_sops`."""
    return cache(partial(find_sops, world.environment, world.root))


def refuse_early(request: SecretWriting, world: World, sops: Callable[[], Sops]) -> None:
    """Raise what can be told before anybody is asked for a value: no sops, the middle of a merge or rebase."""
    sops()
    if not request.dry_run:
        refuse_in_progress(world)


def carried_out(
    make: Callable[[Tree], SecretPlan], request: SecretWriting, world: World, sops: Callable[[], Sops]
) -> SecretReport:
    """Make the plan and carry it out as the request says; a plan without edits is nothing to do.

    `make` is given the work tree, under the lock of the checkout from reading to the last rename, or with `--open-pr`
    and `--print-pr` the commit of base. `sops` is asked for where a branch that is there already has to be read.
    GitRefused in a bare repository and in the middle of a merge or rebase, unless base is what is read; UnsafeEdit,
    code `unencrypted`, where the plan would leave something in clear; what `make`, writing and proposing raise.
    """
    if request.proposing.from_base:
        return _proposed(make, request, world, sops)
    tree = work_tree(world)
    if request.dry_run:
        return SecretReport(make(tree), "planned")
    with locked(world.root, wait=LOCK_SECONDS):
        refuse_in_progress(world)
        plan = make(tree)
        if not plan.edits:
            return SecretReport(plan, "nothing")
        refuse_unencrypted_on(tree, plan.edits)
        write_held(world.root, plan.edits, follow_links=False)
    return SecretReport(plan, "written")


def _proposed(
    make: Callable[[Tree], SecretPlan], request: SecretWriting, world: World, sops: Callable[[], Sops]
) -> SecretReport:
    from hubctl.commands.resuming import resumed  # noqa: PLC0415  # only pull requests need the forge
    from hubctl.commands.sending import as_printed, differing, sent, wishes_of  # noqa: PLC0415  # the same
    from hubctl.commands.starting import starting  # noqa: PLC0415  # the same
    from hubctl.proposals.observe import Ending  # noqa: PLC0415  # the same
    from hubctl.proposals.secret_wording import secret_offer  # noqa: PLC0415  # the same

    wanted, waiting = request.proposing, Waiting(Sources().max_wait)
    with starting(wanted, world, waiting) as start:
        with CommitTree(start.repository, start.tip) as tree:
            plan = make(tree)
        notes = tuple(differing(plan.edits, start.world, start.base))
        report = SecretReport(plan, "planned", problems=start.problems, notes=notes)
        if request.dry_run:
            return report
        offers = (secret_offer(plan, base=start.base),) if plan.edits else ()
        if wanted.print_pr:
            printed = tuple(as_printed(offer, start.base) for offer in offers)
            return replace(report, done="printed" if printed else "nothing", printed=printed)
        # who types the verb wants it, whatever became of it before
        wishes = wishes_of(wanted, start.world.settings, named=True, again=True)
        quiet = {} if plan.edits else {branch_of(plan): Ending(certain=True)}
        results, failures = sent(offers, start, waiting, wishes=wishes, quiet=quiet, renew=partial(resumed, sops))
    code = codes.strongest(failure.exit_code for failure in failures)
    error = next((failure for failure in failures if failure.exit_code == code), None)
    notes += tuple(f"failed, too: {failure.message}" for failure in failures if failure is not error)
    done: Literal["proposed", "nothing"] = "proposed" if offers or results or error else "nothing"
    return SecretReport(plan, done, results, (), code, error, start.problems, notes)
