"""What changed: between two commits, or in the work tree since its commit; read without a checkout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hubctl.adapters.files import WorkTree
from hubctl.adapters.git import Repository, commit_of, is_shallow
from hubctl.adapters.git_history import read_blobs
from hubctl.adapters.git_run import checked, run_git
from hubctl.adapters.git_tree import CommitTree
from hubctl.errors import GitRefused, NotFound, Unparseable
from hubctl.show import show

LINK, SUBMODULE = "120000", "160000"
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ABSENT = "000000"
_WHOLE = "in GitHub Actions let `actions/checkout` fetch all of it: `fetch-depth: 0`"


@dataclass(frozen=True, slots=True)
class Changed:
    """A path that changed: mode and id of its contents before and after, None where nothing was there.

    `new_blob` is None where the contents stand in the work tree alone.
    """

    path: str
    old_mode: str | None
    old_blob: str | None
    new_mode: str | None
    new_blob: str | None


def commit_named(repository: Repository, revision: str) -> str:
    """Return the commit of a revision as git understands it; NotFound, code `no-such-commit`, where none is here."""
    found = commit_of(repository, revision) if revision and "\0" not in revision else None
    if found is not None and _ID.fullmatch(found):
        return found
    if is_shallow(repository):
        hint = f"this clone is shallow: fetch the rest with `git fetch --unshallow`; {_WHOLE}"
    else:
        hint = "name a branch, a tag or a commit that is here; a remote's branch is `origin/NAME`, after `git fetch`"
    raise NotFound(f"no such commit: `{show(revision)}`", hint=hint, code="no-such-commit")


def merge_base(repository: Repository, base: str, head: str) -> str:
    """Return the commit that two have in common; GitRefused, code `no-merge-base`, where there is none here."""
    completed = run_git(["merge-base", base, head], cwd=repository.root)
    found = completed.stdout.decode("ascii", "replace").strip()
    if completed.code == 0 and _ID.fullmatch(found):
        return found
    if completed.code not in {0, 1}:
        raise GitRefused(f"`git merge-base` failed: {completed.said}")
    names = f"{base[:10]} and {head[:10]}"
    if is_shallow(repository):
        raise GitRefused(
            f"this clone is shallow, and the commit that {names} have in common is not in it",
            hint=f"fetch more history: `git fetch --deepen=100`, or all of it: `git fetch --unshallow`; {_WHOLE}",
            code="no-merge-base",
        )
    raise GitRefused(
        f"{names} have no commit in common",
        hint="name a base that this history started from",
        code="no-merge-base",
    )


def changes_between(repository: Repository, old: str, new: str) -> tuple[Changed, ...]:
    """Return what differs between two commits, sorted by path; a rename is a path that went and one that came."""
    argv = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-commit-id", old, new]
    words = checked(argv, cwd=repository.root).decode("utf-8", "surrogateescape").split("\0")
    return tuple(sorted(_between(words), key=lambda each: each.path))


def _between(words: list[str]) -> Iterator[Changed]:
    for about, path in zip(words[0::2], words[1::2], strict=False):
        old_mode, new_mode, old_blob, new_blob, _ = about.removeprefix(":").split()
        yield _changed(path, (old_mode, old_blob), (new_mode, new_blob))


def _changed(path: str, old: tuple[str, str], new: tuple[str, str | None]) -> Changed:
    before = old if old[0] != _ABSENT else (None, None)
    after = new if new[0] != _ABSENT else (None, None)
    return Changed(path, *before, *after)


def changes_in_work_tree(repository: Repository) -> tuple[Changed, ...]:
    """Return what differs from HEAD, sorted by path: staged, not staged, not tracked; ignored files do not count.

    A file that is in the index alone counts with what the index has; where both are there the file on disk counts.
    """
    config = _without_filters(repository)
    argv = ["status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty"]
    completed = run_git(argv, cwd=repository.root, config=config)
    if completed.code != 0:
        raise GitRefused(f"`git status` failed: {completed.said}")
    found: dict[str, Changed] = {}
    entries = [entry for entry in completed.stdout.decode("utf-8", "surrogateescape").split("\0") if entry]
    for entry in entries:
        changed = _in_work_tree(entry)
        if changed is not None:
            earlier = found.get(changed.path)
            # taken out of the index and still on disk: listed twice, as removed and as not tracked
            old = (earlier.old_mode, earlier.old_blob) if earlier else (changed.old_mode, changed.old_blob)
            found[changed.path] = Changed(changed.path, *old, changed.new_mode, changed.new_blob)
    twice = {entry.split(" ", 8)[8] for entry in entries if entry.startswith("1 MM ")}
    undone = twice - _on_disk_otherwise(repository, config) if twice else twice
    return tuple(found[path] for path in sorted(found) if path not in undone)


def _on_disk_otherwise(repository: Repository, config: list[tuple[str, str]]) -> set[str]:
    """Return the tracked paths whose file is another than HEAD's, whatever the index has."""
    argv = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty", "HEAD"]
    completed = run_git(argv, cwd=repository.root, config=config)
    if completed.code != 0:
        raise GitRefused(f"`git diff` failed: {completed.said}")
    return set(completed.stdout.decode("utf-8", "surrogateescape").split("\0"))


def _in_work_tree(entry: str) -> Changed | None:
    kind, _, rest = entry.partition(" ")
    if kind == "?":
        return None if rest.endswith("/") else Changed(rest, None, None, "100644", None)
    if kind == "1":
        states, _, old_mode, index_mode, mode, old_blob, index_blob, path = rest.split(" ", 7)
        if mode == _ABSENT and states == "AD":
            return _changed(path, (old_mode, old_blob), (index_mode, index_blob))
        return _changed(path, (old_mode, old_blob), (mode, None))
    if kind == "u":
        fields = rest.split(" ", 9)
        return _changed(fields[9], (fields[3], fields[7]), (fields[5], None))
    return None


def _without_filters(repository: Repository) -> list[tuple[str, str]]:
    """Settings that keep programs named by the repository's own configuration from running over its files."""
    listed = run_git(["config", "--show-scope", "-z", "--get-regexp", r"^filter\."], cwd=repository.root)
    words = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
    quiet: list[tuple[str, str]] = []
    for scope, setting in zip(words[0::2], words[1::2], strict=False):
        driver = setting.partition("\n")[0].rpartition(".")[0]
        if scope in {"local", "worktree"} and driver:
            quiet += [(f"{driver}.clean", ""), (f"{driver}.process", ""), (f"{driver}.required", "false")]
    return quiet


class WorkTreeChanges:
    """The files of a commit with changes of the work tree laid over them: what `git add --all` would commit."""

    def __init__(self, commit: CommitTree, changes: tuple[Changed, ...]) -> None:
        self.commit = commit
        self.changes = {each.path: each for each in changes}
        self.disk = WorkTree(commit.repository.root)

    def paths(self, under: str = "") -> tuple[str, ...]:
        """Return the paths of all files in the folder `under` and below it, sorted."""
        prefix = f"{under.rstrip('/')}/" if under else ""
        there = set(self.commit.paths(under))
        for path, each in self.changes.items():
            if path.startswith(prefix):
                (there.discard if each.new_mode is None else there.add)(path)
        return tuple(sorted(there))

    def read(self, path: str) -> bytes:
        """Return a file's contents from where it changed last. Raises as `CommitTree.read` and `WorkTree.read`."""
        changed = self.changes.get(path)
        if changed is None:
            return self.commit.read(path)
        if changed.new_mode is None:
            raise NotFound(f"no such file: `{show(path)}`", code="no-such-file")
        return self.contents(changed)

    def target(self, path: str) -> str:
        """Return `path` itself: what a link stands for is no change of the link."""
        return path

    def contents(self, changed: Changed) -> bytes:
        """Return what a changed path holds now. Raises as `WorkTree.read`."""
        if changed.new_blob is None:
            return self.disk.read(changed.path)
        for _, data in read_blobs(self.commit.repository, [changed.new_blob]):
            return data
        raise Unparseable("larger than 2 MB, or not in this clone", file=changed.path)
