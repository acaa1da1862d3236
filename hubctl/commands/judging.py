"""Everything `validate` can say of one tree of files: reading, rules and schemas brought together."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from hubctl.adapters import schema
from hubctl.commands.hub_checking import Checked, HubChecks
from hubctl.errors import HubctlError, NotFound, Unparseable
from hubctl.fleet import layout
from hubctl.fleet.declared import Declared, declared
from hubctl.fleet.merging import Keys, below, merge
from hubctl.fleet.merging import Layer as MergeLayer
from hubctl.fleet.model import Absent, Cluster, Fleet, Hub
from hubctl.fleet.read import Tree, read_fleet
from hubctl.fleet.schemas import ChartParts, ChartReader
from hubctl.fleet.seen import Seen, Spot, Told, encrypted_paths
from hubctl.fleet.values import Branch, values_of
from hubctl.images.site import Site
from hubctl.images.sites import find_sites
from hubctl.problem import Problem
from hubctl.rules import check, doubled, levels, tags
from hubctl.rules.domains import shared_domain
from hubctl.rules.finding import Finding, problems_of
from hubctl.text.data import data
from hubctl.text.parse import parse
from hubctl.text.tree import Sequence
from hubctl.text.walk import resolve

_SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong in a tree; `files` are those that were looked at, `absent` the listed ones that are not there.

    `untold` counts the missing keys that are no finding because most hubs of a chart lack them.
    """

    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    absent: tuple[Absent, ...]
    untold: int = 0


def judge(tree: Tree, staging: tuple[str, ...]) -> Judged:
    """Return what is wrong with the fleet of a tree; NotFound where there is none. `staging` are globs of hubs."""
    return _Judge(tree, read_fleet(tree, staging)).judged()


@dataclass(slots=True)
class _Judge:
    """Carries what is read of one tree; each file is read and merged values are made once."""

    tree: Tree
    fleet: Fleet
    texts: dict[str, bytes] = field(default_factory=dict)
    roots: dict[str, Branch | None] = field(default_factory=dict)
    sites: dict[str, tuple[Site, ...]] = field(default_factory=dict)
    hidden: dict[str, frozenset[Keys]] = field(default_factory=dict)
    parts: dict[str, ChartParts] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    absent: dict[str, set[str]] = field(default_factory=dict)  # listed files by the `cluster.yaml` that lists them
    jsonnet: frozenset[str] = frozenset()

    def judged(self) -> Judged:
        self.texts |= self.fleet.texts
        self.jsonnet = frozenset(self.fleet.jsonnet)
        for one in self.fleet.absent:
            self.absent.setdefault(one.file, set()).add(one.path)
        self.problems += [*self.fleet.problems, *check(self.fleet)]
        self.of_files(self.fleet.charts)
        checked = self.of_hubs()
        self.of_files(self.fleet.texts)
        self.findings += tags.odd_tag(site for file in sorted(self.sites) for site in self.sites[file])
        found = problems_of([*self.findings, *checked.findings], self.texts)
        shapes = {(one.file, one.line) for one in self.problems if one.rule == "cluster-shape"}
        kept = (one for one in found if one.rule != "cluster-schema" or (one.file, one.line) not in shapes)
        every = tuple(sorted({*self.problems, *kept}))
        return Judged(every, tuple(sorted(self.looked_at())), self.fleet.absent, checked.untold)

    def looked_at(self) -> set[str]:
        clusters = {cluster.file for cluster in self.fleet.clusters}
        return {*self.texts, *clusters, *(one.file for one in self.fleet.problems)}

    def of_files(self, files: Iterable[str]) -> None:
        """Look at each file that was not looked at before."""
        for file in files:
            if file not in self.sites:
                self.sites[file] = ()
                self.findings += self.of_file(file)

    def of_file(self, file: str) -> Iterator[Finding]:
        """What is wrong with one values file, whoever lists it."""
        self.roots[file] = None
        try:
            values = values_of(self.fleet.texts[file], file)
            self.sites[file] = find_sites(self.fleet.texts[file], file)
        except Unparseable as error:
            mend = error.hint or "make it YAML that Helm can read"
            self.problems.append(Problem(file, error.line, "unreadable", error.message, mend, fails=True))
            return
        self.roots[file] = values.root
        documents = parse(self.fleet.texts[file], file).documents
        root = documents[0] if documents else None
        if values.problems:
            yield from doubled.duplicate_key(file, root)
        yield from levels.plain_secret(file, values.root, ("basehub",))
        wrong = [
            finding
            for image in tags.images_in(values.root)
            for finding in tags.wrong_image(file, image, schema.problems(image.value, "hub-values"))
        ]
        yield from wrong
        for site in self.sites[file]:
            if not any(one.spot.path == site.path for one in wrong):
                yield from tags.mutable_tag(site)
                yield from tags.stale_text(site, root)

    def of_hubs(self) -> Checked:
        around = layout.CHARTS if self.fleet.layout == layout.STANDARD else ""
        charts = ChartReader(self.tree, frozenset(self.tree.paths(around)))
        folders = {posixpath.dirname(path) for path in charts.paths if path.endswith("/Chart.yaml")}
        folders |= {posixpath.dirname(path) for path in self.fleet.charts}
        checks = HubChecks(self.tree, self.texts, self.sites)
        domains: list[tuple[Hub, Spot]] = []
        for cluster in self.fleet.clusters:
            self.of_files(_plain_files(cluster))
            written = self.declared(cluster)
            spots = dict(_spots(cluster.file, self.texts[cluster.file]))
            for hub, place in zip(cluster.hubs, written.hubs, strict=True):
                spot = spots.get(place.line, Spot(cluster.file, ("hubs",)))
                listed = tuple(entry.path for entry in place.entries)
                checks.hub(self.seen(hub, spot, listed, cluster, charts), self.parts[_chart(hub)])
                domains.append((hub, Spot(spot.file, (*spot.path, "domain"))))
            listed = tuple(entry.path for entry in written.support)
            beside = _support(cluster, folders, self.fleet.charts)
            seen = self.seen(beside, Spot(cluster.file, (_SUPPORT,)), listed, cluster, charts)
            checks.charts(seen, self.parts[_chart(beside)])
            self.forget(cluster)
        self.findings += shared_domain(domains)
        return checks.checked()

    def forget(self, cluster: Cluster) -> None:
        """Let go of the values in a cluster's files, which no other cluster lists but by a way around."""
        for file in _plain_files(cluster):
            self.roots.pop(file, None)

    def declared(self, cluster: Cluster) -> Declared:
        """What a `cluster.yaml` lists, which was read before; what departs from its schema is noted."""
        text = self.texts[cluster.file] = self.tree.read(cluster.file)
        whole = data(parse(text, cluster.file).documents[0], file=cluster.file)
        for place, message in schema.problems(whole, "cluster"):
            mend = "write it as `schemas/cluster.schema.json` says"
            self.findings.append(Finding("cluster-schema", Spot(cluster.file, place), message, mend))
        return declared(text, cluster.file)

    def seen(self, hub: Hub, spot: Spot, listed: tuple[str, ...], cluster: Cluster, charts: ChartReader) -> Seen:
        chart = _chart(hub)
        if chart not in self.parts:
            self.parts[chart] = charts.parts(chart) if chart else ChartParts()
        defaults = (*((file, prefix) for file, prefix in self.parts[chart].inner), *hub.defaults)
        told = [
            *(Told(file, prefix, root, default=True) for file, prefix in defaults if (root := self.root(file))),
            *(Told(file, (), root) for file in hub.files if (root := self.root(file))),
        ]
        layers = [MergeLayer(one.file, below(one.prefix, one.root), one.default) for one in told]
        absent = self.absent.get(cluster.file, set())
        broken = any(self.root(file) is None for file in hub.files)
        jsonnet = any(f"{folder}/values.jsonnet" in self.jsonnet for folder in hub.charts)
        return Seen(
            hub=hub,
            declared=spot,
            values=merge(layers).values,
            told=tuple(told),
            listed=listed,
            encrypted={file: self.paths_in(file) for file in hub.encrypted if file not in absent},
            unseen=bool(absent.intersection(listed) or hub.jsonnet or hub.unreadable or broken or jsonnet),
        )

    def root(self, file: str) -> Branch | None:
        if file not in self.roots:
            self.roots[file] = None
            try:
                self.texts[file] = self.tree.read(file)
                self.roots[file] = values_of(self.texts[file], file).root
            except (NotFound, Unparseable):
                pass
        return self.roots[file]

    def paths_in(self, file: str) -> frozenset[Keys]:
        if file not in self.hidden:
            try:
                self.texts[file] = self.tree.read(file)
            except HubctlError:
                self.texts[file] = b""
            self.hidden[file] = encrypted_paths(self.texts[file], file)
        return self.hidden[file]


def _plain_files(cluster: Cluster) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(file for hub in cluster.hubs for file in hub.files), *cluster.support]))


def _chart(hub: Hub) -> str:
    return hub.charts[-1] if hub.charts else ""


def _support(cluster: Cluster, folders: Collection[str], defaults: tuple[str, ...]) -> Hub:
    """What runs beside the hubs, as if it were one: its chart, of those in `folders`, is called `support`."""
    folder = layout.chart_folder(cluster.folder, _SUPPORT, folders)
    own = posixpath.join(folder, "values.yaml")
    below = ((own, ()),) if own in defaults else ()
    return Hub(cluster.name, _SUPPORT, "", _SUPPORT, "prod", cluster.support, defaults=below, charts=(folder,))


def _spots(file: str, text: bytes) -> Iterator[tuple[int, Spot]]:
    """Where each hub stands in the `hubs` of a `cluster.yaml`, by the line of its name."""
    root = parse(text, file).documents[0]
    hubs = resolve(root, ("hubs",), through_aliases=True)
    for index in range(len(hubs.items) if isinstance(hubs, Sequence) else 0):
        name = resolve(root, ("hubs", index, "name"), through_aliases=True)
        if name is not None:
            yield name.line, Spot(file, ("hubs", index))
