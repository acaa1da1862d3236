"""What the verbs of secrets did and found, as their JSON objects; never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubctl.cli.shapes import Json, error_object, problems
from hubctl.commands.reports import SecretReport

if TYPE_CHECKING:  # a verb loads only its own rooms
    from hubctl.commands.secret_check import SecretCheckReport
    from hubctl.commands.secret_registry_check import RegistryCheckReport


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


def secrets_checked(report: SecretCheckReport) -> Json:
    """Return the object of `secret check --json`."""
    return {"checked": report.checked, "problems": problems(report.problems)}


def registry_checked(report: RegistryCheckReport) -> Json:
    """Return the object of `secret registry check --json`; `error` is there only where something failed."""
    shape: Json = {"checked": report.checked, "problems": problems(report.problems)}
    return {**shape, "error": error_object(report.error)} if report.error else shape
