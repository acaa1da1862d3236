"""All families of rules together."""

from __future__ import annotations

from hubctl.fleet.model import Fleet
from hubctl.problem import Problem
from hubctl.rules import jsonnet, missing, names, unlisted

_FAMILIES = (jsonnet, missing, names, unlisted)


def problems_of(fleet: Fleet) -> tuple[Problem, ...]:
    """Return what reading the fleet found and what each family of rules finds, by file and line, each once."""
    found = {problem for family in _FAMILIES for problem in family.check(fleet)}
    return tuple(sorted(found | set(fleet.problems)))
