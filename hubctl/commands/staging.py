"""Staging first: what production would take waits until staging has had it on the base branch for long enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hubctl.adapters.threads import side_by_side
from hubctl.commands.choosing import AT_ONCE, Asked, Query, decided
from hubctl.commands.past import Base, standings_of
from hubctl.fleet.index import Index
from hubctl.fleet.staging import Place, Standing, Wait, Written, waits_of
from hubctl.images.choice import Candidate, Choice, Keep, Take, Unknown
from hubctl.images.evidence import day
from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.groups import Group
from hubctl.images.reference import ImageName
from hubctl.images.site import Site
from hubctl.problem import Problem
from hubctl.show import show

_HELD = frozenset({"feeds-both", "soaking"})
_ALONE = "no staging hub has this image: it moves without having soaked"
_LISTED = 3


@dataclass(frozen=True, slots=True)
class Rollout:
    """What decides when production may follow: history from `base`, and how long a tag has to have been on staging."""

    base: Base
    now: dt.datetime
    soak: dt.timedelta
    groups: tuple[Group, ...] = ()


def follow_staging(
    choices: Mapping[Query, Choice],
    listings: Mapping[str, Listing | NoAnswer],
    registry: Asked,
    rollout: Rollout,
) -> dict[Query, Choice]:
    """Return the choices with every tag that has not soaked replaced: by the newest that has, else by staying.

    Only queries with a `wait` that would change are looked at. `soaking`: staging has not had the tag for long enough;
    `feeds-both`: the file feeds staging, too, and nothing else on staging has the image; `no-history` is unknown.
    Images of one group that wait in one cluster take the same tag or none.
    """
    waiting = {query: choice for query, choice in choices.items() if query.wait and isinstance(choice, Take)}
    soaked = _all_soaked(waiting, rollout)
    found: dict[Query, Choice] = {
        query: _settled(query, take, soaked[query], rollout.soak) for query, take in waiting.items()
    }
    again = {query: listing for query in waiting if (listing := _left(query, found[query], listings, soaked[query]))}

    def decide(query: Query) -> Choice:
        return decided(query, again[query], registry, rollout.now)

    by_host: dict[str, list[Query]] = {}
    for query in again:
        by_host.setdefault(query.name.host, []).append(query)
    for query, choice in side_by_side(by_host.values(), decide, workers=AT_ONCE).items():
        found[query] = _instead(waiting[query], choice, soaked[query], found[query])
    return {**choices, **found, **_held_together(found, rollout.groups)}


def with_waits(
    queries: Mapping[Site, Query], used: Mapping[Site, tuple[ImageName, ...]], index: Index
) -> dict[Site, Query]:
    """Return the queries with what each place waits for; `used` are the names every place can have."""
    waits = waits_of(index, used, queries)
    return {site: replace(query, wait=waits.get(site)) for site, query in queries.items()}


def feeding_both(queries: Mapping[Site, Query], choices: Mapping[Query, Choice]) -> Iterator[Problem]:
    """Yield a problem for each place that reaches staging and production at once and moves, or would have moved."""
    for site, query in queries.items():
        choice = choices[query]
        moves = isinstance(choice, Take) or (isinstance(choice, Keep) and choice.code in _HELD)
        if query.wait is not None and query.wait.both and moves:
            what = "it moves for all of them at once" if isinstance(choice, Take) else "it stays"
            message = f"one file brings this image to staging and production, so staging cannot be first: {what}"
            mend = "write the image of staging in a file of its own"
            yield Problem(site.file, site.line, "feeds-both", message, mend)


@dataclass(frozen=True, slots=True)
class _Soaked:
    """What the places of staging say to one query: `since` holds what soaked, `unknown` that history is too short."""

    standings: Mapping[Place, Standing]
    since: Mapping[Written, dt.datetime]
    unknown: Unknown | None = None

    def fitting(self, take: Take, tag: str | None) -> dt.datetime | None:
        """Return since when staging has what would be taken; where the tag stays, its very digest has to be there."""
        for written, since in self.since.items():
            same = written.digest == take.digest or (written.digest is None and take.tag != tag)
            if written.tag == take.tag and same:
                return since
        return None


def _all_soaked(waiting: Iterable[Query], rollout: Rollout) -> dict[Query, _Soaked]:
    waits = {query: query.wait for query in waiting if query.wait}
    places = [place for wait in waits.values() for place in wait.places]
    said = standings_of(rollout.base, places, rollout.now, rollout.soak)
    alone = {query: _soaked(wait, said) for query, wait in waits.items()}
    return {query: _jointly(query, alone, rollout.groups) for query in alone}


def _soaked(wait: Wait, said: Mapping[Place, Standing | Unknown]) -> _Soaked:
    standings: dict[Place, Standing] = {}
    unknown: Unknown | None = None
    for place in wait.places:
        answer = said[place]
        if isinstance(answer, Unknown):
            unknown = unknown or answer
        else:
            standings[place] = answer
    stays = [each.soaked for each in standings.values() if each.soaked is not None]
    since = {stay.what: stay.since for stay in sorted(stays, key=lambda stay: stay.since, reverse=True) if stay.what}
    return _Soaked(standings, since, unknown)


def _jointly(query: Query, soaked: Mapping[Query, _Soaked], groups: Sequence[Group]) -> _Soaked:
    """Return what soaked of an image that is also what soaked of the others of its group in the same cluster."""
    own = soaked[query]
    for mate in _mates(query, soaked, groups):
        tags = {written.tag for written in soaked[mate].since}
        own = replace(
            own,
            since={written: since for written, since in own.since.items() if written.tag in tags},
            unknown=own.unknown or soaked[mate].unknown,
        )
    return own


def _mates(query: Query, others: Iterable[Query], groups: Sequence[Group]) -> Iterator[Query]:
    keys = frozenset[str]().union(*(group.keys for group in groups if query.name.key in group.keys))
    for other in others:
        same_cluster = query.wait and other.wait and query.wait.clusters == other.wait.clusters
        if other.name.key in keys and other.name.key != query.name.key and same_cluster:
            yield other


def _settled(query: Query, take: Take, soaked: _Soaked, soak: dt.timedelta) -> Choice:
    """Return what is said of the newest tag: taken, unknown, or why it stays."""
    if query.wait is None or not query.wait.places:
        if query.wait is not None and query.wait.both:
            why = "its file feeds staging and production, and no file of staging alone has the image to soak"
            return Keep("feeds-both", f"`{take.tag}` is newer; {why}", take.candidates)
        return replace(take, warnings=(*take.warnings, _ALONE))
    if since := soaked.fitting(take, query.question.tag):
        return replace(take, why=f"{take.why}, on staging since {day(since)}")
    if soaked.unknown:
        return soaked.unknown
    return Keep("soaking", _why(take, soaked, soak), take.candidates)


def _why(take: Take, soaked: _Soaked, soak: dt.timedelta) -> str:
    """Return why the newest tag has to wait: since when staging has it, or what staging has instead."""
    since = [
        stay.since
        for each in soaked.standings.values()
        if (stay := each.today) and stay.what and stay.what.tag == take.tag
    ]
    if since and take.tag in {written.tag for written in soaked.since}:
        return f"`{take.tag}` is on staging as another image, or not in all of its group"
    if since:
        return f"`{take.tag}` is on staging since {day(min(since))}, it needs {_span(soak)}"
    others = (
        f"`{show(place.file)}` has `{stay.what.tag or stay.what.digest}`"
        for place, each in soaked.standings.items()
        if (stay := each.today) and stay.what
    )
    named = "; ".join(list(dict.fromkeys(others))[:_LISTED]) or "no commit has the image there"
    return f"`{take.tag}` is not on staging yet: {named}"


def _left(query: Query, choice: Choice, listings: Mapping[str, Listing | NoAnswer], soaked: _Soaked) -> Listing | None:
    """Return the list of tags with what has soaked and the current one alone; None where nothing is left to choose."""
    listing, own, policy = listings[query.name.key], query.question.tag, query.question.policy
    tags = {written.tag for written in soaked.since} - {own}
    held = isinstance(choice, Keep) and choice.code == "soaking"
    if not (held and tags and isinstance(listing, Listing)) or policy.kind == "to":
        return None
    return replace(listing, tags=tuple(fact for fact in listing.tags if fact.name in tags or fact.name == own))


def _instead(newest: Take, choice: Choice, soaked: _Soaked, held: Choice) -> Choice:
    """Return the newest tag that has soaked, once it is confirmed; else the newest of all stays what is waited for."""
    if isinstance(choice, Unknown):
        return choice
    since = soaked.fitting(choice, None) if isinstance(choice, Take) else None
    if not isinstance(choice, Take) or since is None:
        return held
    candidates = tuple(_waiting(each, choice.tag, held.why) for each in newest.candidates)
    return replace(choice, why=f"the newest that soaked, on staging since {day(since)}", candidates=candidates)


def _waiting(candidate: Candidate, taken: str, why: str) -> Candidate:
    if candidate.tag == taken:
        return replace(candidate, lost=None)
    return replace(candidate, lost=why) if candidate.lost is None else candidate


def _held_together(found: Mapping[Query, Choice], groups: Sequence[Group]) -> dict[Query, Choice]:
    """Return the images that would move while another one of their group waits in the same cluster."""
    held: dict[Query, Choice] = {}
    for query, choice in found.items():
        others = {mate: found[mate] for mate in _mates(query, found, groups)} if isinstance(choice, Take) else {}
        for mate, other in others.items():
            if isinstance(other, Unknown):
                held[query] = other
            elif isinstance(choice, Take) and getattr(other, "tag", None) != choice.tag:
                held[query] = Keep("soaking", f"`{mate.name}` of its group waits: {other.why}", choice.candidates)
    return held


def _span(age: dt.timedelta) -> str:
    hours = age / dt.timedelta(hours=1)
    number, unit = (hours / 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number:g} {unit}{'' if number == 1 else 's'}"
