"""The picture of a pull request: what `--print-pr` gives for the example fleet, drawn as a page in SVG."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from docs.playing import playground

COMMAND = "hubctl bump-image lagoon prod --print-pr 2>/dev/null"
WIDTH = 1050  # pixels
_MARGIN, _LINE, _TABLE_LINE, _GAP = 24, 22, 18, 10
_PROSE, _CODE, _BOLD = 7.4, 7.2, 7.8  # pixels of a character, rather too many
_CELL_MOST = 30  # characters of a line in a table
_LAST = "**Roll back"  # from here on the text is for later: what to do after the merge

_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>a pull request of hubctl: what changes, which hubs it moves, what was checked</title>
<style>.code {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; \
font-size: 85%; fill: #0550ae; }} .bold {{ font-weight: 600; }} .link {{ fill: #0969da; }} \
.dim {{ fill: #59636e; }}</style>
<rect x="0.5" y="0.5" width="{inner}" height="{low}" rx="8" fill="#ffffff" stroke="#d1d9e0"/>
<g font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif" font-size="14" fill="#1f2328" \
xml:space="preserve">
"""
_INLINE = re.compile(r"(``.+?``|`[^`]+`|\*\*.+?\*\*|\[`?[^\]`]+`?\]\([^)]*\))")
_PIECE = re.compile(r"[^ /.:-]*[ /.:-]+|[^ /.:-]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look: `text`, `code`, `bold`, `link` or `dim`."""

    text: str
    look: str = "text"

    @property
    def width(self) -> float:
        """Return how wide it is at most, in pixels."""
        return len(self.text) * {"code": _CODE, "bold": _BOLD}.get(self.look, _PROSE)


Line = tuple[Run, ...]


def pull_request_picture() -> str:
    """Return the picture, drawn from what hubctl prints now."""
    with playground() as play:
        (printed,) = play((COMMAND,))
    return drawn(printed)


def drawn(printed: str) -> str:
    """Return title, branches and text of a pull request as a page shows them; the same text gives the same bytes."""
    title, branches, _, *body = printed.splitlines()
    top = 46
    parts = [f'<text x="{_MARGIN}" y="{top}" font-size="21">{escape(title)}</text>\n']
    parts.append(
        f'<rect x="{_MARGIN}" y="{top + 16}" width="64" height="26" rx="13" fill="#1f883d"/>'
        f'<text x="{_MARGIN + 14}" y="{top + 34}" fill="#ffffff">Open</text>\n'
        f'<text x="{_MARGIN + 78}" y="{top + 34}">{_spans((Run(branches, "code"),))}</text>\n'
        f'<line x1="{_MARGIN}" x2="{WIDTH - _MARGIN}" y1="{top + 58}" y2="{top + 58}" stroke="#d1d9e0"/>\n'
    )
    y = top + 58 + _GAP
    for block in blocks(body):
        texts, y = _table(block, y) if block[0].startswith("|") else _prose(block, y)
        parts += [*texts]
        y += _GAP
    sizes = {"width": WIDTH, "height": y + _GAP, "inner": WIDTH - 1, "low": y + _GAP - 1}
    return _HEAD.format(**sizes) + "".join(parts) + "</g>\n</svg>\n"


def blocks(body: list[str]) -> Iterator[list[str]]:
    """Yield paragraphs, lists and tables, each as its lines, up to what is for after the merge."""
    block: list[str] = []
    for line in [*body, ""]:
        if line.startswith(_LAST):
            break
        if line and not line.startswith("<"):
            block.append(line)
        elif not line and block:
            yield block
            block = []


def runs(markdown: str) -> Line:
    """Return a line of Markdown as runs, without the marks."""
    found = []
    for part in filter(None, _INLINE.split(markdown)):
        if part.startswith("**"):
            found.append(Run(part.strip("*"), "bold"))
        elif part.startswith("["):
            found.append(Run(part[1 : part.rindex("](")].strip("`"), "link"))
        else:
            found.append(Run(part.strip("`"), "code") if part.startswith("`") else Run(part))
    return tuple(found)


def wrapped(line: Line, widest: float) -> Iterator[Line]:
    """Yield lines that are at most `widest` pixels wide, broken behind blanks, dots, slashes, colons and dashes."""
    row: list[Run] = []
    for run in line:
        for piece in _PIECE.findall(run.text):
            one = Run(piece, run.look)
            if row and sum(each.width for each in row) + Run(piece.rstrip(), run.look).width > widest:
                yield tuple(row)
                row = []
            if row and row[-1].look == run.look:
                one = Run(row.pop().text + piece, run.look)
            row.append(one)
    if row:
        yield tuple(row)


def _prose(block: list[str], y: int) -> tuple[list[str], int]:
    texts = []
    for source in block:
        item = source.startswith("- ")
        x = _MARGIN + (26 if item else 0)
        if item:
            texts.append(f'<circle cx="{x - 12}" cy="{y + _LINE - 11}" r="2.5"/>\n')
        for line in wrapped(runs(source.removeprefix("- ")), WIDTH - _MARGIN - x):
            y += _LINE
            texts.append(f'<text x="{x}" y="{y - 6}">{_spans(line)}</text>\n')
    return texts, y


def _table(block: list[str], y: int) -> tuple[list[str], int]:
    rows = [[runs(cell.strip()) for cell in line.strip("|").split("|")] for line in block if "| --- |" not in line]
    cells = [[list(wrapped(cell, _CELL_MOST * _CODE)) for cell in row] for row in rows]
    widths = [max(_width(line) for row in cells for line in row[column]) for column in range(len(cells[0]))]
    texts, start = [], y + 4
    for number, row in enumerate(cells):
        height = max(map(len, row)) * _TABLE_LINE + 12
        x: float = _MARGIN
        for width, cell in zip(widths, row, strict=True):
            texts.append(
                f'<rect x="{x:.1f}" y="{start}" width="{width + 18:.1f}" height="{height}" '
                f'fill="{"#ffffff" if number else "#f6f8fa"}" stroke="#d1d9e0"/>\n'
            )
            for index, line in enumerate(cell):
                shown = line if number else tuple(Run(run.text, "bold") for run in line)
                place = f'x="{x + 9:.1f}" y="{start + 19 + index * _TABLE_LINE}"'
                texts.append(f'<text {place} font-size="13">{_spans(shown)}</text>\n')
            x += width + 18
        start += height
    return texts, start


def _width(line: Line) -> float:
    return max(sum(run.width for run in line), 44)


def _spans(line: Line) -> str:
    return "".join(
        escape(run.text) if run.look == "text" else f'<tspan class="{run.look}">{escape(run.text)}</tspan>'
        for run in line
    )
