"""`hubctl doctor`: which layout, tools and credentials were found; values of credentials never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shutil import which
from typing import Literal

from hubctl import __version__
from hubctl.adapters.clock import Waiting
from hubctl.adapters.git import lacks, state_in_progress
from hubctl.commands import codes
from hubctl.commands.doctor_secrets import secret_checks
from hubctl.commands.finding import choose_sites, find_in_work_tree
from hubctl.commands.reports import Checkup, DoctorReport
from hubctl.commands.requests import Doctor
from hubctl.commands.world import World
from hubctl.errors import HubctlError
from hubctl.fleet.model import Fleet
from hubctl.images.reference import ImageName
from hubctl.problem import Problem
from hubctl.registry.credentials import Login
from hubctl.registry.line import Lines
from hubctl.registry.logins import Logins
from hubctl.registry.trial import Outcome, Trial, found_logins, tried_logins
from hubctl.show import plural, show

_TOOLS = {"git": "needed to propose pull requests", "gh": "asked for a token where no variable holds one"}
_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")


_WAITING = 15.0  # seconds for limits and failures that pass; a checkup is not worth more
_AT_ONCE = 4
_PAUSE = 1.0

_State = Literal["ok", "missing", "note"]
_SAID: Mapping[Outcome, tuple[_State, str, int]] = {
    "works": ("ok", "works", codes.DONE),
    "open": ("note", "works", codes.DONE),
    "spare": ("note", "not needed", codes.DONE),
    "refused": ("missing", "refused", codes.CREDENTIALS),
    "denied": ("missing", "refused", codes.CREDENTIALS),
    "untold": ("note", "could not tell", codes.COULD_NOT_TELL),
}
_EXPLAINED = frozenset({"spare", "refused", "denied", "untold"})


def run(request: Doctor, world: World) -> DoctorReport:
    """Look at everything once and change nothing.

    The exit code is 1 where no fleet can be read; with `registries` 4 where a registry refuses, 9 where one does not
    answer. Without it neither the network nor a program for logins is asked.
    """
    checks = [Checkup("hubctl", "ok", __version__)]
    problems: tuple[Problem, ...] = ()
    names: frozenset[ImageName] = frozenset()
    exits: list[int] = []
    try:
        found = find_in_work_tree(world)
    except HubctlError as error:
        checks.append(Checkup("layout", "missing", error.message))
        exits.append(error.exit_code)
    else:
        selected = choose_sites(found, None, None, None)
        problems = selected.problems
        names = frozenset(name for several in selected.names.values() for name in several)
        checks.append(Checkup("layout", "ok", _layout(found.fleet)))
    checks += [*_repository(world), *_tools(world.environment), *secret_checks(world), _github(world.environment)]
    trials = _trials(request, world, names)
    several = {host for host, count in Counter(trial.host for trial in trials).items() if count > 1}
    for trial in trials:
        checks += _of_trial(trial, named=trial.host in several)
        exits += [_SAID[trial.outcome][2]] if trial.outcome in _SAID else []
    return DoctorReport(tuple(checks), problems, codes.strongest(exits))


def _layout(fleet: Fleet) -> str:
    sizes = (
        plural(len(fleet.clusters), "cluster"),
        plural(len(fleet.hubs), "hub"),
        plural(len(fleet.texts), "values file"),
    )
    return f"{', '.join(sizes)} by `{fleet.layout}`"


def _repository(world: World) -> Iterator[Checkup]:
    if world.git is None:
        yield Checkup("repository", "note", f"no git repository at `{show(str(world.root))}`: files can be edited")
        return
    yield Checkup("repository", "ok", show(str(world.root)))
    for missing in lacks(world.git):
        yield Checkup("repository", "note", missing)
    state = state_in_progress(world.git)
    if state:
        yield Checkup("repository", "note", f"in the middle of {state}: the work tree is not edited")


def _tools(environment: Mapping[str, str]) -> Iterator[Checkup]:
    for tool, use in _TOOLS.items():
        path = which(tool, path=environment.get("PATH"))
        yield Checkup(tool, "ok" if path else "missing", show(path) if path else use)


def _github(environment: Mapping[str, str]) -> Checkup:
    named = [name for name in _TOKENS if environment.get(name)]
    found = f"`{named[0]}` is set" if named else "none in `GH_TOKEN` or `GITHUB_TOKEN`; `gh auth token` is asked"
    return Checkup("github token", "ok" if named else "note", found)


def _trials(request: Doctor, world: World, names: Iterable[ImageName]) -> tuple[Trial, ...]:
    registries = world.settings.registries
    logins = Logins(registries, world.environment, world.git.root if world.git else None)
    if not request.registries:
        return found_logins(names, registries, logins)
    lines = Lines(world.http, Waiting(_WAITING), max_in_flight=_AT_ONCE, pause=_PAUSE)
    return tried_logins(names, registries, logins, lines)


def _of_trial(trial: Trial, *, named: bool) -> Iterator[Checkup]:
    """Yield what came of a login; `named` says which images it is for, where a host has several logins."""
    topic = f"registry {show(trial.host)}"
    if trial.outcome in _SAID:
        state, word, _ = _SAID[trial.outcome]
        detail = f"{_login(trial.login)}, {word}"
        detail += f": {trial.detail}" if trial.outcome in _EXPLAINED else ""
    else:
        state = "ok" if trial.login is not None and trial.login.holds else "note"
        detail = _login(trial.login)
    yield Checkup(topic, state, f"for {_images(trial.images)}: {detail}" if named else detail)
    yield from (Checkup(topic, "note", note) for note in trial.notes)


def _images(names: Sequence[ImageName]) -> str:
    rest = len(names) - 1
    return f"`{show(names[0].path)}`" + (f" and {rest} more" if rest else "")


def _login(login: Login | None) -> str:
    """Return where a login comes from and whose it is, never what opens anything."""
    if login is None:
        return "anonymous"
    if login.username:
        return f"{login.origin}, as `{show(login.username, 80)}`"
    kind = "an identity token" if login.identity else "a token" if login.bearer else ""
    return f"{login.origin}, {kind}" if kind else login.origin
