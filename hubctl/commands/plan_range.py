"""`hubctl plan`: which values a range of commits, or the work tree, changes, and which hubs a merge deploys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from hubctl.adapters.git import Repository, commit_of
from hubctl.adapters.git_contents import Contents, contents_of
from hubctl.adapters.git_range import (
    SUBMODULE,
    Changed,
    WorkTreeChanges,
    changes_between,
    changes_in_work_tree,
    commit_named,
    merge_base,
)
from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.requests import PlanRange
from hubctl.commands.world import World
from hubctl.errors import GitRefused, HubctlError, Unparseable, UsageError
from hubctl.fleet import layout
from hubctl.fleet.differing import Difference, Values, cluster_in, differences, values_in
from hubctl.fleet.listed import Texts, read_listings
from hubctl.fleet.read import Tree
from hubctl.fleet.redeploys import Listing, Redeploys, redeploys
from hubctl.problem import Problem
from hubctl.show import show


@dataclass(frozen=True, slots=True)
class FileChange:
    """What differs in one file, by key path; None where it is encrypted, so that nothing of it is read."""

    file: str
    differences: tuple[Difference, ...] | None


@dataclass(frozen=True, slots=True)
class PlanReport:
    """`plan`: the values that change, sorted by file, and what is deployed; `files` is how many files changed."""

    changes: tuple[FileChange, ...]
    deploys: Redeploys
    files: int
    problems: tuple[Problem, ...]
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class _Change:
    """Everything that changed, the tree it leads to, and how to read what stands on disk alone."""

    changed: tuple[Changed, ...]
    tree: Tree
    on_disk: Callable[[Changed], bytes]


def run(request: PlanRange, world: World) -> PlanReport:
    """Return what a range changes and deploys, without one what the work tree does since HEAD.

    A file that cannot be read is a problem and still redeploys its hubs. GitRefused outside a repository, in a bare
    one without a range, and where the ends of a range have no commit in common; NotFound for an unknown commit and
    where there is no fleet; UsageError for what is no range.
    """
    repository = _repository(world)
    with ExitStack() as stack:
        if request.range is None:
            change = _in_work_tree(repository, stack)
        else:
            change = _in_range(repository, request.range, stack)
        return _planned(repository, change, world.settings.staging)


def _repository(world: World) -> Repository:
    if world.git is None:
        raise GitRefused(
            f"no git repository at `{show(str(world.root))}`",
            hint="what changed is known to git alone: run it in a clone",
            code="no-repository",
        )
    return world.git


def ends_of(text: str) -> tuple[str, str]:
    """Return both ends of `BASE..HEAD`; an end that is left out is HEAD, and `BASE` alone is `BASE..HEAD`.

    `BASE...HEAD` is the same. UsageError where both ends are left out.
    """
    base, dots, head = text.partition("..")
    head = head.removeprefix(".")
    if not base and not head:
        raise UsageError(
            f"not a range: `{show(text, 80)}`",
            hint="write `BASE..HEAD`, for example `origin/main..`; leave it out for the work tree",
        )
    return base or "HEAD", (head if dots else "") or "HEAD"


def _in_range(repository: Repository, text: str, stack: ExitStack) -> _Change:
    base, head = (commit_named(repository, end) for end in ends_of(text))
    changed = changes_between(repository, merge_base(repository, base, head), head)
    tree = stack.enter_context(CommitTree(repository, head))
    return _Change(changed, tree, _never_on_disk)


def _never_on_disk(changed: Changed) -> bytes:
    raise AssertionError(f"the contents of {changed.path} are in a commit")


def _in_work_tree(repository: Repository, stack: ExitStack) -> _Change:
    if repository.bare:
        raise GitRefused(
            "a bare repository has no work tree to compare", hint="name a range: `BASE..HEAD`", code="bare-repository"
        )
    head = commit_of(repository, "HEAD")
    if head is None:
        raise GitRefused("there is no commit yet to compare the work tree with", hint="commit first", code="empty")
    changed = changes_in_work_tree(repository)
    tree = WorkTreeChanges(stack.enter_context(CommitTree(repository, head)), changed)
    return _Change(changed, tree, tree.contents)


def _planned(repository: Repository, change: _Change, staging: tuple[str, ...]) -> PlanReport:
    paths = [each.path for each in change.changed]
    now = read_listings(change.tree, staging, paths)
    clusters = [each for each in change.changed if now.is_cluster(each.path)]
    contents = list(contents_of(repository, clusters, change.on_disk))
    old = Texts({each.path: each.old for each in contents if each.old is not None})
    before = read_listings(old, staging, paths).clusters
    if now.absent and not before:
        raise now.absent
    deployed = (*now.clusters, *_unreadable_now(now.clusters, before, change.tree))
    listings = (*deployed, *before)
    changed = _with_submodules(change.changed, listings)
    deploys = redeploys(changed, deployed, before, everywhere=now.layout != layout.STANDARD)
    listed = frozenset[str]().union(*(listing.files for listing in listings))
    differing = _Differing()
    files = {listing.file for listing in listings}  # others of that name describe no fleet
    changes = [differing.cluster(each) for each in contents if each.path in files]
    readable = [each for each in change.changed if _holds_values(each.path, listed)]
    changes += [differing.values(each) for each in contents_of(repository, readable, change.on_disk)]
    changes += [FileChange(path, None) for path in paths if path in listed and layout.is_encrypted_name(path)]
    problems = sorted({*now.problems, *differing.problems(known={each.file for each in now.problems})})
    return PlanReport(
        changes=tuple(sorted((each for each in changes if each.differences != ()), key=lambda each: each.file)),
        deploys=deploys,
        files=len(paths),
        problems=tuple(problems),
        exit_code=1 if any(each.fails for each in problems) else 0,
    )


def _unreadable_now(now: Iterable[Listing], before: Iterable[Listing], tree: Tree) -> tuple[Listing, ...]:
    """Return what clusters listed whose `cluster.yaml` is still there and cannot be read: they are deployed, too."""
    readable = {listing.file for listing in now}
    broken = [listing for listing in before if listing.file not in readable]
    there = frozenset(tree.paths()) if broken else frozenset()
    return tuple(listing for listing in broken if listing.file in there)


def _with_submodules(changed: Iterable[Changed], listings: Sequence[Listing]) -> set[str]:
    """Return all changed paths, and the listed files that lie in a submodule that changed: what did is not known."""
    paths = {each.path for each in changed}
    modules = tuple(f"{each.path}/" for each in changed if SUBMODULE in (each.old_mode, each.new_mode))
    if modules:
        paths |= {file for listing in listings for file in listing.files if file.startswith(modules)}
    return paths


def _holds_values(path: str, listed: frozenset[str]) -> bool:
    if layout.is_encrypted_name(path) or path.endswith(".jsonnet"):
        return False
    return path in listed or layout.is_chart_values(path)


class _Differing:
    """Compares both states of files, and collects what cannot be read."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def problems(self, known: set[str]) -> Iterator[Problem]:
        """Yield what could not be compared, but for files of which reading the fleet said what is wrong."""
        return (each for each in self.found if each.file not in known)

    def values(self, each: Contents) -> FileChange:
        return self._compared(each, values_in)

    def cluster(self, each: Contents) -> FileChange:
        return self._compared(each, cluster_in)

    def _compared(self, each: Contents, read: Callable[[bytes, str], Values | None]) -> FileChange:
        try:
            if each.error is not None:
                raise each.error
            old = read(each.old, each.path) if each.old is not None else {}
            new = read(each.new, each.path) if each.new is not None else {}
            return FileChange(each.path, None if old is None or new is None else differences(old, new))
        except HubctlError as error:
            line = error.line if isinstance(error, Unparseable) else 1
            message = f"its values are not compared: {error.message}"
            mend = error.hint or "make it a regular YAML file that Helm can read"
            self.found.append(Problem(each.path, line, "unreadable", message, mend))
            return FileChange(each.path, ())
