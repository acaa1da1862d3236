"""The pages as blocks: which commands a page shows, what they print, and the same page with other outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md")))
CUT = "…"  # a line of its own: any number of lines stand here

_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Shown:
    """One command and the lines a page shows of its output."""

    command: str
    output: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was left out of the output."""
        return CUT not in self.output

    def fits(self, printed: str) -> bool:
        """Say whether these lines are what was printed, the cuts standing for whatever there was."""
        pattern = "".join("(?:.*\n)*" if line == CUT else re.escape(line) + "\n" for line in self.output)
        return re.fullmatch(pattern, printed) is not None


def fenced(page: str, kind: str) -> Iterator[str]:
    """Yield the text of each fenced block of a kind (`console`, `yaml`, …), in order."""
    for found in _FENCE.finditer(page):
        if found["kind"] == kind:
            yield found["text"]


def commands(block: str) -> tuple[Shown, ...]:
    """Return the commands of a console block; each stands behind `$ `, its output below it."""
    shown: list[Shown] = []
    for line in block.splitlines():
        if line.startswith(_PROMPT):
            shown.append(Shown(line.removeprefix(_PROMPT), ()))
        elif shown:
            shown[-1] = Shown(shown[-1].command, (*shown[-1].output, line))
        else:
            raise ValueError(f"a console block begins with a command, not with: {line}")
    return tuple(shown)


def rewritten(page: str, record: Callable[[tuple[str, ...]], tuple[str, ...]]) -> str:
    """Return the page with each whole output replaced by what `record` gives for a block's commands."""

    def anew(found: re.Match[str]) -> str:
        if found["kind"] != "console":
            return found[0]
        shown = commands(found["text"])
        printed = record(tuple(each.command for each in shown))
        parts = []
        for each, text in zip(shown, printed, strict=True):
            kept = text if each.whole else "".join(f"{line}\n" for line in each.output)
            parts.append(f"{_PROMPT}{each.command}\n{kept}")
        return f"```console\n{''.join(parts)}```"

    return _FENCE.sub(anew, page)
