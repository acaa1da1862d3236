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
    encrypted ones, `jsonnet` those hubctl does not read; `defaults` the chart values files that apply
    below all of them, lowest first, each with the key prefix its values have for this hub (`()` or
    `("basehub",)`). `prefix` is that of the hub's own values: `("basehub",)` on daskhub hubs, else `()`.
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

    @property
    def id(self) -> str:
        """`cluster/hub`."""
        return f"{self.cluster}/{self.name}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A folder with `cluster.yaml`; `support` are its plain support values files."""

    name: str
    folder: str
    file: str
    hubs: tuple[Hub, ...]
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fleet:
    """All clusters, the chart defaults, and the text of every plain values file that could be read.

    `texts` maps a path relative to the repository's root to its bytes; it holds values files listed by some
    `cluster.yaml` (hub and support) and `helm-charts/*/values.yaml`. `problems` are what reading found.
    """

    clusters: tuple[Cluster, ...]
    charts: tuple[str, ...]
    texts: Mapping[str, bytes]
    problems: tuple[Problem, ...] = field(default=())
