"""The moves of a unit: one image from one tag to another, and what can be said of each (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hubctl.images.choice import Origin
from hubctl.images.shape import order_key, shape_of
from hubctl.proposals.plan import Change
from hubctl.proposals.units import Unit

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+|(?<![\w.])/[\w.-]+/\S*")
_MOVING = ("moving", "line")
_NUMBERED = ("version", "chartpress", "git-describe")
_FIRST_YEAR = 1900  # a number as large is no major version: it is the year of a calendar version


@dataclass(frozen=True, slots=True)
class Move:
    """One image from one tag to another, and all changes that do it; `old` is empty where no tag was written."""

    image: str
    old: str
    new: str
    digest: str
    changes: tuple[Change, ...]

    @property
    def before(self) -> Origin | None:
        """The image that runs today; None where not all changes know the same."""
        found = {change.before for change in self.changes}
        return found.pop() if len(found) == 1 else None

    @property
    def after(self) -> Origin | None:
        """The image of the new tag."""
        return self.changes[0].after

    @property
    def is_moving(self) -> bool:
        """Whether the new tag is one whose image changes without a pull request."""
        return self.old == self.new or shape_of(self.new).cls in _MOVING

    @property
    def sizes(self) -> tuple[int, int] | None:
        """The compressed bytes of both images, None where one is not known."""
        old, new = self.before and self.before.size, self.changes[0].size
        return (old, new) if old and new else None


def moves_of(unit: Unit) -> tuple[Move, ...]:
    """Return the moves of a unit, sorted by image, old and new tag."""
    together: dict[tuple[str, str, str, str], list[Change]] = {}
    for change in unit.changes:
        together.setdefault((change.image, change.old or "", change.new, change.digest), []).append(change)
    return tuple(Move(*key, changes=tuple(together[key])) for key in sorted(together))


def is_not_older(move: Move, *, named: bool) -> bool | None:
    """Return whether the new tag is not older than the old one, None where nothing compares the two.

    By the order of their shape, else by what choosing found, else by when the images say they were built. `named`:
    a user asked for the tag, so choosing looked for nothing newer.
    """
    old, new = order_key(move.old), order_key(move.new)
    if any(warning.startswith("a downgrade") for change in move.changes for warning in change.warnings):
        return False
    if old and new and shape_of(move.old) == shape_of(move.new):
        return new >= old
    if not named:
        return True
    before, after = move.before and move.before.created, move.after and move.after.created
    return after >= before if before and after else None


def jump(move: Move) -> str | None:
    """Return what is large about a step: another first number of a version, years, another shape; None if nothing."""
    if not move.old or move.old == move.new:
        return None
    old, new = shape_of(move.old), shape_of(move.new)
    if old.cls != new.cls or old.prefix != new.prefix:
        return f"another kind of tag: {old} before, {new} now"
    keys = order_key(move.old), order_key(move.new)
    if keys[0] is None or keys[1] is None:
        return None
    first, second = keys[0][0], keys[1][0]
    if old.cls in _NUMBERED and max(first, second) < _FIRST_YEAR:
        return f"a major step: the first number goes from {first} to {second}" if first != second else None
    return f"a step of {abs(second - first)} years" if abs(second - first) > 1 else None


def size_text(size: int | None) -> str:
    """Return bytes as people read them, `unknown` without a number."""
    if size is None:
        return "unknown"
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def without_addresses(text: str) -> str:
    """Leave out addresses and paths of machines: a mirror's is nobody's business."""
    return _ADDRESS.sub("(address left out)", text)
