"""What `plan` found as the JSON object of the documented contract."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.cli.shapes import Json, problems
from hubctl.commands.plan_range import FileChange, PlanReport
from hubctl.fleet.redeploys import Redeployed
from hubctl.problem import Problem


def plan(report: PlanReport, found: tuple[Problem, ...]) -> Json:
    """Return the object of `plan --json`; `found` are problems of settings.

    `why_more` is there only for a hub with more reasons than are named.
    """
    deploys = report.deploys
    return {
        "changes": [each for change in report.changes for each in _changes(change)],
        "hubs": [_hub(each) for each in deploys.hubs],
        "support": [each.cluster for each in deploys.support],
        "matrix": {
            "include": [{"cluster": each.cluster, "hub": each.hub, "stage": each.stage} for each in deploys.hubs]
        },
        "removed": list(deploys.removed),
        "elsewhere": list(deploys.elsewhere),
        "problems": problems((*found, *report.problems)),
    }


def _changes(change: FileChange) -> Iterator[Json]:
    """Yield an entry a value; of an encrypted file one that says no more than that it changed."""
    if change.differences is None:
        yield {"file": change.file, "path": "", "old": None, "new": None}
    for each in change.differences or ():
        yield {"file": change.file, "path": each.path, "old": each.old, "new": each.new}


def _hub(each: Redeployed) -> Json:
    shape: Json = {"cluster": each.cluster, "hub": each.hub, "stage": each.stage, "why": list(each.why)}
    return shape | {"why_more": each.more} if each.more else shape
