"""The contents of many objects at once, each of them read or said why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hubctl.adapters.git import Repository
from hubctl.adapters.git_run import run_git
from hubctl.adapters.regular import SIZE_LIMIT

ABSENT = "could not be read: the contents are not in this clone"
_DAMAGED = "could not be read: git cannot open the contents"
_AT_ONCE = 64_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Held:
    """The contents of `blob`, or in `why` the reason why there are none."""

    blob: str
    data: bytes | None
    why: str = ""


def contents(repository: Repository, blobs: Iterable[str]) -> Iterator[Held]:
    """Yield the contents of each of the objects once, in order; none of them is fetched.

    What is larger than 2 MB, not in this clone or damaged is yielded with the reason. Raises `GitRefused`.
    """
    batch: list[str] = []
    waiting = 0
    for blob, size in _sizes(repository, tuple(dict.fromkeys(blobs))):
        if size is None or size > SIZE_LIMIT:
            yield from _read(repository, batch)
            batch, waiting = [], 0
            yield Held(blob, None, ABSENT if size is None else f"larger than 2 MB: {size:,} bytes")
            continue
        batch.append(blob)
        waiting += size
        if waiting > _AT_ONCE:
            yield from _read(repository, batch)
            batch, waiting = [], 0
    yield from _read(repository, batch)


def _sizes(repository: Repository, blobs: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    """Yield each object with its size in bytes, None where it is not here."""
    rest = list(blobs)
    while rest:  # git ends at the first object that a partial clone lacks or that is damaged
        answer = _asked(repository, "--batch-check", rest)
        told = answer.decode("utf-8", "replace").splitlines()
        for blob, line in zip(rest, told, strict=False):
            words = line.split()
            yield blob, int(words[2]) if len(words) == 3 and words[1] == "blob" else None
        rest = rest[len(told) :]
        if rest:
            yield rest.pop(0), None


def _read(repository: Repository, blobs: Sequence[str]) -> Iterator[Held]:
    rest = list(blobs)
    while rest:
        answer = _asked(repository, "--batch", rest)
        start = 0
        while rest:
            head, _, _ = answer[start : start + 200].partition(b"\n")
            words = head.split()
            first = start + len(head) + 1
            if len(words) != 3 or len(answer) <= first + int(words[2]):
                break
            yield Held(rest.pop(0), answer[first : first + int(words[2])])
            start = first + int(words[2]) + 1
        if rest:
            yield Held(rest.pop(0), None, _DAMAGED)


def _asked(repository: Repository, how: str, blobs: Sequence[str]) -> bytes:
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    return run_git(["cat-file", how], cwd=repository.root, stdin=asked).stdout
