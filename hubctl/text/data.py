"""A tree as plain Python values, for files that hubctl itself reads: `cluster.yaml` and settings."""

from __future__ import annotations

import math
import re

from hubctl.errors import Unparseable
from hubctl.text.tree import Alias, Mapping, Node, Scalar, Sequence

_TAG = "tag:yaml.org,2002:"
_NULL = re.compile(r"|~|null|Null|NULL")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}


def data(node: Node | None, *, file: str = "") -> object:
    """Return dict, list, str, int, float, bool or None as YAML 1.2's core schema reads the node.

    So `yes`, `on` and dates are strings, `0123` is 123; numbers no machine holds stay strings. Keys are the text
    that is written (`1:` is `"1"`). Aliases are expanded, `<<` merges without overriding what stands beside it, the
    last of duplicate keys wins. No tag constructs anything: `Unparseable` with the line for one that is not YAML's
    own, for a value its tag does not fit, a collection as a key, and `<<` on anything but mappings.
    """
    return _Reader(file).value(node)


class _Reader:
    """Carries the file's name into errors."""

    def __init__(self, file: str) -> None:
        self.file = file

    def value(self, node: Node | None) -> object:
        if node is None:
            return None
        if isinstance(node, Alias):
            return self.value(node.target)
        if isinstance(node, Scalar):
            return self.scalar(node)
        if isinstance(node, Sequence):
            self.expect(node, "seq")
            return [self.value(item) for item in node.items]
        self.expect(node, "map")
        return self.mapping(node)

    def mapping(self, node: Mapping) -> dict[str, object]:
        merged: dict[str, object] = {}
        own: dict[str, object] = {}
        for key, value in node.pairs:
            scalar = key.target if isinstance(key, Alias) else key
            if not isinstance(scalar, Scalar):
                raise Unparseable("a key that is a list or a mapping", file=self.file, line=key.line)
            if scalar.value == "<<" and scalar.style == "plain":
                merged = self.merge(value) | merged
            else:
                own[scalar.value] = self.value(value)
        return merged | own

    def merge(self, node: Node) -> dict[str, object]:
        target = node.target if isinstance(node, Alias) else node
        if isinstance(target, Mapping):
            return self.mapping(target)
        if isinstance(target, Sequence):
            merged: dict[str, object] = {}
            for item in target.items:
                merged = self.merge(item) | merged
            return merged
        raise Unparseable("`<<` takes a mapping or a list of mappings", file=self.file, line=node.line)

    def expect(self, node: Mapping | Sequence, kind: str) -> None:
        if node.tag not in (None, "!", _TAG + kind):
            raise self.foreign(node)

    def foreign(self, node: Node) -> Unparseable:
        return Unparseable("a tag hubctl does not construct", file=self.file, line=node.line)

    def scalar(self, node: Scalar) -> object:
        if node.tag is None:
            return plain(node.value) if node.style == "plain" else node.value
        kind = node.tag.removeprefix(_TAG)
        if kind in ("!", "str"):
            return node.value
        if kind not in ("int", "float", "bool", "null"):
            raise self.foreign(node)
        found = plain(node.value)
        if kind == "float" and type(found) is int:
            return float(found)
        if {"int": int, "float": float, "bool": bool, "null": type(None)}[kind] is type(found):
            return found
        raise Unparseable(f"a value that is no {kind} under the tag `!!{kind}`", file=self.file, line=node.line)


def plain(text: str) -> object:
    """Return what unquoted text stands for in YAML 1.2's core schema; a number out of range stays text."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text, 0 if text.startswith(("0o", "0x")) else 10)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return _SPECIAL.get(text.lower(), text)
