"""Every content that the commits of a range brought, whatever became of it later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hubctl.adapters.git import Repository
from hubctl.adapters.git_range import merge_base
from hubctl.adapters.git_run import checked
from hubctl.errors import GitRefused

_ABSENT = "000000"


@dataclass(frozen=True, slots=True)
class Added:
    """What a commit put at a path: mode and id of the contents."""

    commit: str
    path: str
    mode: str
    blob: str


def added_between(repository: Repository, base: str, head: str) -> tuple[Added, ...]:
    """Return what the commits that `head` has and `base` has not put anywhere, oldest first, each content once a path.

    A merge counts with what none of its parents has. GitRefused, code `no-merge-base`, where both have no commit in
    common or where a shallow clone does not hold every commit between them.
    """
    merge_base(repository, base, head)
    commits = checked(["rev-list", "--reverse", "--topo-order", head, f"^{base}"], cwd=repository.root)
    _refuse_cut_off(repository, set(commits.decode("ascii").split()))
    argv = ["diff-tree", "--stdin", "-r", "-c", "--root", "-z", "--raw", "--no-renames", "--no-abbrev"]
    listed = checked(
        [*argv, "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"], cwd=repository.root, stdin=commits
    )
    found: dict[tuple[str, str, str], Added] = {}
    for each in _added(iter(listed.decode("utf-8", "surrogateescape").split("\0"))):
        found.setdefault((each.path, each.mode, each.blob), each)
    return tuple(found.values())


def _refuse_cut_off(repository: Repository, commits: set[str]) -> None:
    """What a commit without its parents changed cannot be told."""
    note = repository.common_dir / "shallow"
    if note.exists() and commits.intersection(note.read_text("ascii").split()):
        raise GitRefused(
            "this clone is shallow, and not every commit since the base is whole in it",
            hint="fetch more history: `git fetch --deepen=100`, or all of it: `git fetch --unshallow`; "
            "in GitHub Actions let `actions/checkout` fetch all of it: `fetch-depth: 0`",
            code="no-merge-base",
        )


def _added(words: Iterator[str]) -> Iterator[Added]:
    commit = ""
    for word in words:
        if not word.startswith(":"):
            commit = word or commit
            continue
        path = next(words)
        parents = len(word) - len(word.lstrip(":"))
        fields = word[parents:].split(" ")
        mode, blob = fields[parents], fields[2 * parents + 1]
        if mode != _ABSENT:
            yield Added(commit, path, mode, blob)
