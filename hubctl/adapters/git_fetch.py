"""Getting what is not here: the tip of a branch, more history, the contents of many files at once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.git import Repository, commit_of, is_shallow
from hubctl.adapters.git_remote import failure, fetch, ls_remote
from hubctl.adapters.git_run import NETWORK_SECONDS, Access, checked, run_git
from hubctl.adapters.temporary import temporary_folder
from hubctl.errors import GitRefused, HubctlError
from hubctl.show import show

HISTORY_SECONDS = 60.0
_NAME = "hubctl"
_STEPS = (50, 1000, None)  # commits; None is all


def fetch_tip(repository: Repository, access: Access, ref: str, seen: str | None = None) -> str | None:
    """Return the commit `ref` has at the remote now, its objects fetched; None where there is no such ref.

    `seen` is the commit it had a moment ago: where its objects can be had, the remote is not asked for the ref again.
    Into a clone comes all it lacks, into a store the commit and its parent without the contents of files. No ref of a
    clone, no `FETCH_HEAD`, no index and no file of the checkout changes. Raises as `ls_remote`.
    """
    for known in (seen, None):
        tip = known or ls_remote(repository, access, ref)
        if tip is None or _is_here(repository, tip):
            return tip
        if repository.source is None:
            fetch(repository, access, [ref])
        else:
            _fetch_commits(repository, access, tip, None if _is_complete(repository) else 2, NETWORK_SECONDS)
        if _is_here(repository, tip):
            return tip
    raise GitRefused(f"`{show(ref)}` moves while it is being fetched", hint="run the same command again")


def _is_here(repository: Repository, commit: str) -> bool:
    """A fetch that was killed may have left a commit without its files, which no branch holds."""
    if commit_of(repository, commit) is None:
        return False
    if repository.source is not None or is_shallow(repository):
        return True
    argv = ["rev-list", "--quiet", "--objects", commit, "--not", "--all"]
    return run_git(argv, cwd=repository.root).code == 0


def _is_complete(store: Repository) -> bool:
    return (store.root / "refs" / "hubctl").is_dir() and not is_shallow(store)


def _fetch_commits(store: Repository, access: Access, commit: str, depth: int | None, timeout: float) -> None:
    """Fetch commits and their trees; a server that cannot leave out contents sends them."""
    deeper = [f"--depth={depth}"] if depth else ["--unshallow"] if is_shallow(store) else []
    wants = [f"+{commit}:refs/hubctl/{commit}"]
    options = [*deeper, f"--filter={_FILTER}"]
    fetch(store, access, wants, name=_NAME, options=options, config=_promising(access), timeout=timeout)


_FILTER = "blob:none"


def _promising(access: Access) -> tuple[tuple[str, str], ...]:
    """Said for this one command: nothing that reads a store would then fetch by itself, file by file."""
    remote = f"remote.{_NAME}"
    return (
        (f"{remote}.url", access.url),
        (f"{remote}.promisor", "true"),
        (f"{remote}.partialclonefilter", _FILTER),
        ("fetch.negotiationAlgorithm", "default"),
    )


def fetch_blobs(store: Repository, blobs: Iterable[str]) -> None:
    """Fetch the contents among `blobs` that a store does not have, all in one request. Raises as `ls_remote`."""
    wanted = sorted(set(blobs))
    if store.source is None or not wanted:
        return
    listed = checked(
        ["cat-file", "--batch-check"], cwd=store.root, stdin="".join(f"{one}\n" for one in wanted).encode()
    )
    absent = [line.split()[0] for line in listed.decode().splitlines() if line.endswith(" missing")]
    if absent:
        config = (*_promising(store.source), ("fetch.negotiationAlgorithm", "noop"))
        fetch(store, store.source, absent, name=_NAME, options=[f"--filter={_FILTER}"], config=config)


@dataclass(frozen=True, slots=True)
class Side:
    """A branch as it was seen: where it is, its full name, and the commit it had."""

    access: Access
    ref: str
    commit: str


def deepened(repository: Repository, sides: Sequence[Side], seconds: float = HISTORY_SECONDS) -> Iterator[bool]:
    """Yield again and again while more history of `sides` comes into a store: whether all of it is there.

    Ends with the first True, with a False where nothing more is to be had, or after `seconds`. A clone yields once.
    """
    yield not is_shallow(repository)
    if repository.source is None:
        return
    end = time.monotonic() + seconds
    for depth in _STEPS:
        if not is_shallow(repository):
            return
        for side in sides:
            try:
                _fetch_commits(repository, side.access, side.commit, depth, max(1.0, end - time.monotonic()))
            except HubctlError:
                return
        yield not is_shallow(repository)


@contextmanager
def history(repository: Repository, base: Side, head: Side) -> Iterator[Path]:
    """Give a folder in which git knows what `head` has above `base`, and what is an ancestor of `base`.

    That is the repository itself where its history is complete, a store with as much of it as it takes. For a
    shallow clone, commits alone (no files) are fetched into a repository that is thrown away afterwards.
    """
    if repository.source is not None:
        steps = deepened(repository, (base, head), NETWORK_SECONDS)
        if not any(complete or _meet(repository, base.commit, head.commit) for complete in steps):
            said = f"what `{show(head.ref)}` has above base is not known: its history could not be fetched"
            raise GitRefused(said, hint="run the same command again")
        yield repository.root
    elif not is_shallow(repository):
        yield repository.root
    else:
        with temporary_folder() as folder:
            _fetch_bare_history(repository, folder, (base, head))
            yield folder


def _meet(store: Repository, base: str, head: str) -> bool:
    """Whether one commit at most stands above base and its parent is base's: then older history says nothing more."""
    argv = ["rev-list", "--max-count=2", "--boundary", "--end-of-options", f"{base}..{head}"]
    listed = checked(argv, cwd=store.root).decode().split()
    above = [commit for commit in listed if not commit.startswith("-")]
    return not above or (len(above) == 1 and len(listed) == 2)


def _fetch_bare_history(repository: Repository, folder: Path, sides: Sequence[Side]) -> None:
    checked(["init", "--quiet", "--bare", "--template=", str(folder)], cwd=folder)
    for number, side in enumerate(sides):
        # a remote that leaves out contents has to have a name
        checked(["config", f"remote.r{number}.url", absolute_url(repository, side.access.url)], cwd=folder)
        argv = ["fetch", "--quiet", "--no-tags", "--filter=tree:0", "--end-of-options", f"r{number}", side.ref]
        completed = run_git(argv, cwd=folder, timeout=NETWORK_SECONDS, access=side.access)
        if completed.code != 0:
            raise failure(completed, side.access)


def absolute_url(repository: Repository, url: str) -> str:
    """Return an URL that means the same from any folder: a relative path is meant from the repository's root."""
    local = repository.root / url
    return str(local) if "://" not in url and local.is_dir() else url
