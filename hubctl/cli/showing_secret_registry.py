"""The verbs of `secret registry` at the door: what was changed, or a line for each problem."""

from __future__ import annotations

from hubctl import pages
from hubctl.cli import lines, showing
from hubctl.cli.invocation import Invocation
from hubctl.cli.shapes_secret import registry_checked
from hubctl.cli.showing_secret import show_written
from hubctl.commands.requests import SecretRegistryCheck, SecretRegistryRotate, SecretRegistrySet
from hubctl.commands.secret_registry_check import RegistryCheckReport
from hubctl.commands.world import World
from hubctl.problem import Problem
from hubctl.secrets.catalogue import BY_NAME
from hubctl.secrets.registry_checks import PAGE, RULES


def run_registry(
    invocation: Invocation,
    request: SecretRegistrySet | SecretRegistryRotate | SecretRegistryCheck,
    world: World,
    found: tuple[Problem, ...],
) -> int:
    """Carry out a verb of `secret registry`, show its report and return the exit code."""
    match request:
        case SecretRegistrySet():
            from hubctl.commands.secret_registry_set import run as store  # noqa: PLC0415  # each loads only its own

            return show_written(invocation, request, store(request, world), found)
        case SecretRegistryRotate():
            from hubctl.commands.secret_registry_rotate import run as rotate  # noqa: PLC0415  # the same

            return show_written(invocation, request, rotate(request, world), found)
        case SecretRegistryCheck():
            from hubctl.commands.secret_registry_check import run as check  # noqa: PLC0415  # the same

            return _show_checked(invocation, check(request, world), found)


def _show_checked(invocation: Invocation, report: RegistryCheckReport, found: tuple[Problem, ...]) -> int:
    if invocation.json:
        showing.json_object(registry_checked(report))
    else:
        for problem in report.problems:
            showing.data(lines.problem_line(problem))
    if report.error is not None:
        showing.talk(showing.error_lines(report.error))
    if not invocation.options.quiet:
        showing.talk([*lines.problem_lines(found), lines.checked_line(report.problems, report.checked)])
        showing.talk(lines.see(_page(each.rule) for each in report.problems))
    return report.exit_code


def _page(rule: str) -> str:
    """Where a rule is explained: those of `secret check` are among the findings."""
    if rule in RULES:
        return f"{PAGE}#{rule}"
    return BY_NAME[rule].page if rule in BY_NAME else pages.of_rule(rule)
