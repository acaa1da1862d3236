"""From an invocation to its verb, and from the verb's report to output and exit code."""

from __future__ import annotations

from collections.abc import Iterable

from hubctl.cli import lines, shapes, showing
from hubctl.cli.invocation import Invocation, SecretRequest
from hubctl.cli.opening import open_world
from hubctl.commands import requests
from hubctl.commands.reports import DoctorReport, SitesReport
from hubctl.commands.world import World
from hubctl.problem import Problem


def run(invocation: Invocation) -> int:
    """Carry out one invocation and return its exit code; expected failures leave as HubctlError."""
    if isinstance(invocation.request, SecretRequest):
        from hubctl.adapters.hardening import keep_memory_private  # noqa: PLC0415  # a verb loads only its own rooms

        keep_memory_private()
    if isinstance(invocation.request, requests.Demo):
        from hubctl.cli.showing_demo import run_demo  # noqa: PLC0415  # the same

        return run_demo(invocation)
    if isinstance(invocation.request, requests.Completion):
        from hubctl.cli.showing_start import show_script  # noqa: PLC0415  # the same

        return show_script(invocation, invocation.request)
    if isinstance(invocation.request, requests.Validate) and invocation.request.rules:
        from hubctl.cli.showing_validate import show_rules  # noqa: PLC0415  # the same

        return show_rules(invocation)
    world, found = open_world(invocation.options)
    try:
        return _run(invocation, world, found)
    finally:
        world.http.close()


def _run(  # noqa: C901, PLR0911, PLR0912  # one branch a verb
    invocation: Invocation, world: World, found: tuple[Problem, ...]
) -> int:
    match invocation.request:
        case requests.BumpImage():
            from hubctl.cli.bumping import run_bump  # noqa: PLC0415  # the same

            return run_bump(invocation, invocation.request, world, found)
        case requests.ImageList() as request:
            from hubctl.commands.image_list import run as image_list  # noqa: PLC0415  # the same

            return _show_sites(invocation, image_list(request, world), found)
        case requests.ImageNewest() as request:
            from hubctl.cli.asking import run_newest  # noqa: PLC0415  # the same

            return run_newest(invocation, request, world, found)
        case requests.ImageTags() as request:
            from hubctl.cli.asking import run_tags  # noqa: PLC0415  # the same

            return run_tags(invocation, request, world, found)
        case requests.HubList() | requests.HubShow() as request:
            from hubctl.cli.showing_hub import run_hub  # noqa: PLC0415  # the same

            return run_hub(invocation, request, world, found)
        case requests.PlanRange() as request:
            from hubctl.cli.showing_plan import run_plan  # noqa: PLC0415  # the same

            return run_plan(invocation, request, world, found)
        case requests.Init() as request:
            from hubctl.cli.showing_start import run_init  # noqa: PLC0415  # the same

            return run_init(invocation, request, world, found)
        case requests.Validate() as request:
            from hubctl.cli.showing_validate import run_validate  # noqa: PLC0415  # the same

            return run_validate(invocation, request, world, found)
        case requests.SecretSet() | requests.SecretUnset() | requests.SecretRotate() as request:
            from hubctl.cli.showing_secret import run_writing  # noqa: PLC0415  # the same

            return run_writing(invocation, request, world, found)
        case requests.SecretSync() as request:
            from hubctl.cli.showing_secret import run_sync  # noqa: PLC0415  # the same

            return run_sync(invocation, request, world, found)
        case requests.SecretGet() as request:
            from hubctl.cli.showing_secret import run_get  # noqa: PLC0415  # the same

            return run_get(invocation, request, world, found)
        case requests.SecretCheck() as request:
            from hubctl.cli.showing_secret_check import run_secret_check  # noqa: PLC0415  # the same

            return run_secret_check(invocation, request, world, found)
        case requests.SecretRegistrySet() | requests.SecretRegistryRotate() | requests.SecretRegistryCheck() as request:
            from hubctl.cli.showing_secret_registry import run_registry  # noqa: PLC0415  # the same

            return run_registry(invocation, request, world, found)
        case requests.Doctor() as request:
            from hubctl.commands.doctor import run as doctor  # noqa: PLC0415  # the same

            return _show_doctor(invocation, doctor(request, world), found)
        case _:
            raise AssertionError("the others run without a world")


def _show_sites(invocation: Invocation, report: SitesReport, found: tuple[Problem, ...]) -> int:
    if invocation.json:
        shape = shapes.sites(report)
        showing.json_object({**shape, "problems": shapes.problems((*found, *report.problems))})
    else:
        for listed in report.sites:
            showing.data(lines.site_line(listed))
        _talk_of(invocation, (*found, *report.problems))
    return report.exit_code


def _show_doctor(invocation: Invocation, report: DoctorReport, found: tuple[Problem, ...]) -> int:
    if invocation.json:
        showing.json_object({**shapes.doctor(report), "problems": shapes.problems((*found, *report.problems))})
    else:
        for check in report.checks:
            showing.data(lines.check_line(check))
        _talk_of(invocation, (*found, *report.problems))
    return report.exit_code


def _talk_of(invocation: Invocation, problems: Iterable[Problem]) -> None:
    if not invocation.options.quiet:
        showing.talk(lines.problem_lines(problems))
