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
from hubctl.proposals.identity import BEGIN, END, TRAILER, Marker, place_id, proposal_id, text_id
from hubctl.proposals.markdown import code, folded, table
from hubctl.proposals.plan import Change
from hubctl.proposals.units import Unit
from hubctl.show import plural, show

TITLE_LIMIT = 256
BODY_LIMIT = 60_000
_FOLD = 10
MARKED_PLACES = 500
_MESSAGE_LINES = 100
_DASH = "\N{EN DASH}"  # neither passed nor failed
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+|(?<![\w.])/[\w.-]+/\S*")


@dataclass(frozen=True, slots=True)
class Words:
    """`title` of commit and pull request, `message` of the commit with its trailer, `body` with its markers."""

    id: str
    title: str
    message: str
    body: str


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


@dataclass(frozen=True, slots=True)
class _Move:
    """One image from one tag to another, and all changes that do it."""

    image: str
    old: str
    new: str
    digest: str
    changes: tuple[Change, ...]


def words(unit: Unit, *, base: str, named: bool = False) -> Words:
    """Return what a unit's commit and pull request into branch `base` say.

    `named`: the tag was given by the user, so that nothing was compared. The body is at most 60,000 bytes, and
    says so where it was cut; it names no registry mirror and no path of this machine.
    """
    identity, text = proposal_id(unit.changes), title(unit)
    places = tuple(sorted({place_id(change) for change in unit.changes}))
    marker = Marker(
        id=identity, scope=unit.scope, title=text_id(text), places=places[:MARKED_PLACES], narrowed=unit.narrowed
    )
    return Words(
        id=identity,
        title=text,
        message=_message(unit, text, identity),
        body=_fitting(lambda lengths: _body(unit, marker, base=base, named=named, lengths=lengths)),
    )


def title(unit: Unit) -> str:
    """Return `[cluster, hub] what`, at most 256 characters."""
    moves = _moves(unit)
    images = sorted({move.image for move in moves})
    if len(moves) == 1:
        text = _moved(moves[0])
    elif len(images) == 1:
        news = sorted({move.new for move in moves})
        text = f"{images[0]} to {news[0]}" if len(news) == 1 else f"{images[0]}: {plural(len(moves), 'tag')}"
    else:
        text = f"update {plural(len(images), 'image')}"
    return show(f"[{unit.title}] {text}", TITLE_LIMIT)


def _moved(move: _Move) -> str:
    if move.old == move.new:
        return f"{move.image}:{move.new} to its present digest"
    return f"{move.image} {move.old} → {move.new}" if move.old else f"{move.image} to {move.new}"


def _moves(unit: Unit) -> tuple[_Move, ...]:
    together: dict[tuple[str, str, str, str], list[Change]] = {}
    for change in unit.changes:
        together.setdefault((change.image, change.old or "", change.new, change.digest), []).append(change)
    return tuple(_Move(*key, changes=tuple(together[key])) for key in sorted(together))


def _message(unit: Unit, text: str, identity: str) -> str:
    lines = sorted(_place(change) for change in unit.changes)
    cut = [f"- and {len(lines) - _MESSAGE_LINES} more"] if len(lines) > _MESSAGE_LINES else []
    return "\n".join([text, "", *lines[:_MESSAGE_LINES], *cut, "", f"{TRAILER}: {identity}", ""])


def _place(change: Change) -> str:
    old = show(change.old or "no tag")
    new = show(change.new) if change.new != change.old else f"{old} at {change.digest[:19]}"
    return f"- {show(change.site.file)}: {show(change.site.key_path)}: {old} -> {new}"


def _fitting(body: Callable[[_Lengths], str]) -> str:
    text = ""
    for lengths in _LENGTHS:
        text = body(lengths)
        if len(text.encode("utf-8", "replace")) <= BODY_LIMIT:
            break
    return text


def _body(unit: Unit, marker: Marker, *, base: str, named: bool, lengths: _Lengths) -> str:
    hubs = sorted({hub for change in unit.changes for hub in change.hubs})
    sections = [
        [BEGIN, str(marker), _sentence(unit, hubs)],
        _images(unit, lengths.first),
        _hubs(unit, hubs, lengths.first),
        _places(unit, lengths.rest),
        ["**Changes in the image**", "", "unknown: source labels and packages of the images were not compared"],
        ["**Checks**", "", *_checks(unit, named=named)],
        _warnings(unit, lengths.rest),
        _roll_back(marker.id, base),
        [
            "**Decline**: close this pull request; what it proposes is not proposed again, a newer tag is.",
            "A commit of yours on this branch, and it is left to you.",
            "",
            f"hubctl {__version__}: run the same command again to renew this text. What you write outside it stays.",
            END,
        ],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _sentence(unit: Unit, hubs: Sequence[str]) -> str:
    moves = _moves(unit)
    images = sorted({move.image for move in moves})
    what = code(images[0]) if len(images) == 1 else plural(len(images), "image")
    where = f"{plural(len(unit.changes), 'place')} of {plural(len(unit.edits), 'file')}"
    return f"Changes the {_parts(moves)} of {what} in {where}; {_effect(unit, hubs)}."


def _parts(moves: Sequence[_Move]) -> str:
    """Say which part of the references changes: beside a moving tag it is the digest alone."""
    parts = {"digest" if move.old == move.new else "tag" for move in moves}
    return "tag or digest" if len(parts) > 1 else parts.pop()


def _effect(unit: Unit, hubs: Sequence[str]) -> str:
    staging = sum(1 for hub in hubs if unit.stages.get(hub) == "staging")
    prod = len(hubs) - staging
    if not hubs:
        return "no hub reads these files by itself"
    if staging and prod:
        return f"{plural(len(hubs), 'hub')}: {staging} staging, and {prod} prod in the same merge"
    return f"{plural(len(hubs), 'hub')}, {'all staging' if staging else 'all prod'}"


def _images(unit: Unit, length: int) -> list[str]:
    moves = _moves(unit)
    rows = [
        [
            code(move.image, cell=True),
            f"{code(move.old, cell=True) if move.old else 'none'} → {code(move.new, cell=True)}",
            code(move.digest[:19], cell=True),
            _built(move.changes[0]),
            _size(move.changes[0].size),
            str(len(move.changes)),
        ]
        for move in moves[:length]
    ]
    head = ("image", "old → new", "new digest", "built", "size", "places")
    return [*table(head, rows), *_cut(len(moves), length)]


def _built(change: Change) -> str:
    if change.evidence.pushed is not None:
        return f"pushed {_day(change.evidence.pushed)}"
    if change.evidence.created is not None:
        return f"claims {_day(change.evidence.created)}"
    return "unknown"


def _day(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).date().isoformat()


def _size(size: int | None) -> str:
    if size is None:
        return "unknown"
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _hubs(unit: Unit, hubs: Sequence[str], length: int) -> list[str]:
    staging = [hub for hub in hubs if unit.stages.get(hub) == "staging"]
    prod = [hub for hub in hubs if unit.stages.get(hub) != "staging"]
    lines: list[str] = []
    for stage, members in (("staging", staging), ("prod", prod)):
        if members:
            head = f"{stage}: {len(members)}"
            listed = [head, "", *(f"- {code(hub)}" for hub in members[:length])]
            lines += ["", *folded(head, listed, over=_FOLD + 2)]
            lines += _cut(len(members), length, "reached")
    return [f"**Hubs affected: {len(hubs)}**", *lines]


def _places(unit: Unit, length: int) -> list[str]:
    rows = [
        [
            code(change.site.file, cell=True),
            code(change.site.key_path, cell=True),
            f"{code(change.old, cell=True) if change.old else 'none'} → {code(change.new, cell=True)}",
            code(_plain(change.why), cell=True),
            str(len(change.hubs)),
            _notes(change),
        ]
        for change in sorted(unit.changes, key=lambda change: (change.site.file, change.site.line))[:length]
    ]
    listed = table(("file", "place", "old → new", "why this tag", "hubs", "note"), rows)
    summary = f"{plural(len(unit.changes), 'place')} in {plural(len(unit.edits), 'file')}"
    return [*folded(summary, listed, over=_FOLD + 2), *_cut(len(unit.changes), length)]


def _notes(change: Change) -> str:
    notes = ["a later file overrides it everywhere"] if change.shadowed else []
    if change.site.aliases:
        notes.append(f"used by {plural(len(change.site.aliases), 'alias')}")
    if change.copies:
        notes.append(f"{plural(len(change.copies), 'display text')} moved along")
    return ", ".join(notes) or _DASH


def _checks(unit: Unit, *, named: bool) -> list[str]:
    compared = f"{_DASH} the order of tags: not compared, this tag was asked for by name"
    return [
        "- ✓ each new tag exists under this very image name, and its digest is the one above",
        "- ✓ each has an image for linux/amd64",
        f"- {compared if named else '✓ each was chosen among tags of the same shape, for the reason given'}",
        f"- ✓ only {plural(len(unit.changes), 'place')} and texts that repeat the tag differ: all was read again",
        f"- {_DASH} not checked: size against the old image, schema of the values, pull secret, signature",
    ]


def _warnings(unit: Unit, length: int) -> list[str]:
    moving = any(change.old == change.new for change in unit.changes)
    own = ["- a moving tag: its digest is what keeps it in place"] if moving else []
    found = {
        f"- {code(change.image)}: {code(_plain(warning))}" for change in unit.changes for warning in change.warnings
    }
    lines = [*own, *sorted(found)]
    return ["**Warnings**", "", *lines[:length], *_cut(len(lines), length, "told by the command")] if lines else []


def _roll_back(identity: str, base: str) -> list[str]:
    """The merged commit is found by the proposal's id, which stands in it however it was merged."""
    safe = base if re.fullmatch(r"[\w./-]+", base, re.ASCII) else "HEAD"
    return [
        "**Roll back** after the merge, then push or open a pull request:",
        "",
        "```sh",
        f'git revert --no-edit "$(git log -1 --format=%H --grep={TRAILER}:.{identity} origin/{safe})"',
        "```",
    ]


def _cut(count: int, length: int, which: str = "in the diff") -> list[str]:
    return ["", f"cut here: {count - length} more are {which}"] if count > length else []


def _plain(text: str) -> str:
    """Leave out addresses and paths of machines: a mirror's is nobody's business."""
    return _ADDRESS.sub("(address left out)", text)
