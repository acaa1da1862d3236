"""What is wrong in a fleet: one family a file, `check(fleet) -> Iterable[Problem]`; here all of them together."""

from __future__ import annotations

from hubctl.fleet.model import Fleet
from hubctl.problem import Problem
from hubctl.rules import jsonnet, missing, names, unlisted

_FAMILIES = (jsonnet, missing, names, unlisted)


def check(fleet: Fleet) -> tuple[Problem, ...]:
    """Return what each family of rules finds in a fleet, by file and line; what reading found is not repeated."""
    return tuple(sorted({problem for family in _FAMILIES for problem in family.check(fleet)}))
