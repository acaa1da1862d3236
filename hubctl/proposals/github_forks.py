"""The fork on GitHub that the token's owner pushes to: found, else made and waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubctl.errors import AuthNeeded, RemoteRefused
from hubctl.proposals import github_values as values
from hubctl.proposals.forge import ForgeRepository
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_refusal import Missing
from hubctl.proposals.github_settling import settled
from hubctl.show import show

_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)  # a fork is made behind the scenes, mostly within seconds


def fork(api: Api, itself: Callable[[], ForgeRepository], login: str | None) -> ForgeRepository:
    """Return the fork that `login` has of the repository `itself()`, made where there is none; it may be empty yet.

    Raises AuthNeeded where the token belongs to no user or may not fork, RemoteRefused where the fork does not
    answer in time.
    """
    if login is None:
        raise AuthNeeded(
            f"the token from `{api.token.source}` belongs to no user, so it has no fork of `{show(api.repository)}`",
            hint="use the token of a user, or let this one push to the repository",
        )
    origin = itself()
    found = _standing(api, origin, login)
    if found is not None:
        return found
    path = f"{api.repository_path()}/forks"
    made = settled(
        api.patience,
        lambda: values.full_name(api.write("POST", path, {})),
        lambda: _name(_standing(api, origin, login)),
    )
    return _awaited(api, made)


def _standing(api: Api, origin: ForgeRepository, login: str) -> ForgeRepository | None:
    """Return the fork there is: of the same name, as most are, else from the list of all forks."""
    try:
        twin = _read(api, f"{login}/{origin.full_name.partition('/')[2]}")
    except Missing:
        twin = None
    if twin is not None and twin.fork and _related(twin, origin):
        return twin
    name = _listed(api, login)
    return _read(api, name) if name else None


def _listed(api: Api, login: str) -> str | None:
    """Return the name of the fork that `login` has; where there are more forks than are read, making one finds it."""
    names = map(values.full_name, api.pages(f"{api.repository_path()}/forks", {"sort": "newest"}))
    try:
        return next((name for name in names if name.partition("/")[0].casefold() == login.casefold()), None)
    except RemoteRefused as refused:
        if refused.code != "too-many-pages":
            raise
        return None


def _related(twin: ForgeRepository, origin: ForgeRepository) -> bool:
    """Return whether both are in one network: GitHub gives an account one repository of each."""
    mine = {name.casefold() for name in (twin.parent, twin.source) if name}
    return not mine.isdisjoint(name.casefold() for name in (origin.full_name, origin.source) if name)


def _awaited(api: Api, name: str) -> ForgeRepository:
    for pause in _PAUSES:
        try:
            return _read(api, name)
        except Missing:
            if not api.patience.wait(pause):
                break
    raise RemoteRefused(
        f"the new fork `{show(name)}` does not answer yet",
        hint="run the same command again in a minute",
        code="no-fork",
    )


def _read(api: Api, full_name: str) -> ForgeRepository:
    return values.repository(api.read(api.repository_path(full_name)))


def _name(found: ForgeRepository | None) -> str | None:
    return found.full_name if found else None
