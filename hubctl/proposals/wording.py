"""What a commit and a pull request say: title, message and body (pure).

The order of the body is that in which a reviewer asks: what and where, old and new, which hubs, what changed
inside, what was checked, what to beware of, how to go back, how to say no. The same unit gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from hubctl.proposals.cautions import cautions
from hubctl.proposals.checking import checks
from hubctl.proposals.comparing import compared
from hubctl.proposals.composing import TITLE_LIMIT, Lengths, ending, fitting, message, roll_back
from hubctl.proposals.identity import BEGIN, MARKED_PLACES, Marker, proposal_id, text_id
from hubctl.proposals.markdown import code, cut, table, unlinked
from hubctl.proposals.moves import Move, moves_of, size_text
from hubctl.proposals.offer import Offer, Words
from hubctl.proposals.plan import Change
from hubctl.proposals.reaching import effect, hubs_affected, old_and_new, places, reach_of, written_order
from hubctl.proposals.units import Unit
from hubctl.show import plural, show

_FILE = re.compile(r"\w[\w .@+/-]*", re.ASCII)
_TEXT = re.compile(r"\w[\w.:-]*", re.ASCII)
_SHORT_DIGEST = len("sha256:") + 12


def offered(unit: Unit, *, base: str, named: bool = False) -> Offer:
    """Return what a unit offers to branch `base` of the forge; `named` as in `words`."""
    moves = sorted({(change.image, change.new) for change in unit.changes})
    return Offer(
        branch=unit.branch,
        edits=unit.edits,
        said=words(unit, base=base, named=named),
        places=unit.places,
        wanted=tuple(f"{code(image)}: {code(new)}" for image, new in moves),
        narrowed=unit.narrowed,
        selection=unit.selection,
        changes=unit.changes,
    )


def words(unit: Unit, *, base: str, named: bool = False) -> Words:
    """Return what a unit's commit and pull request into branch `base` say.

    `named`: the tag was given by the user, so that choosing compared nothing. The body is at most 60,000 bytes, and
    says so where it was cut; it names no registry mirror and no path of this machine.
    """
    identity, text = proposal_id(unit.changes), title(unit)
    marker = Marker(
        id=identity,
        scope=unit.scope,
        title=text_id(text),
        places=tuple(sorted(unit.places))[:MARKED_PLACES],
        narrowed=unit.narrowed,
        selection=unit.selection,
    )
    moves = moves_of(unit)
    return Words(
        id=identity,
        title=text,
        message=message(text, (unlinked(_place(change)) for change in unit.changes), identity),
        body=fitting(lambda lengths: _sections(unit, moves, marker, base=base, named=named, lengths=lengths)),
    )


def title(unit: Unit) -> str:
    """Return `[cluster, hub] what`, at most 256 characters."""
    moves = moves_of(unit)
    images = sorted({move.image for move in moves})
    if len(moves) == 1:
        text = _moved(moves[0])
    elif len(images) == 1:
        news = sorted({move.new for move in moves})
        text = f"{images[0]} to {news[0]}" if len(news) == 1 else f"{images[0]}: {plural(len(moves), 'tag')}"
    else:
        text = f"update {plural(len(images), 'image')}"
    return show(unlinked(f"[{unit.title}] {text}"), TITLE_LIMIT)


def _moved(move: Move) -> str:
    if move.old == move.new:
        return f"{move.image}:{move.new} to its present digest"
    return f"{move.image} {move.old} → {move.new}" if move.old else f"{move.image} to {move.new}"


def _place(change: Change) -> str:
    old = show(change.old or "no tag")
    new = show(change.new) if change.new != change.old else f"{old} at {change.digest[:_SHORT_DIGEST]}"
    return f"- {show(change.site.file)}: {show(change.site.key_path)}: {old} -> {new}"


def _sections(  # noqa: PLR0913  # keyword-only: a unit, its moves and marker, and how the text is made
    unit: Unit, moves: Sequence[Move], marker: Marker, *, base: str, named: bool, lengths: Lengths
) -> list[list[str]]:
    return [
        [BEGIN, str(marker), _sentence(unit, moves)],
        _images(moves, lengths.first),
        hubs_affected(reach_of(unit), lengths.first),
        places(unit, lengths.rest),
        ["**Changes in the image**", "", *compared(moves, lengths.rest)],
        ["**Checks**", "", *checks(unit, moves, named=named)],
        _warnings(cautions(unit, moves), lengths.rest),
        roll_back(marker.id, base, _brought(unit)),
        ending("this tag will not be proposed again, a newer one will"),
    ]


def _sentence(unit: Unit, moves: Sequence[Move]) -> str:
    images = sorted({move.image for move in moves})
    what = code(images[0]) if len(images) == 1 else plural(len(images), "image")
    where = f"{plural(len(unit.changes), 'place')} of {plural(len(unit.edits), 'file')}"
    return f"Changes the {_parts(moves)} of {what} in {where}; {effect(reach_of(unit))}."


def _parts(moves: Sequence[Move]) -> str:
    """Say which part of the references changes: beside a moving tag it is the digest alone."""
    parts = {"digest" if move.old == move.new else "tag" for move in moves}
    return "tag or digest" if len(parts) > 1 else parts.pop()


def _images(moves: Sequence[Move], length: int) -> list[str]:
    rows = [
        [
            code(move.image, cell=True),
            old_and_new(move.old, move.new),
            _built(move.changes[0]),
            _sizes(move),
            code(move.digest[:_SHORT_DIGEST], cell=True),
        ]
        for move in moves[:length]
    ]
    return [*table(("image", "old → new", "built", "size", "new digest"), rows), *cut(len(moves), length)]


def _built(change: Change) -> str:
    if change.evidence.pushed is not None:
        return f"pushed {_day(change.evidence.pushed)}"
    if change.evidence.created is not None:
        return f"claims {_day(change.evidence.created)}"
    return "unknown"


def _day(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).date().isoformat()


def _sizes(move: Move) -> str:
    new = size_text(move.changes[0].size)
    return f"{size_text(move.sizes[0])} → {new}" if move.sizes else new


def _warnings(lines: Sequence[str], length: int) -> list[str]:
    if not lines:
        return []
    return ["**Warnings**", "", *lines[:length], *cut(len(lines), length, "told by the command")]


def _brought(unit: Unit) -> tuple[str, str] | None:
    """Return what `git log` takes to find who brought one of the changes; None where a shell might read names wrong."""
    for change in sorted(unit.changes, key=written_order):
        text = change.new if change.new != change.old else change.digest
        if _FILE.fullmatch(change.site.file) and _TEXT.fullmatch(text):
            return f"-S'{text}'", f"-- '{change.site.file}'"
    return None
