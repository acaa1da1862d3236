"""What `secret check` found as its JSON object."""

from __future__ import annotations

from hubctl.cli.shapes import Json, problems
from hubctl.commands.secret_check import SecretCheckReport


def secrets_checked(report: SecretCheckReport) -> Json:
    """Return the object of `secret check --json`."""
    return {"checked": report.checked, "problems": problems(report.problems)}
