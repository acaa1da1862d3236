"""Staging first: what waits for which places of staging, and what has been there long enough (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hubctl.fleet.index import Index
from hubctl.fleet.model import Hub
from hubctl.fleet.shadow import overriding_hubs
from hubctl.images.reference import ImageName
from hubctl.images.shape import order_key, shape_of
from hubctl.images.site import Site


@dataclass(frozen=True, slots=True)
class Place:
    """Where a staging hub's file writes an image: `image` is its normalised name."""

    file: str
    key_path: str
    image: str


@dataclass(frozen=True, slots=True)
class Wait:
    """What a place waits for: a tag that stood at one of `places` long enough; none where staging has no such image.

    `clusters` are those it reaches. `both`: it reaches staging hubs, too, and so cannot be the last to move.
    """

    clusters: tuple[str, ...]
    places: tuple[Place, ...]
    both: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What stands at a place: tag and digest as written, None where there is none."""

    tag: str | None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a place: what the commit of `moment` left there, None where nothing of this image.

    `edge`: history is not known beyond this commit, so it may have stood there before.
    """

    moment: dt.datetime
    what: Written | None
    edge: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """How long something stood at a place; `until` is None where it still does. `edge` as of `Version`."""

    what: Written | None
    since: dt.datetime
    until: dt.datetime | None = None
    edge: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What history says of a place of staging: what stands there `today`, and the newest that has `soaked`, or None.

    `known`: history reaches far enough back to say so.
    """

    today: Stay | None
    soaked: Stay | None
    known: bool = True


def waits_of(index: Index, used: Mapping[Site, tuple[ImageName, ...]], sites: Iterable[Site]) -> dict[Site, Wait]:
    """Return what each of `sites` waits for; one that reaches staging hubs alone waits for nothing and is left out.

    `used` are the names that every place of the fleet can have. A place waits for the places of the same image that
    reach staging in its own cluster; where there are none, for those of any cluster. One that feeds staging and
    production both waits for places of staging alone. A hub that overrides a place is not reached by it.
    """
    wanted = {site: names[0].key for site in sites if len(names := used.get(site, ())) == 1}
    keys = set(wanted.values())
    reach = {
        site: _reached(index, site)
        for site, names in used.items()
        if site in wanted or (len(names) == 1 and names[0].key in keys)
    }
    found: dict[Site, Wait] = {}
    for site, key in wanted.items():
        stages = _stages(reach[site])
        if stages == {"staging"}:
            continue
        both = "staging" in stages
        rivals = [
            (rival, hubs)
            for rival, hubs in reach.items()
            if rival != site and used[rival][0].key == key and _is_source(hubs, alone=both)
        ]
        clusters = {hub.cluster for hub in reach[site]}
        near = [rival for rival, hubs in rivals if not clusters.isdisjoint(hub.cluster for hub in hubs)]
        places = {Place(rival.file, rival.key_path, key) for rival in near or [rival for rival, _ in rivals]}
        ordered = sorted(places, key=lambda place: (place.file, place.key_path))
        found[site] = Wait(tuple(sorted(clusters)), tuple(ordered), both)
    return found


def _reached(index: Index, site: Site) -> tuple[Hub, ...]:
    """Return the hubs that get what is written here; where every hub overrides it, all that it feeds."""
    hubs, overriding = index.hubs_of(site.file), overriding_hubs(index, site)
    return tuple(hub for hub in hubs if hub not in overriding) or hubs


def _stages(hubs: Sequence[Hub]) -> set[str]:
    return {hub.stage for hub in hubs}


def _is_source(hubs: Sequence[Hub], *, alone: bool) -> bool:
    stages = _stages(hubs)
    return stages == {"staging"} if alone else "staging" in stages


def standing(versions: Iterable[Version], now: dt.datetime, soak: dt.timedelta) -> Standing:
    """Return what history says of a place; `versions` are its states, newest first, read only as far as needed.

    Something has soaked where it stood there for `soak` without a break: until today, or until something newer took
    its place. What was taken back, for something older or for what stood there before it, never has; what was put
    back begins anew.
    """
    stays: list[Stay] = []
    for version in versions:
        _append(stays, version)
        last = len(stays) - 1
        if _is_candidate(stays, last, now, soak) and (last == 0 or _order(stays[0], stays[last]) > 0):
            return Standing(stays[0], stays[last])
    if stays and stays[-1].edge:
        return Standing(stays[0], None, known=False)
    candidates = (number for number in range(len(stays)) if _is_candidate(stays, number, now, soak))
    soaked = next((stays[number] for number in candidates if not _comes_back(stays, number)), None)
    return Standing(stays[0] if stays else None, soaked)


def _append(stays: list[Stay], version: Version) -> None:
    if stays and stays[-1].what == version.what:
        stays[-1] = replace(stays[-1], since=version.moment, edge=version.edge)
    else:
        until = stays[-1].since if stays else None
        stays.append(Stay(version.what, version.moment, until, version.edge))


def _is_candidate(stays: Sequence[Stay], number: int, now: dt.datetime, soak: dt.timedelta) -> bool:
    """Whether a stay was long enough, and neither came again since nor made way for something older."""
    stay, today = stays[number], stays[0]
    if stay.what is None or today.what is None or any(later.what == stay.what for later in stays[:number]):
        return False
    long_enough = not soak or (stay.until or now) - stay.since >= soak
    return long_enough and _order(today, stay) >= 0


def _comes_back(stays: Sequence[Stay], number: int) -> bool:
    """Whether what came after a stay stood there before it: then it was taken back."""
    before = {stay.what for stay in stays[number + 1 :]}
    return any(stay.what in before for stay in stays[:number])


def _order(one: Stay, other: Stay) -> int:
    """Return 1 where the name of the first tag tells that it is newer, -1 where it is older, 0 where nothing does."""
    tags = [stay.what.tag for stay in (one, other) if stay.what is not None and stay.what.tag is not None]
    if len(tags) != 2 or shape_of(tags[0]) != shape_of(tags[1]):
        return 0
    first, second = (order_key(tag) for tag in tags)
    return (first > second) - (first < second) if first and second else 0
