"""The creation rules of `.sops.yaml`: which file is encrypted to whom, and what of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from hubctl.errors import Unparseable
from hubctl.problem import Problem
from hubctl.secrets import config_nodes as nodes
from hubctl.secrets.key_groups import KEYS, recipients_of
from hubctl.secrets.patterns import accepted, found_in, matches_all, matches_none
from hubctl.secrets.recipients import Recipients
from hubctl.show import show
from hubctl.text.parse import parse
from hubctl.text.tree import Node

EncryptingKey: TypeAlias = Literal[
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
]
FILE = ".sops.yaml"
RULE = "sops-rules"
_MEND = "mend `.sops.yaml` (docs/secret-check.md)"
_CIPHERTEXT = "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:comment]"
_KNOWN = (
    *("path_regex", "aws_profile", "hckms", "key_groups", "shamir_threshold", "mac_only_encrypted"),
    *KEYS,
    *get_args(EncryptingKey),
)


@dataclass(frozen=True, slots=True)
class Encrypting:
    """Which leaves sops encrypts; without a rule all but those below a key that ends in `_unencrypted`."""

    key: EncryptingKey = "unencrypted_suffix"
    value: str = "_unencrypted"

    @property
    def whole(self) -> bool:
        """Whether it is what sops does without a rule."""
        return self == Encrypting()

    @property
    def comments(self) -> bool:
        """Whether comments decide."""
        return self.key.endswith("comment_regex")

    def covers(self, path: tuple[str | int, ...], comments: Iterable[str] = ()) -> bool:
        """Return whether sops encrypts a leaf at `path` (sops.go, shouldBeEncrypted).

        Any key of the path counts; indexes of lists do not. `comments` are those that stand right before the leaf or
        before one of its ancestors, without their `#`. For a leaf that is a comment, its own text is one of them under
        `unencrypted_comment_regex` and none of them under `encrypted_comment_regex`.
        """
        asked = comments if self.comments else (key for key in path if isinstance(key, str))
        return any(map(self._applies, asked)) != self.key.startswith("unencrypted")

    def _applies(self, text: str) -> bool:
        if self.key.endswith("suffix"):
            return text.endswith(self.value)
        return accepted(self.value) and found_in(self.value, text)  # sops takes one it cannot read for no match


@dataclass(frozen=True, slots=True)
class CreationRule:
    """One entry of `creation_rules`; `line` is 1-based, `path_regex` None where it stands for every file.

    A rule that is not `sound` has a problem: sops would refuse to encrypt what it matches, or leave it in clear.
    """

    line: int
    path_regex: str | None
    recipients: Recipients
    encrypting: Encrypting
    mac_only_encrypted: bool
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """The root `.sops.yaml`; `there` is False without one. Without problems every rule is sound."""

    rules: tuple[CreationRule, ...]
    problems: tuple[Problem, ...]
    there: bool


def read_rules(data: bytes | None, file: str = FILE) -> Rules:
    """Return the creation rules of the text of a `.sops.yaml`, None for none; nothing is raised.

    Every problem has the rule `sops-rules` and its line. Where the file as a whole cannot be read, or a field has a
    type that sops does not take, there is no rule; a single rule that sops would refuse is there, but not sound.
    """
    if data is None:
        mend = "make one: `hubctl init --sops --age RECIPIENT`"
        return Rules((), (Problem(file, 1, RULE, "there is no `.sops.yaml`", mend),), there=False)
    try:
        entries = _entries(data)
        read = [_read(number, entry, file) for number, entry in enumerate(entries)]
    except Unparseable as error:
        return Rules((), (Problem(file, error.line, RULE, error.message, _MEND),), there=True)
    return Rules(
        tuple(rule for rule, _ in read), tuple(problem for _, problem in read if problem is not None), there=True
    )


def rule_for(rules: Rules, path: str) -> CreationRule | None:
    """Return the first rule that matches a path relative to the repository's root, `/` between its parts.

    None where none does, where the one that does is not sound, and behind a `path_regex` that Go does not compile:
    sops stops there (config.go, parseCreationRuleForFile).
    """
    for rule in rules.rules:
        if rule.path_regex is None:
            return rule if rule.sound else None
        if not accepted(rule.path_regex):
            return None
        if found_in(rule.path_regex, path):
            return rule if rule.sound else None
    return None


def _entries(data: bytes) -> tuple[Node, ...]:
    documents = parse(data).documents
    if len(documents) > 1:
        raise Unparseable("several YAML documents: sops reads the first alone")
    root = documents[0] if documents else None
    entries = nodes.items(nodes.fields(root, ("creation_rules",), "the file").get("creation_rules"), "`creation_rules`")
    if not entries:
        raise Unparseable("no `creation_rules`: nothing would be encrypted", line=root.line if root else 1)
    return entries


def _read(number: int, entry: Node, file: str) -> tuple[CreationRule, Problem | None]:
    found = nodes.fields(entry, _KNOWN, "a creation rule")
    path_regex = nodes.text(found.get("path_regex"), "`path_regex`") or None
    mac_only = nodes.flag(found.get("mac_only_encrypted"), "`mac_only_encrypted`")
    given = {key: nodes.text(found.get(key), f"`{key}`") for key in get_args(EncryptingKey)}
    chosen = [Encrypting(key, value) for key, value in given.items() if value]
    encrypting = chosen[0] if chosen else Encrypting()
    reason, line = _refusal(path_regex, chosen), entry.line
    try:
        recipients = recipients_of(found, entry.line)
    except Unparseable as error:
        recipients = Recipients(())
        reason, line = (reason, line) if reason else (error.message, error.line)
    rule = CreationRule(entry.line, path_regex, recipients, encrypting, mac_only, sound=not reason)
    where = f"creation_rules[{number}]"
    return rule, Problem(file, line, RULE, reason, _MEND, path=where) if reason else None


def _refusal(path_regex: str | None, chosen: list[Encrypting]) -> str:
    """Return why sops would not encrypt under a rule, whoever the recipients are; "" where it would."""
    if path_regex is not None and not accepted(path_regex):
        return _no_pattern("path_regex", path_regex)
    if len(chosen) > 1:
        return f"{', '.join(f'`{one.key}`' for one in chosen)} in one rule: sops takes one of them"
    return _leaving_clear(chosen[0]) if chosen and not chosen[0].key.endswith("suffix") else ""


def _leaving_clear(encrypting: Encrypting) -> str:
    """Return why everything stays in clear under a pattern, or sops cannot encrypt; "" where all is well."""
    key, value = encrypting.key, encrypting.value
    if not accepted(value):
        return _no_pattern(key, value)
    if key == "unencrypted_comment_regex" and found_in(value, _CIPHERTEXT):
        return f"`{key}` matches ciphertext, too: sops refuses to encrypt a comment under it"
    if (matches_all(value) and key == "unencrypted_regex") or (matches_none(value) and not key.startswith("un")):
        return f"`{key}` leaves everything in clear: `{show(value, 80)}`"
    return ""


def _no_pattern(key: str, pattern: str) -> str:
    return f"`{key}` is no regular expression of Go: `{show(pattern, 80)}`"
