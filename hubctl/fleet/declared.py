"""One `cluster.yaml` as it is written: names, hubs and the values files they list (pure)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hubctl.errors import Unparseable
from hubctl.problem import Problem
from hubctl.show import show
from hubctl.text.data import data
from hubctl.text.parse import parse
from hubctl.text.tree import Mapping, Node, Path
from hubctl.text.unique import refuse_duplicate_keys
from hubctl.text.walk import resolve

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
_LIST_KEY = "helm_chart_values_files"
_LIMIT = 1000  # values files of one hub, hubs of one cluster


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed values file: its path from the repository's root, and the line that lists it."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class DeclaredHub:
    """One entry of `hubs`, before any values file was looked for."""

    name: str
    domain: str
    chart: str
    line: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """A `cluster.yaml`; `name` is what it says, None where it says nothing; `problems` are the parts left out."""

    file: str
    folder: str
    name: str | None
    line: int
    hubs: tuple[DeclaredHub, ...]
    support: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def declared(text: bytes, file: str) -> Declared:
    """Return what the `cluster.yaml` at the path `file` says.

    A hub or an entry of the wrong form is left out with a problem that fails the run. Unparseable, with the line,
    where the whole file is not one YAML mapping, has a key twice, or `hubs` is not a list.
    """
    documents = parse(text, file).documents
    root = documents[0] if documents else None
    if len(documents) != 1 or not isinstance(root, Mapping):
        raise Unparseable("not one YAML mapping", file=file, line=root.line if root else 1)
    refuse_duplicate_keys(root, file)
    whole = data(root, file=file)
    if not isinstance(whole, dict):
        raise Unparseable("not one YAML mapping", file=file)
    return _Reader(root, file).cluster(whole)


class _Reader:
    """Carries the tree for lines, and collects problems."""

    def __init__(self, root: Node, file: str) -> None:
        self.root = root
        self.file = file
        self.folder = posixpath.dirname(file)
        self.problems: list[Problem] = []

    def line(self, place: Path) -> int:
        node = resolve(self.root, place, through_aliases=True)
        return node.line if node else self.line(place[:-1])

    def wrong(self, place: Path, message: str) -> None:
        mend = "write it as the other clusters do"
        self.problems.append(Problem(self.file, self.line(place), "cluster-shape", message, mend, fails=True))

    def cluster(self, whole: dict[str, object]) -> Declared:
        hubs = whole.get("hubs")
        if hubs is not None and not isinstance(hubs, list):
            raise Unparseable("`hubs` is not a list", file=self.file, line=self.line(("hubs",)))
        name = whole.get("name")
        if name is not None and not isinstance(name, str):
            self.wrong(("name",), "`name` is not a text")
        support = whole.get("support")
        if support is not None and not isinstance(support, dict):
            self.wrong(("support",), "`support` is not a mapping")
        return Declared(
            file=self.file,
            folder=self.folder,
            name=name if isinstance(name, str) else None,
            line=self.line(("name",)),
            hubs=tuple(self.hubs(hubs or [])),
            support=tuple(self.entries(("support",), support)) if isinstance(support, dict) else (),
            problems=tuple(self.problems),
        )

    def hubs(self, listed: list[object]) -> Iterator[DeclaredHub]:
        if len(listed) > _LIMIT:
            self.wrong(("hubs",), f"more than {_LIMIT} hubs")
        for index, hub in enumerate(listed[:_LIMIT]):
            place: Path = ("hubs", index)
            name = hub.get("name") if isinstance(hub, dict) else None
            if not isinstance(hub, dict):
                self.wrong(place, "a hub is not a mapping")
            elif name is None:
                self.wrong(place, "a hub has no `name`")
            elif not isinstance(name, str) or not NAME.fullmatch(name):
                self.wrong((*place, "name"), f"not a hub's name: `{show(str(name), 80)}`")
            else:
                yield DeclaredHub(
                    name=name,
                    domain=self.text((*place, "domain"), hub.get("domain")),
                    chart=self.text((*place, "helm_chart"), hub.get("helm_chart")),
                    line=self.line((*place, "name")),
                    entries=tuple(self.entries(place, hub)),
                )

    def text(self, place: Path, value: object) -> str:
        if value is not None and not isinstance(value, str):
            self.wrong(place, f"`{place[-1]}` is not a text")
        return value if isinstance(value, str) else ""

    def entries(self, place: Path, owner: dict[str, object]) -> Iterator[Entry]:
        listed = owner.get(_LIST_KEY)
        place = (*place, _LIST_KEY)
        if listed is not None and (not isinstance(listed, list) or len(listed) > _LIMIT):
            self.wrong(place, f"`{_LIST_KEY}` is not a list of at most {_LIMIT} files")
            return
        for index, name in enumerate(listed or ()):
            path = inside(self.folder, name) if isinstance(name, str) else None
            if not isinstance(name, str):
                self.wrong((*place, index), "a values file is not named by a text")
            elif path is None:
                self.wrong((*place, index), f"leads out of the repository: `{show(name, 120)}`")
            else:
                yield Entry(path, self.line((*place, index)))


def inside(folder: str, name: str) -> str | None:
    """Return the path of `name` seen from `folder`, relative to the repository's root; None where it leads out."""
    if not name or name.startswith("/") or "\0" in name:
        return None
    path = posixpath.normpath(posixpath.join(folder, name))
    return None if path == ".." or path.startswith("../") else path
