"""Every rule of `hubctl secret check`: its name and what it says."""

from __future__ import annotations

from dataclasses import dataclass

PAGE = "docs/secret-check.md"


@dataclass(frozen=True, slots=True)
class SecretRule:
    """A rule; its page is the heading of its name in `docs/secret-check.md`.

    `clear` is True where a finding means that something may stand in clear.
    """

    name: str
    summary: str
    clear: bool = False

    @property
    def page(self) -> str:
        """Where the rule is explained."""
        return f"{PAGE}#{self.name}"


RULES: tuple[SecretRule, ...] = (
    SecretRule("clear-comment", "a comment stands in clear", clear=True),
    SecretRule("clear-key", "a key has a name under which sops stores values in clear"),
    SecretRule("clear-value", "a value stands in clear", clear=True),
    SecretRule("duplicate-key", "a key stands twice in one mapping"),
    SecretRule("history", "a commit holds a secret in clear", clear=True),
    SecretRule("link", "a secret file is a link, or lies below one"),
    SecretRule("look-alike", "a value resembles ciphertext and is none", clear=True),
    SecretRule("metadata", "the `sops` block lacks a field, has one too many, or one of another form"),
    SecretRule("metadata-rule", "the file is encrypted by another rule than `.sops.yaml` gives"),
    SecretRule("no-metadata", "a file has no `sops` block: sops did not write it"),
    SecretRule("no-rule", "no rule of `.sops.yaml` matches the file"),
    SecretRule("not-a-mapping", "a file is empty, or a list or a single value"),
    SecretRule("odd-key", "a key is no text for every reader"),
    SecretRule("recipients", "the file is encrypted to others than `.sops.yaml` names"),
    SecretRule("several-documents", "a file holds several YAML documents"),
    SecretRule("sops-rules", "`.sops.yaml` is absent, cannot be read, or has a rule that is none"),
    SecretRule("unreadable", "a file cannot be read", clear=True),
    SecretRule("yaml-feature", "an anchor, an alias, a tag or a merge key, which sops loses or expands"),
)
BY_NAME = {rule.name: rule for rule in RULES}
