"""The way to what an insertion or a removal changes, refused where the change would reach further."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.text.edit import unreadable
from hubctl.text.layout import every
from hubctl.text.parse import parse
from hubctl.text.tree import Alias, Mapping, Node, Path, Scalar, Sequence, Stream
from hubctl.text.walk import BY_HAND, anchor_line, below, key_text


def opened(data: bytes) -> Stream:
    """Return the tree of a text that is to be edited; `UnsafeEdit` with the code `parse` where there is none."""
    try:
        return parse(data)
    except Unparseable as error:
        raise unreadable(error) from None


def root_of(stream: Stream, document: int) -> Node | None:
    """Return the root of a document, None of an empty one; a file without any text has one empty document."""
    documents = stream.documents or (None,)
    if not 0 <= document < len(documents):
        raise UnsafeEdit("no such document in the file", code="missing")
    return documents[document]


def way(stream: Stream, document: int, path: Path) -> list[Node]:
    """Return the nodes from the root along the path, as far as it is there; all but that of the whole path are safe.

    `UnsafeEdit` for an alias or a tag on the way, an anchor there that is used elsewhere, a key that occurs twice.
    """
    root = root_of(stream, document)
    if root is None:
        return []
    nodes = [root]
    uses = users(root)
    for step in path:
        node = nodes[-1]
        refuse_shared(stream, uses, node)
        if isinstance(node, Mapping) and [key_text(key) for key, _ in node.pairs].count(str(step)) > 1:
            raise UnsafeEdit(
                f"a key occurs twice in the mapping at line {node.line}", code="duplicate-key", hint=BY_HAND
            )
        child = below(node, step)
        if child is None:
            break
        nodes.append(child)
    return nodes


def users(root: Node) -> dict[int, Alias]:
    """Return the first alias of each node that has any, by the node's `id`."""
    return {id(alias.target): alias for alias in reversed(list(aliases(root)))}


def refuse_shared(stream: Stream, uses: dict[int, Alias], node: Node) -> None:
    """Raise `UnsafeEdit` where a change below `node` would change, or mean, more: an alias, a used anchor, a tag."""
    if isinstance(node, Alias):
        raise UnsafeEdit(
            f"the value at line {node.line} is an alias",
            code="alias",
            hint=f"edit the anchor at line {anchor_line(stream, node)}",
        )
    if node.tag is not None:
        raise UnsafeEdit(f"the value at line {node.line} has a tag", code="tagged", hint=BY_HAND)
    if id(node) in uses:
        message = f"the value at line {node.line} has an anchor that line {uses[id(node)].line} uses"
        raise UnsafeEdit(message, code="alias", hint=BY_HAND)


def refuse_merged(mapping: Mapping, key: str) -> None:
    """Raise `UnsafeEdit` where `<<` brings the key, too: adding it would shadow, removing it uncover that value."""
    if key in merged(mapping):
        raise UnsafeEdit(f"`<<` in the mapping at line {mapping.line} brings that key, too", code="alias", hint=BY_HAND)


def merged(mapping: Mapping) -> Iterator[str | None]:
    """Yield the keys that a mapping gets through `<<`."""
    for key, value in mapping.pairs:
        if isinstance(key, Scalar) and key.value == "<<" and key.style == "plain":
            for source in value.items if isinstance(value, Sequence) else (value,):
                target = source.target if isinstance(source, Alias) else source
                if isinstance(target, Mapping):
                    yield from (key_text(inner) for inner, _ in target.pairs)
                    yield from merged(target)


def aliases(root: Node) -> Iterator[Alias]:
    """Yield all aliases of a document in text order."""
    return (node for node in every(root) if isinstance(node, Alias))
