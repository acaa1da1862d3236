"""Values files that feed nobody."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.fleet.model import Fleet
from hubctl.problem import Problem

RULE = "unlisted-file"


def check(fleet: Fleet) -> Iterator[Problem]:
    """Yield a problem for each values file beside a `cluster.yaml` that no `cluster.yaml` lists."""
    for file in fleet.unlisted:
        yield Problem(file, 1, RULE, "no `cluster.yaml` lists this values file", "list it under a hub, or delete it")
