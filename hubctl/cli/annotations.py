"""Problems as annotations that GitHub Actions shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubctl.problem import Problem
from hubctl.rules.catalogue import Severity, severity_of
from hubctl.show import plural, show

MOST = 10  # of each kind in a step: GitHub shows no more (actions/toolkit, problem matchers, limitations)
_ORDER: tuple[Severity, ...] = ("error", "warning")


def annotation_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield at most 10 errors and 10 warnings as workflow commands, then a line that says how many more there are."""
    more = []
    for severity in _ORDER:
        alike = [one for one in problems if severity_of(one) == severity]
        yield from (_command(severity, one) for one in alike[:MOST])
        if len(alike) > MOST:
            more.append(f"{len(alike) - MOST} more {severity}{'' if len(alike) - MOST == 1 else 's'}")
    if more:
        every = plural(len(problems), "problem")
        yield f"{' and '.join(more)} not shown here: run `hubctl validate` to see all {every}"


def _command(severity: Severity, problem: Problem) -> str:
    place = f"file={_property(problem.file)},line={problem.line},col={problem.column},title={_property(problem.rule)}"
    return f"::{severity} {place}::{_data(f'{problem.message} ({problem.mend})')}"


def _data(text: str) -> str:
    return show(text, 2_000).replace("%", "%25")


def _property(text: str) -> str:
    """A value before `::`: colons and commas end it otherwise. A path stays whole, whatever it holds."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C")
