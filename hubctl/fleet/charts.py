"""Local charts: which chart wraps which, and whose defaults a hub inherits (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hubctl.text.data import data
from hubctl.text.parse import parse

_HUB_CHART = "jupyterhub"
# the one wrapper that is known by name where the repository has no charts of its own
_KNOWN_PREFIXES = {"daskhub": ("basehub",)}


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of `dependencies`; `key` is the key its values stand under, `chart` a local chart's folder or None."""

    name: str
    key: str
    chart: str | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A folder with a chart; `values` is its `values.yaml`, None where it has none that could be read."""

    folder: str
    values: str | None
    dependencies: tuple[Dependency, ...]


def dependencies_of(chart_yaml: bytes, file: str) -> tuple[Dependency, ...]:
    """Return the dependencies that the `Chart.yaml` at the path `file` names; what is no dependency is left out.

    Unparseable where it is not YAML.
    """
    documents = parse(chart_yaml, file).documents
    described = data(documents[0], file=file) if documents else None
    listed = described.get("dependencies") if isinstance(described, dict) else None
    return tuple(
        Dependency(entry["name"], _text(entry.get("alias")) or entry["name"], _local(entry, posixpath.dirname(file)))
        for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    )


def _local(entry: dict[str, object], folder: str) -> str | None:
    """The folder of a dependency that lies in this repository; Helm writes those as `file://../basehub`."""
    repository = _text(entry.get("repository"))
    if repository.startswith("file://"):
        return posixpath.normpath(posixpath.join(folder, repository.removeprefix("file://")))
    return None if repository else posixpath.join(posixpath.dirname(folder), _text(entry.get("name")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def defaults_of(folder: str, charts: Mapping[str, Chart]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the values files of the chart in `folder` and of its local dependencies, lowest first.

    Each with the key prefix its values have for a hub of that chart. A parent's values override its dependency's
    (Helm, "Subcharts and Global Values").
    """
    return tuple(_defaults(folder, charts, (), ()))


def folders_of(folder: str, charts: Mapping[str, Chart]) -> tuple[str, ...]:
    """Return the folders of the chart in `folder` and of its local dependencies, lowest first, each once."""
    return tuple(dict.fromkeys(_folders(folder, charts, ())))


def _folders(folder: str, charts: Mapping[str, Chart], above: tuple[str, ...]) -> Iterator[str]:
    chart = charts.get(folder)
    if chart is None or folder in above:
        return
    for dependency in chart.dependencies:
        if dependency.chart:
            yield from _folders(dependency.chart, charts, (*above, folder))
    yield folder


def _defaults(
    folder: str, charts: Mapping[str, Chart], prefix: tuple[str, ...], above: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    chart = charts.get(folder)
    if chart is None or folder in above:
        return
    for dependency in chart.dependencies:
        if dependency.chart:
            yield from _defaults(dependency.chart, charts, (*prefix, dependency.key), (*above, folder))
    if chart.values:
        yield chart.values, prefix


def prefix_of(folder: str, charts: Mapping[str, Chart]) -> tuple[str, ...]:
    """Return the keys that lead from a hub's values to those of the chart that holds `jupyterhub`.

    `()` for basehub, `("basehub",)` for daskhub, also where the repository has no chart of that name.
    """
    chart = charts.get(folder)
    if chart is None or not chart.dependencies:
        return _KNOWN_PREFIXES.get(posixpath.basename(folder), ())
    found = _way_to_hub(folder, charts, ())
    if found is None and len(chart.dependencies) == 1:
        return (chart.dependencies[0].key,)
    return found or ()


def _way_to_hub(folder: str, charts: Mapping[str, Chart], above: tuple[str, ...]) -> tuple[str, ...] | None:
    chart = charts.get(folder)
    if chart is None or folder in above:
        return None
    if any(_HUB_CHART in {dependency.key, dependency.name} for dependency in chart.dependencies):
        return ()
    for dependency in chart.dependencies:
        rest = _way_to_hub(dependency.chart, charts, (*above, folder)) if dependency.chart else None
        if rest is not None:
            return (dependency.key, *rest)
    return None
