"""The report of `bump-image` as a person or a program reads it, and the one question it may ask."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator

from hubctl.cli import lines, shapes, showing
from hubctl.cli.invocation import Invocation
from hubctl.commands.bump_image import Planned
from hubctl.commands.reports import BumpReport
from hubctl.commands.requests import BumpImage
from hubctl.problem import Problem
from hubctl.show import plural
from hubctl.show import show as show_text
from hubctl.text.diff import unified_diff


def report_of(planned: Planned, found: tuple[Problem, ...], **known: object) -> BumpReport:
    """Return the report of a plan, with the problems of the settings files before its own."""
    return BumpReport(
        plan=planned.plan,
        problems=(*found, *planned.plan.problems),
        done="nothing",
        also_moves=planned.also_moves,
        notes=planned.notes,
        **known,  # type: ignore[arg-type]  # the fields that differ between the ways to go on
    )


def confirmed(invocation: Invocation, request: BumpImage, report: BumpReport) -> bool:
    """Return whether to go on; a person who typed the bare verb on a terminal is asked once, default No."""
    bare = request.cluster is None and not invocation.yes
    if not (bare and report.plan.changes and sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    showing.talk([*also_moves_line(report), *(lines.change_line(change) for change in report.plan.changes)])
    files = len({change.site.file for change in report.plan.changes})
    verb = "propose" if request.proposing.open_pr else "write"
    places = f"{plural(len(report.plan.changes), 'place')} in {plural(files, 'file')}"
    showing.ask(f"{verb} {places}? [y/N] ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def show_unwritten(invocation: Invocation, report: BumpReport) -> int:
    """Say that nothing was done after a No, as JSON too where that was asked for; return the exit code, 0."""
    if invocation.json:
        showing.json_object(shapes.bump(report))
    showing.talk(["nothing was written"])
    return 0


def show(invocation: Invocation, report: BumpReport) -> None:
    """Print the report: JSON, or the diff alone, or lines for people; all talk goes to stderr."""
    if not invocation.options.quiet:
        showing.talk(_before(invocation, report))
    if invocation.json:
        showing.json_object(shapes.bump(report))
    elif _is_dry_run(invocation):
        for edit in report.plan.edits:
            showing.diff(unified_diff(edit.file, edit.before, edit.after), color=showing.wants_color(invocation))
    else:
        for text in report.printed or (*_places(invocation, report), *_pull_requests(report)):
            showing.data(text)
    if not invocation.options.quiet:
        showing.talk(_after(invocation, report))
    if report.error:
        showing.talk(showing.error_lines(report.error))


def also_moves_line(report: BumpReport) -> Iterator[str]:
    """Yield the line about hubs beyond the selection, where there are any."""
    if report.also_moves:
        yield f"also moves: {', '.join(report.also_moves)}"


def _is_dry_run(invocation: Invocation) -> bool:
    return isinstance(invocation.request, BumpImage) and invocation.request.dry_run


def _places(invocation: Invocation, report: BumpReport) -> Iterator[str]:
    """Yield a line for each place that changes, with `--explain` for every place and every candidate."""
    if invocation.explain:
        return lines.explanation(report.plan)
    return map(lines.change_line, report.plan.changes)


def _pull_requests(report: BumpReport) -> Iterator[str]:
    return map(lines.pull_request_line, report.pull_requests)


def _before(invocation: Invocation, report: BumpReport) -> Iterator[str]:
    """Yield what is said before the result; the places too where JSON, a diff or a text has stdout for itself."""
    yield from also_moves_line(report)
    yield from (f"note: {note}" for note in report.notes)
    alone = invocation.json or _is_dry_run(invocation) or bool(report.printed)
    if alone and (invocation.explain or _is_dry_run(invocation)):
        yield from _places(invocation, report)
    if invocation.explain:
        return
    if invocation.options.verbose:
        yield from map(lines.skip_line, report.plan.skips)
    yield from (f"could not tell: {lines.skip_line(skip)}" for skip in report.plan.unknown)


def _after(invocation: Invocation, report: BumpReport) -> Iterator[str]:
    yield from lines.problem_lines(report.problems)
    yield from lines.warning_lines(report.plan)
    for made in report.pull_requests:
        yield from (f"warning: {show_text(made.branch)}: {warning}" for warning in made.warnings)
    yield lines.counts(report.plan, done=report.done)
    named = invocation.explain or invocation.options.verbose
    yield from lines.code_lines((*(report.plan.skips if named else ()), *report.plan.unknown))
    yield from _next(invocation, report)


def _next(invocation: Invocation, report: BumpReport) -> Iterator[str]:
    if report.done == "written":
        yield f"next: `git diff`, or propose it instead: `{_typed('--open-pr')}`"
    elif report.done == "planned" and report.plan.changes:
        yield "nothing was written"
    elif not report.plan.unknown and _is_settled(report):
        yield "nothing to do"
    if report.plan.skips and not (invocation.explain or invocation.options.verbose):
        yield "hint: `--explain` says why each was left alone"


def _is_settled(report: BumpReport) -> bool:
    """Return whether there was nothing to change, or every pull request was as it should be already."""
    settled = report.pull_requests and all(made.operation == "unchanged" for made in report.pull_requests)
    return not report.plan.changes or (report.done == "proposed" and not report.error and bool(settled))


def _typed(flag: str) -> str:
    """Return the command line as it was typed, with one flag more."""
    return shlex.join(["hubctl", *sys.argv[1:], flag])
