"""What was checked and what was not: one line each, marked as passed, failed or not checked (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from hubctl.proposals.markdown import code
from hubctl.proposals.moves import Move, is_not_older, size_text
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.units import Unit
from hubctl.show import plural

PASSED, FAILED, NOT_CHECKED = "✓", "✗", "\N{EN DASH}"
_NAMED = 5
_LARGE = 2  # times as large as before: spawning may take longer than a hub waits


def checks(unit: Unit, moves: Sequence[Move], *, named: bool) -> list[str]:
    """Return the list of checks; `named`: the tags were asked for by name."""
    return [
        f"- {PASSED} tag: each new tag exists under this very image name",
        f"- {PASSED} digest: that of each new tag is the one above",
        f"- {PASSED} platform: each new tag has an image for linux/amd64",
        _order(moves, named=named),
        _moving(moves),
        _size(moves),
        f"- {NOT_CHECKED} schema: the values were not checked against one",
        _lines(unit),
        f"- {NOT_CHECKED} pull secret: not checked",
        f"- {NOT_CHECKED} signature: not configured",
    ]


def _order(moves: Sequence[Move], *, named: bool) -> str:
    found = {move: is_not_older(move, named=named) for move in moves}
    older = [move for move in moves if found[move] is False]
    if older:
        return f"- {FAILED} not older: {_listed(older)}"
    uncompared = [move for move in moves if found[move] is None]
    if uncompared:
        why = "asked for by name, and nothing tells the order"
        return f"- {NOT_CHECKED} not older: {why}: {_listed(uncompared)}"
    return f"- {PASSED} not older: {'compared' if named else 'each was chosen for the reason given'}"


def _moving(moves: Sequence[Move]) -> str:
    moving = [move for move in moves if move.is_moving]
    if moving:
        return f"- {FAILED} not a moving tag: {_listed(moving)}"
    return f"- {PASSED} not a moving tag: each new tag is of a kind that stays where it is"


def _size(moves: Sequence[Move]) -> str:
    known = [(move, move.sizes) for move in moves]
    unknown = [move for move, sizes in known if sizes is None]
    large = [move for move, sizes in known if sizes and sizes[1] > _LARGE * sizes[0]]
    if large:
        return f"- {FAILED} size: more than twice as large: {_listed(large)}"
    if unknown:
        return f"- {NOT_CHECKED} size: not known of both images: {_listed(unknown)}"
    if len(moves) == 1 and known[0][1]:
        old, new = known[0][1]
        return f"- {PASSED} size: {size_text(old)} → {size_text(new)} ({(new - old) / old:+.0%})"
    return f"- {PASSED} size: none more than twice as large as before"


def _lines(unit: Unit) -> str:
    copies = len({(change.site.file, path) for change in unit.changes for path in change.copies})
    beside = f" and {plural(copies, 'text')} that repeat a tag" if copies else ""
    count = sum(map(_changed_lines, unit.edits))
    what = (
        f"{plural(len(unit.changes), 'place')}{beside} on {plural(count, 'line')} of {plural(len(unit.edits), 'file')}"
    )
    return f"- {PASSED} only the intended lines changed: {what}, and all else was read again and is as before"


def _changed_lines(edit: FileEdit) -> int:
    before, after = (edit.before or b"").splitlines(), edit.after.splitlines()
    if len(before) == len(after):
        return sum(old != new for old, new in zip(before, after, strict=True))
    return (Counter(after) - Counter(before)).total()


def _listed(moves: Iterable[Move]) -> str:
    names = sorted({f"{move.image}:{move.new}" for move in moves})
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(code(name) for name in names[:_NAMED]) + more
