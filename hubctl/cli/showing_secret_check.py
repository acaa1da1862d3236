"""`hubctl secret check` at the door: a line for each problem, or JSON."""

from __future__ import annotations

from hubctl.cli import lines, showing
from hubctl.cli.invocation import Invocation
from hubctl.cli.shapes_secret import secrets_checked
from hubctl.commands.requests import SecretCheck
from hubctl.commands.secret_check import run
from hubctl.commands.world import World
from hubctl.problem import Problem
from hubctl.secrets.catalogue import BY_NAME


def run_secret_check(invocation: Invocation, request: SecretCheck, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `secret check`, print what it found and return the exit code; `found` is wrong in settings files."""
    report = run(request, world)
    if invocation.json:
        showing.json_object(secrets_checked(report))
    else:
        for problem in report.problems:
            showing.data(lines.problem_line(problem))
    if not invocation.options.quiet:
        showing.talk(lines.problem_lines(found))
        showing.talk(f"note: {note}" for note in report.notes)
        showing.talk([lines.checked_line(report.problems, report.checked)])
        showing.talk(lines.see(BY_NAME[each.rule].page for each in report.problems))
    return report.exit_code
