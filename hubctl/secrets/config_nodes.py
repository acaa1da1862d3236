"""Parts of `.sops.yaml` as the types that sops reads them into (config.go, go.yaml.in/yaml/v3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from hubctl.errors import Unparseable
from hubctl.show import show
from hubctl.text import tree
from hubctl.text.data import data
from hubctl.text.walk import key_text

_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF"})
_LARGEST = 2**31

Fields = Mapping[str, tree.Node]


def fields(node: tree.Node | None, known: Collection[str], what: str) -> Fields:
    """Return the values of the `known` keys of a mapping, those merged by `<<` behind its own; {} for null.

    Unknown keys are left out: sops passes over them. `Unparseable` for anything but a mapping, and for any key that
    stands twice.
    """
    found = target(node)
    if found is None:
        return {}
    if not isinstance(found, tree.Mapping):
        raise Unparseable(f"{what} is no mapping", line=found.line)
    own: dict[str, tree.Node] = {}
    merged: dict[str, tree.Node] = {}
    seen: set[str | None] = set()
    for key, value in found.pairs:
        name = key_text(key)
        if name in seen:
            raise Unparseable(f"`{show(name or '', 80)}` stands twice", line=key.line)
        seen.add(name)
        if _is_merge(key):
            for part in _merged(value):
                merged = {**fields(part, known, what), **merged}
        elif name is not None and name in known:
            own[name] = value
    return {**merged, **own}


def items(node: tree.Node | None, what: str) -> tuple[tree.Node, ...]:
    """Return the items of a list but null ones, which sops passes over; () for null."""
    found = target(node)
    if found is None:
        return ()
    if not isinstance(found, tree.Sequence):
        raise Unparseable(f"{what} is no list", line=found.line)
    return tuple(item for item in found.items if target(item) is not None)


def text(node: tree.Node | None, what: str) -> str:
    """Return any scalar as it is written, "" for null."""
    found = target(node)
    if found is None:
        return ""
    if not isinstance(found, tree.Scalar):
        raise Unparseable(f"{what} is no text", line=found.line)
    return found.value


def texts(node: tree.Node | None, what: str) -> tuple[str, ...]:
    """Return the scalars of a list as they are written."""
    return tuple(text(item, what) for item in items(node, what))


def mapping_of_texts(node: tree.Node | None, what: str) -> Mapping[str, str]:
    """Return a mapping of scalars as they are written; `Unparseable` for a null in it, on which sops would crash."""
    found = target(node)
    if found is None:
        return {}
    names = [key_text(key) or "" for key, _ in found.pairs] if isinstance(found, tree.Mapping) else []
    values = fields(found, names, what)
    for name, value in values.items():
        if target(value) is None:
            raise Unparseable(f"{what} has nothing at `{show(name, 80)}`", line=value.line)
    return {name: text(value, what) for name, value in values.items()}


def keys(node: tree.Node | None, what: str) -> tuple[str, ...]:
    """Return the keys of a text with commas between them, or of a list of texts (config.go, parseKeyField)."""
    found = target(node)
    if found is None:
        return ()
    if isinstance(found, tree.Sequence):
        values = [data(item) for item in found.items]
        if not all(isinstance(value, str) for value in values):
            raise Unparseable(f"{what} has an item that is no text", line=found.line)
        return tuple(map(str, values))
    value = data(found)
    if not isinstance(value, str):
        raise Unparseable(f"{what} is neither text nor a list of texts", line=found.line)
    return tuple(key.strip() for key in value.split(",") if key.strip())


def number(node: tree.Node | None, what: str) -> int:
    """Return a whole number, 0 for null."""
    found = target(node)
    if found is None:
        return 0
    value = data(found)
    if type(value) is not int or abs(value) > _LARGEST:
        raise Unparseable(f"{what} is no whole number", line=found.line)
    return value


def flag(node: tree.Node | None, what: str) -> bool:
    """Return a boolean in any spelling of YAML 1.1 as well, False for null."""
    found = target(node)
    if found is None:
        return False
    value = data(found)
    if isinstance(value, bool):
        return value
    if value in _TRUE | _FALSE if isinstance(value, str) else False:
        return value in _TRUE
    raise Unparseable(f"{what} is neither `true` nor `false`", line=found.line)


def target(node: tree.Node | None) -> tree.Node | None:
    """Return the node that an alias stands for, any other itself, None for null."""
    found = node.target if isinstance(node, tree.Alias) else node
    if isinstance(found, tree.Scalar) and data(found) is None:
        return None
    return found


def _is_merge(key: tree.Node) -> bool:
    return isinstance(key, tree.Scalar) and key.value == "<<" and key.style == "plain"


def _merged(node: tree.Node) -> Iterator[tree.Node]:
    """Yield the mappings that `<<` names: one, or a list of them, the first of which wins."""
    found = target(node)
    parts = found.items if isinstance(found, tree.Sequence) and found is node else (node,)
    for part in parts:
        if not isinstance(target(part), tree.Mapping):
            raise Unparseable("`<<` takes a mapping or a list of mappings", line=part.line)
        yield part
