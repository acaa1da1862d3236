"""What `secret registry check` found as its JSON object."""

from __future__ import annotations

from hubctl.cli.shapes import Json, error_object, problems
from hubctl.commands.secret_registry_check import RegistryCheckReport


def registry_checked(report: RegistryCheckReport) -> Json:
    """Return the object of `secret registry check --json`; `error` is there only where something failed."""
    shape: Json = {"checked": report.checked, "problems": problems(report.problems)}
    return {**shape, "error": error_object(report.error)} if report.error else shape
