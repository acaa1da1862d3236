"""`hubctl plan` as lines for a terminal: values by file, then hubs by cluster and stage, each with why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hubctl.commands.plan_range import FileChange, PlanReport
from hubctl.fleet.differing import Difference
from hubctl.fleet.redeploys import Redeployed, Stage, Support
from hubctl.show import plural, show

_VALUE = 120  # characters of one value
_BEFORE = 30  # of what two long values have in common, shown before they part
_FILES = 5  # named one by one
_HUBS = 30  # the same


@dataclass(frozen=True, slots=True)
class Together:
    """Hubs of one cluster and stage that are deployed for the same files."""

    cluster: str
    stage: Stage
    hubs: tuple[str, ...]
    why: tuple[str, ...]
    more: int


def together(hubs: Sequence[Redeployed]) -> tuple[Together, ...]:
    """Return hubs with the same cluster, stage and files as one, staging before prod."""
    found: dict[tuple[str, bool, tuple[str, ...], int], list[Redeployed]] = {}
    for hub in hubs:
        found.setdefault((hub.cluster, hub.stage == "prod", hub.why, hub.more), []).append(hub)
    ordered = sorted(found.items(), key=lambda each: (each[0][:2], each[1][0].hub))
    return tuple(
        Together(cluster, alike[0].stage, tuple(hub.hub for hub in alike), why, more)
        for (cluster, _, why, more), alike in ordered
    )


def together_support(support: Sequence[Support]) -> Iterator[tuple[list[str], tuple[str, ...], int]]:
    """Yield the clusters whose support is deployed for the same files, with these files and how many more there are."""
    found: dict[tuple[tuple[str, ...], int], list[str]] = {}
    for each in support:
        found.setdefault((each.why, each.more), []).append(each.cluster)
    for (why, more), clusters in found.items():
        yield clusters, why, more


def summary(report: PlanReport) -> str:
    """Return how much changes and how much is deployed, in one line."""
    hubs, support = report.deploys.hubs, report.deploys.support
    staging = sum(hub.stage == "staging" for hub in hubs)
    values = sum(len(change.differences or ()) for change in report.changes)
    parts = [f"{plural(report.files, 'file')} changed, {plural(values, 'value')}"]
    parts.append(
        f"{plural(len(hubs), 'hub')} to deploy ({staging} staging, {len(hubs) - staging} prod)"
        if hubs
        else "no hub to deploy"
    )
    if support:
        parts.append(f"support of {plural(len(support), 'cluster')}")
    return "; ".join(parts)


def plan_lines(report: PlanReport) -> Iterator[str]:
    """Yield the whole report."""
    yield summary(report)
    for change in report.changes:
        yield ""
        yield show(change.file)
        yield from _values(change)
    deploys = report.deploys
    cluster = ""
    for each in together(deploys.hubs):
        if each.cluster != cluster:
            yield ""
            yield each.cluster
            cluster = each.cluster
        yield f"  {each.stage}: {listed(each.hubs, _HUBS)}  because of {files_of(each.why, each.more)}"
    if deploys.support:
        yield ""
        yield "support"
        for clusters, why, more in together_support(deploys.support):
            yield f"  {listed(clusters, _HUBS)}  because of {files_of(why, more)}"
    yield from _rest("no longer in the fleet, not taken down by a deployment", deploys.removed)
    yield from _rest("deploys nothing", deploys.elsewhere)


def _rest(title: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield ""
        yield title
        for name in names[:_HUBS]:
            yield f"  {show(name)}"
        if names[_HUBS:]:
            yield f"  and {len(names) - _HUBS} more"


def _values(change: FileChange) -> Iterator[str]:
    if change.differences is None:
        yield "  encrypted: its values are not read"
    for each in change.differences or ():
        old, new = spelled(each)
        yield f"  {show(each.path, 400)}: {old} → {new}"


def spelled(each: Difference) -> tuple[str, str]:
    """Return both values as JSON, cut to what differs where they are long; `(absent)` on the side without."""
    old, new = (json.dumps(value, ensure_ascii=False) for value in (each.old, each.new))
    if each.kind == "changed" and max(len(old), len(new)) > _VALUE:
        common = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
        start = max(0, common - _BEFORE)
        old, new = (("…" if start else "") + text[start:] for text in (old, new))
    return (
        "(absent)" if each.kind == "added" else show(old, _VALUE),
        "(absent)" if each.kind == "removed" else show(new, _VALUE),
    )


def files_of(files: Sequence[str], more: int) -> str:
    """Return the first files by name, and how many more there are."""
    return listed(files, _FILES, more)


def listed(names: Sequence[str], most: int, more: int = 0) -> str:
    """Return the first names with commas between them, and how many more there are."""
    rest = len(names[most:]) + more
    return ", ".join(show(name) for name in names[:most]) + (f" and {rest} more" if rest else "")
