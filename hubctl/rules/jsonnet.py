"""Values that hubctl cannot see."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.fleet.model import Fleet
from hubctl.problem import Problem

RULE = "jsonnet-not-read"


def check(fleet: Fleet) -> Iterator[Problem]:
    """Yield a problem for each jsonnet values file that feeds a hub: an image in it is not seen."""
    for file in fleet.jsonnet:
        yield Problem(file, 1, RULE, "jsonnet values are not read", "keep images in plain values files")
