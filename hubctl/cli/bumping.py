"""`hubctl bump-image` at the door: plan, show, ask where a person sits, carry out, report."""

from __future__ import annotations

from dataclasses import replace

from hubctl.cli.bump_report import confirmed, report_of, show, show_unwritten
from hubctl.cli.invocation import Invocation
from hubctl.commands.bump_image import outcome, plan_in_work_tree, write
from hubctl.commands.requests import BumpImage
from hubctl.commands.world import World
from hubctl.problem import Problem


def run_bump(invocation: Invocation, request: BumpImage, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `bump-image` and return its exit code; failures before there is a plan leave as HubctlError."""
    if request.proposing.from_base:
        from hubctl.cli.proposing import run_proposing  # noqa: PLC0415  # only pull requests need git and the forge

        return run_proposing(invocation, request, world, found)
    planned = plan_in_work_tree(request, world)
    code, error = outcome(planned.plan, request)
    report = report_of(planned, found, exit_code=code, error=error)
    if request.dry_run or request.check:
        show(invocation, replace(report, done="planned"))
        return code
    if not confirmed(invocation, request, report):
        return show_unwritten(invocation, report)
    write(planned, world)
    show(invocation, replace(report, done="written" if planned.plan.edits else "nothing"))
    return code
