"""What the verbs of `hub` found as the JSON objects of the documented contracts."""

from __future__ import annotations

from hubctl.cli.shapes import Json, error_object, problems
from hubctl.commands.reports import HubsReport, ValuesReport
from hubctl.fleet.merging import Place
from hubctl.problem import Problem
from hubctl.text.walk import key_path


def hubs(report: HubsReport, found: tuple[Problem, ...]) -> Json:
    """Return the object of `hub list --json`; `found` are problems of settings."""
    return {
        "hubs": [
            {
                "cluster": hub.cluster,
                "hub": hub.name,
                "domain": hub.domain,
                "chart": hub.chart,
                "stage": hub.stage,
                "files": list(hub.files),
                "encrypted": list(hub.encrypted),
            }
            for hub in report.hubs
        ],
        "problems": problems((*found, *report.problems)),
    }


def values(report: ValuesReport, found: tuple[Problem, ...]) -> Json:
    """Return the object of `hub show --json`; `found` are problems of settings, `error` is there only on failure."""
    shape: Json = {
        "values": report.value,
        "sources": [
            {
                "path": key_path(None, source.path),
                **_place(source.place),
                "shadows": [_place(place) for place in source.shadows],
            }
            for source in report.sources
        ],
        "unread": list(report.unread),
        "problems": problems((*found, *report.problems)),
    }
    return {**shape, "error": error_object(report.error)} if report.error else shape


def _place(place: Place) -> Json:
    return {"file": place.file, "line": place.line}
