"""`hubctl doctor`: which layout, tools and credentials were found; values of credentials never."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from shutil import which

from hubctl import __version__
from hubctl.adapters.git import lacks, state_in_progress
from hubctl.commands.finding import choose_sites, find_in_work_tree
from hubctl.commands.reports import Checkup, DoctorReport
from hubctl.commands.world import World
from hubctl.errors import HubctlError
from hubctl.fleet.model import Fleet
from hubctl.problem import Problem
from hubctl.registry.credentials import auth_files, find_login
from hubctl.settings import RegistryEntry
from hubctl.show import plural, show

_TOOLS = {"git": "needed to propose pull requests", "gh": "asked for a token where no variable holds one"}
_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")


def run(world: World) -> DoctorReport:
    """Look at everything once and change nothing; the exit code is 1 only where no fleet can be read."""
    checks = [Checkup("hubctl", "ok", __version__)]
    problems: tuple[Problem, ...] = ()
    hosts: list[str] = []
    code = 0
    try:
        found = find_in_work_tree(world)
    except HubctlError as error:
        checks.append(Checkup("layout", "missing", error.message))
        code = error.exit_code
    else:
        selected = choose_sites(found, None, None, None)
        problems = selected.problems
        hosts = sorted({name.host for names in selected.names.values() for name in names})
        checks.append(Checkup("layout", "ok", _layout(found.fleet)))
    checks += [*_repository(world), *_tools(world.environment), *_credentials(world, hosts)]
    return DoctorReport(tuple(checks), problems, code)


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


def _credentials(world: World, hosts: Iterable[str]) -> Iterator[Checkup]:
    named = [name for name in _TOKENS if world.environment.get(name)]
    found = f"`{named[0]}` is set" if named else "none in `GH_TOKEN` or `GITHUB_TOKEN`; `gh auth token` is asked"
    yield Checkup("github token", "ok" if named else "note", found)
    files = auth_files(world.environment)
    entries = world.settings.registries
    for host in hosts:
        login = find_login(host, "", entries.get(host, RegistryEntry()), world.environment, files)
        origin = login.login.origin if login.login else "anonymous"
        yield Checkup(f"registry {show(host)}", "ok" if login.login else "note", origin)
        yield from (Checkup(f"registry {show(host)}", "note", note) for note in login.notes)
