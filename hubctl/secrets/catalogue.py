"""Every rule of `hubctl secret check`: its name, and whether it tells of something in clear."""

from __future__ import annotations

from dataclasses import dataclass

PAGE = "docs/secret-check.md"


@dataclass(frozen=True, slots=True)
class SecretRule:
    """A rule; its page is the heading of its name in `docs/secret-check.md`.

    `clear` is True where a finding means that something may stand in clear.
    """

    name: str
    clear: bool = False

    @property
    def page(self) -> str:
        """Where the rule is explained."""
        return f"{PAGE}#{self.name}"


RULES: tuple[SecretRule, ...] = (
    SecretRule("clear-comment", clear=True),
    SecretRule("clear-key"),
    SecretRule("clear-value", clear=True),
    SecretRule("duplicate-key"),
    SecretRule("history", clear=True),
    SecretRule("link"),
    SecretRule("look-alike", clear=True),
    SecretRule("metadata"),
    SecretRule("metadata-rule"),
    SecretRule("no-metadata"),
    SecretRule("no-rule"),
    SecretRule("not-a-mapping"),
    SecretRule("odd-key"),
    SecretRule("recipients"),
    SecretRule("several-documents"),
    SecretRule("sops-rules"),
    SecretRule("unreadable", clear=True),
    SecretRule("yaml-feature"),
)
BY_NAME = {rule.name: rule for rule in RULES}
