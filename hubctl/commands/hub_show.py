"""`hubctl hub show`: what Helm would compute for a hub, and where each value is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hubctl.commands.finding import work_tree
from hubctl.commands.reports import ValuesReport
from hubctl.commands.requests import HubShow
from hubctl.commands.world import World
from hubctl.errors import HubctlError, Unparseable
from hubctl.fleet.declared import declared
from hubctl.fleet.index import layers_of
from hubctl.fleet.lookup import look_up
from hubctl.fleet.merging import Layer, below, merge
from hubctl.fleet.model import Cluster, Fleet, Hub
from hubctl.fleet.narrowing import read_cluster
from hubctl.fleet.read import Tree
from hubctl.fleet.select import part_of, selected_hubs
from hubctl.fleet.values import values_of
from hubctl.problem import Problem
from hubctl.rules import missing, names
from hubctl.text.parse import parse
from hubctl.text.tree import Sequence
from hubctl.text.walk import resolve


def run(request: HubShow, world: World) -> ValuesReport:
    """Return the effective values of a hub, those of the first where `cluster.yaml` lists its name twice.

    Where a plain file or a chart that feeds it cannot be read, nothing is known: the report has the error and a
    problem for each such file. NotFound for an unknown cluster, hub or key path; UsageError for no key path.
    """
    tree = work_tree(world)
    fleet = read_cluster(tree, request.cluster)
    cluster, hubs = selected_hubs(fleet, request.cluster, request.hub)
    if cluster is None:
        raise _failure([problem for problem in fleet.problems if problem.file.endswith("/cluster.yaml")])
    hub = hubs[0]
    listed = _listed(tree, cluster, hub)
    layers, problems = _layers(fleet, hub, chart=request.chart)
    problems = sorted({*problems, *_of_fleet(fleet, cluster, hub, listed, chart=request.chart)})
    files = tuple(layer.file for layer in layers)
    folders = hub.charts if request.chart else ()
    of_charts = tuple(file for file in fleet.jsonnet if file.rpartition("/")[0] in folders)
    unread = (*of_charts, *(file for file in listed.files if file not in hub.files))
    failing = [problem for problem in problems if problem.fails]
    if failing:
        error = _failure(failing)
        return ValuesReport({}, (), files, unread, tuple(problems), request.key_path, error.exit_code, error)
    merged = merge(layers)
    value: object = merged.values
    sources = merged.sources
    if request.key_path is not None:
        value, sources = look_up(merged, request.key_path, unread=len(unread))
    return ValuesReport(value, sources, files, unread, tuple(problems), request.key_path)


def _failure(problems: list[Problem]) -> HubctlError:
    first = problems[0]
    return Unparseable(first.message, file=first.file, line=first.line, hint=first.mend)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The entry of a hub in `cluster.yaml`: its lines, and every file it lists, in Helm's order, whatever it is."""

    lines: range
    files: tuple[str, ...]


def _listed(tree: Tree, cluster: Cluster, hub: Hub) -> _Listed:
    text = tree.read(cluster.file)
    found = declared(text, cluster.file)
    entries = next(one.entries for one in found.hubs if (one.name, one.line) == (hub.name, hub.line))
    root = parse(text, cluster.file).documents[0]
    hubs = resolve(root, ("hubs",), through_aliases=True)
    starts = sorted(item.line for item in hubs.items) if isinstance(hubs, Sequence) else []
    first = max((line for line in starts if line <= hub.line), default=1)
    end = min((line for line in starts if line > hub.line), default=text.count(b"\n") + 2)
    return _Listed(range(first, end), tuple(reversed(dict.fromkeys(entry.path for entry in reversed(entries)))))


def _layers(fleet: Fleet, hub: Hub, *, chart: bool) -> tuple[list[Layer], list[Problem]]:
    """Return what each file says, the lowest first, and what is wrong in them."""
    layers: list[Layer] = []
    problems: list[Problem] = []
    count = len(hub.defaults)
    for number, (file, prefix) in enumerate(layers_of(hub)):
        if number < count and not chart:
            continue
        try:
            said = values_of(fleet.texts[file], file)
        except Unparseable as error:
            mend = error.hint or "make it YAML that Helm can read"
            problems.append(Problem(file, error.line, "unreadable", error.message, mend, fails=True))
        else:
            layers.append(Layer(file, below(prefix, said.root), default=number < count))
            problems += said.problems
    return layers, problems


def _of_fleet(fleet: Fleet, cluster: Cluster, hub: Hub, listed: _Listed, *, chart: bool) -> Iterator[Problem]:
    """Yield what reading found about the hub's own files, its charts and its entry in `cluster.yaml`."""
    entry = listed.lines
    part = part_of(fleet, cluster.name, hub.name)
    folders = hub.charts if chart else ()
    for problem in fleet.problems:
        of_entry = problem.file == cluster.file and problem.line in entry
        if of_entry or problem.file in hub.unreadable or problem.file.rpartition("/")[0] in folders:
            yield problem
    yield from names.check(part)
    yield from missing.check(replace(part, absent=tuple(one for one in part.absent if one.path in listed.files)))
