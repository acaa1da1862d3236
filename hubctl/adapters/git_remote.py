"""Remotes by explicit URL: what stands there, fetching without moving a ref, pushing with an exact lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from hubctl.adapters.git import Repository, trusted_program
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
_LACKING = ("shallow update not allowed", "unable to read", "pack-objects died", "missing necessary objects")
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


def ls_heads(repository: Repository, access: Access, prefix: str) -> dict[str, str]:
    """Return the branches whose names start with `prefix` (`hubctl/`) and their tips now. Raises as `ls_remote`."""
    pattern = f"refs/heads/{prefix}*"
    argv = ["ls-remote", "--refs", _SERVER["fetch"], "--end-of-options", access.url, pattern]
    listed = _spoken(repository, access, argv).stdout.decode("utf-8", "replace").splitlines()
    pairs = (line.partition("\t") for line in listed)
    return {name.removeprefix("refs/heads/"): commit for commit, _, name in pairs}


def fetch(  # noqa: PLR0913  # keyword-only: one for each thing that differs between fetches
    repository: Repository,
    access: Access,
    wants: Sequence[str],
    *,
    name: str | None = None,
    options: Sequence[str] = (),
    config: Sequence[tuple[str, str]] = (),
    timeout: float = NETWORK_SECONDS,
) -> None:
    """Fetch the objects that `wants` (refs, ids, refspecs) name; no ref but those of a refspec changes.

    `name` is what `config` calls the remote, where it has to be called something. Raises as `ls_remote`.
    """
    argv = [*_FETCH, *options, "--stdin", "--end-of-options", name or access.url]
    lines = "".join(f"{want}\n" for want in wants).encode()
    completed = run_git(
        argv,
        cwd=repository.root,
        stdin=lines,
        timeout=timeout,
        access=access,
        config=(*trusted_program(repository, "core.sshCommand", "ssh"), *_WHOLE_PACKS, *config),
    )
    if completed.code != 0:
        raise failure(completed, access)


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
# Loose objects are written one by one, a commit before its files: what is killed then looks complete and is not.
_WHOLE_PACKS = (("fetch.unpackLimit", "1"), ("transfer.unpackLimit", "1"))


def push_with_lease(repository: Repository, access: Access, commit: str, ref: str, expected: str | None) -> PushResult:
    """Push `commit` to `ref`, only if the remote has `expected` there (None: only if there is nothing).

    A store fetches all that base has where the remote, a fork that is behind or empty, lacks it. Raises `AuthNeeded`
    or `RemoteRefused` where the remote does not let us in at all.
    """
    result = _pushed(repository, access, f"{commit}:{ref}", ref, expected)
    if repository.source is None or not any(word in result.said for word in _LACKING):
        return result
    return _pushed(_completed(repository, repository.source, commit), access, f"{commit}:{ref}", ref, expected)


def _completed(store: Repository, source: Access, commit: str) -> Repository:
    """Return a repository with everything below a commit of a store: all history, all contents."""
    whole = store.root / "whole"
    if not whole.exists():
        checked(["init", "--quiet", "--bare", "--template=", str(whole)], cwd=store.root)
    (whole / "config").write_bytes((store.root / "config").read_bytes())
    (whole / "objects" / "info").mkdir(exist_ok=True)
    complete = replace(store, root=whole, git_dir=whole, common_dir=whole, source=None)
    base = checked(["rev-parse", "--verify", "--end-of-options", f"{commit}^"], cwd=store.root).decode().strip()
    fetch(complete, source, [f"+{base}:refs/hubctl/{base}"])
    (whole / "objects" / "info" / "alternates").write_text(f"{store.root}/objects\n")
    return complete


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
        "--no-thin",
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
