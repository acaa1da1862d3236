"""The schemas and keys of local charts, and the charts that lie inside of them; this file asks for bytes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hubctl.errors import NotFound, Unparseable
from hubctl.fleet.merging import Keys
from hubctl.fleet.read import Tree
from hubctl.problem import Problem
from hubctl.text.data import data
from hubctl.text.parse import parse

SCHEMAS = ("values.schema.json", "values.schema.yaml")
_OF_EVERY_CHART = ("global", "tags")


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """A schema, the keys below which its values stand for a hub of the outer chart, and what turns the chart off.

    `conditions` are those of each chart on the way: the first of its key paths that leads to true or false decides.
    """

    file: str
    prefix: Keys
    conditions: tuple[tuple[Keys, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ChartParts:
    """What a chart and the charts in it bring: schemas, values of charts inside, and the keys that count.

    `inner` are values files of charts in its `charts` folder, lowest first, with their prefix. `keys` are the
    top-level keys that a wrapper reads, empty where templates of its own may read any.
    """

    schemas: tuple[SchemaFile, ...] = ()
    inner: tuple[tuple[str, Keys], ...] = ()
    keys: frozenset[str] = frozenset()


@dataclass(slots=True)
class ChartReader:
    """Reads what lies in and below the charts of one tree; `problems` are the files that could not be read."""

    tree: Tree
    paths: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def parts(self, folder: str) -> ChartParts:
        """Return the parts of the chart in `folder`; none where there is no such chart."""
        found = list(self._walk(folder, (), (), ()))
        schemas = tuple(one for one in found if isinstance(one, SchemaFile))
        inner = tuple(one for one in found if isinstance(one, tuple))
        return ChartParts(schemas, inner, self._keys(folder))

    def _walk(
        self, folder: str, prefix: Keys, conditions: tuple[tuple[Keys, ...], ...], above: tuple[str, ...]
    ) -> Iterator[SchemaFile | tuple[str, Keys]]:
        if folder in above:
            return
        for name, key, condition in self._dependencies(folder):
            inside = posixpath.join(folder, "charts", name)
            local = self._local(folder, name)
            below = (*prefix, key)
            switches = tuple((*prefix, *path.split(".")) for path in condition.split(",") if path.strip())
            yield from self._walk(local or inside, below, (*conditions, switches), (*above, folder))
            if local is None and posixpath.join(inside, "values.yaml") in self.paths:
                yield posixpath.join(inside, "values.yaml"), below
        for schema in SCHEMAS:
            file = posixpath.join(folder, schema)
            if file in self.paths:
                yield SchemaFile(file, prefix, conditions)

    def _dependencies(self, folder: str) -> Iterator[tuple[str, str, str]]:
        """Name, key and condition of what `Chart.yaml` lists, and of charts that simply lie inside."""
        listed = self._mapping(posixpath.join(folder, "Chart.yaml")).get("dependencies")
        named = set()
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and isinstance(name := entry.get("name"), str):
                named.add(name)
                alias, condition = entry.get("alias"), entry.get("condition")
                yield name, alias if isinstance(alias, str) else name, condition if isinstance(condition, str) else ""
        inside = f"{folder}/charts/"
        for path in sorted(self.paths):
            if path.startswith(inside) and path.endswith("/Chart.yaml") and path.count("/") == inside.count("/") + 1:
                name = posixpath.basename(posixpath.dirname(path))
                if name not in named:
                    yield name, name, ""

    def _local(self, folder: str, name: str) -> str | None:
        """The folder of a dependency that lies elsewhere in the repository: `file://../NAME`, or beside this one."""
        listed = self._mapping(posixpath.join(folder, "Chart.yaml")).get("dependencies")
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and entry.get("name") == name:
                repository = entry.get("repository")
                if isinstance(repository, str) and repository.startswith("file://"):
                    return posixpath.normpath(posixpath.join(folder, repository.removeprefix("file://")))
                beside = posixpath.join(posixpath.dirname(folder), name)
                return beside if not repository and f"{beside}/Chart.yaml" in self.paths else None
        return None

    def _keys(self, folder: str) -> frozenset[str]:
        if posixpath.join(folder, "Chart.yaml") not in self.paths:
            return frozenset()
        if any(path.startswith(f"{folder}/templates/") for path in self.paths):
            return frozenset()
        keys = {key for _, key, _ in self._dependencies(folder)}
        keys |= {path.strip().split(".")[0] for _, _, one in self._dependencies(folder) for path in one.split(",")}
        keys |= set(self._mapping(posixpath.join(folder, "values.yaml")))
        for name in SCHEMAS:
            properties = self._mapping(posixpath.join(folder, name)).get("properties")
            keys |= set(properties) if isinstance(properties, Mapping) else set()
        return frozenset({*keys, *_OF_EVERY_CHART} - {""})

    def _mapping(self, file: str) -> Mapping[str, object]:
        """The data of a YAML file, nothing where it is not there; one that cannot be read is named elsewhere."""
        if file not in self.paths:
            return {}
        try:
            documents = parse(self.tree.read(file), file).documents
            found = data(documents[0], file=file) if documents else None
        except (NotFound, Unparseable):
            return {}
        return found if isinstance(found, dict) else {}
