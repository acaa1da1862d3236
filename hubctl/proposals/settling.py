"""Ask the forge what a remote is, and settle where everything goes."""

from __future__ import annotations

from urllib.parse import urlsplit

from hubctl.errors import AuthNeeded, GitRefused, HubctlError, RemoteRefused
from hubctl.proposals.forge import Forge, ForgeRepository
from hubctl.proposals.forking import to_fork
from hubctl.proposals.place import forge_place, is_ssh, same
from hubctl.proposals.target import Aim, OpenForge, Target, either_place, place_of, push_address, transport
from hubctl.show import show


class Stranger(GitRefused):
    """The clone is neither of the repository that gets the pull request nor of a fork of it."""


def settle(aim: Aim, open_forge: OpenForge, *, credential: str = "the token") -> tuple[Target, Forge]:
    """Ask the forge what the remote is, and return where everything goes; nothing has been written then.

    A renamed repository is asked under its present name: a write must not follow a redirect. Who may not push there
    pushes to a fork. `credential` is what messages call the token. Raises `Stranger` where the remote is neither the
    repository nor a fork of it, `RemoteRefused` for an archived one, `AuthNeeded` where the token may not push.
    """
    first = aim.named or (aim.here.full_name if aim.here else "")
    forge = open_forge(first)
    repository = forge.repository()
    if not same(repository.full_name, first):
        forge = open_forge(repository.full_name)
    own: ForgeRepository | None = repository
    if aim.named is None and repository.fork and repository.parent:
        forge = open_forge(repository.parent)
        repository = forge.repository()
    elif aim.here is not None and not same(aim.here.full_name, first, repository.full_name):
        own = _own(aim, forge, repository)
    _refuse_archived(repository)
    base_url = _base_url(aim, repository)
    target = Target(
        repository=repository,
        base_url=base_url,
        push_url=base_url if aim.made_up else push_address(aim.remote),
        head_repository=own.full_name if own else "",
    )
    if own is not None and _takes_branches(own, aim):
        return target, forge
    forked = None if aim.insisted else to_fork(target, aim, forge, credential)
    ssh = own is not None and not own.archived and is_ssh(aim.remote.pushes)
    if forked is not None and not (ssh and forked.unmade):
        return forked, forge
    if ssh:
        return target, forge
    raise _unwritable(own or repository, credential)


def _own(aim: Aim, forge: Forge, repository: ForgeRepository) -> ForgeRepository | None:
    """Return what the remote is; None for a fork that was deleted, where there is another way than to insist."""
    try:
        own = forge.repository(aim.here.full_name if aim.here else None)
    except RemoteRefused as refused:
        if refused.code != "not-found" or aim.insisted or not _other_remote(aim, repository):
            raise
        return None
    _refuse_stranger(own, repository, aim)
    return own


def _other_remote(aim: Aim, repository: ForgeRepository) -> bool:
    places = (place_of(remote) for remote in aim.remotes)
    return any(place is not None and same(place.full_name, repository.full_name) for place in places)


def _takes_branches(own: ForgeRepository, aim: Aim) -> bool:
    """An archived repository takes none; one that was named by the user is refused, a fork replaced by another."""
    if aim.insisted:
        _refuse_archived(own)
    return not own.archived and own.can_push is not False


def _unwritable(own: ForgeRepository, credential: str) -> HubctlError:
    return AuthNeeded(
        f"{credential} may not push to `{show(own.full_name)}`",
        hint="push to a fork of yours with `--remote NAME`, or give the token the right to write contents",
    )


def _refuse_stranger(own: ForgeRepository, repository: ForgeRepository, aim: Aim) -> None:
    origins = (own.full_name, *((own.parent or "", own.source or "") if own.fork else ()))
    if same(repository.full_name, *origins):
        return
    raise Stranger(
        f"the remote `{show(aim.remote.name)}` is `{show(own.full_name)}`: neither `{show(repository.full_name)}`"
        " nor a fork of it",
        hint="in a workflow `GITHUB_REPOSITORY` names the repository that runs it: say `--repo OWNER/NAME`",
    )


def _refuse_archived(repository: ForgeRepository) -> None:
    if repository.archived:
        said = f"`{show(repository.full_name)}` is archived: it takes no branch and no pull request"
        raise RemoteRefused(said, code="archived")


def _told(aim: Aim, repository: ForgeRepository) -> str | None:
    """Return where the forge says that git finds the repository, if that is on the host that the token belongs to."""
    told = repository.clone_url or ""
    place = forge_place(told)
    if place is None or place.host != aim.host or not told.startswith(f"{urlsplit(aim.remote.url).scheme}://"):
        return None
    return told


def _base_url(aim: Aim, repository: ForgeRepository) -> str:
    """Where base is read: a remote of that repository, the chosen one first; else its address made up."""
    if aim.made_up:
        return _told(aim, repository) or push_address(aim.remote)
    if aim.here is None:
        return transport(aim.remote.url, aim.remote.fetches)
    for remote in (aim.remote, *aim.remotes):
        place = either_place(remote.url, remote.fetches)
        if place is not None and place.host == aim.host and same(place.full_name, repository.full_name):
            return transport(remote.url, remote.fetches)
    pushes = transport(aim.remote.push_url, aim.remote.pushes)
    own = aim.here.full_name
    start, _, end = (pushes if own in pushes else aim.remote.push_url).rpartition(own)
    return f"{start}{repository.full_name}{end}"
