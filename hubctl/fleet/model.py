"""A fleet as values: clusters, hubs, the files that feed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hubctl.problem import Problem


@dataclass(frozen=True, slots=True)
class Hub:
    """One JupyterHub; paths are relative to the repository's root.

    `files` are the plain YAML values files in Helm's order, chart defaults not among them; `encrypted` the
    encrypted ones, which a checkout may lack, `jsonnet` those hubctl does not read; `defaults` the chart values
    files that apply below all of them, lowest first, each with the key prefix its values have for this hub (`()` or
    `("basehub",)`). `prefix` is that of the hub's own values: `("basehub",)` on daskhub hubs, else `()`.
    A file listed twice stands once, where it is listed last; another that is absent stands nowhere, one that is there
    and cannot be read in `unreadable`. `line` is that of the hub in `cluster.yaml`. `charts` are the folders of its
    chart and of the local charts that it wraps, lowest first.
    """

    cluster: str
    name: str
    domain: str
    chart: str
    stage: Literal["staging", "prod"]
    files: tuple[str, ...]
    encrypted: tuple[str, ...] = ()
    jsonnet: tuple[str, ...] = ()
    defaults: tuple[tuple[str, tuple[str, ...]], ...] = ()
    prefix: tuple[str, ...] = ()
    line: int = 1
    unreadable: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`cluster/hub`."""
        return f"{self.cluster}/{self.name}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A folder with `cluster.yaml`; `support` are its plain support values files.

    `name` is the folder's; `declared` what the file itself says, None where it says nothing, on line `line`.
    """

    name: str
    folder: str
    file: str
    hubs: tuple[Hub, ...]
    support: tuple[str, ...] = ()
    declared: str | None = None
    line: int = 1


@dataclass(frozen=True, slots=True)
class Absent:
    """A values file that `file` (a `cluster.yaml`) lists on `line` and that is not there."""

    path: str
    file: str
    line: int
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Fleet:
    """All clusters, the chart defaults, and the text of every plain values file that could be read.

    `texts` maps a path relative to the repository's root to its bytes; it holds values files listed by some
    `cluster.yaml` (hub and support) and `helm-charts/*/values.yaml`. `problems` are what reading found.
    `layout` is the pattern by which clusters were found. `absent` are listed files that are not there, `unlisted`
    values files beside a `cluster.yaml` that none lists, `jsonnet` values that are there and that hubctl does not
    read.
    """

    clusters: tuple[Cluster, ...]
    charts: tuple[str, ...]
    texts: Mapping[str, bytes]
    problems: tuple[Problem, ...] = field(default=())
    layout: str = ""
    absent: tuple[Absent, ...] = ()
    unlisted: tuple[str, ...] = ()
    jsonnet: tuple[str, ...] = ()

    @property
    def hubs(self) -> tuple[Hub, ...]:
        """All hubs, in the order of clusters and of each `cluster.yaml`."""
        return tuple(hub for cluster in self.clusters for hub in cluster.hubs)
