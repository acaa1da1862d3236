"""Remotes by explicit URL: what stands there, fetching without moving a ref, pushing with an exact lease."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from hubctl.adapters.git import Repository, commit_of, is_shallow, trusted_program
from hubctl.adapters.git_run import NETWORK_SECONDS, Access, Completed, checked, run_git
from hubctl.errors import AuthNeeded, GitRefused, HubctlError, RemoteRefused
from hubctl.show import show

Outcome: TypeAlias = Literal["pushed", "stale", "declined", "unclear"]

# Matched loosely: git's and servers' wording differs between versions.
_STALE = ("stale info", "failed to update ref", "cannot lock ref", "reference already exists", "fetch first")
_NO_LOGIN = (
    "authentication failed",
    "could not read username",
    "could not read password",
    "permission denied (publickey",
    "returned error: 401",
    "returned error: 403",
    "permission to",
    "invalid credentials",
    "write access to repository not granted",
)
_NO_REPOSITORY = ("not found", "does not appear to be a git repository", "returned error: 404")
# A configuration may name other programs for a remote whose name is its URL.
_SERVER = {"fetch": "--upload-pack=git-upload-pack", "push": "--receive-pack=git-receive-pack"}


@dataclass(frozen=True, slots=True)
class PushResult:
    """How a push ended; `said` is what git and the server said, escaped.

    `stale`: the branch was not as expected. `declined`: the server has a rule against it. `unclear`: no
    answer that can be told apart, so that only looking tells whether the server took it.
    """

    outcome: Outcome
    said: str = ""


def ls_remote(repository: Repository, access: Access, ref: str) -> str | None:
    """Return the commit that `ref` (a full name) has at the remote now, None where there is none of that name.

    Raises `AuthNeeded`, `RemoteRefused` or `GitRefused`.
    """
    argv = ["ls-remote", "--refs", _SERVER["fetch"], "--end-of-options", access.url, ref]
    completed = _spoken(repository, access, argv)
    for line in completed.stdout.decode("utf-8", "replace").splitlines():
        commit, _, name = line.partition("\t")
        if name == ref:
            return commit
    return None


def fetch_tip(repository: Repository, access: Access, ref: str) -> str | None:
    """Return the commit `ref` has at the remote now, its objects fetched; None where there is no such ref.

    No ref, no `FETCH_HEAD`, no index and no file of the checkout changes. Raises as `ls_remote`.
    """
    for _ in range(2):
        tip = ls_remote(repository, access, ref)
        if tip is None or commit_of(repository, tip) is not None:
            return tip
        _spoken(repository, access, [*_FETCH, "--end-of-options", access.url, ref])
        if commit_of(repository, tip) is not None:
            return tip
    raise GitRefused(f"`{show(ref)}` moves while it is being fetched", hint="run the same command again")


_FETCH = [
    "fetch",
    "--quiet",
    "--no-write-fetch-head",
    "--no-tags",
    "--no-prune",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
    _SERVER["fetch"],
]


@contextmanager
def history(repository: Repository, refs: tuple[tuple[Access, str], ...]) -> Iterator[Path]:
    """Give a folder in which git knows the complete history of `refs`: the repository's own where it is complete.

    A shallow clone cannot say what is an ancestor of what. There, commits alone (no files) are fetched into a
    repository that is thrown away afterwards.
    """
    if not is_shallow(repository):
        yield repository.root
        return
    with tempfile.TemporaryDirectory(prefix="hubctl-history-") as folder:
        path = Path(folder)
        checked(["init", "--quiet", "--bare", "--template=", folder], cwd=path)
        for number, (access, ref) in enumerate(refs):
            # a remote that leaves out contents has to have a name
            checked(["config", f"remote.r{number}.url", _absolute(repository, access.url)], cwd=path)
            argv = [*_FETCH, "--filter=tree:0", "--end-of-options", f"r{number}", ref]
            completed = run_git(argv, cwd=path, timeout=NETWORK_SECONDS, access=access)
            if completed.code != 0:
                raise failure(completed, access)
        yield path


def _absolute(repository: Repository, url: str) -> str:
    """A relative path is meant from the repository's root."""
    local = repository.root / url
    return str(local) if "://" not in url and local.is_dir() else url


def push_with_lease(repository: Repository, access: Access, commit: str, ref: str, expected: str | None) -> PushResult:
    """Push `commit` to `ref`, only if the remote has `expected` there (None: only if there is nothing).

    Raises `AuthNeeded` or `RemoteRefused` where the remote does not let us in at all.
    """
    return _pushed(repository, access, f"{commit}:{ref}", ref, expected)


def delete_with_lease(repository: Repository, access: Access, ref: str, expected: str) -> PushResult:
    """Delete `ref` at the remote, only if it still has `expected`. Raises as `push_with_lease`."""
    return _pushed(repository, access, f":{ref}", ref, expected)


def _pushed(repository: Repository, access: Access, refspec: str, ref: str, expected: str | None) -> PushResult:
    argv = [
        "push",
        "--porcelain",
        "--no-verify",
        "--no-follow-tags",
        "--no-recurse-submodules",
        "--no-signed",
        _SERVER["push"],
        f"--force-with-lease={ref}:{expected or ''}",
        "--end-of-options",
        access.url,
        refspec,
    ]
    ssh = trusted_program(repository, "core.sshCommand", "ssh")
    completed = run_git(argv, cwd=repository.root, timeout=NETWORK_SECONDS, access=access, config=ssh)
    if completed.code == 0:
        return PushResult("pushed")
    told = completed.stdout.decode("utf-8", "replace")
    rejected = " ".join(line for line in told.splitlines() if line.startswith("!"))
    said = f"{show(rejected)}; {completed.said}" if rejected else completed.said
    if any(word in rejected.lower() for word in _STALE):
        return PushResult("stale", said)
    if "[remote rejected]" in rejected:
        return PushResult("declined", said)
    error = failure(completed, access)
    if type(error) is GitRefused:
        return PushResult("unclear", said)
    raise error


def failure(completed: Completed, access: Access) -> HubctlError:
    """Return the error that tells why a remote did not do what was asked."""
    text = completed.stderr.lower()
    where = f"`{show(plain_url(access.url))}`"
    if any(word in text for word in _NO_LOGIN):
        return AuthNeeded(
            f"{where} does not accept the credentials: {completed.said}",
            hint="the token needs the right to write contents and pull requests; an ssh remote needs a key",
        )
    if any(word in text for word in _NO_REPOSITORY):
        return RemoteRefused(f"no repository at {where}, or no access to it: {completed.said}")
    return GitRefused(f"git could not speak to {where}: {completed.said}")


def plain_url(url: str) -> str:
    """Return an URL without the login that may stand in it."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}" if separator else url


def _spoken(repository: Repository, access: Access, argv: list[str]) -> Completed:
    ssh = trusted_program(repository, "core.sshCommand", "ssh")
    completed = run_git(argv, cwd=repository.root, timeout=NETWORK_SECONDS, access=access, config=ssh)
    if completed.code != 0:
        raise failure(completed, access)
    return completed
