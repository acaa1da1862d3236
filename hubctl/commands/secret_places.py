"""One hub with the files of its secrets, read and refused before anybody is asked for a value."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from hubctl.errors import HubctlError, Unparseable, UnsafeEdit
from hubctl.fleet import layout
from hubctl.fleet.declared import declared
from hubctl.fleet.layout import RULES_FILE
from hubctl.fleet.model import Cluster, Fleet, Hub
from hubctl.fleet.narrowing import read_cluster
from hubctl.fleet.read import STAGING, Tree, read_fleet, read_if_there
from hubctl.fleet.select import selected_hubs
from hubctl.proposals.markdown import code
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange
from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.listing import with_listed
from hubctl.secrets.permitted import path_text, refuse_path
from hubctl.secrets.placing import Held, Place, own_file, refuse_shared, refuse_unknown_chart
from hubctl.secrets.source import Source
from hubctl.show import show
from hubctl.text.parse import parse
from hubctl.text.walk import key_path, resolve


@dataclass(frozen=True, slots=True)
class ReadOnce:
    """A tree of which each file is read once: what somebody writes meanwhile cannot let it contradict itself."""

    tree: Tree
    texts: dict[str, bytes] = field(default_factory=dict)

    def paths(self, under: str = "") -> tuple[str, ...]:
        return self.tree.paths(under)

    def read(self, path: str) -> bytes:
        if path not in self.texts:
            self.texts[path] = self.tree.read(path)
        return self.texts[path]

    def target(self, path: str) -> str:
        return self.tree.target(path)


@dataclass(frozen=True, slots=True)
class Ground:
    """A hub, and all its secret files as they are: those it lists and its own; `rules_text` is the root's `.sops.yaml`.

    `fleet` has every hub that lists one of them; `tree` gives each file as it was when it was read first.
    """

    tree: Tree
    fleet: Fleet
    cluster: Cluster
    hub: Hub
    files: Mapping[str, Held]
    rules_text: bytes | None

    @property
    def stages(self) -> dict[str, str]:
        """`staging` or `prod` for each hub of the fleet that was read."""
        return {hub.id: hub.stage for hub in self.fleet.hubs}


def ground_of(tree: Tree, cluster: str, hub: str, staging: tuple[str, ...] = STAGING) -> Ground:
    """Return what is known of the secrets of one hub.

    NotFound with near names for an unknown cluster or hub; HubctlError, code `ambiguous-hub`, where two have the name,
    `unknown-chart` for a chart that nobody knows; Unparseable for a `cluster.yaml` or chart that cannot be read.
    """
    tree = ReadOnce(tree)
    fleet = read_cluster(tree, cluster, staging)
    place, found = _selected(fleet, cluster, hub)
    files = (*found.encrypted, own_file(found, place))
    if _feeds_others(tree, place, files):
        fleet = read_fleet(tree, staging)
        place, found = _selected(fleet, cluster, hub)
    refuse_unknown_chart(found, fleet)
    return Ground(tree, fleet, place, found, {file: held(tree, file) for file in files}, rules_text(tree))


def held(tree: Tree, file: str) -> Held:
    """Return a secret file as it is; Unparseable for what is no regular file of at most 2 MB."""
    return Held(file, read_if_there(tree, file), linked=tree.target(file) != file)


def rules_text(tree: Tree) -> bytes | None:
    """Return the root's `.sops.yaml`, None without one."""
    return read_if_there(tree, RULES_FILE)


def refuse_place(place: Place, ground: Ground) -> None:
    """Raise where nothing may be written at a place: all that can be told without the value.

    UnsafeEdit where hubs with different prefixes share the file; as `source_of`, `Source.checked` and `refuse_path`.
    """
    refuse_shared(place, ground.hub, ground.fleet)
    source = source_of(place.held, ground.rules_text)
    encrypting = source.rule.encrypting if source.data is None else source.checked().encrypting
    refuse_path(place.path, encrypting)


def listing_of(place: Place, ground: Ground) -> tuple[FileEdit, SecretChange]:
    """Return the edit of `cluster.yaml` that lists a place's file, and what it is called.

    UnsafeEdit where the hub has no list of its own that can be edited.
    """
    file = ground.cluster.file
    before = ground.tree.read(file)
    if ground.tree.target(file) != file:
        raise UnsafeEdit(f"`{show(file)}` is a link, or below one", hint="put the file itself there")
    after, where = with_listed(before, file, ground.hub, place.file)
    return FileEdit(file, before, after), SecretChange(file, where, "listed", (ground.hub.id,))


def deploying(ground: Ground) -> str:
    """Return what the listing of a file means besides."""
    return f"merging a change of `{show(ground.cluster.file)}` deploys every hub of the cluster"


def warnings_on(place: Place, ground: Ground, listed: FileEdit | None) -> Iterator[str]:
    """Yield as Markdown what else counts than the value at a place.

    `listed` is the edit of `cluster.yaml`, None without one.
    """
    name, key = code(place.file), code(path_text(place.path), limit=400)
    for file in place.others:
        yield f"{code(file)} has {key}, too, and comes before {name}: what it says does not count"
    if listed is not None and place.held.data is not None:
        yield f"{name} was there and not listed: whatever else is in it counts from now on"
    text = ground.tree.read(ground.cluster.file) if listed is None else listed.after
    for file in _plain_behind(place, ground, text):
        yield f"{code(file)} has {key} in clear and is listed later: that value counts, not the encrypted one"


def _plain_behind(place: Place, ground: Ground, text: bytes) -> Iterator[str]:
    hub = next(one for one in declared(text, ground.cluster.file).hubs if one.name == ground.hub.name)
    order = [entry.path for entry in hub.entries]
    behind = order[len(order) - order[::-1].index(place.file) :] if place.file in order else []
    for file in dict.fromkeys(behind):
        with suppress(Unparseable):
            documents = parse(ground.fleet.texts[file], file).documents if file in ground.fleet.texts else ()
            if documents and resolve(documents[0], place.path, through_aliases=True) is not None:
                yield file


def paths_in(ground: Ground, file: str) -> frozenset[str]:
    """Return the key paths in a secret file, none of one that is not there or cannot be read."""
    try:
        leaves = read_encrypted(ground.files[file].data or b"", file).leaves
    except Unparseable:
        return frozenset()
    return frozenset(key_path(None, leaf) for leaf in leaves if all(isinstance(step, str) for step in leaf))


def unlisted(wanted: str, ground: Ground) -> Iterator[str]:
    """Yield that the hub's own file has a key path, where it has and the hub does not list it."""
    own = own_file(ground.hub, ground.cluster)
    if own not in ground.hub.encrypted and wanted in paths_in(ground, own):
        yield f"`{show(own)}` has it, and `{show(ground.cluster.file)}` does not list that file"


def source_of(file: Held, rules_bytes: bytes | None) -> Source:
    """Return what a change of a file starts from; UnsafeEdit for a link."""
    if file.linked:
        raise UnsafeEdit(f"`{show(file.file)}` is a link, or below one", hint="put the file itself there")
    return Source(file.file, file.data, rules_bytes)


def _selected(fleet: Fleet, cluster: str, hub: str) -> tuple[Cluster, Hub]:
    place, hubs = selected_hubs(fleet, cluster, hub)
    if place is None:
        broken = next(problem for problem in fleet.problems if problem.file.endswith("/cluster.yaml"))
        raise Unparseable(broken.message, file=broken.file, line=broken.line, hint=broken.mend)
    if len(hubs) > 1:
        lines = " and ".join(str(one.line) for one in hubs[:2])
        raise HubctlError(
            f"`{show(place.file)}` has two hubs called `{show(hub)}`, at lines {lines}",
            hint="rename one",
            code="ambiguous-hub",
        )
    _refuse_unclear(fleet, place, hubs[0])
    return place, hubs[0]


def _refuse_unclear(fleet: Fleet, cluster: Cluster, hub: Hub) -> None:
    """Raise Unparseable where it is not known which files feed the hub, or what kind they are."""
    end = min((one.line for one in cluster.hubs if one.line > hub.line), default=None)
    for problem in fleet.problems:
        of_entry = problem.file == cluster.file and problem.line >= hub.line and (end is None or problem.line < end)
        if problem.fails and (of_entry or problem.file in hub.unreadable):
            raise Unparseable(problem.message, file=problem.file, line=problem.line, hint=problem.mend)


def _feeds_others(tree: Tree, cluster: Cluster, files: tuple[str, ...]) -> bool:
    """Whether another cluster may list one of these files: a name with a folder before it, or one that is escaped."""
    names = {b"/" + posixpath.basename(file).encode() for file in files}
    for path in layout.standard_clusters(tree.paths(layout.CLUSTERS)):
        if path == cluster.file:
            continue
        try:
            text = tree.read(path)
        except HubctlError:
            continue  # what it lists nobody knows
        if b"\\" in text or any(name in text for name in names):
            return True
    return False
