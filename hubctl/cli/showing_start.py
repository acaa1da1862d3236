"""`hubctl init` and `hubctl completion` at the door: what a repository and a shell need to begin with."""

from __future__ import annotations

from hubctl.cli import lines, shapes, showing
from hubctl.cli.completing_scripts import script
from hubctl.cli.invocation import Invocation
from hubctl.commands import init
from hubctl.commands.reports import InitReport
from hubctl.commands.requests import Completion, Init
from hubctl.commands.world import World
from hubctl.problem import Problem


def show_script(invocation: Invocation, request: Completion) -> int:
    """Print the script a shell reads and return the exit code."""
    text = script(request.shell)
    if invocation.json:
        showing.json_object({"shell": request.shell, "script": text})
    else:
        showing.data(text.rstrip("\n"))
    return 0


def run_init(invocation: Invocation, request: Init, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `init`, print a line for each file, in a dry run the diff, and return the exit code."""
    report = init.run(request, world)
    if invocation.json:
        files = [{"file": one.file, "action": one.action} for one in report.files]
        problems = shapes.problems(found)
        showing.json_object({"files": files, "notes": list(report.notes), "problems": problems})
    elif request.dry_run:
        showing.diff(report.diff, color=showing.wants_color(invocation))
        _talk(invocation, (*_lines(report), *_ending(report)), report, found)
    else:
        for line in _lines(report):
            showing.data(line)
        _talk(invocation, _ending(report), report, found)
    return report.exit_code


def _lines(report: InitReport) -> tuple[str, ...]:
    return tuple(f"{one.action:<7}  {one.file}" for one in report.files)


def _ending(report: InitReport) -> tuple[str, ...]:
    if all(one.action == "kept" for one in report.files):
        return ("nothing to do: every file is there already",)
    return ("nothing was written",) if report.diff else ()


def _talk(invocation: Invocation, said: tuple[str, ...], report: InitReport, found: tuple[Problem, ...]) -> None:
    if not invocation.options.quiet:
        showing.talk(lines.problem_lines(found))
        showing.talk((*said, *(f"note: {note}" for note in report.notes)))
