"""When a branch got each state of a file: the commits along its first parents, and whether history is known beyond."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hubctl.adapters.git import Repository
from hubctl.adapters.git_history import changes_of
from hubctl.adapters.git_run import checked
from hubctl.errors import GitRefused

_MOST = 200


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file was from `moment` (the commit's own committer date, aware UTC) on: the id of its contents, or None.

    `edge`: history ends at this commit because the clone is shallow.
    """

    moment: dt.datetime
    blob: str | None
    edge: bool


def states_of(repository: Repository, base: str, file: str) -> tuple[FileState, ...]:
    """Return the last 200 states of a file on the branch whose tip is `base`, newest first, as far as history is here.

    A merge is the moment at which the branch got what was merged. Raises `GitRefused`.
    """
    changes = changes_of(repository, base, file, merged=False)[:_MOST]
    if not changes:
        return ()
    moments, edges = _moments(repository, [change.commit for change in changes]), _edges(repository)
    return tuple(
        FileState(
            moment=moments[change.commit],
            blob=change.after if change.after in change.blobs else None,
            edge=change.commit in edges,
        )
        for change in changes
    )


def _moments(repository: Repository, commits: list[str]) -> dict[str, dt.datetime]:
    argv = ["log", "--no-walk=unsorted", "--no-show-signature", "--format=%H %ct", "--stdin"]
    listed = checked(argv, cwd=repository.root, stdin="".join(f"{commit}\n" for commit in commits).encode())
    found: dict[str, dt.datetime] = {}
    for line in listed.decode("ascii", "replace").splitlines():
        commit, _, seconds = line.partition(" ")
        try:
            found[commit] = dt.datetime.fromtimestamp(int(seconds), dt.UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise GitRefused(f"commit {commit[:10]} has no date that can be read") from error
    return found


def _edges(repository: Repository) -> frozenset[str]:
    shallow = repository.common_dir / "shallow"
    return frozenset(shallow.read_text("ascii").split()) if shallow.exists() else frozenset()
