"""Which values differ between two texts of one file, by key path (pure)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hubctl.errors import Unparseable
from hubctl.fleet.values import Branch, Written, values_of
from hubctl.text.data import data
from hubctl.text.parse import parse
from hubctl.text.walk import named_item, with_key

Kind: TypeAlias = Literal["added", "removed", "changed"]
Values: TypeAlias = dict[str, object]

MOST = 10_000  # differences of one file
_LONGEST_PATH = 2_000  # what lies deeper is one leaf: keys can be long, and each path repeats those above it
_LONGEST_LIST = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs: its key path, and what JSON holds of it before and after, None on the side without."""

    path: str
    old: object
    new: object
    kind: Kind


def values_in(text: bytes, file: str) -> Values | None:
    """Return the values of a values file as Helm reads them, None where sops encrypted them.

    Unparseable as `values_of` raises it.
    """
    entries = values_of(text, file).root.entries
    if isinstance(entries.get("sops"), Branch):
        return None
    return {key: _plain(value) for key, value in entries.items()}


def cluster_in(text: bytes, file: str) -> Values:
    """Return what a `cluster.yaml` says as YAML 1.2 reads it: Helm never does. Unparseable where it is no mapping."""
    documents = parse(text, file).documents
    whole = data(documents[0], file=file) if documents else None
    if not isinstance(whole, dict):
        raise Unparseable("not one YAML mapping", file=file)
    found: Values = json.loads(json.dumps(whole), parse_constant=str)  # JSON has no word for infinity
    return found


def _plain(value: Written) -> object:
    if isinstance(value, Branch):
        return {key: _plain(inner) for key, inner in value.entries.items()}
    return value.value


def differences(old: Values, new: Values) -> tuple[Difference, ...]:
    """Return every value that differs, sorted by its path; the order of keys does not count.

    Mappings are gone through to their leaves, also where a side has nothing. Lists of mappings are where both sides
    name their entries alike, in one order; any other list is one leaf, as for Helm. `Unparseable` for more than
    10,000 differences.
    """
    found: list[Difference] = []
    for each in _mappings("", old, new):
        if len(found) >= MOST:
            raise Unparseable(f"more than {MOST:,} values differ")
        found.append(each)
    return tuple(sorted(found, key=lambda each: each.path))


def _mappings(path: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Difference]:
    for key in {**old, **new}:
        below = with_key(path, key)
        if key not in old:
            yield from _on_one_side(below, new[key], "added")
        elif key not in new:
            yield from _on_one_side(below, old[key], "removed")
        else:
            yield from _both(below, old[key], new[key])


def _on_one_side(path: str, value: object, kind: Literal["added", "removed"]) -> Iterator[Difference]:
    if isinstance(value, dict) and value and len(path) <= _LONGEST_PATH:
        for key, inner in value.items():
            yield from _on_one_side(with_key(path, key), inner, kind)
    elif kind == "added":
        yield Difference(path, None, value, kind)
    else:
        yield Difference(path, value, None, kind)


def _both(path: str, old: object, new: object) -> Iterator[Difference]:
    if _same(old, new):
        return
    if len(path) <= _LONGEST_PATH:
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _mappings(path, old, new)
            return
        names = _names(old)
        if names and names == _names(new) and isinstance(old, list) and isinstance(new, list):
            for name, before, after in zip(names, old, new, strict=True):
                yield from _both(f"{path}[{name}]", before, after)
            return
    yield Difference(path, old, new, "changed")


def _same(old: object, new: object) -> bool:
    """Whether two values are one: `True` is not 1, as it is for Python."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return isinstance(old, bool) == isinstance(new, bool) and old == new


def _names(value: object) -> tuple[str, ...]:
    """Return what names each entry of a list of mappings, as key paths do; nothing for any other value."""
    if not isinstance(value, list) or len(value) > _LONGEST_LIST or not all(isinstance(item, dict) for item in value):
        return ()
    texts = {key: [_text(item.get(key)) for item in value] for key in ("slug", "name")}
    counts = {key: Counter(names) for key, names in texts.items()}

    def name_of(index: int) -> str:
        for key, names in texts.items():
            name = names[index]
            if name and counts[key][name] == 1:
                return named_item(key, name)
        return str(index)

    return tuple(map(name_of, range(len(value))))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
