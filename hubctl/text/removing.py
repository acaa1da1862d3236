"""Keys taken out of mappings with all their lines and no other, and the block of a root key replaced."""

from __future__ import annotations

from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.text.blocks import breaks_count
from hubctl.text.expected import Expected, expected_of, proven, without_entry
from hubctl.text.flowing import without_pair
from hubctl.text.layout import (
    column,
    end_of,
    every,
    leads_line,
    line_end,
    line_start,
    next_line,
    past_comments,
)
from hubctl.text.parse import locate
from hubctl.text.splice import Splice, spliced
from hubctl.text.tree import Mapping, Node, Path, Stream
from hubctl.text.verify import outline
from hubctl.text.walk import BY_HAND, key_text
from hubctl.text.ways import aliases, opened, refuse_merged, way


def remove_entry(data: bytes, document: int, path: tuple[str, ...]) -> bytes:
    """Return the text without a key and its value: their lines, or their place in braces with one comma.

    Comments behind the value and, in block style, directly below and deeper than the key go along, all other bytes
    stay. The result is read by two parsers. `UnsafeEdit` with code otherwise: `parse`, `missing`, `layout` (the
    only entry of its mapping, `? key`, a comment inside), `alias` (an alias or used anchor on the way, an anchor in
    the value that is used elsewhere, a value that `<<` brings, too), `duplicate-key`, `tagged`, `root`, `verify`.
    """
    stream = opened(data)
    mapping, index, root = entry_at(stream, document, path)
    if len(mapping.pairs) == 1:
        raise UnsafeEdit(
            f"the mapping at line {mapping.line} has no other key", code="layout", hint="remove the mapping itself"
        )
    refuse_merged(mapping, path[-1])
    if mapping.flow:
        splices = without_pair(stream.text, mapping, index)
    else:
        start, stop = block_lines(stream.text, mapping.pairs[index])
        deeper = past_comments(stream.text, stop, column(stream.text, mapping.start) + 1)
        splices = [cut(stream.text, start, deeper, mapping.pairs[index - 1][1])]
    refuse_used(root, mapping.pairs[index])
    expected = without_entry(expected_of(stream.text), document, path, [])
    return proven(stream, spliced(stream.text, splices), expected)


def replace_entry(data: bytes, document: int, key: str, block: str) -> bytes:
    r"""Return the text with the lines of a root key, to the last one of its value, replaced by those of `block`.

    `block` is the key and its value in block style with `\n` as line break, which become the file's; no other key
    may stand in it, nor an anchor or alias. Every other byte stays. The result is read by two parsers. `UnsafeEdit`
    with code otherwise: as `remove_entry`, and `verify` where `block` is not this one key.
    """
    stream = opened(data)
    mapping, index, root = entry_at(stream, document, (key,))
    if mapping.flow:
        raise UnsafeEdit(f"the mapping at line {mapping.line} stands in braces", code="layout", hint=BY_HAND)
    refuse_used(root, mapping.pairs[index])
    start, stop = block_lines(stream.text, mapping.pairs[index])
    indent, end = " " * column(stream.text, mapping.start), line_end(stream.text, start + 1)
    block = block.removesuffix("\n")
    lines = [f"{indent}{line}" if line else line for line in block.split("\n")]
    last = end if stream.text.endswith("\n", start, stop) else ""
    expected = without_entry(expected_of(stream.text), document, (key,), meaning(f"{block}\n", document, key))
    return proven(stream, spliced(stream.text, [Splice(start, stop, end.join(lines) + last)]), expected)


def entry_at(stream: Stream, document: int, path: Path) -> tuple[Mapping, int, Node]:
    """Return the mapping that holds the entry at a path, the index of the entry and the root of the document."""
    if not path:
        raise UnsafeEdit("the whole document is not an entry", code="root")
    nodes = way(stream, document, path)
    if len(nodes) <= len(path):
        line = nodes[-1].line if nodes else 1
        raise UnsafeEdit(f"no such key below line {line}", code="missing")
    *_, mapping = (node for node in nodes[:-1] if isinstance(node, Mapping))
    return mapping, [key_text(key) for key, _ in mapping.pairs].index(str(path[-1])), nodes[0]


def block_lines(text: str, pair: tuple[Node, Node]) -> tuple[int, int]:
    """Return where the lines of an entry in block style begin and where the line after them does."""
    key, value = pair
    start = line_start(text, key.start)
    if not leads_line(text, key.start) and text[start:].lstrip(" ")[:1] not in "&!":
        raise UnsafeEdit(f"the key at line {key.line} does not begin its line", code="layout", hint=BY_HAND)
    return start, next_line(text, end_of(text, value))


def cut(text: str, start: int, stop: int, before: Node) -> Splice:
    """Return the splice that removes lines; where the last had no line break, the one before has none then.

    But a block scalar keeps the break that belongs to its value.
    """
    if text[stop - 1] != "\n" and not breaks_count(text, before):
        start = len(text[:start].removesuffix("\n").removesuffix("\r"))
    return Splice(start, stop, "")


def refuse_used(root: Node, pair: tuple[Node, Node]) -> None:
    """Raise `UnsafeEdit` where an anchor inside an entry is used outside of it."""
    inside = {id(node) for part in pair for node in every(part)}
    for alias in aliases(root):
        if id(alias.target) in inside and id(alias) not in inside:
            raise UnsafeEdit(
                f"an anchor in the entry at line {pair[0].line} is used at line {alias.line}",
                code="alias",
                hint=BY_HAND,
            )


def meaning(block: str, document: int, key: str) -> list[Expected]:
    """Return the outline of the text of one root key."""
    try:
        entries = outline(locate(block))
    except Unparseable:
        entries = []
    inner = entries[2:-1]
    keys = [entry.path for entry in inner if len(entry.path) == 2 and entry.path[-1] is None]
    if keys != [(key, None)] or any(entry.anchor is not None for entry in inner):
        raise UnsafeEdit("the new text is not an entry of that key; nothing was written", code="verify")
    return [Expected(entry._replace(document=document)) for entry in inner]
