"""What a reviewer should beware of (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubctl.proposals.markdown import code
from hubctl.proposals.moves import Move, jump, without_addresses
from hubctl.proposals.plan import Change
from hubctl.proposals.units import Unit
from hubctl.show import plural

_LINES_NAMED = 10


def cautions(unit: Unit, moves: Sequence[Move]) -> list[str]:
    """Return one line for each warning, sorted, each once: those of images first, then those of places."""
    images = {line for move in moves for line in _of_move(move)}
    told = {
        f"- {code(change.image)}: {code(without_addresses(warning))}"
        for change in unit.changes
        for warning in change.warnings
    }
    places = {line for change in unit.changes for line in _of_place(change)}
    return [*sorted(images), *sorted(told), *sorted(places)]


def _of_move(move: Move) -> Iterator[str]:
    image = code(move.image)
    told = any("moving tag" in warning for change in move.changes for warning in change.warnings)
    if move.old == move.new:
        yield f"- {image}: {code(move.new)} is a moving tag, and its digest is what keeps it in place"
    elif move.is_moving and not told:
        yield f"- {image}: {code(move.new)} is a moving tag: what it points at changes without a pull request"
    if large := jump(move):
        yield f"- {image}: {code(large)}"
    everybody = sum(1 for change in move.changes if change.default == "everybody")
    profiles = sum(1 for change in move.changes if change.default == "profile")
    if everybody:
        yield f"- {image} is what people get who choose nothing: {plural(everybody, 'default option')} of `profileList`"
    if profiles:
        yield f"- {image} is the default choice of {plural(profiles, 'profile')} of `profileList`"


def _of_place(change: Change) -> Iterator[str]:
    where = f"{code(change.site.file)}, line {change.site.line}"
    if change.shadowed:
        yield f"- {where}: shadowed, a later file overrides it in every hub it reaches"
    elif change.overridden:
        yield f"- {where}: a later file overrides it in {_hubs(change.overridden)}"
    if change.site.aliases:
        lines = ", ".join(str(line) for line in sorted(change.site.aliases)[:_LINES_NAMED])
        more = f" and {len(change.site.aliases) - _LINES_NAMED} more" if len(change.site.aliases) > _LINES_NAMED else ""
        yield f"- {where}: used again by alias, at line {lines}{more}"


def _hubs(hubs: Sequence[str]) -> str:
    more = f" and {plural(len(hubs) - 1, 'hub')} more" if len(hubs) > 1 else ""
    return code(min(hubs)) + more
