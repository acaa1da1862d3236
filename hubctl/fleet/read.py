"""Reading a fleet from a work tree or a commit: the only file of this room that asks for bytes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Literal, Protocol, TypeAlias

from hubctl.errors import NotFound, Unparseable
from hubctl.fleet import layout
from hubctl.fleet.charts import Chart, Dependency, defaults_of, dependencies_of, folders_of, prefix_of
from hubctl.fleet.declared import NAME, Declared, DeclaredHub, Entry, declared
from hubctl.fleet.model import Absent, Cluster, Fleet, Hub
from hubctl.problem import Problem
from hubctl.show import show
from hubctl.text.parse import parse
from hubctl.text.tree import Mapping as TreeMapping
from hubctl.text.walk import below

Kind: TypeAlias = Literal["plain", "encrypted", "jsonnet", "unreadable", "absent"]

STAGING = ("*staging*",)  # what hubs of staging are called where nobody says otherwise

_HUBS_LINE = re.compile(rb"^hubs\s*:", re.MULTILINE)


class Tree(Protocol):
    """The files of a work tree or of a commit; paths are relative to the repository's root, with `/`."""

    def paths(self, under: str = "") -> tuple[str, ...]:
        """Return all files in the folder `under` and below it."""
        ...

    def read(self, path: str) -> bytes:
        """Return a regular file's bytes; NotFound where nothing is, Unparseable for all else that cannot be read."""
        ...

    def target(self, path: str) -> str:
        """Return the path of the file that `path` stands for, itself where it is no link that can be followed."""
        ...


def read_if_there(tree: Tree, path: str) -> bytes | None:
    """Return a file's bytes, None where nothing is; Unparseable as `Tree.read`."""
    try:
        return tree.read(path)
    except NotFound:
        return None


def read_fleet(tree: Tree, staging: tuple[str, ...] = STAGING) -> Fleet:
    """Return the fleet of a repository, found from its `cluster.yaml` files.

    These are `config/clusters/*/cluster.yaml` where there is one, else every `cluster.yaml` with a list of `hubs`.
    `staging` are globs of the hubs that are staging, by their name or `cluster/hub`. What cannot be read is a
    problem, the rest goes on. NotFound, code `no-fleet`, where there is no `cluster.yaml`.
    """
    return _Reader(tree, staging).fleet()


class _Reader:
    """Collects texts and problems while it goes through one tree."""

    def __init__(self, tree: Tree, staging: tuple[str, ...]) -> None:
        self.tree = tree
        self.staging = staging
        self.texts: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.absent: dict[tuple[str, str], Absent] = {}
        self.unreadable: set[str] = set()
        self.encrypted: set[str] = set()
        self.jsonnet: set[str] = set()
        self.paths: frozenset[str] = frozenset()
        self.walked: frozenset[str] = frozenset()  # folders all files of which stand in `paths`
        self.folders: dict[str, frozenset[str]] = {}  # others, by their files

    def fleet(self) -> Fleet:
        paths = self.tree.paths(layout.CLUSTERS)
        files = layout.standard_clusters(paths)
        pattern = layout.STANDARD if files else layout.ANYWHERE
        if files:
            around = self.tree.paths(layout.CHARTS)
        else:
            paths = around = self.tree.paths()
            files = layout.clusters_anywhere(paths)
        self.paths = frozenset(paths)
        self.walked = frozenset(map(posixpath.dirname, paths))
        clusters = [found for file in files if (found := self.declared(file, certain=pattern == layout.STANDARD))]
        if not clusters and not self.problems:
            raise NotFound(
                "no `cluster.yaml` in this repository",
                hint=f"hubctl looks for `{layout.STANDARD}`, else for any `cluster.yaml` with a list of `hubs`",
                code="no-fleet",
            )
        charts = self.charts(layout.charts_among(around))
        return Fleet(
            clusters=tuple(self.clusters(clusters, charts)),
            charts=tuple(sorted(chart.values for chart in charts.values() if chart.values)),
            texts=self.texts,
            problems=tuple(sorted(self.problems)),
            layout=pattern,
            absent=tuple(self.absent.values()),
            unlisted=self.unlisted(clusters),
            jsonnet=tuple(sorted(self.jsonnet)),
        )

    def declared(self, file: str, *, certain: bool) -> Declared | None:
        """What one file declares; `certain` where its place alone makes it a cluster."""
        try:
            text = self.tree.read(file)
            if not certain and not _HUBS_LINE.search(text):
                return None
            found = declared(text, file)
        except (NotFound, Unparseable) as error:
            self.unreadable_file(file, error)
            return None
        self.problems += found.problems
        return found

    def unreadable_file(self, file: str, error: NotFound | Unparseable) -> None:
        self.unreadable.add(file)
        line = error.line if isinstance(error, Unparseable) else 1
        mend = error.hint or "make it a regular YAML file inside the repository"
        self.problems.append(Problem(file, line, "unreadable", error.message, mend, fails=True))

    def charts(self, folders: Mapping[str, Iterable[str]]) -> dict[str, Chart]:
        charts: dict[str, Chart] = {}
        for folder, names in sorted(folders.items()):
            values = posixpath.join(folder, "values.yaml")
            has_values = "values.yaml" in names and self.read(values)
            if "values.jsonnet" in names:
                self.jsonnet.add(posixpath.join(folder, "values.jsonnet"))
            wanted = self.dependencies(posixpath.join(folder, "Chart.yaml")) if "Chart.yaml" in names else ()
            charts[folder] = Chart(folder, values if has_values else None, wanted)
        return charts

    def dependencies(self, file: str) -> tuple[Dependency, ...]:
        try:
            return dependencies_of(self.tree.read(file), file)
        except (NotFound, Unparseable) as error:
            self.unreadable_file(file, error)
            return ()

    def read(self, path: str) -> bool:
        """Whether the plain file at `path` is there and could be read; its bytes then stand in `texts`."""
        if path in self.texts:
            return True
        if path in self.unreadable:
            return False
        try:
            self.texts[path] = self.tree.read(path)
        except NotFound:
            return False
        except Unparseable as error:
            self.unreadable_file(path, error)
            return False
        return True

    def clusters(self, found: Iterable[Declared], charts: Mapping[str, Chart]) -> Iterable[Cluster]:
        seen: dict[str, str] = {}
        for one in found:
            name = posixpath.basename(one.folder) or one.name or ""
            if not NAME.fullmatch(name):
                self.refuse(one, f"not a cluster's name: `{show(name, 80)}`", "rename the folder")
                continue
            if name in seen:
                self.refuse(one, f"a cluster of this name is already at `{show(seen[name])}`", "rename one folder")
                continue
            seen[name] = one.file
            support = [entry.path for entry in one.support if self.kind(entry, one.file) == "plain"]
            hubs = tuple(self.hub(name, hub, one, charts) for hub in one.hubs)
            yield Cluster(name, one.folder, one.file, hubs, _last(support), one.name, one.line)

    def refuse(self, cluster: Declared, message: str, mend: str) -> None:
        self.problems.append(Problem(cluster.file, cluster.line, "cluster-name", message, mend, fails=True))

    def hub(self, cluster: str, hub: DeclaredHub, owner: Declared, charts: Mapping[str, Chart]) -> Hub:
        kinds: dict[Kind, list[str]] = {"plain": [], "encrypted": [], "jsonnet": [], "unreadable": [], "absent": []}
        for entry in hub.entries:
            kind = self.kind(entry, owner.file)
            named = kind == "absent" and layout.is_encrypted_name(entry.path)
            kinds["encrypted" if named else kind].append(entry.path)
        chart = layout.chart_folder(owner.folder, hub.chart, charts)
        return Hub(
            cluster=cluster,
            name=hub.name,
            domain=hub.domain,
            chart=hub.chart,
            stage="staging" if self.is_staging(cluster, hub.name) else "prod",
            files=_last(kinds["plain"]),
            encrypted=_last(kinds["encrypted"]),
            jsonnet=_last(kinds["jsonnet"]),
            unreadable=_last(kinds["unreadable"]),
            defaults=defaults_of(chart, charts),
            prefix=prefix_of(chart, charts),
            line=hub.line,
            charts=folders_of(chart, charts),
        )

    def is_staging(self, cluster: str, hub: str) -> bool:
        return any(fnmatchcase(hub, glob) or fnmatchcase(f"{cluster}/{hub}", glob) for glob in self.staging)

    def kind(self, entry: Entry, file: str) -> Kind:
        """What a listed file is; reads it where it may be plain, and notes it where it is absent."""
        path = entry.path
        encrypted = layout.is_encrypted_name(path)
        if encrypted or path.endswith(".jsonnet"):
            kind: Kind = "absent" if not self.exists(path) else "encrypted" if encrypted else "jsonnet"
        else:
            kind = self.kind_by_content(path)
        if kind == "absent":
            self.absent.setdefault((file, path), Absent(path, file, entry.line, encrypted))
        if kind == "jsonnet":
            self.jsonnet.add(path)
        return kind

    def kind_by_content(self, path: str) -> Kind:
        if path not in self.texts and layout.is_encrypted_name(self.tree.target(path)) and self.exists(path):
            self.encrypted.add(path)  # a link to an encrypted file: not even read
        if path not in self.encrypted and not self.read(path):
            return "unreadable" if path in self.unreadable else "absent"
        if path not in self.encrypted and _is_sops(self.texts[path]):
            self.encrypted.add(path)
            del self.texts[path]
        return "encrypted" if path in self.encrypted else "plain"

    def exists(self, path: str) -> bool:
        folder = posixpath.dirname(path)
        if path in self.paths or folder in self.walked:
            return path in self.paths
        if folder not in self.folders:
            try:
                self.folders[folder] = frozenset(self.tree.paths(folder))
            except Unparseable:
                self.folders[folder] = frozenset()  # a link out of the repository: nothing of it is a file of ours
        return path in self.folders[folder]

    def unlisted(self, clusters: Iterable[Declared]) -> tuple[str, ...]:
        folders, listed = set(), set()
        for cluster in clusters:
            folders.add(cluster.folder)
            listed |= {entry.path for entry in cluster.support}
            listed |= {entry.path for hub in cluster.hubs for entry in hub.entries}
        beside = (path for path in self.paths if posixpath.dirname(path) in folders and layout.is_values_file(path))
        return tuple(sorted(path for path in beside if path not in listed))


def _last(paths: Iterable[str]) -> tuple[str, ...]:
    """Each path once, where it stands last: what Helm reads again there counts."""
    return tuple(reversed(dict.fromkeys(reversed(list(paths)))))


def _is_sops(text: bytes) -> bool:
    """Whether sops wrote the file: it adds a top-level mapping `sops`."""
    if b"sops" not in text:
        return False
    try:
        documents = parse(text).documents
    except Unparseable:
        return False  # whoever looks for images in it says what is wrong
    return bool(documents) and isinstance(below(documents[0], "sops"), TreeMapping)
