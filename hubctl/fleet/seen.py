"""What is known of the files of one hub: merged values, who writes them, key paths of encrypted files (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from hubctl.errors import Unparseable
from hubctl.fleet.merging import Keys
from hubctl.fleet.model import Hub
from hubctl.fleet.values import Branch, Leaf, Written
from hubctl.text import tree
from hubctl.text.parse import parse
from hubctl.text.walk import key_text

_SOPS = "sops"


@dataclass(frozen=True, slots=True)
class Told:
    """What one plain file says of a hub; its values stand below the keys `prefix`. `default` where a chart says it."""

    file: str
    prefix: Keys
    root: Branch
    default: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A key path in a file, as the file writes it; the last keys may be missing there."""

    file: str
    path: tuple[str | int, ...]


@dataclass(frozen=True)
class Seen:
    """A hub with its merged `values` and its plain files, the lowest first.

    `declared` is where `cluster.yaml` names the hub, `listed` all its files in that order, `encrypted` the key paths
    of those that sops wrote; `unseen` where the hub has values that are not here or that hubctl does not read.
    """

    hub: Hub
    declared: Spot
    values: Mapping[str, object]
    told: tuple[Told, ...]
    listed: tuple[str, ...] = ()
    encrypted: Mapping[str, frozenset[Keys]] | None = None
    unseen: bool = False

    def at(self, *keys: str) -> object:
        """Return the value at `keys` below the hub's prefix, None where there is none."""
        found: object = self.values
        for key in (*self.hub.prefix, *keys):
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    @cached_property
    def hidden(self) -> frozenset[Keys]:
        """All key paths of leaves in the hub's encrypted files."""
        return frozenset[Keys]().union(*(self.encrypted or {}).values())

    def hides(self, *keys: str) -> bool:
        """Whether an encrypted file writes `keys`, below the hub's prefix, or something above or below them."""
        return self.hides_at((*self.hub.prefix, *keys))

    def hides_at(self, path: Keys) -> bool:
        """Whether an encrypted file writes `path`, seen from the root, or something above or below it."""
        return any(path[: len(one)] == one or one[: len(path)] == path for one in self.hidden)

    def spot(self, *keys: str | int, own: bool = True) -> Spot:
        """Return where `keys`, below the hub's prefix, are written, or most of them; among equals the file that wins.

        With `own` a chart counts only where no file of the hub writes the first of them.
        """
        return self.spot_at((*self.hub.prefix, *keys), own=own)

    def spot_at(self, path: tuple[str | int, ...], *, own: bool = False) -> Spot:
        """As `spot`, with `path` from the root of the hub's values."""
        best, deepest = self.declared, -1
        for one in reversed(self.told):
            count = _depth(one, path)
            if own and one.default and deepest > len(self.hub.prefix):
                break
            if count > deepest:
                best, deepest = Spot(one.file, path[len(one.prefix) :]), count
        return best


def _depth(told: Told, path: tuple[str | int, ...]) -> int:
    """How many steps of `path` a file writes."""
    if path[: len(told.prefix)] != told.prefix or not told.root.entries:
        return -1
    node: Written = told.root
    count = len(told.prefix)
    for step in path[count:]:
        if isinstance(node, Leaf):
            return count
        if not isinstance(step, str) or step not in node.entries:
            return count
        node = node.entries[step]
        count += 1
    return count


def encrypted_paths(text: bytes, file: str) -> frozenset[Keys]:
    """Return the key paths of the leaves of a file that sops encrypted; no value is looked at. A list is one leaf.

    Empty for what is no YAML mapping: sops' other formats hold no values files.
    """
    try:
        documents = parse(text, file).documents
    except Unparseable:
        return frozenset()
    root = documents[0] if documents else None
    return frozenset(path for path in _leaves(root, ()) if path and path[0] != _SOPS)


def _leaves(node: tree.Node | None, above: Keys) -> Iterator[Keys]:
    if isinstance(node, tree.Mapping) and node.pairs:
        for key, value in node.pairs:
            yield from _leaves(value, (*above, key_text(key) or ""))
    else:
        yield above
