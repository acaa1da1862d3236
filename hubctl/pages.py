"""Where hubctl's documentation explains a word: every rule and every code has one heading, which keeps its name."""

from __future__ import annotations

RULES = "docs/problems.md"
CODES = "docs/why-nothing.md"

# Rules of problems that say an edit was refused: the place is told among the codes.
REFUSED = frozenset(
    {
        "alias",
        "collection",
        "formatter",
        "layout",
        "missing",
        "moved",
        "no-tag",
        "parse",
        "root",
        "tagged",
        "unsafe-edit",
        "verify",
    }
)


def of_rule(rule: str) -> str:
    """Return where the rule of a problem is explained: `docs/problems.md#missing-file`."""
    return of_code(rule) if rule in REFUSED else f"{RULES}#{rule}"


def of_code(code: str) -> str:
    """Return where the code of a place that stays is explained: `docs/why-nothing.md#up-to-date`."""
    return f"{CODES}#{code}"
