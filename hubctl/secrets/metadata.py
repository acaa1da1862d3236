"""The `sops` block of an encrypted file: each field in its own form, and no other field at any depth (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import get_args

from hubctl.secrets.creation_rules import Encrypting, EncryptingKey
from hubctl.secrets.findings import Findings
from hubctl.secrets.metadata_forms import ENTRIES, FIELDS, WORD, Form
from hubctl.secrets.reading import SOPS
from hubctl.secrets.recipients import Recipients, recipients_from_metadata
from hubctl.text.tree import Mapping, Node, Path, Scalar, Sequence
from hubctl.text.walk import key_text

NULLS = ("", "~", "null", "Null", "NULL")

_GROUPS = "key_groups"
_CONTEXT = ("context",)
_ENCRYPTING: tuple[EncryptingKey, ...] = get_args(EncryptingKey)
_TYPED = ("shamir_threshold", "mac_only_encrypted")  # a number and a boolean: not in quotes
_KNOWN = frozenset({_GROUPS, *FIELDS, *ENTRIES})


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the `sops` block of a file says; `encrypting` is None where it names no rule."""

    recipients: Recipients
    encrypting: Encrypting | None
    mac_only_encrypted: bool
    version: str


def read_metadata(node: Node, found: Findings) -> Metadata | None:
    """Return what the value of a file's `sops` key says, None where something in it is wrong: then it is noted.

    sops ignores fields that it does not know, also within a recipient; here they are findings. A field is named where
    sops knows it, others are told by their line.
    """
    reader = _Reader(found)
    data = reader.block(node)
    if not reader.sound:
        return None
    recipients = recipients_from_metadata(data)
    if recipients is None:
        reader.refuse(node, (SOPS,), "names no recipient, or keys beside key groups")
        return None
    if (recipients.threshold or 0) > len(recipients.groups):  # with one group sops writes any that the rule has
        reader.refuse(node, (SOPS, "shamir_threshold"), "is more than there are key groups")
    given = [Encrypting(key, str(data[key])) for key in _ENCRYPTING if key in data]
    if given[1:]:
        reader.refuse(node, (SOPS,), "has several rules of what to encrypt")
    if not reader.sound:
        return None
    encrypting = given[0] if given else None
    return Metadata(recipients, encrypting, "mac_only_encrypted" in data, str(data["version"]))


class _Reader:
    """Goes through the block and makes plain data of it; `sound` turns False with the first finding."""

    def __init__(self, found: Findings) -> None:
        self.found = found
        self.sound = True

    def refuse(self, node: Node, path: Path, message: str) -> None:
        self.sound = False
        self.found.add("metadata", node.line, message, path)

    def block(self, node: Node) -> dict[str, object]:
        data: dict[str, object] = {}
        for key, value in self.fields(node, (SOPS,), _KNOWN):
            path = (SOPS, key)
            if key == _GROUPS:
                data[key] = [self.group(item, (*path, index)) for index, item in self.items(value, path)]
            elif key in ENTRIES:
                data[key] = self.entries(key, value, path)
            else:
                data[key] = self.field(value, path, FIELDS[key], plain=key in _TYPED)
        self.complete(node, data, FIELDS, (SOPS,))
        return data

    def group(self, node: Node, path: Path) -> dict[str, object]:
        return {key: self.entries(key, value, (*path, key)) for key, value in self.fields(node, path, ENTRIES)}

    def entries(self, kind: str, node: Node, path: Path) -> list[dict[str, object]]:
        return [self.entry(kind, item, (*path, index)) for index, item in self.items(node, path)]

    def entry(self, kind: str, node: Node, path: Path) -> dict[str, object]:
        forms = ENTRIES[kind]
        known = {*forms, *_CONTEXT} if kind == "kms" else forms
        data: dict[str, object] = {}
        for key, value in self.fields(node, path, known):
            if key in forms:
                data[key] = self.field(value, (*path, key), forms[key])
            else:
                data[key] = self.context(value, (*path, key))
        self.complete(node, data, forms, path)
        return data

    def context(self, node: Node, path: Path) -> dict[str, object]:
        """The context of a key of AWS: any words, which are public and part of who the recipient is."""
        pairs = node.pairs if isinstance(node, Mapping) else ()
        if not pairs:
            self.refuse(node, path, "is no mapping of words")
        return {name: self.field(value, path, WORD) for key, value in pairs if (name := key_text(key)) is not None}

    def items(self, node: Node, path: Path) -> Iterable[tuple[int, Node]]:
        """The items of a list; `null` stands for an empty one in JSON of sops before 3.10."""
        if isinstance(node, Sequence):
            return enumerate(node.items)
        if not (isinstance(node, Scalar) and is_null(node)):
            self.refuse(node, path, "is no list")
        return ()

    def fields(self, node: Node, path: Path, known: Container[str]) -> Iterator[tuple[str, Node]]:
        """The fields of a mapping that sops knows; the others are refused."""
        if not isinstance(node, Mapping):
            self.refuse(node, path, "is no mapping")
            return
        for key, value in node.pairs:
            name = key_text(key)
            if name is None or name not in known:
                self.refuse(key, path, "has a field that sops does not know")
            else:
                yield name, value

    def field(self, node: Node, path: Path, form: Form, *, plain: bool = False) -> object:
        """The value of a field; a number or a boolean where it must stand without quotes."""
        if not isinstance(node, Scalar) or not form.fits(node.value) or (plain and node.style != "plain"):
            self.refuse(node, path, "has not the form that sops gives it")
            return None
        return int(node.value) if plain and node.value.isdigit() else node.value

    def complete(self, node: Node, data: Container[str], forms: MappingOf[str, Form], path: Path) -> None:
        wanted = [key for key, form in forms.items() if form.needed] if isinstance(node, Mapping) else []
        for key in (key for key in wanted if key not in data):
            self.refuse(node, (*path, key), "is missing")


def is_null(scalar: Scalar) -> bool:
    """Tell whether a scalar is an unquoted null."""
    return scalar.style == "plain" and scalar.value in NULLS
