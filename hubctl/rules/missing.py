"""Values files that are listed and not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubctl.fleet.model import Absent, Fleet
from hubctl.problem import Problem
from hubctl.show import plural, show

RULE = "missing-file"


def check(fleet: Fleet) -> Iterator[Problem]:
    """Yield a problem for each plain file, and one for all encrypted files together, which a checkout may lack."""
    yield from of(fleet.absent)


def of(absent: Sequence[Absent]) -> Iterator[Problem]:
    """Yield the problems of these files alone."""
    for one in absent:
        if not one.encrypted:
            message = f"listed but not there: `{show(one.path)}`"
            yield Problem(one.file, one.line, RULE, message, "add the file, or take it off the list")
    encrypted = [one for one in absent if one.encrypted]
    if encrypted:
        first = encrypted[0]
        count = plural(len(encrypted), "encrypted file")
        message = f"{count} listed but not there, the first: `{show(first.path)}`"
        yield Problem(first.file, first.line, RULE, message, "add them, or take them off the lists")
