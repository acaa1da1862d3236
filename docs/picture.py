"""The picture of the README: the essential part of what `hubctl demo` prints, drawn as a terminal in SVG."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from contextlib import closing
from html import escape

from hubctl.commands.demo import run
from hubctl.demo.stage import Step

COLUMNS = 104
_CHAR, _LINE, _MARGIN, _TOP = 7.8, 18, 16, 44
_COLOURS = {"text": "#d8dee9", "command": "#ffffff", "old": "#ff8b92", "new": "#9be28d", "dim": "#8b95a7"}

_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>hubctl proposes one newer image tag as a pull request</title>
<rect width="{width}" height="{height}" rx="8" fill="#1b2130"/>
<circle cx="20" cy="18" r="5" fill="#ff5f57"/><circle cx="38" cy="18" r="5" fill="#febc2e"/>\
<circle cx="56" cy="18" r="5" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" \
xml:space="preserve">
"""


def demo_picture() -> str:
    """Return the picture, drawn from a demo that is played now."""
    with closing(run(dict(os.environ))) as story:
        steps = tuple(story)
    return drawn(tuple(_essential(steps)))


def drawn(lines: tuple[str, ...]) -> str:
    """Return lines as a terminal of 104 columns shows them; the same lines give the same bytes."""
    rows = [(row, _colour(line)) for line in lines for row in _rows(line)]
    width, height = round(COLUMNS * _CHAR + 2 * _MARGIN), _TOP + len(rows) * _LINE + _MARGIN // 2
    texts = [
        f'<text x="{_MARGIN}" y="{_TOP + index * _LINE}" fill="{_COLOURS[colour]}" '
        f'textLength="{len(row) * _CHAR:.1f}" lengthAdjust="spacingAndGlyphs">{escape(row)}</text>\n'
        for index, (row, colour) in enumerate(rows)
        if row.strip()
    ]
    return _HEAD.format(width=width, height=height) + "".join(texts) + "</g>\n</svg>\n"


def _essential(steps: tuple[Step, ...]) -> Iterator[str]:
    """Yield the command that opens the pull request, the change in the remote, and how the pull request begins."""
    opening = next(step for step in steps if "--open-pr" in step.command)
    change = next(step for step in steps if step.command.startswith("git") and " diff " in step.command)
    received = steps[-1].output.splitlines()
    yield from (f"$ {opening.command}", *opening.output.splitlines()[:-1], "")
    yield from (f"$ {change.command}", *change.output.splitlines()[4:], "")
    yield from (steps[-1].command, *received[:2], "")
    yield from (line for line in _until_hubs(received[2:]) if line and not line.startswith("<!--"))


def _until_hubs(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line.startswith("**Hubs affected"):
            return


def _rows(line: str) -> list[str]:
    """Break a line where a terminal would, at blanks where there are any."""
    return textwrap.wrap(line, COLUMNS, drop_whitespace=False, replace_whitespace=False) or [""]


def _colour(line: str) -> str:
    if line.startswith("$ "):
        return "command"
    if line.startswith("#"):
        return "dim"
    return {"-": "old", "+": "new", "@": "dim"}.get(line[:1], "text")
