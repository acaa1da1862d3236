"""The verbs of `secret` that write or read one, at the door: what was changed, and the value that was asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TypeAlias

from hubctl.cli import lines, showing
from hubctl.cli.invocation import Invocation
from hubctl.cli.shapes import Json
from hubctl.cli.shapes_secret import secrets_written
from hubctl.commands.reports import SecretReport
from hubctl.commands.requests import SecretGet, SecretRotate, SecretSet, SecretSync, SecretUnset, SecretWriting
from hubctl.commands.world import World
from hubctl.problem import Problem
from hubctl.proposals.secret_plan import SecretChange
from hubctl.secret import Secret
from hubctl.show import show
from hubctl.text.diff import unified_diff

Writing: TypeAlias = SecretSet | SecretUnset | SecretRotate


def run_writing(invocation: Invocation, request: Writing, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `secret set`, `unset` or `rotate` and return its exit code."""
    match request:
        case SecretSet():
            from hubctl.commands.secret_set import run as stored  # noqa: PLC0415  # a verb loads only its own rooms

            report = stored(request, world)
        case SecretUnset():
            from hubctl.commands.secret_unset import run as removed  # noqa: PLC0415  # the same

            report = removed(request, world)
        case SecretRotate():
            from hubctl.commands.secret_rotate import run as rotated  # noqa: PLC0415  # the same

            report = rotated(request, world)
    return show_written(invocation, request, report, found)


def run_sync(invocation: Invocation, request: SecretSync, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `secret sync-recipients` and return its exit code."""
    from hubctl.commands.secret_sync_recipients import run  # noqa: PLC0415  # the same

    report = run(request, world)
    drift = [
        {
            "file": one.source.file,
            "gone": list(map(str, one.gone)),
            "new": list(map(str, one.new)),
            "detail": one.detail,
        }
        for one in report.drift
    ]
    return show_written(invocation, request, report.written, found, {"drift": drift})


def run_get(invocation: Invocation, request: SecretGet, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out `secret get`: write the value's own bytes on stdout, nothing before or behind them."""
    from hubctl.commands.secret_get import run  # noqa: PLC0415  # the same

    report = run(request, world, on_terminal=sys.stdout.isatty())
    value = report.value.reveal() if isinstance(report.value, Secret) else report.value
    if not invocation.options.quiet:
        showing.talk((*lines.problem_lines(found), *(f"note: {note}" for note in report.notes)))
    if invocation.json:
        showing.json_object({"value": value})
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write((value if isinstance(value, str) else json.dumps(value)).encode())
        sys.stdout.buffer.flush()
    return 0


def show_written(
    invocation: Invocation,
    request: SecretWriting,
    report: SecretReport,
    found: tuple[Problem, ...],
    more: Json | None = None,
) -> int:
    """Print what a verb did that writes secrets and return its exit code; `more` are further keys of its JSON.

    stdout has the diff of a dry run, the text of a printed pull request, else a line for each change and pull request.
    """
    if invocation.json:
        showing.json_object({**secrets_written(report, proposed=request.proposing.open_pr), **(more or {})})
    elif report.done == "planned" and request.dry_run:
        for edit in report.plan.edits:
            showing.diff(unified_diff(edit.file, edit.before, edit.after), color=showing.wants_color(invocation))
    else:
        for line in report.printed or (*map(change_line, report.plan.changes), *_pull_requests(report)):
            showing.data(line)
    if not invocation.options.quiet:
        problems = found if report.problems is None else report.problems
        showing.talk((*lines.problem_lines(problems), *_feeding(report), *_notes(report), *_ending(report)))
    if report.error:
        showing.talk(showing.error_lines(report.error))
    return report.exit_code


def change_line(change: SecretChange) -> str:
    """Return `FILE  KEYPATH  added`, for a whole file without the key path."""
    parts = (show(change.file), show(change.path, 400), f"{change.what}", show(change.detail, 1000))
    return "  ".join(part for part in parts if part)


def _pull_requests(report: SecretReport) -> Iterator[str]:
    return map(lines.pull_request_line, report.pull_requests)


def _feeding(report: SecretReport) -> Iterator[str]:
    """Yield a line for each file with the hubs that it feeds."""
    fed = {change.file: change.hubs for change in report.plan.changes if change.what != "listed"}
    for file, hubs in fed.items():
        if hubs:
            yield f"`{show(file)}` feeds {', '.join(hubs)}"


def _notes(report: SecretReport) -> Iterator[str]:
    yield from (f"note: {note}" for note in (*report.plan.warnings, *report.plan.notes, *report.notes))
    for made in report.pull_requests:
        yield from (f"warning: {show(made.branch)}: {warning}" for warning in made.warnings)


def _ending(report: SecretReport) -> Iterator[str]:
    if report.error:
        return
    if not report.plan.changes:
        yield "nothing to do"
    elif report.done == "planned":
        yield "nothing was written"
    elif report.done == "written":
        yield "next: `git diff`, then commit it; every line of it is ciphertext or public"
    elif report.done == "proposed" and all(made.operation == "unchanged" for made in report.pull_requests):
        yield "nothing to do"
