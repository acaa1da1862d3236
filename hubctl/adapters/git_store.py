"""A repository of hubctl's own in a temporary folder, for what a clone does not have or where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubctl.adapters.git import Repository, is_partial, is_shallow, setting
from hubctl.adapters.git_remote import failure, plain_url
from hubctl.adapters.git_run import NETWORK_SECONDS, Access, checked, run_git
from hubctl.adapters.temporary import temporary_folder
from hubctl.errors import GitRefused
from hubctl.show import show

# Who commits and signs; for a store that stands in for the clone, also how its remotes are spoken to.
_OWN = r"^(user|author|committer|commit|gpg)\."
_SPOKEN = r"^(user|author|committer|commit|gpg|http|url|core\.sshcommand$|ssh)"
_LOGIN = ".extraheader"  # what `actions/checkout` leaves: a token that is not written down once more
_MOST_SETTINGS = 100


def lacks_objects(repository: Repository) -> bool:
    """Return whether history or contents of files are not in this clone, so that a store has to stand in for it."""
    return repository.source is None and (is_shallow(repository) or is_partial(repository))


@contextmanager
def open_store(source: Access, clone: Repository | None, *, stands_in: bool) -> Iterator[Repository]:
    """Give an empty bare repository that gets what it lacks from `source`, and is gone afterwards.

    It takes who commits and signs from the settings of `clone` alone, and, where it `stands_in` for it, how remotes are
    spoken to. Raises `GitRefused`.
    """
    with temporary_folder() as folder:
        root = folder / "store.git"
        checked(["init", "--quiet", "--bare", "--template=", str(root)], cwd=folder)
        if clone is not None:
            for key, text in _settings(clone, _SPOKEN if stands_in else _OWN):
                checked(["config", "--add", key, text], cwd=root)
        yield Repository(root=root, git_dir=root, common_dir=root, bare=True, source=source)


def _settings(clone: Repository, pattern: str) -> list[tuple[str, str]]:
    """The clone's own settings: the user's and the system's count in the store anyway."""
    found = []
    for scope in ("--local", "--worktree"):
        if scope == "--worktree" and setting(clone, "extensions.worktreeConfig") is None:
            continue
        listed = run_git(["config", scope, "--includes", "-z", "--get-regexp", pattern], cwd=clone.root).stdout
        for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
            key, separator, text = entry.partition("\n")
            if not key.endswith(_LOGIN):
                found.append((key, text if separator else "true"))
    return found[:_MOST_SETTINGS]


def default_of(access: Access, at: Path) -> str:
    """Return the default branch of a remote, which is asked. Raises as `ls_remote`."""
    argv = ["ls-remote", "--symref", "--upload-pack=git-upload-pack", "--end-of-options", access.url, "HEAD"]
    completed = run_git(argv, cwd=at, timeout=NETWORK_SECONDS, access=access)
    if completed.code != 0:
        raise failure(completed, access)
    for line in completed.stdout.decode("utf-8", "replace").splitlines():
        name, _, ref = line.partition("\t")
        if name.startswith("ref: refs/heads/") and ref == "HEAD":
            return name.removeprefix("ref: refs/heads/")
    raise GitRefused(f"`{show(plain_url(access.url))}` has no default branch: it is empty", code="empty")


def expanded_url(url: str, at: Path) -> str:
    """Return what git makes of an URL by `insteadOf`; asks no remote."""
    completed = run_git(["ls-remote", "--get-url", "--", url], cwd=at)
    return completed.stdout.decode("utf-8", "replace").partition("\n")[0] if completed.code == 0 else url
