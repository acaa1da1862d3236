"""GitHub's Markdown, as little of it as a pull request needs; foreign text stands in code spans alone (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hubctl.show import show

SPAN_LIMIT = 200


def code(text: str, *, cell: bool = False, limit: int = SPAN_LIMIT) -> str:
    r"""Return foreign `text` as a code span that it cannot leave.

    Control, zero-width and bidirectional characters stand as `\uXXXX`; the fence is one backtick longer than the
    longest run inside; `<!--` and `-->` are broken up, so that no hidden marker can be forged. `cell`: inside a
    table `|` is escaped, elsewhere the backslash would show.
    """
    shown = show(text, limit).replace("<!--", "\\u003c!--").replace("-->", "--\\u003e")
    if cell:
        shown = shown.replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if not shown.strip() or shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown or ' '}{pad}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; cells are Markdown without line ends."""
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join([' --- '] * len(head))}|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def folded(summary: str, lines: Sequence[str], *, over: int) -> list[str]:
    """Return `lines` as they are, or behind a fold with a summary where there are more than `over`."""
    if len(lines) <= over:
        return list(lines)
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]
