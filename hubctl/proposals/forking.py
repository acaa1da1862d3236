"""Where the branch goes for whoever may not push to the repository itself: to a fork, found or made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hubctl.adapters.clock import Waiting
from hubctl.adapters.git_remote import ls_remote
from hubctl.errors import AuthNeeded, HubctlError, RemoteRefused
from hubctl.proposals.destination import Destination, Wishes
from hubctl.proposals.forge import Forge, ForgeRepository
from hubctl.proposals.place import forge_place, is_ssh, same
from hubctl.proposals.target import Aim, Target, place_of, push_address
from hubctl.show import show

_MOST_REMOTES = 10
_PAUSES = (2.0, 2.0, 2.0)  # as gh: git learns of a new fork later than the API
_RIGHTS = "give the token the right to write contents, use one that may fork, or push to a fork with `--remote NAME`"


def related(one: ForgeRepository, origin: ForgeRepository) -> bool:
    """Return whether `one` is a fork of `origin`, or of what that is a fork of."""
    return one.fork and any(name and same(name, origin.full_name) for name in (one.parent, one.source))


def to_fork(target: Target, aim: Aim, forge: Forge, credential: str) -> Target | None:
    """Return the target with the branch in a fork: a remote of the clone, else the fork the token's owner has.

    Where there is none yet, the fork that would be made is named, and `unmade` is true; nothing is written. None where
    the token belongs to nobody who could have one. Raises `RemoteRefused` for an archived fork.
    """
    login = forge.login()
    for name, url in _remotes_beside(target, aim, login):
        found = _looked_up(forge, name)
        usable = found is not None and related(found, target.repository) and not found.archived
        if found is not None and usable and (found.can_push is not False or is_ssh(url)):
            return replace(target, push_url=url, head_repository=found.full_name)
    if login is None:
        return None
    name = f"{login}/{target.repository.full_name.partition('/')[2]}"
    found = _looked_up(forge, name)
    if found is None or not related(found, target.repository):
        return replace(target, push_url=_beside(target, name), head_repository=name, unmade=True)
    _refuse_archived(found)
    if found.can_push is False:
        raise AuthNeeded(f"{credential} may not push to `{show(found.full_name)}`", hint=_RIGHTS)
    return replace(target, push_url=_beside(target, found.full_name), head_repository=found.full_name)


def _remotes_beside(target: Target, aim: Aim, login: str | None) -> Iterator[tuple[str, str]]:
    """Yield names and push addresses of the other remotes on the same forge, those of the token's owner first."""
    places = [(place_of(remote), push_address(remote)) for remote in aim.remotes]
    beside = [
        (place.full_name, url)
        for place, url in places
        if place is not None
        and place.host == aim.host
        and not same(place.full_name, target.repository.full_name, target.head_repository)
    ]
    own = (login or "").casefold()
    yield from sorted(beside[:_MOST_REMOTES], key=lambda one: one[0].partition("/")[0].casefold() != own)


def _looked_up(forge: Forge, name: str) -> ForgeRepository | None:
    try:
        return forge.repository(name)
    except RemoteRefused as refused:
        if refused.code != "not-found":
            raise
        return None


def _beside(target: Target, name: str) -> str:
    """The address of another repository on the forge that base is read from."""
    place = forge_place(target.base_url)
    start, _, end = target.base_url.rpartition(place.full_name if place else target.repository.full_name)
    return f"{start}{name}{end}"


def with_fork(destination: Destination, waiting: Waiting) -> Destination:
    """Return the destination with a fork that exists: the one its owner has under another name, else a new one.

    Raises `AuthNeeded` where the token may not fork, and what the forge refuses.
    """
    target = destination.target
    try:
        fork = destination.forge.fork()
    except HubctlError as refused:
        if not isinstance(refused, AuthNeeded) and refused.code != "not-found":
            raise
        hint = f"{refused.hint}; {_RIGHTS}" if refused.hint else _RIGHTS
        said = f"`{show(target.repository.full_name)}` can neither be pushed to nor forked: {refused.message}"
        raise AuthNeeded(said, hint=hint) from refused
    _refuse_archived(fork)
    push_url = _beside(target, fork.full_name)
    settled = replace(
        destination, target=replace(target, push_url=push_url, head_repository=fork.full_name, unmade=False)
    )
    _await(settled, waiting)
    return settled


def _refuse_archived(fork: ForgeRepository) -> None:
    if fork.archived:
        raise RemoteRefused(
            f"your fork `{show(fork.full_name)}` is archived: it takes no branch",
            hint="unarchive or delete it, or push to another one with `--remote NAME`",
            code="archived",
        )


def _await(destination: Destination, waiting: Waiting) -> None:
    for pause in _PAUSES:
        try:
            ls_remote(destination.repository, destination.pushed, f"refs/heads/{destination.base}")
        except HubctlError:
            if not waiting.wait(pause):
                return
        else:
            return


def permitted(wishes: Wishes, target: Target) -> tuple[Wishes, str | None]:
    """Return what of the wishes the token may set in the upstream repository, and what is said of the rest."""
    repository = target.repository
    wished = [name for name in ("labels", "assignees", "reviewers") if getattr(wishes, name)]
    if repository.can_push is not False or repository.can_triage or not wished:
        return wishes, None
    said = f"{' and '.join(filter(None, (', '.join(wished[:-1]), wished[-1])))} were left out: no right to set them in"
    return replace(wishes, labels=(), assignees=(), reviewers=()), f"{said} `{show(repository.full_name)}`"
