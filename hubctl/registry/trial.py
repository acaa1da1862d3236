"""Whether the logins of a run work: each is shown to its registry once, for images the fleet really uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from hubctl.adapters.threads import side_by_side
from hubctl.images.reference import ImageName
from hubctl.registry.address import Endpoint, endpoint
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.credentials import Found, Login
from hubctl.registry.line import Lines
from hubctl.registry.logins import Logins
from hubctl.registry.session import Session
from hubctl.settings import RegistryEntry
from hubctl.show import show

# works: a login opens an image. open: images are shown without one. spare: a login is there and was not asked for.
# refused: a login is there and does not open, denied: there is none. untold: no answer. unasked: nobody asked.
Outcome: TypeAlias = Literal["works", "open", "spare", "refused", "denied", "untold", "unasked"]

_TARGET = "tags/list?n=1"  # the cheapest question that needs the right to pull, and counts as no pull
_SECONDS = 60.0
_MOST_IMAGES = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one login at one host; `images` are those it would be used for, `notes` for the user."""

    host: str
    login: Login | None
    images: tuple[ImageName, ...]
    outcome: Outcome
    detail: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    """Images of one host that one login is for, each with where it is asked about."""

    host: str
    found: Found
    endpoints: Mapping[ImageName, Endpoint]

    def trial(self, outcome: Outcome, detail: str = "", notes: Iterable[str] = ()) -> Trial:
        return Trial(self.host, self.found.login, tuple(self.endpoints), outcome, detail, tuple(notes))


def found_logins(
    names: Iterable[ImageName], registries: Mapping[str, RegistryEntry], logins: Logins
) -> tuple[Trial, ...]:
    """Return which login there is for each host of `names`, sorted by host; nothing is asked or started."""

    def named(host: str, of_host: Iterable[ImageName]) -> tuple[Trial, ...]:
        groups = _groups(host, ((name, _direct(name, registries)) for name in of_host), logins.named)
        return tuple(group.trial("unasked", notes=_kept_back(group, registries)) for group in groups)

    return _each(names, named)


def tried_logins(
    names: Iterable[ImageName], registries: Mapping[str, RegistryEntry], logins: Logins, lines: Lines
) -> tuple[Trial, ...]:
    """Return what came of each login of the hosts of `names`, asked side by side, sorted by host.

    One image that is shown settles it; at most five are asked about where the first are not.
    """

    def tried(host: str, of_host: Iterable[ImageName]) -> tuple[Trial, ...]:
        groups = _groups(host, ((name, endpoint(host, name.path, registries)) for name in of_host), logins.find)
        return tuple(_tried(group, lines) for group in groups)

    return _each(names, tried)


def _each(
    names: Iterable[ImageName], trials: Callable[[str, Iterable[ImageName]], tuple[Trial, ...]]
) -> tuple[Trial, ...]:
    by_host: dict[str, list[ImageName]] = {}
    for name in sorted({name.key: name for name in names}.values(), key=lambda name: name.key):
        by_host.setdefault(name.host, []).append(name)

    def of_host(host: str) -> tuple[Trial, ...]:
        try:
            return trials(host, by_host[host])
        except Unanswered as problem:
            return (Trial(host, None, tuple(by_host[host]), "untold", problem.message),)

    found = side_by_side([[host] for host in by_host], of_host, workers=1)
    return tuple(each for host in sorted(found) for each in found[host])


def _groups(
    host: str, endpoints: Iterable[tuple[ImageName, Endpoint]], find: Callable[[Endpoint], Found]
) -> tuple[_Group, ...]:
    """Return the images of a host by their login: podman keeps logins of namespaces."""
    by_login: dict[Login | None, tuple[Found, dict[ImageName, Endpoint]]] = {}
    for name, at in endpoints:
        found = find(at)
        by_login.setdefault(found.login, (found, {}))[1][name] = at
    return tuple(_Group(host, found, of_login) for found, of_login in by_login.values())


def _direct(name: ImageName, registries: Mapping[str, RegistryEntry]) -> Endpoint:
    """Return where an image is asked about where its host has no mirror."""
    entry = registries.get(name.host) or registries.get("*") or RegistryEntry()
    own = registries.get(name.host, RegistryEntry())
    at = endpoint(name.host, name.path, {name.host: replace(entry, mirror=None, api=None)})
    return replace(at, own=own)


def _kept_back(group: _Group, registries: Mapping[str, RegistryEntry]) -> tuple[str, ...]:
    """Return the notes of a login, and that it is not sent where a mirror is asked instead."""
    entry = registries.get(group.host) or registries.get("*")
    if group.found.login is None or entry is None or entry.mirror is None:
        return group.found.notes
    return (*group.found.notes, "its mirror is asked instead, and does not get this login")


def _tried(group: _Group, lines: Lines) -> Trial:
    kept: list[Trial] = []
    for name, at in tuple(group.endpoints.items())[:_MOST_IMAGES]:
        session = Session(at, group.found, lines)
        try:
            reply = session.ask("GET", _TARGET, Allowance(_SECONDS))
        except Unanswered as problem:
            if problem.code != "denied":
                return group.trial("untold", problem.message, group.found.notes)
            outcome: Outcome = "denied" if group.found.login is None else "refused"
            kept.append(group.trial(outcome, problem.message))
            continue
        if reply.status == 200:
            return _shown(group, session, f"`{show(name.path)}` is shown without it")
        if reply.status != 404:
            return group.trial("untold", f"`{at.host}` answered with status {reply.status}", group.found.notes)
        kept.append(_absent(group, session, f"`{at.host}` has no image `{show(name.path)}`"))
    return next((trial for trial in kept if trial.outcome in ("refused", "denied")), kept[0])


def _shown(group: _Group, session: Session, what: str) -> Trial:
    """Return what an answer says of the login it was given for."""
    before = group.found.notes
    if group.found.login is None:
        return group.trial("open", what, before)
    if not session.has_login:
        return group.trial("refused", "; ".join([*session.notes[len(before) :], what]), before)
    return group.trial("works" if session.used_login else "spare", what, before)


def _absent(group: _Group, session: Session, what: str) -> Trial:
    """Return what a 404 says: nothing of a login that was not asked for, because some registries hide so."""
    if session.used_login:
        return group.trial("works", what, (*group.found.notes, what))
    if session.has_login or group.found.login is None:
        return group.trial("untold", f"{what}, or shows it only to a login", group.found.notes)
    return _shown(group, session, what)
