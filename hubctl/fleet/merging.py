"""Values files laid over each other as Helm does it, with where each value comes from (pure).

Helm first merges the files it is given (`mergeMaps` of pkg/cli/values), then puts what charts say below that
(`CoalesceValues` of pkg/chartutil): so a null or a scalar in a file hides what the files before it said, and yet a
later mapping in its place gets the chart's defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hubctl.errors import HubctlError
from hubctl.fleet.values import Branch, Leaf, Written

MAX_VISITS = 300_000  # places looked at, over all files of a hub

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says of a hub's values, from the root; `default` where a chart says it."""

    file: str
    root: Branch
    default: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """A leaf, where it is written, and which lower places write the same path, the nearest first."""

    path: Keys
    value: object
    place: Place
    shadows: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """What Helm computes, and a source for each leaf of it: a scalar, a list, or a mapping that nothing fills."""

    values: dict[str, object]
    sources: tuple[Source, ...]


def below(prefix: Keys, root: Branch) -> Branch:
    """Return the values of a chart that stand below the keys `prefix` for the hub; nothing stays nothing."""
    if not root.entries:
        return root
    for key in reversed(prefix):
        root = Branch({key: root}, root.line)
    return root


def merge(layers: Sequence[Layer]) -> Merged:
    """Return the values of `layers`, the lowest first, chart defaults before files.

    Mappings merge; lists, scalars and null replace; a key whose last word is null is absent. `HubctlError`, code
    `too-many-values`, beyond 300,000 places.
    """
    merger = _Merger()
    values = merger.mapping((), [_Said(layer, layer.root) for layer in reversed(layers)])
    return Merged(values, tuple(merger.sources))


@dataclass(frozen=True, slots=True)
class _Said:
    """What one layer says at a path; `counts` unless a higher file replaced what stands above it."""

    layer: Layer
    node: Written
    counts: bool = True

    @property
    def place(self) -> Place:
        return Place(self.layer.file, self.node.line)


_ABSENT: Final = object()


class _Merger:
    """Collects sources on the way through all layers at once."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.visits = 0

    def value(self, path: Keys, said: list[_Said]) -> object:
        """The value at a path, `said` from the highest layer to the lowest; `_ABSENT` where it ends as null."""
        self.visits += len(said)
        if self.visits > MAX_VISITS:
            raise HubctlError(f"more than {MAX_VISITS:,} values in the files of this hub", code="too-many-values")
        first = next(index for index, one in enumerate(said) if one.counts)
        node = said[first].node
        value = self.mapping(path, said) if isinstance(node, Branch) else node.value
        if value is None:
            return _ABSENT
        if isinstance(node, Leaf) or not value:
            shadows = tuple(one.place for one in said[first + 1 :])
            self.sources.append(Source(path, value, said[first].place, shadows))
        return value

    def mapping(self, path: Keys, said: list[_Said]) -> dict[str, object]:
        inner: dict[str, list[_Said]] = {}
        for one, counts in _counting(said):
            if isinstance(one.node, Branch):
                for key, node in one.node.entries.items():
                    inner.setdefault(key, []).append(_Said(one.layer, node, counts))
        lowest = (key for one in reversed(said) if isinstance(one.node, Branch) for key in one.node.entries)
        merged: dict[str, object] = {}
        for key in dict.fromkeys(lowest):
            if any(one.counts for one in inner[key]):
                value = self.value((*path, key), inner[key])
                if value is not _ABSENT:
                    merged[key] = value
        return merged


def _counting(said: list[_Said]) -> list[tuple[_Said, bool]]:
    """Pair what layers say with whether it counts below here, where the highest that counts is a mapping.

    A file that sets something else hides the files below it; a chart's default that is no mapping is passed over.
    """
    hidden = False
    paired: list[tuple[_Said, bool]] = []
    for one in said:
        hidden = hidden or (one.counts and isinstance(one.node, Leaf) and not one.layer.default)
        paired.append((one, one.counts and (one.layer.default or not hidden)))
    return paired
