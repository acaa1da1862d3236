"""What every commit message and every pull request's text has alike, whichever verb they are of (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hubctl import __version__
from hubctl.proposals.identity import END, TRAILER

TITLE_LIMIT = 256
BODY_LIMIT = 60_000
_MESSAGE_LINES = 100
_BRANCH = re.compile(r"\w[\w./-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many entries the lists of a body may have: `first` of what matters most and hubs, `rest` of all others."""

    first: int
    rest: int


# The first that fits is taken: what comes first stays whole as long as cutting the rest is enough.
_LENGTHS = (
    *(Lengths(1000, rest) for rest in (1000, 300, 100, 40, 15, 5)),
    *(Lengths(first, 5) for first in (300, 100, 40, 15, 5)),
)


def fitting(sections: Callable[[Lengths], Iterable[Sequence[str]]]) -> str:
    """Return the sections of a body as its text, with lists as long as 60,000 bytes allow; an empty one is left out."""
    text = ""
    for lengths in _LENGTHS:
        text = "\n\n".join("\n".join(section) for section in sections(lengths) if section) + "\n"
        if len(text.encode("utf-8", "replace")) <= BODY_LIMIT:
            break
    return text


def message(title: str, places: Iterable[str], identity: str) -> str:
    """Return a commit's message: title, a line for each place, the trailer by which hubctl knows it again."""
    lines = sorted(places)
    more = [f"- and {len(lines) - _MESSAGE_LINES} more"] if len(lines) > _MESSAGE_LINES else []
    return "\n".join([title, "", *lines[:_MESSAGE_LINES], *more, "", f"{TRAILER}: {identity}", ""])


def roll_back(identity: str, base: str, brought: tuple[str, str] | None = None) -> list[str]:
    """Return the lines that say how to go back after the merge.

    The commit is named by the proposal's id, which stands in it however it was merged, unless a squash left it out:
    then by `brought`, what `git log` takes before and behind the branch to find it. A merge commit may repeat the id,
    because a forge can be set to write the pull request's text into it, and reverting one needs to be told a parent;
    what it merged has the id as well, so merges are passed over.
    """
    branch = f"origin/{base}" if _BRANCH.fullmatch(base) else "HEAD"
    found = f"git rev-list -1 --no-merges --grep='{TRAILER}: {identity}' {branch}"
    if brought:
        found += (
            f" | grep . || git log -1 --no-merges --no-show-signature --format=%H {brought[0]} {branch} {brought[1]}"
        )
    return [
        "**Roll back** after the merge, in a fresh clone; then push it or open a pull request:",
        "",
        "```sh",
        f'git revert --no-edit "$({found})"',
        "```",
    ]


def ending(decline: str) -> list[str]:
    """Return the last lines of a body; `decline` is what closing the pull request means."""
    return [
        f"**Decline**: close this pull request; {decline}.",
        "A commit of yours on this branch, and it is left to you. The label `hubctl:rebuild` lets the next run",
        "build the branch anew.",
        "",
        f"hubctl {__version__}: run the same command again to renew this text. What you write outside it stays.",
        END,
    ]
