"""Which repository gets the pull request, where its branch is pushed, and with whose token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hubctl.adapters.git import Remote
from hubctl.adapters.git_remote import plain_url
from hubctl.adapters.git_run import is_loopback
from hubctl.errors import AuthNeeded, GitRefused, NotFound, RemoteRefused, UsageError
from hubctl.proposals.forge import Forge, ForgeRepository
from hubctl.proposals.place import GITHUB, NAME, SCP, Place, forge_place, url_parts
from hubctl.secret import Secret
from hubctl.show import near, show

TOKEN_NAMES = ("GH_TOKEN", "GITHUB_TOKEN")
OpenForge: TypeAlias = Callable[[str], Forge]

_FULL_NAME = re.compile(rf"(?:(?P<host>[A-Za-z0-9.-]+(?::\d+)?)/)?(?P<name>{NAME}/{NAME})")


@dataclass(frozen=True, slots=True)
class Aim:
    """What can be said without asking: the remote pushed to, its repository, the one named for the pull request.

    `named` is None where only the forge can tell (origin, or the repository it is a fork of). `here` is None
    where the remote is a local path. `api` is the base of the REST API, without a slash at the end.
    """

    remote: Remote
    here: Place | None
    named: str | None
    host: str
    api: str
    remotes: tuple[Remote, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """The repository of the pull request and the addresses of git.

    `head_repository` is the full name of the repository the branch is pushed to: the same one, or a fork.
    """

    repository: ForgeRepository
    base_url: str
    push_url: str
    head_repository: str

    @property
    def owner(self) -> str:
        """Return the owner of the pushed branch."""
        return self.head_repository.partition("/")[0]

    @property
    def fork(self) -> bool:
        """Return whether the branch goes to a fork."""
        return not _same(self.head_repository, self.repository.full_name)


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
    here = _place(chosen.push_url, chosen.pushes)
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
    )


def _chosen_remote(remotes: tuple[Remote, ...], wanted: str | None) -> Remote:
    names = [remote.name for remote in remotes]
    name = wanted or ("origin" if "origin" in names or len(names) != 1 else names[0])
    for remote in remotes:
        if remote.name == name:
            return remote
    if wanted is None:
        raise GitRefused("there is no remote to push to", hint="add one: `git remote add origin URL`")
    hint = next((f"did you mean `{show(alike)}`?" for alike in near(name, names)), None)
    raise NotFound(f"no such remote: `{show(name)}`", hint=hint, code="no-such-remote")


def _place(written: str, used: str) -> Place | None:
    return forge_place(written) or forge_place(used)


def _named(flag: str | None, environment: Mapping[str, str]) -> Place | None:
    for source, text in (
        ("--repo", flag),
        ("GH_REPO", environment.get("GH_REPO")),
        ("GITHUB_REPOSITORY", environment.get("GITHUB_REPOSITORY")),
    ):
        if text:
            found = _FULL_NAME.fullmatch(text)
            if found is None:
                raise UsageError(f"`{source}` is not `OWNER/NAME`: `{show(text)}`")
            return Place(found["host"] or "", found["name"])
    return None


def _noted(remotes: tuple[Remote, ...]) -> Place | None:
    """What `gh repo set-default` wrote down, else the remote that is called `upstream`."""
    for remote in remotes:
        place = _place(remote.url, remote.fetches)
        if remote.resolved and place is not None:
            return place if remote.resolved == "base" else Place(place.host, remote.resolved)
    return next((_place(remote.url, remote.fetches) for remote in remotes if remote.name == "upstream"), None)


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
    if not given:
        return "https://api.github.com" if host == GITHUB else f"https://{host}/api/v3"
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


def settle(aim: Aim, open_forge: OpenForge, *, credential: str = "the token") -> tuple[Target, Forge]:
    """Ask the forge what the remote is, and return where everything goes; nothing has been pushed then.

    A renamed repository is asked under its present name: a write must not follow a redirect. `credential` is what
    messages call the token. Raises `GitRefused` where the remote is neither the repository nor a fork of it,
    `RemoteRefused` for an archived one, `AuthNeeded` where the token may not push.
    """
    first = aim.named or (aim.here.full_name if aim.here else "")
    forge = open_forge(first)
    repository = forge.repository()
    if not _same(repository.full_name, first):
        forge = open_forge(repository.full_name)
    own = repository
    if aim.named is None and repository.fork and repository.parent:
        forge = open_forge(repository.parent)
        repository = forge.repository()
    elif aim.here is not None and not _same(aim.here.full_name, first, repository.full_name):
        own = forge.repository(aim.here.full_name)
        _refuse_stranger(own, repository, aim)
    _refuse_unwritable(repository, own, aim, credential)
    target = Target(
        repository=repository,
        base_url=_base_url(aim, repository),
        push_url=_transport(aim.remote.push_url, aim.remote.pushes),
        head_repository=own.full_name,
    )
    return target, forge


def _same(name: str, *others: str) -> bool:
    return name.casefold() in map(str.casefold, others)


def _refuse_stranger(own: ForgeRepository, repository: ForgeRepository, aim: Aim) -> None:
    origins = (own.full_name, *((own.parent or "", own.source or "") if own.fork else ()))
    if _same(repository.full_name, *origins):
        return
    raise GitRefused(
        f"the remote `{show(aim.remote.name)}` is `{show(own.full_name)}`: neither `{show(repository.full_name)}`"
        " nor a fork of it",
        hint="in a workflow `GITHUB_REPOSITORY` names the repository that runs it: say `--repo OWNER/NAME`",
    )


def _refuse_unwritable(repository: ForgeRepository, own: ForgeRepository, aim: Aim, credential: str) -> None:
    for one in (repository, own):
        if one.archived:
            said = f"`{show(one.full_name)}` is archived: it takes no branch and no pull request"
            raise RemoteRefused(said, code="archived")
    ssh = aim.remote.pushes.startswith("ssh://") or SCP.fullmatch(aim.remote.pushes) is not None
    if own.can_push is False and not ssh:
        raise AuthNeeded(
            f"{credential} may not push to `{show(own.full_name)}`",
            hint="push to a fork of yours with `--remote NAME`, or give the token the right to write contents",
        )


def _base_url(aim: Aim, repository: ForgeRepository) -> str:
    """Where base is read: a remote of that repository, the chosen one first; else its address made up."""
    if aim.here is None:
        return _transport(aim.remote.url, aim.remote.fetches)
    for remote in (aim.remote, *aim.remotes):
        place = _place(remote.url, remote.fetches)
        if place is not None and place.host == aim.host and _same(place.full_name, repository.full_name):
            return _transport(remote.url, remote.fetches)
    pushes = _transport(aim.remote.push_url, aim.remote.pushes)
    own = aim.here.full_name
    start, _, end = (pushes if own in pushes else aim.remote.push_url).rpartition(own)
    return f"{start}{repository.full_name}{end}"


def _local_http(url: str) -> bool:
    return url.startswith("http://") and is_loopback(url)


def _transport(written: str, used: str) -> str:
    """The address git is given, without a login of http.

    What `insteadOf` made of it counts where it leads to this machine, to a path or to ssh. Where it leads to
    another web host, git rewrites the written one by itself, and that host is not given our token.
    """
    url = used if _local_http(used) or not used.startswith(("http://", "https://")) else written
    return plain_url(url) if url.startswith(("http://", "https://")) else url
