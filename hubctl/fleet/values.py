"""One values file as Helm reads it, with the line that gives each value (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hubctl.errors import Unparseable
from hubctl.problem import Problem
from hubctl.show import show
from hubctl.text import tree
from hubctl.text.helm import helm_key, helm_scalar, is_merge
from hubctl.text.parse import parse

Written: TypeAlias = "Leaf | Branch"

DUPLICATE = "duplicate-key"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar, null, or a whole list; `value` is what JSON holds of it.

    `line` is 1-based: a scalar's own, a list's key's; below an alias that of what is anchored.
    """

    value: object
    line: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping by the keys Helm sees, `<<` merged in; `line` is its key's, for an alias that of what is anchored."""

    entries: Mapping[str, Written]
    line: int


@dataclass(frozen=True, slots=True)
class ValuesFile:
    """The values of one file and what is odd in it; `problems` are keys that stand twice."""

    root: Branch
    problems: tuple[Problem, ...]


def values_of(text: bytes, file: str) -> ValuesFile:
    """Return what Helm takes from the values file `file`: its first document, nothing where that is empty.

    Of a key that stands twice the last counts, and `<<` overrides what stands before it, as in yaml.v2. Unparseable,
    with the line, for what Helm refuses or hubctl's limits do: no mapping at the root, a key that is null, a
    list or a mapping, `<<` on anything but mappings, a number JSON cannot hold.
    """
    documents = parse(text, file).documents
    root = documents[0] if documents else None
    if root is None or (isinstance(root, tree.Scalar) and helm_scalar(root, file=file) is None):
        return ValuesFile(Branch({}, 1), ())
    if not isinstance(root, tree.Mapping):
        raise Unparseable("values are a mapping, and this is none", file=file, line=root.line)
    reader = _Reader(file, root)
    entries = reader.entries(root)
    return ValuesFile(Branch(entries, root.line), tuple(sorted(reader.problems)))


class _Reader:
    """Carries the file's name and lines, what was read of anchored mappings, and problems."""

    def __init__(self, file: str, root: tree.Mapping) -> None:
        self.file = file
        self.root = root
        self.lines: dict[int, int] | None = None  # of keys of anchored collections, once an alias asks for one
        self.anchored: dict[int, Mapping[str, Written]] = {}
        self.problems: set[Problem] = set()

    def entries(self, node: tree.Mapping) -> Mapping[str, Written]:
        if id(node) not in self.anchored:
            found = {name: self.written(key, value) for name, key, value in self.pairs(node)}
            if node.anchor is None:
                return found
            self.anchored[id(node)] = found
        return self.anchored[id(node)]

    def written(self, key: tree.Node, value: tree.Node) -> Written:
        target = value.target if isinstance(value, tree.Alias) else value
        line = self.line_of(key, value)
        if isinstance(target, tree.Mapping):
            return Branch(self.entries(target), line)
        return Leaf(self.data(target), line)

    def data(self, node: tree.Node) -> object:
        target = node.target if isinstance(node, tree.Alias) else node
        if isinstance(target, tree.Scalar):
            return helm_scalar(target, file=self.file)
        if isinstance(target, tree.Sequence):
            return [self.data(item) for item in target.items]
        if isinstance(target, tree.Mapping):
            return {name: self.data(value) for name, _, value in self.pairs(target)}
        raise AssertionError("an alias never stands for an alias")

    def pairs(self, node: tree.Mapping) -> Iterator[tuple[str, tree.Node, tree.Node]]:
        """Yield name, key and value in the order in which yaml.v2 sets them: the last of a name counts."""
        seen: set[str] = set()
        for key, value in node.pairs:
            if is_merge(key):
                yield from self.merged(value)
                continue
            name = helm_key(key, file=self.file)
            if name in seen:
                message = f"the key `{show(name, 80)}` occurs twice in one mapping; Helm takes the last"
                self.problems.add(Problem(self.file, key.line, DUPLICATE, message, "keep one of them"))
            seen.add(name)
            yield name, key, value

    def merged(self, value: tree.Node) -> Iterator[tuple[str, tree.Node, tree.Node]]:
        target = value.target if isinstance(value, tree.Alias) else value
        listed = target.items[::-1] if isinstance(target, tree.Sequence) and target is value else (target,)
        for item in listed:
            mapping = item.target if isinstance(item, tree.Alias) else item
            if not isinstance(mapping, tree.Mapping):
                message = "`<<` takes a mapping or a list of mappings"
                raise Unparseable(message, file=self.file, line=value.line)
            yield from self.pairs(mapping)

    def line_of(self, key: tree.Node, value: tree.Node) -> int:
        """A scalar's own line, a collection's key's; below an alias those of what is anchored."""
        target = value.target if isinstance(value, tree.Alias) else value
        if isinstance(target, tree.Scalar):
            return target.line
        if target is value:
            return key.line
        if self.lines is None:
            self.lines = dict(_key_lines(self.root))
        return self.lines.get(id(target), target.line)


def _key_lines(node: tree.Node) -> Iterator[tuple[int, int]]:
    """Yield each anchored collection below a key, by its identity, with the key's line."""
    if isinstance(node, tree.Sequence):
        for item in node.items:
            yield from _key_lines(item)
    elif isinstance(node, tree.Mapping):
        for key, value in node.pairs:
            if isinstance(value, tree.Mapping | tree.Sequence) and value.anchor is not None:
                yield id(value), key.line
            yield from _key_lines(value)
