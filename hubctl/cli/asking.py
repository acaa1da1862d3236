"""`hubctl image newest` and `hubctl image tags` at the door: one answer about one image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubctl import pages
from hubctl.cli import lines, shapes, showing
from hubctl.cli.invocation import Invocation
from hubctl.commands import image_newest, image_tags
from hubctl.commands.reports import NewestReport
from hubctl.commands.requests import ImageNewest, ImageTags
from hubctl.commands.world import World
from hubctl.errors import HubctlError
from hubctl.images.choice import Choice, Take, Unknown
from hubctl.problem import Problem
from hubctl.show import show

_SENTENCE = 1000  # characters of a reason, which may be a person's own words


def run_newest(invocation: Invocation, request: ImageNewest, world: World, found: tuple[Problem, ...]) -> int:
    """Print the reference to use, alone on stdout, and the reason on stderr; return the exit code."""
    report = image_newest.run(request, world)
    if invocation.json:
        showing.json_object(shapes.newest(report))
    elif report.error is None:
        showing.data(_reference(report))
    _talk(invocation, (*lines.problem_lines(found), *_reasons(invocation, report)), report.error)
    return report.exit_code


def run_tags(invocation: Invocation, request: ImageTags, world: World, found: tuple[Problem, ...]) -> int:
    """Print a line for each tag and return the exit code."""
    report = image_tags.run(request, world)
    if invocation.json:
        showing.json_object(shapes.tags(report))
    else:
        for line in lines.tag_lines(report.tags):
            showing.data(line)
    _talk(invocation, (*lines.problem_lines(found), *_notes((*report.asides, *report.notes))), report.error)
    return report.exit_code


def _reference(report: NewestReport) -> str:
    """Return the reference with the tag to take, else as it was given."""
    choice, reference = report.choice, report.reference
    if not isinstance(choice, Take):
        return str(reference)
    return reference.with_tag(choice.tag, choice.digest if reference.digest else None)


def _reasons(invocation: Invocation, report: NewestReport) -> Iterator[str]:
    choice = report.choice
    yield from _notes(report.notes)
    if not isinstance(choice, Unknown):
        yield from [] if report.error else [_reason(choice, report)]
        if invocation.explain:
            yield from lines.candidate_lines(choice.candidates)
            yield from lines.see(() if isinstance(choice, Take) else (pages.of_code(choice.code),))
    if isinstance(choice, Take):
        yield from (f"warning: {show(warning, _SENTENCE)}" for warning in choice.warnings)


def _reason(choice: Choice, report: NewestReport) -> str:
    why = show(choice.why, _SENTENCE)
    if isinstance(choice, Take):
        old = report.reference.tag or "no tag"
        return f"{old} → {choice.tag}  {why}" if old != choice.tag else f"{old} @ {choice.digest[:19]}  {why}"
    return f"{choice.code}: {why}"


def _notes(notes: Iterable[str]) -> Iterator[str]:
    return (f"note: {show(note, _SENTENCE)}" for note in notes)


def _talk(invocation: Invocation, told: Iterable[str], error: HubctlError | None) -> None:
    if not invocation.options.quiet:
        showing.talk(told)
    if error:
        showing.talk(showing.error_lines(error))
