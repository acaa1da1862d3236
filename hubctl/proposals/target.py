"""Which repository gets the pull request, where its branch is pushed, and with whose token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hubctl.adapters.git import Remote
from hubctl.adapters.git_remote import plain_url
from hubctl.adapters.git_run import is_loopback
from hubctl.errors import AuthNeeded, GitRefused, NotFound, UsageError
from hubctl.proposals.forge import Forge, ForgeRepository
from hubctl.proposals.place import GITHUB, NAME, Place, forge_place, same, url_parts
from hubctl.secret import Secret
from hubctl.show import near, show

TOKEN_NAMES = ("GH_TOKEN", "GITHUB_TOKEN")
OpenForge: TypeAlias = Callable[[str], Forge]

_GITHUB_API = "https://api.github.com"
_FULL_NAME = re.compile(rf"(?:(?P<host>[A-Za-z0-9.-]+(?::\d+)?)/)?(?P<name>{NAME}/{NAME})")


@dataclass(frozen=True, slots=True)
class Aim:
    """What can be said without asking: the remote pushed to, its repository, the one named for the pull request.

    `named` is None where only the forge can tell (origin, or the repository it is a fork of). `here` is None
    where the remote is a local path. `api` is the base of the REST API, without a slash at the end. `insisted`: the
    remote was named by the user, so the branch goes there and nowhere else. `made_up`: its address is a guess by name.
    """

    remote: Remote
    here: Place | None
    named: str | None
    host: str
    api: str
    remotes: tuple[Remote, ...]
    insisted: bool = False
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The repository of the pull request and the addresses of git.

    `head_repository` is the full name of the repository the branch is pushed to: the same one, or a fork, which has
    to be made first where it is `unmade`.
    """

    repository: ForgeRepository
    base_url: str
    push_url: str
    head_repository: str
    unmade: bool = False

    @property
    def owner(self) -> str:
        """Return the owner of the pushed branch."""
        return self.head_repository.partition("/")[0]

    @property
    def fork(self) -> bool:
        """Return whether the branch goes to a fork."""
        return not same(self.head_repository, self.repository.full_name)


def choose(
    remotes: tuple[Remote, ...], environment: Mapping[str, str], *, repository: str | None, remote: str | None
) -> Aim:
    """Return the aim of a run with `--repo` and `--remote`, decided without asking anybody.

    `--repo`, `GH_REPO`, `GITHUB_REPOSITORY`, then the remote `gh repo set-default` chose, then `upstream`; else
    the forge is asked for what the remote is a fork of. Raises `UsageError` for a text that is no repository,
    `NotFound` for an unknown remote, `GitRefused` where nothing names a repository.
    """
    chosen = _chosen_remote(remotes, remote)
    for url in (chosen.push_url, chosen.pushes, chosen.url, chosen.fetches):
        if "://" in url and url_parts(url) is None:
            raise GitRefused(f"the remote `{show(chosen.name)}` has an address that is none: `{show(plain_url(url))}`")
    here = place_of(chosen)
    named = _named(repository, environment)
    if named is None and here is None:
        raise GitRefused(
            f"the remote `{show(chosen.name)}` is a local path and names no repository",
            hint="say which one gets the pull request: `--repo OWNER/NAME`",
        )
    if named is None:
        named = _noted(remotes)
    host = (named.host if named else "") or (here.host if here else "") or _server(environment)
    if here is not None and here.host != host:
        raise GitRefused(f"the remote `{show(chosen.name)}` is at `{show(here.host)}`, not at `{show(host)}`")
    return Aim(
        remote=chosen,
        here=here,
        named=named.full_name if named else None,
        host=host,
        api=api_base(environment, host),
        remotes=remotes,
        insisted=remote is not None,
    )


def _chosen_remote(remotes: tuple[Remote, ...], wanted: str | None) -> Remote:
    names = [remote.name for remote in remotes]
    usual = [name for name in ("origin", "upstream", "github") if name in names]
    name = wanted or (usual[0] if usual else names[0] if len(names) == 1 else "origin")
    for remote in remotes:
        if remote.name == name:
            return remote
    if wanted is None:
        raise GitRefused("there is no remote to push to", hint="add one: `git remote add origin URL`")
    hint = next((f"did you mean `{show(alike)}`?" for alike in near(name, names)), None)
    raise NotFound(f"no such remote: `{show(name)}`", hint=hint, code="no-such-remote")


def either_place(written: str, used: str) -> Place | None:
    """Return the repository an URL names as it is written, else as `insteadOf` makes it."""
    return forge_place(written) or forge_place(used)


def place_of(remote: Remote) -> Place | None:
    """Return the repository that a remote pushes to; None for a local path."""
    return either_place(remote.push_url, remote.pushes)


def push_address(remote: Remote) -> str:
    """Return the address that git is given to push to a remote."""
    return transport(remote.push_url, remote.pushes)


def named_place(text: str) -> Place:
    """Return what `--repo` names: `OWNER/NAME` with host `""`, or `HOST/OWNER/NAME`. Raises `UsageError`."""
    return _parsed("--repo", text)


def _parsed(source: str, text: str) -> Place:
    found = _FULL_NAME.fullmatch(text)
    if found is None:
        raise UsageError(f"`{source}` is not `OWNER/NAME`: `{show(text)}`")
    return Place((found["host"] or "").lower(), found["name"])


def _named(flag: str | None, environment: Mapping[str, str]) -> Place | None:
    for source, text in (
        ("--repo", flag),
        ("GH_REPO", environment.get("GH_REPO")),
        ("GITHUB_REPOSITORY", environment.get("GITHUB_REPOSITORY")),
    ):
        if text:
            return _parsed(source, text)
    return None


def _noted(remotes: tuple[Remote, ...]) -> Place | None:
    """What `gh repo set-default` wrote down, else the remote that is called `upstream`."""
    for remote in remotes:
        place = either_place(remote.url, remote.fetches)
        if remote.resolved and place is not None:
            return place if remote.resolved == "base" else Place(place.host, remote.resolved)
    return next((either_place(remote.url, remote.fetches) for remote in remotes if remote.name == "upstream"), None)


def _server(environment: Mapping[str, str]) -> str:
    given = environment.get("GITHUB_SERVER_URL", "")
    parts = url_parts(given)
    if parts is None:
        raise UsageError(f"`GITHUB_SERVER_URL` has to be an https address: `{show(plain_url(given))}`")
    return parts.netloc or GITHUB


def api_base(environment: Mapping[str, str], host: str) -> str:
    """Return the base of the REST API: `GITHUB_API_URL`, else that of github.com or of a GitHub server.

    Raises `UsageError` for anything but https, or http to this machine.
    """
    given = environment.get("GITHUB_API_URL", "").rstrip("/")
    if not given or (given == _GITHUB_API and host != GITHUB):  # every workflow of github.com sets it
        return _GITHUB_API if host == GITHUB else f"https://{host}/api/v3"
    parts = url_parts(given)
    clean = parts is not None and parts.hostname and not {"@", "?", "#"} & set(given)
    if clean and (given.startswith("https://") or _local_http(given)):
        return given
    raise UsageError(
        f"`GITHUB_API_URL` has to be an https address: `{show(plain_url(given))}`",
        hint="plain http is spoken to this machine only",
    )


def find_token(environment: Mapping[str, str], host: str, ask_gh: Callable[[str], Secret | None]) -> tuple[Secret, str]:
    """Return the token and where it came from; raises `AuthNeeded` where there is none."""
    for name in TOKEN_NAMES:
        if environment.get(name):
            return Secret(environment[name].strip()), name
    token = ask_gh(host.partition(":")[0])
    if token is None:
        raise AuthNeeded(
            f"no token for `{show(host)}`",
            hint=f"set `GH_TOKEN`, or run `gh auth login --hostname {show(host)}`",
        )
    return token, "gh auth token"


def _local_http(url: str) -> bool:
    return url.startswith("http://") and is_loopback(url)


def transport(written: str, used: str) -> str:
    """Return the address git is given, without a login of http.

    What `insteadOf` made of it counts where it leads to this machine, to a path or to ssh. Where it leads to
    another web host, git rewrites the written one by itself, and that host is not given our token.
    """
    url = used if _local_http(used) or not used.startswith(("http://", "https://")) else written
    return plain_url(url) if url.startswith(("http://", "https://")) else url
