"""Which hubs, and the support of which clusters, a set of changed files redeploys, and why (pure).

The rules are those of 2i2c's deployer (`helm_upgrade_decision.py`), without what it adds to order its own jobs.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from hubctl.fleet import layout
from hubctl.fleet.model import Fleet

_REASONS = 200_000  # files named for all hubs together
_FEWEST = 20  # that are named for each hub in any case

_SUPPORT = "support"

Stage = Literal["staging", "prod"]


@dataclass(frozen=True, slots=True)
class Redeployed:
    """A hub that is deployed again; `why` are the changed files that make it so, sorted, `more` those not named."""

    cluster: str
    hub: str
    stage: Stage
    why: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Support:
    """A cluster whose support chart is deployed again; `why` and `more` as of a hub."""

    cluster: str
    why: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Redeploys:
    """What a change deploys, sorted by cluster and hub.

    `removed` are hubs (`cluster/hub`) that are no longer in the fleet, `elsewhere` changed files that redeploy nothing.
    """

    hubs: tuple[Redeployed, ...]
    support: tuple[Support, ...]
    removed: tuple[str, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedHub:
    """One entry of `hubs`: `files` are all that it lists, encrypted ones and jsonnet, too."""

    name: str
    stage: Stage
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """What one `cluster.yaml` lists, by hub and for the support chart."""

    cluster: str
    folder: str
    file: str
    hubs: tuple[ListedHub, ...]
    support: frozenset[str]

    @property
    def files(self) -> frozenset[str]:
        """Return every values file that is listed."""
        return self.support.union(*(hub.files for hub in self.hubs))


def listings_of(fleet: Fleet, support: Mapping[str, Iterable[str]]) -> tuple[Listing, ...]:
    """Return what each `cluster.yaml` of a fleet lists; `support` are the listed support values by `cluster.yaml`."""
    return tuple(
        Listing(
            cluster.name,
            cluster.folder,
            cluster.file,
            tuple(
                ListedHub(hub.name, hub.stage, frozenset((*hub.files, *hub.encrypted, *hub.jsonnet, *hub.unreadable)))
                for hub in cluster.hubs
            ),
            frozenset(support.get(cluster.file, ())),
        )
        for cluster in fleet.clusters
    )


def redeploys(
    changed: Collection[str], now: Collection[Listing], before: Collection[Listing], *, everywhere: bool
) -> Redeploys:
    """Return what the `changed` files deploy, given what each cluster lists `now`.

    `before` is what the `cluster.yaml` files among them listed. `everywhere`: charts may lie in any folder
    `helm-charts`, and count for the clusters below the folder that holds it, not in the one at the root alone.
    A cluster without support values has no support to deploy.
    """
    earlier = {listing.file: listing for listing in before}
    charts = _Charts(changed, everywhere=everywhere)
    hubs: dict[tuple[str, str], Redeployed] = {}
    support: list[Support] = []
    reasons: set[str] = set()
    most = max(_FEWEST, _REASONS // (1 + sum(len(listing.hubs) for listing in now)))
    for listing in now:
        past = earlier.get(listing.file)
        whole = {listing.file}.intersection(changed)
        of_hubs, of_support = charts.above(listing.folder)
        for hub in listing.hubs:
            own = whole | (_files(hub, past) & charts.changed)
            if own or of_hubs.files:
                key = (listing.cluster, hub.name)
                known = hubs.get(key)
                own |= set(known.why) if known else set()
                hubs[key] = Redeployed(*key, hub.stage, *of_hubs.why(own, most))
                reasons |= own
        own = whole | ((listing.support | (past.support if past else frozenset())) & charts.changed)
        if listing.support and (own or of_support.files):
            support.append(Support(listing.cluster, *of_support.why(own, most)))
            reasons |= own
        reasons.update(of_hubs.every if listing.hubs else (), of_support.every if listing.support else ())
    return Redeploys(
        hubs=tuple(hubs[key] for key in sorted(hubs)),
        support=tuple(sorted(support, key=lambda each: each.cluster)),
        removed=_removed(now, before),
        elsewhere=tuple(sorted(charts.changed - reasons)),
    )


@dataclass(frozen=True, slots=True)
class _Common:
    """Changed files that count for all hubs of a cluster, or for its support: in order, and to look up."""

    files: tuple[str, ...]
    every: frozenset[str]

    def why(self, own: set[str], most: int) -> tuple[tuple[str, ...], int]:
        """Return at most `most` of these files and a hub's `own`, which come first, and how many more there are."""
        further = (path for path in self.files[: most + len(own)] if path not in own)
        named = [*sorted(own), *further][:most]
        count = len(own) + len(self.files) - len(own & self.every)
        return tuple(sorted(named)), count - len(named)


class _Charts:
    """The changed files of charts, by the folder that holds `helm-charts`."""

    def __init__(self, changed: Collection[str], *, everywhere: bool) -> None:
        self.changed = frozenset(changed)
        self.of_hubs: dict[str, list[str]] = {}
        self.of_support: dict[str, list[str]] = {}
        for path in sorted(changed):
            above, chart = layout.chart_place(path, everywhere=everywhere) or (None, "")
            if above is not None and chart != _SUPPORT:
                self.of_hubs.setdefault(above, []).append(path)
            if above is not None and chart in ("", _SUPPORT):
                self.of_support.setdefault(above, []).append(path)

    def above(self, folder: str) -> tuple[_Common, _Common]:
        """Return the changed files of hubs' charts and of the support chart that count for a cluster."""
        folders = [folder]
        while folders[-1]:
            folders.append(posixpath.dirname(folders[-1]))
        return _common(self.of_hubs, folders), _common(self.of_support, folders)


def _common(found: Mapping[str, list[str]], folders: Iterable[str]) -> _Common:
    files = tuple(path for folder in folders for path in found.get(folder, ()))
    return _Common(files, frozenset(files))


def _files(hub: ListedHub, past: Listing | None) -> frozenset[str]:
    """What the hub lists, and what it listed before: a file that is gone is why, too."""
    listed = [one.files for one in (past.hubs if past else ()) if one.name == hub.name]
    return hub.files.union(*listed)


def _removed(now: Collection[Listing], before: Collection[Listing]) -> tuple[str, ...]:
    there = {f"{listing.cluster}/{hub.name}" for listing in now for hub in listing.hubs}
    return tuple(sorted({f"{each.cluster}/{hub.name}" for each in before for hub in each.hubs} - there))
