"""What changed files held and hold, read one after the other from one `git cat-file` and the work tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hubctl.adapters.git import Repository
from hubctl.adapters.git_history import read_blobs
from hubctl.adapters.git_range import LINK, SUBMODULE, Changed
from hubctl.errors import HubctlError, NotFound, Unparseable

_ODD = {LINK: "a symbolic link", SUBMODULE: "a submodule"}


@dataclass(frozen=True, slots=True)
class Contents:
    """Both states of a file, None where it was not there, or why one of them cannot be read."""

    path: str
    old: bytes | None
    new: bytes | None
    error: HubctlError | None = None


def contents_of(
    repository: Repository, changes: Sequence[Changed], on_disk: Callable[[Changed], bytes]
) -> Iterator[Contents]:
    """Yield the contents of changed files, in order; `on_disk` gives those of the work tree.

    A link, a submodule, more than 2 MB and what a partial clone lacks cannot be read.
    """
    odd = {each.path: _ODD[mode] for each in changes for mode in (each.old_mode, each.new_mode) if mode in _ODD}
    blobs = [blob for each in changes if each.path not in odd for blob in (each.old_blob, each.new_blob) if blob]
    reader = _InOrder(read_blobs(repository, blobs))
    for each in changes:
        if each.path in odd:
            error = Unparseable(f"not a regular file but {odd[each.path]}", file=each.path)
            yield Contents(each.path, None, None, error)
        else:
            yield _contents(each, reader, on_disk)


def _contents(changed: Changed, reader: _InOrder, on_disk: Callable[[Changed], bytes]) -> Contents:
    old, new = reader.next(changed.old_blob), reader.next(changed.new_blob)
    missing = (changed.old_blob and old is None) or (changed.new_blob and new is None)
    error: HubctlError | None = None
    if missing:
        error = Unparseable("larger than 2 MB, or its contents are not in this clone", file=changed.path)
    if changed.new_mode and not changed.new_blob:
        try:
            new = on_disk(changed)
        except (NotFound, Unparseable) as refused:
            error = refused
    return Contents(changed.path, old, new, error)


class _InOrder:
    """Takes what was asked for from what came: answers stand in the order of questions, and some are left out."""

    def __init__(self, answers: Iterator[tuple[str, bytes]]) -> None:
        self.answers = answers
        self.waiting: tuple[str, bytes] | None = None

    def next(self, blob: str | None) -> bytes | None:
        """Return the contents of the blob that was asked for next, None where there are none; without one nothing."""
        if blob is None:
            return None
        if self.waiting is None:
            self.waiting = next(self.answers, None)
        if self.waiting is None or self.waiting[0] != blob:
            return None
        _, data = self.waiting
        self.waiting = None
        return data
