"""A light tree of spans over YAML text: what stands where, without building Python data.

Offsets are code points into `Stream.text` (BOM removed, line ends kept). Built by `parse`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
Style: TypeAlias = Literal["plain", "single", "double", "literal", "folded"]
Node: TypeAlias = "Scalar | Alias | Mapping | Sequence"


@dataclass(frozen=True, slots=True)
class Scalar:
    """`start:end` spans the value with its quotes, without anchor and tag; `line` is 1-based, of `start`."""

    start: int
    end: int
    line: int
    value: str
    style: Style
    anchor: str | None
    tag: str | None
    flow: bool


@dataclass(frozen=True, slots=True)
class Alias:
    """`*name`; `target` is the anchored node it stands for."""

    start: int
    end: int
    line: int
    name: str
    target: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Pairs in text order; duplicate keys are kept, the last one counts for Helm."""

    start: int
    line: int
    pairs: tuple[tuple[Node, Node], ...]
    anchor: str | None
    tag: str | None
    flow: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items in text order."""

    start: int
    line: int
    items: tuple[Node, ...]
    anchor: str | None
    tag: str | None
    flow: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """A parsed file: its text, whether a BOM stood before it, and one root (or None if empty) a document."""

    text: str
    bom: bool
    documents: tuple[Node | None, ...]
