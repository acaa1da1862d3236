"""What `validate` found as its JSON object."""

from __future__ import annotations

from hubctl.commands.validate import ValidateReport
from hubctl.rules.catalogue import RULES, severity_of

Json = dict[str, object]


def validated(report: ValidateReport) -> Json:
    """Return the object of `validate --json`."""
    problems = [
        {
            "file": each.file,
            "line": each.line,
            "column": each.column,
            "rule": each.rule,
            "severity": severity_of(each),
            "message": each.message,
            "mend": each.mend,
        }
        for each in report.problems
    ]
    return {"problems": problems, "checked": report.checked}


def listed() -> Json:
    """Return the object of `validate --rules --json`: the usual keys, empty, and every rule."""
    rules = [
        {"rule": rule.name, "severity": rule.severity, "summary": rule.summary, "page": rule.page} for rule in RULES
    ]
    return {"problems": [], "checked": 0, "rules": rules}
