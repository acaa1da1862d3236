"""An encrypted file as a value: its keys, and how it is encrypted; values stay ciphertext (pure)."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hubctl.errors import Unparseable
from hubctl.secrets.creation_rules import Encrypting
from hubctl.secrets.examining import WHOLE, examine
from hubctl.secrets.findings import Findings
from hubctl.secrets.metadata import is_null
from hubctl.secrets.reading import SOPS, entry, read_contents
from hubctl.secrets.recipients import Recipients
from hubctl.text.tree import Mapping, Node, Path, Scalar, Sequence
from hubctl.text.walk import below

KindAt: TypeAlias = Literal["absent", "mapping", "list", "leaf", "empty"]


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What an encrypted file holds, as its text shows it; the `sops` block is left out.

    `leaves` has, by keys and indexes, each value as it is written, without quotes: ciphertext, or what sops leaves in
    clear. `encrypting` is what the file itself says.
    """

    recipients: Recipients
    encrypting: Encrypting
    version: str
    leaves: MappingOf[Path, str]
    root: Mapping

    def kind_at(self, path: tuple[str, ...]) -> KindAt:
        """Return what stands at a path of keys; `empty` is a null or an empty string, which sops leaves in clear.

        Lists and values have nothing below them here.
        """
        if path[:1] == (SOPS,):
            return "absent"
        node: Node | None = self.root
        for key in path:
            node = below(node, key)
        return _kind(node)

    def kinds_above(self, path: tuple[str, ...]) -> tuple[tuple[str, ...], KindAt] | None:
        """Return the first part of a path, the whole path left out, where something else than a mapping stands.

        None where each part is a mapping or is not there yet: then a value can be stored at the path.
        """
        for length in range(1, len(path)):
            kind = self.kind_at(path[:length])
            if kind not in ("mapping", "absent"):
                return path[:length], kind
        return None


def _kind(node: Node | None) -> KindAt:
    if isinstance(node, Mapping):
        return "mapping"
    if isinstance(node, Sequence):
        return "list"
    if isinstance(node, Scalar):
        return "empty" if is_null(node) or not node.value else "leaf"
    return "absent"


def read_encrypted(data: bytes, file: str) -> Encrypted:
    """Return a file that is encrypted as its own metadata says; `Unparseable`, with the line, for any other.

    What the creation rules say of it is `verify`'s.
    """
    found = Findings(file)
    examined = examine(data, file, found, None)
    wrong = found.every()
    if examined is None or wrong:
        raise Unparseable(wrong[0].message, file=file, line=wrong[0].line, hint=wrong[0].mend)
    metadata, text = examined.metadata, examined.contents.stream.text
    leaves = {leaf.path: _written(leaf.node, text) for leaf in examined.leaves if isinstance(leaf.node, Scalar)}
    return Encrypted(metadata.recipients, metadata.encrypting or WHOLE, metadata.version, leaves, examined.root)


def looks_encrypted(data: bytes, file: str = "") -> bool:
    """Tell whether a file has a `sops` block at its top level, right or wrong; False for what cannot be read."""
    if SOPS.encode() not in data:
        return False
    try:
        roots = read_contents(data, file).stream.documents
    except Unparseable:
        return False
    return any(entry(root, SOPS) is not None for root in roots)


def _written(scalar: Scalar, text: str) -> str:
    quoted = scalar.style in ("single", "double")
    return text[scalar.start + quoted : scalar.end - quoted]
