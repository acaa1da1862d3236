"""GitHub's Markdown, as little of it as a pull request needs; foreign text stands in code spans alone (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hubctl.show import show

SPAN_LIMIT = 200
_ACTED_ON = re.compile(
    r"@(?=\w)|#(?=\d)|(?<=GH)-(?=\d)|(?<=:)//"
    r"|\[(?=(?:skip ci|ci skip|no ci|skip actions|actions skip)\])",
    re.IGNORECASE,
)


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


def cut(count: int, length: int, which: str = "in the diff") -> list[str]:
    """Return the lines that say how many of `count` entries are not shown, none where all are."""
    return ["", f"cut here: {count - length} more are {which}"] if count > length else []


def unlinked(text: str) -> str:
    """Return `text` without what GitHub acts on in titles and commit messages, where there are no code spans.

    A mention notifies, `fixes #1` closes, an address of an issue is noted there, `[skip ci]` starts no checks.
    """
    return _ACTED_ON.sub(lambda found: "".join(f"\\u{ord(char):04x}" for char in found[0]), text)
