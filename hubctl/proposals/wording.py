"""What a commit and a pull request say: title, message and body (pure).

The order of the body is that in which a reviewer asks: what and where, old and new, which hubs, what changed
inside, what was checked, what to beware of, how to go back, how to say no. The same unit gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hubctl import __version__
from hubctl.proposals.cautions import cautions
from hubctl.proposals.checking import checks
from hubctl.proposals.comparing import compared
from hubctl.proposals.identity import BEGIN, END, MARKED_PLACES, TRAILER, Marker, proposal_id, text_id
from hubctl.proposals.markdown import code, cut, table, unlinked
from hubctl.proposals.moves import Move, moves_of, size_text
from hubctl.proposals.offer import Offer, Words
from hubctl.proposals.plan import Change
from hubctl.proposals.reaching import effect, hubs_affected, old_and_new, places, written_order
from hubctl.proposals.units import Unit
from hubctl.show import plural, show

TITLE_LIMIT = 256
BODY_LIMIT = 60_000
_MESSAGE_LINES = 100
_BRANCH = re.compile(r"\w[\w./-]*", re.ASCII)
_FILE = re.compile(r"\w[\w .@+/-]*", re.ASCII)
_TEXT = re.compile(r"\w[\w.:-]*", re.ASCII)
_SHORT_DIGEST = len("sha256:") + 12


@dataclass(frozen=True, slots=True)
class _Lengths:
    """How many entries the lists of a body may have: `first` of images and hubs, `rest` of places and warnings."""

    first: int
    rest: int


# The first that fits is taken: images and hubs stay whole as long as cutting the rest is enough.
_LENGTHS = (
    *(_Lengths(1000, rest) for rest in (1000, 300, 100, 40, 15, 5)),
    *(_Lengths(first, 5) for first in (300, 100, 40, 15, 5)),
)


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
        message=_message(unit, text, identity),
        body=_fitting(lambda lengths: _body(unit, moves, marker, base=base, named=named, lengths=lengths)),
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


def _message(unit: Unit, text: str, identity: str) -> str:
    lines = sorted(unlinked(_place(change)) for change in unit.changes)
    more = [f"- and {len(lines) - _MESSAGE_LINES} more"] if len(lines) > _MESSAGE_LINES else []
    return "\n".join([text, "", *lines[:_MESSAGE_LINES], *more, "", f"{TRAILER}: {identity}", ""])


def _place(change: Change) -> str:
    old = show(change.old or "no tag")
    new = show(change.new) if change.new != change.old else f"{old} at {change.digest[:_SHORT_DIGEST]}"
    return f"- {show(change.site.file)}: {show(change.site.key_path)}: {old} -> {new}"


def _fitting(body: Callable[[_Lengths], str]) -> str:
    text = ""
    for lengths in _LENGTHS:
        text = body(lengths)
        if len(text.encode("utf-8", "replace")) <= BODY_LIMIT:
            break
    return text


def _body(  # noqa: PLR0913  # keyword-only: a unit, its moves and marker, and how the text is made
    unit: Unit, moves: Sequence[Move], marker: Marker, *, base: str, named: bool, lengths: _Lengths
) -> str:
    sections = [
        [BEGIN, str(marker), _sentence(unit, moves)],
        _images(moves, lengths.first),
        hubs_affected(unit, lengths.first),
        places(unit, lengths.rest),
        ["**Changes in the image**", "", *compared(moves, lengths.rest)],
        ["**Checks**", "", *checks(unit, moves, named=named)],
        _warnings(cautions(unit, moves), lengths.rest),
        _roll_back(unit, marker.id, base),
        [
            "**Decline**: close this pull request; this tag will not be proposed again, a newer one will.",
            "A commit of yours on this branch, and it is left to you. The label `hubctl:rebuild` lets the next run",
            "build the branch anew.",
            "",
            f"hubctl {__version__}: run the same command again to renew this text. What you write outside it stays.",
            END,
        ],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _sentence(unit: Unit, moves: Sequence[Move]) -> str:
    images = sorted({move.image for move in moves})
    what = code(images[0]) if len(images) == 1 else plural(len(images), "image")
    where = f"{plural(len(unit.changes), 'place')} of {plural(len(unit.edits), 'file')}"
    return f"Changes the {_parts(moves)} of {what} in {where}; {effect(unit)}."


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


def _roll_back(unit: Unit, identity: str, base: str) -> list[str]:
    """Name the commit by the proposal's id, which stands in it however it was merged, unless a squash left it out.

    Then it is the last one that brought the new tag into one of the files. A merge commit may repeat the id, because a
    forge can be set to write the pull request's text into it, and reverting one needs to be told a parent; what it
    merged has the id as well, so merges are passed over.
    """
    branch = f"origin/{base}" if _BRANCH.fullmatch(base) else "HEAD"
    found = f"git rev-list -1 --no-merges --grep='{TRAILER}: {identity}' {branch}"
    brought = _brought(unit)
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


def _brought(unit: Unit) -> tuple[str, str] | None:
    """Return what `git log` takes to find who brought one of the changes; None where a shell might read names wrong."""
    for change in sorted(unit.changes, key=written_order):
        text = change.new if change.new != change.old else change.digest
        if _FILE.fullmatch(change.site.file) and _TEXT.fullmatch(text):
            return f"-S'{text}'", f"-- '{change.site.file}'"
    return None
