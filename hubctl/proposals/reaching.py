"""Whom a unit reaches: its hubs by stage, the files that feed them, the places that change (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hubctl.proposals.markdown import code, cut, folded, table
from hubctl.proposals.moves import without_addresses
from hubctl.proposals.plan import Change
from hubctl.proposals.units import Unit
from hubctl.show import plural

_FOLD = 10
_DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Reach:
    """The `cluster/hub` that each changed file feeds, and in how many of them a later file hides what changes in it.

    `stages` maps `cluster/hub` to `staging` or `prod`.
    """

    feeding: Mapping[str, frozenset[str]]
    stages: Mapping[str, str]
    hidden: Mapping[str, int]

    @property
    def by_stage(self) -> tuple[list[str], list[str]]:
        """The hubs, sorted: those of staging, and all others."""
        hubs = sorted(frozenset[str]().union(*self.feeding.values()))
        staging = [hub for hub in hubs if self.stages.get(hub) == "staging"]
        return staging, [hub for hub in hubs if self.stages.get(hub) != "staging"]


def reach_of(unit: Unit) -> Reach:
    """Return whom the files of a unit reach."""
    reached: dict[str, set[str]] = {}
    hidden: dict[str, list[set[str]]] = {}
    for change in unit.changes:
        reached.setdefault(change.site.file, set()).update(change.hubs)
        hidden.setdefault(change.site.file, []).append(set(change.overridden))
    return Reach(
        {file: frozenset(hubs) for file, hubs in reached.items()},
        unit.stages,
        {file: len(set.intersection(*each)) for file, each in hidden.items()},
    )


def effect(reach: Reach) -> str:
    """Return what a merge does, as the end of a sentence."""
    staging, prod = reach.by_stage
    count = plural(len(staging) + len(prod), "hub")
    if not (staging or prod):
        return "no hub reads these files by itself"
    if staging and prod:
        return f"{count}: {len(staging)} staging now, {len(prod)} prod in the same merge"
    return f"{count}, all {'staging' if staging else 'prod'}"


def hubs_affected(reach: Reach, length: int) -> list[str]:
    """Return the hubs by stage, and which file reaches how many of them."""
    staging, prod = reach.by_stage
    lines: list[str] = []
    for stage, members in (("staging", staging), ("prod", prod)):
        if members:
            listed = [f"{stage}: {len(members)}", "", *(f"- {code(hub)}" for hub in members[:length])]
            lines += ["", *folded(listed[0], listed, over=_FOLD + 2), *cut(len(members), length, "reached")]
    feeding = [_feeding(file, reach) for file in sorted(reach.feeding)]
    listed = ["Values files, as Helm lays them over each other:", "", *feeding[:length]]
    lines += ["", *folded(f"through {plural(len(feeding), 'values file')}", listed, over=_FOLD + 2)]
    return [f"**Hubs affected: {len(staging) + len(prod)}**", *lines, *cut(len(feeding), length)]


def _feeding(file: str, reach: Reach) -> str:
    hidden = reach.hidden.get(file, 0)
    over = f"; in {hidden} of them a later file overrides what changes here" if hidden else ""
    return f"- {code(file)} feeds {_counted(reach.feeding[file], reach.stages)}{over}"


def _counted(hubs: Collection[str], stages: Mapping[str, str]) -> str:
    staging = sum(1 for hub in hubs if stages.get(hub) == "staging")
    return f"{plural(len(hubs), 'hub')} ({staging} staging, {len(hubs) - staging} prod)" if hubs else "no hub by itself"


def places(unit: Unit, length: int) -> list[str]:
    """Return the table of all places that change, with the reason."""
    rows = [
        [
            code(change.site.file, cell=True),
            code(change.site.key_path, cell=True),
            old_and_new(change.old or "", change.new),
            code(without_addresses(change.why), cell=True),
            str(len(change.hubs)),
            _notes(change),
        ]
        for change in sorted(unit.changes, key=written_order)[:length]
    ]
    listed = table(("file", "place", "old → new", "why this tag", "hubs", "note"), rows)
    summary = f"{plural(len(unit.changes), 'place')} in {plural(len(unit.edits), 'file')}"
    return [*folded(summary, listed, over=_FOLD + 2), *cut(len(unit.changes), length)]


def written_order(change: Change) -> tuple[str, int, str, str]:
    """Return what sorts changes as they stand in their files."""
    return change.site.file, change.site.line, change.site.key_path, change.new


def old_and_new(old: str, new: str) -> str:
    """Return two tags as the cell of a table."""
    return f"{code(old, cell=True) if old else 'none'} → {code(new, cell=True)}"


def _notes(change: Change) -> str:
    return f"{plural(len(change.copies), 'display text')} moved along" if change.copies else _DASH
