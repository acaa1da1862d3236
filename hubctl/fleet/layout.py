"""Where clusters and charts lie in a repository, seen from its list of files (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator

CLUSTERS = "config/clusters"
STANDARD = "config/clusters/*/cluster.yaml"
ANYWHERE = "**/cluster.yaml"
CHARTS = "helm-charts"
RULES_FILE = ".sops.yaml"  # at the root: whom files are encrypted to
_DEPTH = 6  # folders above a `cluster.yaml`


def standard_clusters(paths: Iterable[str]) -> list[str]:
    """Return the `cluster.yaml` files of the usual layout among `paths`."""
    return sorted(path for path in paths if _parts(path)[:2] == ["config", "clusters"] and _is_cluster(path, depth=3))


def clusters_anywhere(paths: Iterable[str]) -> list[str]:
    """Return the `cluster.yaml` files at most six folders deep, not in hidden folders or `node_modules`."""
    return sorted(path for path in paths if _is_cluster(path) and not _is_private(path))


def _is_cluster(path: str, *, depth: int | None = None) -> bool:
    folders = path.count("/")
    return posixpath.basename(path) == "cluster.yaml" and (folders == depth if depth else folders <= _DEPTH)


def _parts(path: str) -> list[str]:
    return path.split("/")


def _is_private(path: str) -> bool:
    return any(part.startswith(".") or part == "node_modules" for part in _parts(path)[:-1])


def charts_among(paths: Iterable[str]) -> dict[str, set[str]]:
    """Return the folder of each chart, `…/helm-charts/NAME`, with the names of the files directly in it."""
    charts: dict[str, set[str]] = {}
    for path in paths:
        folder, name = posixpath.split(path)
        if posixpath.basename(posixpath.dirname(folder)) == CHARTS and not _is_private(path):
            charts.setdefault(folder, set()).add(name)
    return {folder: names for folder, names in charts.items() if names & {"Chart.yaml", "values.yaml"}}


def chart_place(path: str, *, everywhere: bool) -> tuple[str, str] | None:
    """Return the folder that holds `helm-charts` and the chart a file is part of, None for one that is of no chart.

    The chart is `""` for `helm-charts` itself, which may be a submodule. `everywhere`: in any folder, else at the root
    of the repository alone.
    """
    parts = _parts(path)
    for index, part in enumerate(parts if everywhere else parts[:1]):
        if part == CHARTS:
            return "/".join(parts[:index]), "".join(parts[index + 1 : index + 2])
    return None


def is_chart_values(path: str) -> bool:
    """Whether a file holds the defaults of a chart: `…/helm-charts/NAME/values.yaml`."""
    return path.split("/")[-3::2] == [CHARTS, "values.yaml"]


def chart_folder(cluster_folder: str, chart: str, charts: Collection[str]) -> str:
    """Return the folder of a hub's chart: below the nearest `helm-charts` above the cluster that has it."""
    for above in _upwards(cluster_folder):
        folder = posixpath.join(above, CHARTS, chart)
        if folder in charts:
            return folder
    return posixpath.join(CHARTS, chart)


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def is_values_file(path: str) -> bool:
    """Whether a file beside a `cluster.yaml` is a values file by its name."""
    return path.endswith((".values.yaml", ".values.yml"))


def is_encrypted_name(path: str) -> bool:
    """Whether a file is encrypted by its name: `enc-…` or `….secret.…`, the convention of the sops hooks."""
    name = posixpath.basename(path)
    return name.startswith("enc-") or ".secret." in name
