"""One secret file gone through by itself: what is read of it, and what is wrong in it (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from hubctl.errors import Unparseable
from hubctl.secrets.ciphertext import is_ciphertext, resembles_ciphertext
from hubctl.secrets.comments import comments_of, path_around
from hubctl.secrets.creation_rules import Encrypting
from hubctl.secrets.findings import Findings
from hubctl.secrets.metadata import Metadata, is_null, read_metadata
from hubctl.secrets.reading import SOPS, Contents, entry, read_contents
from hubctl.secrets.structure import Leaf, leaves_at
from hubctl.show import plural
from hubctl.text.tree import Mapping, Scalar

WHOLE = Encrypting()
_SAID = {
    "clear-key": "a key under which sops stores values in clear",
    "clear-value": "a value in clear",
    "look-alike": "resembles ciphertext and is none",
}


@dataclass(frozen=True, slots=True)
class Examined:
    """A file whose shape is right: a mapping with a `sops` block that has nothing wrong; leaves without that block."""

    contents: Contents
    root: Mapping
    leaves: tuple[Leaf, ...]
    metadata: Metadata
    line: int  # of the `sops` block


def must_be_whole(file: str) -> bool:
    """Tell whether a file has a name that promises that every value in it is encrypted."""
    return posixpath.basename(file).startswith("enc-")


def examine(data: bytes, file: str, found: Findings, rule: Encrypting | None) -> Examined | None:
    """Return what stands in a file, None where its shape or its `sops` block is wrong; note all that is wrong.

    `rule` says what sops encrypts of the file, None to take the file's own word for it. A file called `enc-…` is
    encrypted whole, whatever the rule says.
    """
    try:
        contents = read_contents(data, file)
    except Unparseable as error:
        found.add("unreadable", error.line, error.message)  # its messages are constants
        return None
    roots = contents.stream.documents
    if roots[1:]:
        found.add(
            "several-documents", roots[1].line if roots[1] else 1, "several documents: sops changes the first alone"
        )
    leaves = tuple(leaf for root in roots if root for leaf in leaves_at(root, (), found) if leaf.path[:1] != (SOPS,))
    root = roots[0] if roots else None
    block = entry(root, SOPS)
    if not isinstance(root, Mapping):
        found.add("not-a-mapping", 1, "is no mapping" if root else "is empty")
    elif block is None:
        found.add("no-metadata", 1, "has no `sops` block: it is not encrypted")
    metadata = read_metadata(block, found) if block else None
    if rule is None:
        rule = metadata.encrypting or WHOLE if metadata else WHOLE
    judge = _Judge(contents, found, rule, whole=must_be_whole(file) or rule.whole or contents.store == "binary")
    judge.leaves(leaves, encrypted=block is not None)
    judge.comments()
    if metadata is None or block is None or not isinstance(root, Mapping):
        return None
    return Examined(contents, root, leaves, metadata, block.line)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Looks at values and comments; `whole` where nothing may stand in clear, whatever the rule leaves so."""

    contents: Contents
    found: Findings
    rule: Encrypting
    whole: bool

    def leaves(self, leaves: Sequence[Leaf], *, encrypted: bool) -> None:
        wrong = [(leaf, rule) for leaf in leaves if (rule := self.wrong(leaf))]
        clear = [leaf for leaf, rule in wrong if rule == "clear-value"]
        if clear and not encrypted:
            self.found.add("clear-value", clear[0].scalar.line, f"{plural(len(clear), 'value')} in clear")
        for leaf, rule in wrong:
            if encrypted or rule != "clear-value":
                self.found.add(rule, leaf.scalar.line, _SAID[rule], leaf.path)

    def wrong(self, leaf: Leaf) -> str:
        """The rule that a leaf breaks, empty where it breaks none."""
        covered = self.contents.store == "binary" or self.rule.comments or self.rule.covers(leaf.path)
        if not covered and not self.whole:
            return ""
        scalar = leaf.scalar
        if not (is_written_ciphertext(scalar) or is_left_empty(scalar)):
            return "look-alike" if resembles_ciphertext(scalar.value) or not scalar.value else "clear-value"
        return "clear-key" if self.whole and not (covered and WHOLE.covers(leaf.path)) else ""

    def comments(self) -> None:
        if self.contents.store != "yaml":
            return
        roots = self.contents.stream.documents
        for comment in comments_of(self.contents.stream):
            if comment.is_encrypted:
                continue
            if (
                self.whole
                or self.rule.comments
                or self.rule.covers(path_around(comment, roots[0], self.contents.stream.text))
            ):
                self.found.add("clear-comment", comment.line, "a comment in clear")


def is_written_ciphertext(scalar: Scalar) -> bool:
    """Tell whether a value is ciphertext and stands so in the text, plain or in quotes, without an escape."""
    quotes = {"plain": 0, "single": 2, "double": 2}.get(scalar.style, -1)
    return scalar.end - scalar.start == len(scalar.value) + quotes and is_ciphertext(scalar.value)


def is_left_empty(scalar: Scalar) -> bool:
    """Tell whether a value is an unquoted null or a quoted empty string, which sops leaves as they are."""
    return is_null(scalar) or (not scalar.value and scalar.style in ("single", "double"))
