"""`hubctl plan` at the door: text, Markdown or JSON."""

from __future__ import annotations

from hubctl.cli import lines, showing
from hubctl.cli.invocation import Invocation
from hubctl.cli.plan_lines import plan_lines
from hubctl.commands import plan_range
from hubctl.commands.requests import PlanRange
from hubctl.commands.world import World
from hubctl.problem import Problem


def run_plan(invocation: Invocation, request: PlanRange, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `plan`, print what it found and return the exit code."""
    report = plan_range.run(request, world)
    if invocation.json:
        from hubctl.cli.shapes_plan import plan  # noqa: PLC0415  # each form loads its own

        showing.json_object(plan(report, found))
    elif request.markdown:
        from hubctl.cli.plan_markdown import plan_markdown  # noqa: PLC0415  # the same

        showing.data(plan_markdown(report, found))
    else:
        for line in plan_lines(report):
            showing.data(line)
    if not invocation.json and not invocation.options.quiet:
        showing.talk(lines.problem_lines((*found, *report.problems)))
    return report.exit_code
