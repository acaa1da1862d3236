"""The bytes that follow from changes: the tags, their digests and the copies of a tag beside them (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubctl.images.beside import KeyPaths
from hubctl.images.copies import Copies, Move, copies_of
from hubctl.images.tagging import edits_for
from hubctl.proposals.plan import Change
from hubctl.text.edit import set_scalars
from hubctl.text.parse import parse
from hubctl.text.quoting import House


def edited(data: bytes, changes: Iterable[Change], house: House) -> bytes:
    """Return one file's bytes with all `changes` made and checked; UnsafeEdit and Unparseable as they come."""
    changes = tuple(changes)
    edits = [edit for change in changes for edit in edits_for(data, change.site, change.new, change.digest)]
    edits += copied(data, changes).edits
    return set_scalars(data, tuple(dict.fromkeys(edits)), house=house)


def copied(data: bytes, changes: Iterable[Change]) -> Copies:
    """Return the edits of the words that name an old tag in the same choice, and what to look at."""
    return copies_of(parse(data), _moves(changes))


def copies_of_each(data: bytes, changes: Iterable[Change]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield for each change alone the places of such words as text, and what to look at."""
    stream = parse(data)
    paths = [KeyPaths(root) for root in stream.documents]
    for change in changes:
        found = copies_of(stream, _moves((change,)))
        yield tuple(paths[edit.document].text(edit.path) for edit in found.edits), found.warnings


def _moves(changes: Iterable[Change]) -> Iterator[Move]:
    return (Move(change.site, change.old, change.new) for change in changes if change.old)
