"""What is asked once a run: which pull requests there are, who we are, and what became of those that were closed."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from hubctl.proposals.forge import Forge, PullRequest
from hubctl.proposals.identity import PREFIX, Marker, parse_marker
from hubctl.proposals.notes import SUPERSEDED, has_note

_TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_NOREPLY = re.compile(r"(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All open pull requests into base, and who and what is asked for only where it matters.

    `listed` are all pull requests of the repository, newest first, None where those are more than one answer holds.
    `tips` are the branches of hubctl and their commits. Both are as they were when the run began, or None.
    `superseded` are the numbers of those whose every place a unit of this run has. What is called asks at its first
    call alone: `closed` gives the pull requests that were closed unmerged of late, `strict` whether a branch must be up
    to date with base to be merged, `is_us` whether a login is hubctl's own, `closed_by` who closed a pull request,
    `ended` whether hubctl's own note says that hubctl did.
    """

    open: tuple[PullRequest, ...]
    listed: tuple[PullRequest, ...] | None
    closed: Callable[[], tuple[PullRequest, ...]]
    strict: Callable[[], bool]
    is_us: Callable[[str | None], bool]
    closed_by: Callable[[int], str | None]
    ended: Callable[[int], bool]
    tips: Mapping[str, str] | None = None
    superseded: frozenset[int] = frozenset()

    def now(self) -> Surroundings:
        """Return the same without what may have changed since the run began: that is asked again."""
        return replace(self, listed=None, tips=None)

    def trusts(self, pull: PullRequest) -> bool:
        """Return whether a marker in this pull request counts: a stranger's fork could forge one.

        A login that ends in `[bot]` is an App's, which somebody with the right to do so let into the repository.
        """
        return pull.author_association in _TRUSTED or self.is_us(pull.author)

    def marker(self, pull: PullRequest) -> Marker | None:
        """Return the marker of a pull request whose author is trusted with one."""
        marker = parse_marker(pull.body)
        return marker if marker is not None and self.trusts(pull) else None

    def is_hubctls(self, pull: PullRequest) -> bool:
        """Return whether hubctl opened it, whoever ran it."""
        return pull.head_ref.startswith(PREFIX) and self.marker(pull) is not None


def look_round(forge: Forge, base: str, addresses: Iterable[str]) -> Surroundings:
    """Ask what is open; `addresses` are e-mail addresses or logins that are hubctl's, too."""
    us = _Us(frozenset(map(_login, addresses)), forge.login)
    newest, all_of_them = forge.newest_pulls()
    here = tuple(pull for pull in newest if pull.base_ref == base)

    def closed() -> tuple[PullRequest, ...]:
        known = tuple(pull for pull in here if pull.state == "closed" and not pull.merged)
        return known if all_of_them else forge.closed_pulls(base)

    return Surroundings(
        open=tuple(pull for pull in here if pull.state == "open") if all_of_them else forge.open_pulls(base),
        listed=newest if all_of_them else None,
        closed=functools.cache(closed),
        strict=functools.cache(lambda: forge.must_be_current(base)),
        is_us=us,
        closed_by=functools.cache(forge.closed_by),
        ended=functools.cache(lambda number: has_note(forge, number, SUPERSEDED, us)),
    )


@dataclass(frozen=True, slots=True)
class _Us:
    """Says whether a login is hubctl's; a token that cannot ask for its own counts every App as itself."""

    logins: frozenset[str]
    own: Callable[[], str | None]

    def __call__(self, login: str | None) -> bool:
        name = (login or "").casefold()
        if not name or name in self.logins:
            return bool(name)
        own = self.own()
        return name.endswith("[bot]") if own is None else name == own.casefold()


def _login(address: str) -> str:
    found = _NOREPLY.fullmatch(address)
    return (found[1] if found else address).casefold()
