"""`hubctl plan` as GitHub's Markdown, for a comment or a step summary: foreign text in code spans, of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hubctl.cli.plan_lines import Together, spelled, summary, together, together_support
from hubctl.commands.plan_range import PlanReport
from hubctl.problem import Problem
from hubctl.proposals.markdown import code, table

MOST_BYTES = 60_000  # GitHub takes 65,536 characters in a comment
_NAMED = 20  # hubs or files of one row
# Bytes of each part; what one leaves is not given to another, so that a part does not depend on the others.
_HUBS, _SUPPORT, _VALUES, _REMOVED, _ELSEWHERE, _PROBLEMS = 22_000, 5_000, 20_000, 3_000, 4_000, 4_000


def plan_markdown(report: PlanReport, found: Iterable[Problem]) -> str:
    """Return the report, at most 60,000 bytes in UTF-8; where it is cut it says how much is left out.

    `found` are problems of settings.
    """
    deploys = report.deploys
    hub_rows = [_hub_row(each) for each in together(deploys.hubs)]
    support_rows = [(_some(clusters), _some(why, more)) for clusters, why, more in together_support(deploys.support)]
    problems = (*found, *report.problems)
    lines = ["### What a merge deploys", "", f"{summary(report)}."]
    lines += _table("Hubs", ("cluster", "stage", "hubs", "because of"), hub_rows, _HUBS)
    lines += _table("Support", ("clusters", "because of"), support_rows, _SUPPORT)
    lines += _table("Values", ("file", "key path", "old", "new"), list(_value_rows(report)), _VALUES)
    removed = [(code(name, cell=True),) for name in deploys.removed]
    lines += _table("No longer in the fleet, not taken down by a deployment", ("hub",), removed, _REMOVED)
    elsewhere = [(code(name, cell=True),) for name in deploys.elsewhere]
    lines += _table("Deploys nothing", ("file",), elsewhere, _ELSEWHERE)
    lines += _table("Problems", ("where", "what", "mend"), [_problem_row(each) for each in problems], _PROBLEMS)
    return "\n".join(lines)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], most: int) -> list[str]:
    """Return a titled table of as many rows as fit into `most` bytes, and how many do not; nothing without rows."""
    if not rows:
        return []
    fitting: list[Sequence[str]] = []
    size = 0
    for row in rows:
        size += sum(len(cell.encode("utf-8", "replace")) + 3 for cell in row) + 2
        if size > most:
            break
        fitting.append(row)
    left = len(rows) - len(fitting)
    cut = ["", f"cut here: {left} of {len(rows)} rows are not shown; `hubctl plan` shows all of them"] if left else []
    return ["", f"#### {title}", "", *table(head, fitting), *cut]


def _hub_row(each: Together) -> tuple[str, ...]:
    return code(each.cluster, cell=True), each.stage, _some(each.hubs), _some(each.why, each.more)


def _some(names: Sequence[str], more: int = 0) -> str:
    rest = len(names[_NAMED:]) + more
    shown = ", ".join(code(name, cell=True) for name in names[:_NAMED])
    return shown + (f" and {rest} more" if rest else "")


def _value_rows(report: PlanReport) -> Iterator[tuple[str, ...]]:
    for change in report.changes:
        file = code(change.file, cell=True)
        if change.differences is None:
            yield file, "encrypted: its values are not read", "", ""
        for each in change.differences or ():
            old, new = (code(text, cell=True) for text in spelled(each))
            yield file, code(each.path, cell=True), old, new


def _problem_row(each: Problem) -> tuple[str, ...]:
    return (
        code(f"{each.file}:{each.line}", cell=True),
        code(each.message, cell=True),
        code(each.mend, cell=True),
    )
