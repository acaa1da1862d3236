"""Going through a tree by path: finding a node, naming it as text, the comment beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hubctl.errors import UnsafeEdit
from hubctl.text.data import plain
from hubctl.text.tree import Alias, Mapping, Node, Path, Scalar, Sequence, Stream

BY_HAND = "edit it by hand"

_WORD = re.compile(r"[\w-]+")
_UNCLEAR = re.compile(r"[\[\]\"\\]|^\s|\s$")


def resolve(root: Node | None, path: Path, *, through_aliases: bool = False) -> Node | None:
    """Return the node at `path`, None where there is none; keys match by their text, the last of duplicates wins.

    An alias at the end is returned as such and one on the way ends the walk, unless `through_aliases`: then the
    anchored node takes its place everywhere. Keys merged by `<<` are not there.
    """
    node = root
    for step in path:
        node = below(node, step)
        if through_aliases and isinstance(node, Alias):
            node = node.target
    return node


def below(node: Node | None, step: str | int) -> Node | None:
    """Return the child of a mapping or sequence at one key or index, None where there is none."""
    if isinstance(node, Mapping) and isinstance(step, str):
        return next((value for key, value in reversed(node.pairs) if key_text(key) == step), None)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def key_text(key: Node) -> str | None:
    """Return the text of a key, None for a key that is a collection."""
    scalar = key.target if isinstance(key, Alias) else key
    return scalar.value if isinstance(scalar, Scalar) else None


def key_path(root: Node | None, path: Path) -> str:
    """Return a path as text: `jupyterhub.singleuser.profileList[slug=small].image`.

    A key that is no word stands as `["k.ey"]`, spelled as in JSON. A list item is named by its `slug`, else its
    `name`, else (none has one, or two share it) by its index; a name with brackets, quotes or backslashes is
    spelled as in JSON.
    """
    text = ""
    node = root
    for step in path:
        text = f"{text}[{item_name(node, step)}]" if isinstance(step, int) else with_key(text, step)
        node = below(node, step)
        node = node.target if isinstance(node, Alias) else node
    return text


def with_key(path: str, key: str) -> str:
    """Return the text of a path with one more key, which stands as in JSON where it is no word."""
    if _WORD.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def named_item(key: str, name: str) -> str:
    """Return `slug=small`; a name with brackets, quotes or backslashes, or that is not printable, as in JSON."""
    unclear = _UNCLEAR.search(name) or not name.isprintable()
    return f"{key}={json.dumps(name, ensure_ascii=False) if unclear else name}"


def item_name(node: Node | None, index: int) -> str:
    """Return what names one item of a list for people: `slug=x`, `name=x` or its index."""
    items = node.items if isinstance(node, Sequence) else ()
    for key in ("slug", "name"):
        names = [name_under(item, key) for item in items]
        name = names[index] if index < len(names) else None
        if name is not None and names.count(name) == 1:
            return named_item(key, name)
    return str(index)


def name_under(item: Node, key: str) -> str | None:
    """Return the text of a scalar under `key` of a list item, None where it is absent, empty or null."""
    found = resolve(item.target if isinstance(item, Alias) else item, (key,), through_aliases=True)
    return None if not isinstance(found, Scalar) or is_empty(found) else found.value


def is_empty(scalar: Scalar) -> bool:
    """Tell whether a scalar is the empty text or null."""
    return not scalar.value or (scalar.style == "plain" and plain(scalar.value) is None)


def scalar_at(stream: Stream, document: int, path: Path) -> Scalar:
    """Return the scalar an edit may write at `path`; `UnsafeEdit` with code, line and mend where it may not.

    Codes: `missing`, `alias`, `duplicate-key`, `tagged`, `collection`, `root`.
    """
    if not path:
        raise UnsafeEdit("the whole document is not a value that can be set", code="root")
    node = stream.documents[document] if 0 <= document < len(stream.documents) else None
    line = 1
    for step in path:
        line = node.line if node else line
        if isinstance(node, Mapping) and [key_text(key) for key, _ in node.pairs].count(str(step)) > 1:
            raise UnsafeEdit(f"a key occurs twice in the mapping at line {line}", code="duplicate-key", hint=BY_HAND)
        node = below(node, step)
        if node is None:
            raise UnsafeEdit(f"no such key or item below line {line}", code="missing")
        if isinstance(node, Alias):
            raise UnsafeEdit(
                f"the value at line {node.line} is an alias",
                code="alias",
                hint=f"edit the anchor at line {anchor_line(stream, node)}",
            )
    return editable(node)


def anchor_line(stream: Stream, alias: Alias) -> int:
    """Return the line of the `&name` that an alias refers to; what is anchored may begin below it."""
    place = stream.text.rfind(f"&{alias.name}", 0, alias.target.start)
    return stream.text.count("\n", 0, place) + 1


def editable(node: Node | None) -> Scalar:
    """Return the node as a scalar an edit may write, or refuse."""
    if not isinstance(node, Scalar):
        line = node.line if node else 1
        raise UnsafeEdit(f"a mapping or list stands at line {line}", code="collection", hint=BY_HAND)
    if node.tag is not None:
        raise UnsafeEdit(f"the value at line {node.line} has a tag", code="tagged", hint=BY_HAND)
    if node.anchor is not None and node.start == node.end:
        raise UnsafeEdit(f"the value at line {node.line} has an anchor and no text", code="tagged", hint=BY_HAND)
    return node


def trailing_comment(stream: Stream, scalar: Scalar) -> str | None:
    """Return the comment on the line where a scalar ends, without `#` and stripped; None where there is none.

    What closes a flow collection may stand between, and so may its other values. A block scalar's comment is the
    one beside its `|` or `>`.
    """
    block = scalar.style in ("literal", "folded")
    start = scalar.start if block else scalar.end
    stop = stream.text.find("\n", start)
    stop = len(stream.text) if stop < 0 else stop
    if "#" not in stream.text[start:stop]:
        return None
    if not block:
        beside = (leaf for root in stream.documents for leaf in leaves(root) if start <= leaf.start < stop)
        start = max((leaf.end for leaf in beside), default=start)
    _, mark, comment = stream.text[start:stop].partition("#")
    return comment.strip() if mark else None


def leaves(node: Node | None) -> Iterator[Scalar | Alias]:
    """Yield all scalars and aliases of a tree, keys too, in text order."""
    if isinstance(node, Scalar | Alias):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from leaves(item)
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            yield from leaves(key)
            yield from leaves(value)
