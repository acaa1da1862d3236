"""Hubs with what their files say of registries: merged values, encrypted key paths, and what was opened of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from hubctl.errors import HubctlError, NotFound, Unparseable
from hubctl.fleet.declared import DeclaredHub, declared
from hubctl.fleet.merging import Keys, below, merge
from hubctl.fleet.merging import Layer as MergeLayer
from hubctl.fleet.model import Cluster, Fleet, Hub
from hubctl.fleet.read import Tree
from hubctl.fleet.seen import Seen, Spot, Told, encrypted_paths
from hubctl.fleet.values import Branch, Leaf, values_of
from hubctl.problem import Problem
from hubctl.secrets.registry_logins import LOGINS, Login
from hubctl.secrets.value import Stored
from hubctl.secrets.verifier import verify_form

Opened: TypeAlias = Mapping[str, Mapping[tuple[str | int, ...], Stored]]  # decrypted values by file and key path


@dataclass(frozen=True)
class RegistryHub:
    """A hub, its `cluster.yaml`, the lines of it that list each file, and every hub that a file of it feeds."""

    seen: Seen
    cluster_file: str
    lines: Mapping[str, int]
    fed: Mapping[str, tuple[str, ...]]

    @property
    def hub(self) -> Hub:
        """The hub itself."""
        return self.seen.hub

    @property
    def order(self) -> tuple[str, ...]:
        """The listed files in Helm's order, each where it is listed last."""
        return tuple(reversed(dict.fromkeys(reversed(self.seen.listed))))

    def position(self, file: str) -> int:
        """Where a file stands among those listed; -1 for one that is not, such as a chart's defaults."""
        return self.order.index(file) if file in self.order else -1

    def files_hiding(self, path: Keys) -> tuple[str, ...]:
        """The encrypted files that write exactly this key path, the one that wins last."""
        hidden = self.seen.encrypted or {}
        return tuple(file for file in self.order if path in hidden.get(file, frozenset()))

    def plain_at(self, login: Login, key: str) -> object:
        """What the plain files give for one entry of a login."""
        return self.seen.at(*login.level, key)

    def values(self, opened: Opened) -> Mapping[str, object]:
        """Return what Helm computes of plain files and of the encrypted ones that were opened."""
        if not any(file in opened for file in self.order):
            return self.seen.values
        charts = (one for one in self.seen.told if one.default)
        layers = [MergeLayer(one.file, below(one.prefix, one.root), default=True) for one in charts]
        told = {one.file: one for one in self.seen.told if not one.default}
        for file in self.order:
            if file in told:
                layers.append(MergeLayer(file, told[file].root))
            elif file in opened:
                layers.append(MergeLayer(file, _branch(opened[file])))
        return merge(layers).values


def _branch(values: Mapping[tuple[str | int, ...], Stored]) -> Branch:
    """Decrypted leaves as one layer; what stands in a list is one leaf, of which nothing here is read."""
    root: dict[str, Branch | Leaf] = {}
    for path, value in values.items():
        keys = _before_list(path)
        entries = root
        for key in keys[:-1]:
            branch = entries.setdefault(key, Branch({}, 1))
            if not isinstance(branch, Branch) or not isinstance(branch.entries, dict):
                break
            entries = branch.entries
        else:
            if keys:
                entries.setdefault(keys[-1], Leaf(value if len(keys) == len(path) else [], 1))
    return Branch(root, 1)


def _before_list(path: tuple[str | int, ...]) -> Keys:
    keys: list[str] = []
    for step in path:
        if isinstance(step, int):
            break
        keys.append(step)
    return tuple(keys)


@dataclass(slots=True)
class HubReader:
    """Reads each file of a fleet once, and makes of each hub what is said of registries in its files."""

    tree: Tree
    fleet: Fleet
    texts: dict[str, bytes] = field(default_factory=dict)  # of every file that was read
    problems: list[Problem] = field(default_factory=list)
    roots: dict[str, Branch | None] = field(default_factory=dict)
    hidden: dict[str, frozenset[Keys]] = field(default_factory=dict)
    fed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def hubs(self, chosen: Iterable[Hub] | None = None) -> tuple[RegistryHub, ...]:
        """Return the chosen hubs, all without a choice; a file that cannot be read is one of `problems`."""
        wanted = None if chosen is None else {(hub.id, hub.line) for hub in chosen}
        feeds: dict[str, list[str]] = {}
        for hub in self.fleet.hubs:
            for file in dict.fromkeys((*hub.files, *hub.encrypted)):
                feeds.setdefault(file, []).append(hub.id)
        self.fed |= {file: tuple(names) for file, names in feeds.items()}
        return tuple(
            self._hub(hub, cluster, place)
            for cluster in self.fleet.clusters
            for hub, place in self._placed(cluster)
            if wanted is None or (hub.id, hub.line) in wanted
        )

    def _placed(self, cluster: Cluster) -> Iterable[tuple[Hub, DeclaredHub]]:
        text = self.texts[cluster.file] = self.tree.read(cluster.file)
        return zip(cluster.hubs, declared(text, cluster.file).hubs, strict=True)

    def _hub(self, hub: Hub, cluster: Cluster, place: DeclaredHub) -> RegistryHub:
        told = [
            *(Told(file, prefix, root, default=True) for file, prefix in hub.defaults if (root := self.root(file))),
            *(Told(file, (), root) for file in hub.files if (root := self.root(file))),
        ]
        absent = {one.path for one in self.fleet.absent if one.file == cluster.file}
        broken = any(self.root(file) is None for file in hub.files)
        listed = tuple(entry.path for entry in place.entries)
        seen = Seen(
            hub=hub,
            declared=Spot(cluster.file, ()),
            values=merge([MergeLayer(one.file, below(one.prefix, one.root), one.default) for one in told]).values,
            told=tuple(told),
            listed=listed,
            encrypted={file: self.paths_in(file) for file in hub.encrypted if file not in absent},
            unseen=bool(absent.intersection(listed) or hub.jsonnet or hub.unreadable or broken),
        )
        lines = {entry.path: entry.line for entry in place.entries}
        return RegistryHub(seen, cluster.file, lines, self.fed)

    def root(self, file: str) -> Branch | None:
        """Return what a plain file says, None where it cannot be read."""
        if file not in self.roots:
            self.roots[file] = None
            try:
                self.texts[file] = self.fleet.texts[file] if file in self.fleet.texts else self.tree.read(file)
                self.roots[file] = values_of(self.texts[file], file).root
            except NotFound:
                pass
            except Unparseable as error:
                mend = error.hint or "make it YAML that Helm can read"
                self.problems.append(Problem(file, error.line, "unreadable", error.message, mend, fails=True))
        return self.roots[file]

    def paths_in(self, file: str) -> frozenset[Keys]:
        """Return the key paths of an encrypted file, none of one that cannot be read."""
        if file not in self.hidden:
            self.texts[file], self.hidden[file] = b"", frozenset()
            try:
                self.texts[file] = self.tree.read(file)
            except HubctlError as error:
                mend = error.hint or "make it a regular file inside the repository"
                self.problems.append(Problem(file, 1, "unreadable", error.message, mend, fails=True))
                return self.hidden[file]
            self.hidden[file] = encrypted_paths(self.texts[file], file)
            if not self.hidden[file]:  # a login may be in what cannot be read
                self.problems += (replace(one, fails=True) for one in verify_form(self.texts[file], file))
        return self.hidden[file]


def holds_login(paths: Iterable[Keys]) -> bool:
    """Return whether key paths lead to a login, at whatever level and below whatever prefix."""
    names = {login.level[-1] for login in LOGINS}
    return any(names.intersection(path[:-1]) for path in paths)


def files_with_logins(hubs: Sequence[RegistryHub]) -> tuple[str, ...]:
    """Return the encrypted files of hubs that hold anything of a login, each once, sorted."""
    every = {file: paths for one in hubs for file, paths in (one.seen.encrypted or {}).items()}
    return tuple(sorted(file for file, paths in every.items() if holds_login(paths)))
