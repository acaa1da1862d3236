"""Which files `secret check` looks at, by their names alone."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hubctl.fleet.layout import RULES_FILE

_PREFIX = "enc-"
_MARK = ".secret."
_KINDS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A path that was named, seen from the repository's root; `""` is the root, which is a folder."""

    path: str
    folder: bool


def wanted_among(known: Collection[str], path: str) -> Wanted | None:
    """Return a path as a folder of `known` files, or as one of them; None where it is neither."""
    if not path or any(each.startswith(f"{path}/") for each in known):
        return Wanted(path, folder=True)
    return Wanted(path, folder=False) if path in known else None


def must_be_whole(path: str) -> bool:
    """Whether a file has a name that promises that every value in it is encrypted, whatever kind it is: `enc-…`."""
    return posixpath.basename(path).startswith(_PREFIX)


def is_secret_name(path: str) -> bool:
    """Whether a values or JSON file says by its name that it holds secrets: `….secret.….yaml`."""
    name = posixpath.basename(path)
    return _MARK in name and name.endswith(_KINDS)


def chosen(tracked: Iterable[str], others: Iterable[str], wanted: tuple[Wanted, ...] = ()) -> tuple[str, ...]:
    """Return the files to look at, sorted: of those that git knows and `others`, or those that are `wanted`.

    Without `wanted` all that are to be encrypted by their name, and tracked ones that say they hold secrets. A wanted
    file counts whatever its name; of a wanted folder what would count without it.
    """
    usual = {path for path in tracked if must_be_whole(path) or is_secret_name(path)}
    usual |= {path for path in others if must_be_whole(path)}
    if not wanted:
        return tuple(sorted(usual))
    named = {each.path for each in wanted if not each.folder and each.path != RULES_FILE}
    folders = tuple(f"{each.path}/" if each.path else "" for each in wanted if each.folder)
    return tuple(sorted(named | {path for path in usual if path.startswith(folders)}))


def nearer_rules(files: Iterable[str]) -> tuple[str, ...]:
    """Return where a `.sops.yaml` would lie that sops may take for these files in place of the one at the root."""
    folders: set[str] = set()
    for file in files:
        folder = posixpath.dirname(file)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    return tuple(sorted(f"{folder}/{RULES_FILE}" for folder in folders))
