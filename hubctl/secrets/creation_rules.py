"""The creation rules of `.sops.yaml`: which file is encrypted to whom, and what of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from hubctl.errors import Unparseable
from hubctl.fleet.layout import RULES_FILE
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
RULE = "sops-rules"
MOST_RULES = 500  # every file is held against each of them
_MEND = "write it as sops reads it: `creation_rules` is a list of mappings with `path_regex` and recipients"
_MEND_RULE = "name recipients as `age: age1…` or `gcp_kms: projects/…`, or as a list of them"
_MEND_PATTERN = "write it in the syntax of RE2: no look-around, no references back"
_MEND_CHOICE = "keep one of them, or none: then everything is encrypted"
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


def read_rules(data: bytes | None, file: str = RULES_FILE) -> Rules:
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
        return Rules((), (Problem(file, error.line, RULE, error.message, error.hint or _MEND),), there=True)
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
    if len(entries) > MOST_RULES:
        raise Unparseable(f"more than {MOST_RULES} creation rules", line=entries[MOST_RULES].line)
    return entries


def _read(number: int, entry: Node, file: str) -> tuple[CreationRule, Problem | None]:
    found = nodes.fields(entry, _KNOWN, "a creation rule")
    path_regex = nodes.text(found.get("path_regex"), "`path_regex`") or None
    nodes.text(found.get("aws_profile"), "`aws_profile`")
    mac_only = nodes.flag(found.get("mac_only_encrypted"), "`mac_only_encrypted`")
    given = {key: nodes.text(found.get(key), f"`{key}`") for key in get_args(EncryptingKey)}
    chosen = [Encrypting(key, value) for key, value in given.items() if value]
    encrypting = chosen[0] if chosen else Encrypting()
    where = f"creation_rules[{number}]"
    problem: Problem | None = None
    recipients = Recipients(())
    try:
        _expect_pattern("path_regex", path_regex, entry.line)
        _expect_encrypting(chosen, entry.line)
        recipients = recipients_of(found, entry.line)
    except Unparseable as error:
        problem = Problem(file, error.line, RULE, error.message, error.hint or _MEND_RULE, path=where)
    return CreationRule(entry.line, path_regex, recipients, encrypting, mac_only, sound=problem is None), problem


def _expect_pattern(key: str, pattern: str | None, line: int) -> None:
    if pattern is not None and not accepted(pattern):
        message = f"`{key}` is no regular expression of Go: `{show(pattern, 80)}`"
        raise Unparseable(message, line=line, hint=_MEND_PATTERN)


def _expect_encrypting(chosen: Sequence[Encrypting], line: int) -> None:
    """`Unparseable` where sops could not encrypt, or would leave everything in clear."""
    if len(chosen) > 1:
        keys = ", ".join(f"`{one.key}`" for one in chosen)
        raise Unparseable(f"{keys} in one rule: sops takes one of them", line=line, hint=_MEND_CHOICE)
    for key, value in ((one.key, one.value) for one in chosen if not one.key.endswith("suffix")):
        _expect_pattern(key, value, line)
        if key == "unencrypted_comment_regex" and found_in(value, _CIPHERTEXT):
            message = f"`{key}` matches ciphertext, too: sops refuses to encrypt a comment under it"
            raise Unparseable(message, line=line, hint="begin it with `^` and a word that marks what stays in clear")
        if (matches_all(value) and key == "unencrypted_regex") or (matches_none(value) and not key.startswith("un")):
            message = f"`{key}` leaves everything in clear: `{show(value, 80)}`"
            raise Unparseable(message, line=line, hint="leave it out: then everything is encrypted")
