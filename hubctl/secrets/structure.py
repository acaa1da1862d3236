"""What stands in a secret file beside its values: keys that all readers read alike, and no features of YAML (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hubctl.secrets.ciphertext import resembles_ciphertext
from hubctl.secrets.findings import Findings
from hubctl.secrets.value import MISREAD
from hubctl.text.helm import is_merge, plain_for_helm
from hubctl.text.tree import Alias, Mapping, Node, Path, Scalar, Sequence

_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", re.DOTALL)
_WORDS = frozenset({"y", "yes", "on", "n", "no", "off"})  # of YAML 1.1: text for go-yaml and for ruamel
_QUOTED = ("single", "double")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar that is no key or an empty collection, and the keys and indexes above it."""

    path: Path
    node: Scalar | Mapping | Sequence


def leaves_at(node: Node, path: Path, found: Findings) -> Iterator[Leaf]:
    """Yield the leaves below a node in text order, and note what no secret file may have.

    Noted are anchors, aliases, tags and merge keys, keys that stand twice, and keys that are no text for every reader.
    What an alias stands for is not gone into again.
    """
    if isinstance(node, Alias):
        found.add("yaml-feature", node.line, "an alias", path)
        return
    if node.anchor is not None:
        found.add("yaml-feature", node.line, "an anchor", path)
    if node.tag is not None:
        found.add("yaml-feature", node.line, "a tag", path)
    if isinstance(node, Scalar) or not (node.items if isinstance(node, Sequence) else node.pairs):
        yield Leaf(path, node)
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from leaves_at(item, (*path, index), found)
    else:
        yield from _leaves_of(node, path, found)


def _leaves_of(node: Mapping, path: Path, found: Findings) -> Iterator[Leaf]:
    seen: set[str] = set()
    for key, value in node.pairs:
        if isinstance(key, Scalar) and isinstance(value, Scalar) and value.start <= key.end:
            found.add("clear-value", key.line, "a word in the place of a key, without any value", path)
            continue
        name = key_name(key, path, found)
        if name is not None and name in seen:
            found.add("duplicate-key", key.line, "stands twice", (*path, name))
        yield from leaves_at(value, path if name is None else (*path, name), found)
        seen.update(() if name is None else (name,))


def key_name(key: Node, path: Path, found: Findings) -> str | None:
    """Return the text of a key, None for one that is a collection or an alias; note what is odd about it.

    An odd key is not named: what a broken file has there may be a value.
    """
    if isinstance(key, Alias):
        found.add("yaml-feature", key.line, "an alias as a key", path)
        return None
    if is_merge(key):
        found.add("yaml-feature", key.line, "a merge key", path)
        return None
    if key.anchor is not None or key.tag is not None:
        found.add("yaml-feature", key.line, "an anchor or a tag at a key", path)
    if not isinstance(key, Scalar):
        found.add("odd-key", key.line, "a key that is a list or a mapping", path)
        return None
    if not _is_text(key):
        found.add("odd-key", key.line, "a key that is no text for every reader", path)
        return None
    if resembles_ciphertext(key.value):
        found.add("look-alike", key.line, "a key that resembles ciphertext: sops encrypts values alone", path)
        return None
    return key.value


def _is_text(key: Scalar) -> bool:
    """Tell whether go-yaml and ruamel.yaml both read a key as one line of text, and write it so."""
    if key.value in MISREAD or not key.value.isprintable():
        return False
    if key.style != "plain":
        return key.style in _QUOTED
    if _DATE.fullmatch(key.value):
        return False
    return isinstance(plain_for_helm(key.value), str) or key.value.lower() in _WORDS
