"""What git lists of a work tree: the index as the next commit takes it, and the files it does not know yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hubctl.adapters.git import Repository
from hubctl.adapters.git_run import checked

_EMPTY_BLOBS = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)
_HOOK_INDEX = "GIT_INDEX_FILE"


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One entry: `stage` is 0, or 1 to 3 in a conflict; `left_out` says that a sparse checkout has no file of it."""

    path: str
    mode: str
    blob: str
    stage: int
    left_out: bool


def index_entries(repository: Repository, environment: Mapping[str, str]) -> tuple[IndexEntry, ...]:
    """Return the entries of the index in git's order.

    It is the one that the environment names: `git commit --all` and `git commit PATH` make one of their own for the
    commit and tell their hooks. A relative name starts at the top of the work tree, as git takes it. GitRefused.
    """
    listed = checked(["ls-files", "-z", "-s", "-t"], cwd=repository.root, extra=_hook_index(environment))
    return tuple(_entry(line) for line in listed.decode("utf-8", "surrogateescape").split("\0") if line)


def _hook_index(environment: Mapping[str, str]) -> dict[str, str]:
    index = environment.get(_HOOK_INDEX)
    return {_HOOK_INDEX: index} if index else {}


def _entry(line: str) -> IndexEntry:
    about, _, path = line.partition("\t")
    tag, mode, blob, stage = about.split(" ")
    return IndexEntry(path, mode, blob, int(stage), left_out=tag == "S")


def announced(repository: Repository, environment: Mapping[str, str], entries: Iterable[IndexEntry]) -> frozenset[str]:
    """Return the paths that `git add --intent-to-add` named: the index lists them as empty, a commit has none of them.

    Raises `GitRefused`.
    """
    empty = {entry.path for entry in entries if entry.blob in _EMPTY_BLOBS}
    if not empty:
        return frozenset()
    extra = _hook_index(environment)
    nothing = checked(["hash-object", "-t", "tree", "--stdin"], cwd=repository.root, stdin=b"").decode().strip()
    argv = ["diff-index", "--cached", "--ita-invisible-in-index", "-r", "-z", "--name-only", "--no-renames", nothing]
    held = checked(argv, cwd=repository.root, extra=extra).decode("utf-8", "surrogateescape").split("\0")
    return frozenset(empty.difference(held))


def untracked(repository: Repository, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that are on disk alone and that git does not ignore; other repositories in it are left out.

    Raises `GitRefused`.
    """
    argv = ["ls-files", "-z", "--others", "--exclude-standard"]
    listed = checked(argv, cwd=repository.root, extra=_hook_index(environment))
    paths = listed.decode("utf-8", "surrogateescape").split("\0")
    return tuple(path for path in paths if path and not path.endswith("/"))
