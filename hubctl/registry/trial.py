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
    """Return which login there is for each host of `names`, sorted by host; the network is not asked."""
    direct = {host: replace(entry, mirror=None) for host, entry in registries.items()}

    def named(group: _Group) -> Trial:
        entry = registries.get(group.host) or registries.get("*")
        kept_back = group.found.login is not None and entry is not None and entry.mirror is not None
        notes = (*group.found.notes, "its mirror is asked instead, and does not get this login") if kept_back else ()
        return group.trial("unasked", notes=notes or group.found.notes)

    return _each(names, direct, logins, named)


def tried_logins(
    names: Iterable[ImageName], registries: Mapping[str, RegistryEntry], logins: Logins, lines: Lines
) -> tuple[Trial, ...]:
    """Return what came of each login of the hosts of `names`, asked side by side, sorted by host.

    One image that is shown settles it; at most five are asked about where the first are not.
    """
    return _each(names, registries, logins, lambda group: _tried(group, lines))


def _each(
    names: Iterable[ImageName],
    registries: Mapping[str, RegistryEntry],
    logins: Logins,
    trial: Callable[[_Group], Trial],
) -> tuple[Trial, ...]:
    by_host: dict[str, list[ImageName]] = {}
    for name in sorted({name.key: name for name in names}.values(), key=lambda name: name.key):
        by_host.setdefault(name.host, []).append(name)

    def of_host(host: str) -> tuple[Trial, ...]:
        try:
            groups = _groups(host, by_host[host], registries, logins)
        except Unanswered as problem:
            return (Trial(host, None, tuple(by_host[host]), "untold", problem.message),)
        return tuple(trial(group) for group in groups)

    found = side_by_side([[host] for host in by_host], of_host, workers=1)
    return tuple(each for host in sorted(found) for each in found[host])


def _groups(
    host: str, names: Iterable[ImageName], registries: Mapping[str, RegistryEntry], logins: Logins
) -> tuple[_Group, ...]:
    """Return the images of a host by their login: podman keeps logins of namespaces."""
    by_login: dict[Login | None, tuple[Found, dict[ImageName, Endpoint]]] = {}
    for name in names:
        at = endpoint(host, name.path, registries)
        found = logins.find(at)
        by_login.setdefault(found.login, (found, {}))[1][name] = at
    return tuple(_Group(host, found, endpoints) for found, endpoints in by_login.values())


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
