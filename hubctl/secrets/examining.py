"""One secret file gone through by itself: what is read of it, and what is wrong in it (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hubctl.errors import Unparseable
from hubctl.secrets.choosing import must_be_whole
from hubctl.secrets.ciphertext import is_ciphertext, resembles_ciphertext
from hubctl.secrets.comments import Comment, comments_of
from hubctl.secrets.covering import Covering, covering
from hubctl.secrets.creation_rules import Encrypting
from hubctl.secrets.findings import Findings
from hubctl.secrets.metadata import Metadata, is_null, read_metadata
from hubctl.secrets.reading import SOPS, Contents, entry, read_contents
from hubctl.secrets.structure import Leaf, leaves_at
from hubctl.show import plural
from hubctl.text.tree import Mapping, Node, Scalar

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


def examine(data: bytes, file: str, found: Findings, rule: Encrypting | None) -> Examined | None:
    """Return what stands in a file, None where its shape or its `sops` block is wrong; note all that is wrong.

    `rule` says what sops encrypts of the file, None to take the file's own word for it. A file called `enc-…` is
    encrypted whole, whatever the rule says; so is one in sops' binary store.
    """
    try:
        contents = read_contents(data, file)
    except Unparseable as error:
        found.add("unreadable", error.line, error.message)  # its messages are constants
        return None
    root, leaves = _shape(contents, found)
    block = entry(root, SOPS)
    metadata = read_metadata(block, found) if block else None
    if rule is None and metadata is not None:
        rule = metadata.encrypting
    if rule is None or block is None or contents.store == "binary":
        rule = WHOLE
    comments = tuple(comments_of(contents.stream)) if contents.store == "yaml" else ()
    covered = covering(rule, root, () if rule.whole else comments, contents.stream.text)
    judge = _Judge(found, covered, comments, whole=rule.whole or must_be_whole(file))
    judge.look(leaves, encrypted=block is not None)
    if metadata is None or block is None or not isinstance(root, Mapping):
        return None
    return Examined(contents, root, leaves, metadata, block.line)


def _shape(contents: Contents, found: Findings) -> tuple[Node | None, tuple[Leaf, ...]]:
    """Return the root of the first document, and the leaves of all without what is under `sops`."""
    roots = contents.stream.documents
    if roots[1:]:
        found.add("several-documents", roots[1].line if roots[1] else 1, "several documents: sops changes one alone")
    root = roots[0] if roots else None
    if not isinstance(root, Mapping):
        found.add("not-a-mapping", 1, "is no mapping" if root else "is empty")
    elif entry(root, SOPS) is None:
        found.add("no-metadata", 1, "has no `sops` block: it is not encrypted")
    all_leaves = (leaf for one in roots if one for leaf in leaves_at(one, (), found))
    return root, tuple(leaf for leaf in all_leaves if leaf.path[:1] != (SOPS,))


@dataclass(frozen=True, slots=True)
class _Judge:
    """Looks at values and comments; `whole` where nothing may stand in clear, whatever the rule leaves so."""

    found: Findings
    covering: Covering
    comments: tuple[Comment, ...]
    whole: bool

    def look(self, leaves: Sequence[Leaf], *, encrypted: bool) -> None:
        wrong = [(leaf, rule) for leaf in leaves if (rule := self.wrong(leaf))]
        clear = [leaf for leaf, rule in wrong if rule == "clear-value"]
        if clear and not encrypted:
            self.found.add("clear-value", clear[0].node.line, f"{plural(len(clear), 'value')} in clear")
        for leaf, rule in wrong:
            if encrypted or rule != "clear-value":
                self.found.add(rule, leaf.node.line, _SAID[rule], leaf.path)
        for comment in self.comments:
            if not comment.is_encrypted and (self.whole or self.covering.judged[comment.start]):
                self.found.add("clear-comment", comment.line, "a comment in clear")

    def wrong(self, leaf: Leaf) -> str:
        """The rule that a leaf breaks, empty where it breaks none."""
        covered = self.covering.covers(leaf.path)
        if not covered and not self.whole:
            return ""
        node = leaf.node
        if isinstance(node, Scalar) and not (is_written_ciphertext(node) or is_left_empty(node)):
            return "look-alike" if resembles_ciphertext(node.value) or not node.value else "clear-value"
        return "clear-key" if self.whole and not (covered and WHOLE.covers(leaf.path)) else ""


def is_written_ciphertext(scalar: Scalar) -> bool:
    """Tell whether a value is ciphertext and stands so in the text, plain or in quotes, without an escape."""
    quotes = {"plain": 0, "single": 2, "double": 2}.get(scalar.style, -1)
    return scalar.end - scalar.start == len(scalar.value) + quotes and is_ciphertext(scalar.value)


def is_left_empty(scalar: Scalar) -> bool:
    """Tell whether a value is an unquoted null or a quoted empty string, which sops leaves as they are."""
    return is_null(scalar) or (not scalar.value and scalar.style in ("single", "double"))
