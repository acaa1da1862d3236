"""`bump-image --open-pr` and `--print-pr` at the door."""

from __future__ import annotations

from dataclasses import replace

from hubctl.cli.bump_report import confirmed, report_of, show, show_unwritten
from hubctl.cli.invocation import Invocation
from hubctl.commands import codes
from hubctl.commands.bump_image import outcome
from hubctl.commands.proposing import Proposal, carry_out, preparing, printed
from hubctl.commands.requests import BumpImage
from hubctl.commands.world import World
from hubctl.problem import Problem


def run_proposing(invocation: Invocation, request: BumpImage, world: World, found: tuple[Problem, ...]) -> int:
    """Plan from the base branch, then print or open the pull requests; return the exit code."""
    with preparing(request, world) as proposal:
        problems = found if proposal.start.problems is None else proposal.start.problems
        return _carried_out(invocation, request, proposal, problems)


def _carried_out(invocation: Invocation, request: BumpImage, proposal: Proposal, found: tuple[Problem, ...]) -> int:
    code, error = outcome(proposal.planned.plan, request)
    report = report_of(proposal.planned, found, exit_code=code, error=error)
    if request.dry_run or request.check:
        show(invocation, replace(report, done="planned"))
        return code
    if request.proposing.print_pr:
        show(invocation, replace(report, done="printed", printed=tuple(printed(proposal, request))))
        return code
    if not confirmed(invocation, request, report):
        return show_unwritten(invocation, report)
    results, failures = carry_out(proposal, request)
    code = codes.strongest([code, *(failure.exit_code for failure in failures)])
    shown = next((failure for failure in failures if failure.exit_code == code), error)
    others = tuple(f"failed, too: {failure.message}" for failure in failures if failure is not shown)
    notes = (*report.notes, *others)
    show(invocation, replace(report, done="proposed", pull_requests=results, exit_code=code, error=shown, notes=notes))
    return code
