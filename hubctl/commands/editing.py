"""The bytes that follow from changes: the tags, their digests and the copies of a tag beside them (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from hubctl.images.copies import Copies, Move, copies_of
from hubctl.images.tagging import edits_for
from hubctl.proposals.plan import Change
from hubctl.text.edit import ScalarEdit, set_scalars
from hubctl.text.parse import parse
from hubctl.text.quoting import House
from hubctl.text.walk import key_path


def edited(data: bytes, changes: Iterable[Change], house: House) -> bytes:
    """Return one file's bytes with all `changes` made and checked; UnsafeEdit and Unparseable as they come."""
    changes = tuple(changes)
    edits = [edit for change in changes for edit in edits_for(data, change.site, change.new, change.digest)]
    edits += copied(data, changes).edits
    return set_scalars(data, tuple(dict.fromkeys(edits)), house=house)


def copied(data: bytes, changes: Iterable[Change]) -> Copies:
    """Return the edits of the words that name an old tag in the same choice, and what to look at."""
    moves = [Move(change.site, change.old, change.new) for change in changes if change.old]
    return copies_of(parse(data), moves)


def key_paths(data: bytes, edits: Iterable[ScalarEdit]) -> tuple[str, ...]:
    """Return the places of some edits as text."""
    documents = parse(data).documents
    return tuple(key_path(documents[edit.document], edit.path) for edit in edits)
