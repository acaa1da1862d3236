"""`hubctl hub list` and `hubctl hub show` at the door: a line for each hub, a line for each value."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hubctl.cli import lines, shapes_hub, showing
from hubctl.cli.invocation import Invocation
from hubctl.commands import hub_list, hub_show
from hubctl.commands.reports import ValuesReport
from hubctl.commands.requests import HubList, HubShow
from hubctl.commands.world import World
from hubctl.fleet.merging import Place, Source
from hubctl.problem import Problem
from hubctl.show import show
from hubctl.text.walk import key_path

_VALUE = 200  # characters of one value
_SHADOWS = 5  # named one by one


def run_hub(invocation: Invocation, request: HubList | HubShow, world: World, found: tuple[Problem, ...]) -> int:
    """Carry out a verb of `hub`, print what it found and return the exit code."""
    if isinstance(request, HubList):
        return _list(invocation, request, world, found)
    return _show(invocation, request, world, found)


def _list(invocation: Invocation, request: HubList, world: World, found: tuple[Problem, ...]) -> int:
    report = hub_list.run(request, world)
    if invocation.json:
        showing.json_object(shapes_hub.hubs(report, found))
        return report.exit_code
    for hub in report.hubs:
        showing.data(lines.hub_line(hub))
    if not invocation.options.quiet:
        showing.talk(lines.problem_lines((*found, *report.problems)))
    return report.exit_code


def _show(invocation: Invocation, request: HubShow, world: World, found: tuple[Problem, ...]) -> int:
    report = hub_show.run(request, world)
    if invocation.json:
        showing.json_object(shapes_hub.values(report, found))
    elif report.error is None:
        for line in _lines(report):
            showing.data(line)
    if not invocation.json and not invocation.options.quiet:
        showing.talk(_talk(report, found))
    if report.error:
        showing.talk(showing.error_lines(report.error))
    return report.exit_code


def _lines(report: ValuesReport) -> Iterator[str]:
    """Yield the files in order, then `PATH: VALUE  FILE:LINE (shadows …)` for each value."""
    if report.key_path is None:
        for file in report.files:
            yield f"# reads {show(file)}"
        for file in report.unread:
            yield f"# does not read {show(file)}"
    elif len(report.sources) == 1:
        source = report.sources[0]
        if isinstance(source.value, list) or report.value is source.value:
            yield _line(report.key_path, report.value, source)
            return
    for source in report.sources:
        yield _line(key_path(None, source.path), source.value, source)


def _line(path: str, value: object, source: Source) -> str:
    written = show(json.dumps(value, ensure_ascii=False), _VALUE)
    return f"{show(path, 400)}: {written}  {_place(source.place)}{_shadows(source.shadows)}"


def _shadows(places: tuple[Place, ...]) -> str:
    if not places:
        return ""
    more = f" and {len(places) - _SHADOWS} more" if places[_SHADOWS:] else ""
    return f" (shadows {', '.join(map(_place, places[:_SHADOWS]))}{more})"


def _place(place: Place) -> str:
    return f"{show(place.file)}:{place.line}"


def _talk(report: ValuesReport, found: tuple[Problem, ...]) -> Iterator[str]:
    yield from lines.problem_lines((*found, *report.problems))
    if report.key_path is not None and report.error is None:
        for file in report.unread:
            yield f"note: may be set in `{show(file)}`, which hubctl does not read"
