"""What verbs that write secrets did, as their JSON objects; never a value."""

from __future__ import annotations

from hubctl.cli.shapes import Json, error_object
from hubctl.commands.reports import SecretReport


def secrets_written(report: SecretReport, *, proposed: bool) -> Json:
    """Return `{"changes": [{"file", "path"}]}`, with `pull_requests` if `proposed`, `error` after a failure."""
    shape: Json = {"changes": [{"file": each.file, "path": each.path} for each in report.plan.changes]}
    if proposed:
        shape["pull_requests"] = [
            {
                "number": made.number,
                "url": made.url,
                "branch": made.branch,
                "operation": made.operation,
                "warnings": list(made.warnings),
            }
            for made in report.pull_requests
        ]
    return {**shape, "error": error_object(report.error)} if report.error else shape
