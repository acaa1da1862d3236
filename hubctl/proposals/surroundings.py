"""What is asked once a run: who we are, what of hubctl is open, and, only where it matters, what was closed."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hubctl.proposals.forge import Forge, PullRequest
from hubctl.proposals.identity import PREFIX, Marker, parse_marker

_TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_NOREPLY = re.compile(r"(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The logins that are hubctl's and all open pull requests into base.

    `app`: the token is an App's or a job's, which cannot ask for its own login. `closed` gives the pull requests
    that were closed unmerged of late, `strict` whether a branch must be up to date with base to be merged: each is
    asked when it is called first. `superseded` are the numbers of those whose every place a unit of this run has.
    """

    logins: frozenset[str]
    open: tuple[PullRequest, ...]
    closed: Callable[[], tuple[PullRequest, ...]]
    strict: Callable[[], bool]
    app: bool = False
    superseded: frozenset[int] = frozenset()

    def is_us(self, login: str | None) -> bool:
        """Return whether a login is hubctl's own; a token that cannot ask for its own counts every App as itself."""
        name = (login or "").casefold()
        return name in self.logins or (self.app and name.endswith("[bot]"))

    def trusts(self, pull: PullRequest) -> bool:
        """Return whether a marker in this pull request counts: a stranger's fork could forge one.

        A login that ends in `[bot]` is an App's, which somebody with the right to do so let into the repository.
        """
        return self.is_us(pull.author) or pull.author_association in _TRUSTED

    def marker(self, pull: PullRequest) -> Marker | None:
        """Return the marker of a pull request whose author is trusted with one."""
        return parse_marker(pull.body) if self.trusts(pull) else None

    def is_hubctls(self, pull: PullRequest) -> bool:
        """Return whether hubctl opened it, whoever ran it."""
        return pull.head_ref.startswith(PREFIX) and self.marker(pull) is not None


def look_round(forge: Forge, base: str, addresses: Iterable[str]) -> Surroundings:
    """Ask who we are and what is open; `addresses` are e-mail addresses or logins that are hubctl's, too."""
    login = forge.login()
    logins = {login.casefold()} if login else set()
    for address in addresses:
        found = _NOREPLY.fullmatch(address)
        logins.add((found[1] if found else address).casefold())
    return Surroundings(
        logins=frozenset(logins),
        open=forge.open_pulls(base),
        closed=functools.cache(lambda: forge.closed_pulls(base)),
        strict=functools.cache(lambda: forge.must_be_current(base)),
        app=login is None,
    )
