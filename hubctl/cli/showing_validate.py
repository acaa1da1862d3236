"""`hubctl validate` at the door: lines, annotations or JSON, and the list of rules."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hubctl import pages
from hubctl.cli import lines, showing
from hubctl.cli.invocation import Invocation
from hubctl.commands.requests import Validate
from hubctl.commands.world import World
from hubctl.errors import NotFound
from hubctl.problem import Problem
from hubctl.rules.catalogue import RULES, severity_of
from hubctl.show import plural, show


def run_validate(invocation: Invocation, request: Validate, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `validate`, print what it found and return the exit code."""
    from hubctl.commands.validate import ValidateReport, run  # noqa: PLC0415  # `--rules` needs none of it

    paths = tuple(_from_root(path, world.root) for path in request.paths)
    report: ValidateReport = run(replace(request, paths=paths), world, found)
    if invocation.json:
        from hubctl.cli.shapes_validate import validated  # noqa: PLC0415  # each form loads its own

        showing.json_object(validated(report))
    elif request.annotate:
        from hubctl.cli.annotations import annotation_lines  # noqa: PLC0415  # the same

        for line in annotation_lines(report.problems):
            showing.data(line)
    else:
        for problem in report.problems:
            showing.data(problem_line(problem))
    if not invocation.options.quiet:
        addresses = lines.see(pages.of_rule(problem.rule) for problem in report.problems)
        showing.talk([*report.notes, _total(report.problems, report.checked), *addresses])
    return report.exit_code


def _from_root(path: str, root: Path) -> str:
    """Return an absolute path as seen from the root, empty for the root itself; the last part may be a link."""
    if not os.path.lexists(path):
        raise NotFound(f"no such file or folder: `{show(path)}`", code="no-such-file")
    folder, name = os.path.split(path)
    real = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118  # paths as text, beside `realpath`
    top = os.path.realpath(root)
    if real == top:
        return ""
    if not real.startswith(f"{top}/"):
        raise NotFound(f"not in this repository: `{show(path)}`", code="no-such-file")
    return real.removeprefix(f"{top}/")


def show_rules(invocation: Invocation) -> int:
    """Print every rule; a line each holds its name, how bad it is, what it says, where it is explained."""
    if invocation.json:
        from hubctl.cli.shapes_validate import listed  # noqa: PLC0415  # the same

        showing.json_object(listed())
        return 0
    width = max(len(rule.name) for rule in RULES)
    for rule in RULES:
        showing.data(f"{rule.name.ljust(width)}  {rule.severity.ljust(7)}  {rule.summary}  {rule.page}")
    return 0


def problem_line(problem: Problem) -> str:
    """Return `FILE:LINE:COLUMN: severity: rule: message (mend)`."""
    place = f"{show(problem.file)}:{problem.line}:{problem.column}"
    return f"{place}: {severity_of(problem)}: {problem.rule}: {problem.message} ({problem.mend})"


def _total(problems: tuple[Problem, ...], checked: int) -> str:
    counts = Counter(severity_of(one) for one in problems)
    files = plural(checked, "file")
    if not problems:
        return f"no problem in {files}"
    return f"{plural(counts['error'], 'error')}, {plural(counts['warning'], 'warning')} in {files}"
