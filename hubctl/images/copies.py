"""Copies of a tag in the words people read: the display name and description of the same choice move along."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hubctl.errors import UnsafeEdit
from hubctl.images.site import Site
from hubctl.show import show
from hubctl.text.edit import ScalarEdit
from hubctl.text.tree import Node, Path, Scalar, Stream
from hubctl.text.walk import resolve, scalar_at

WORDS = ("display_name", "description")
PROFILE_LISTS = ("profileList", "profile_list")
Tags: TypeAlias = dict[str, set[str]]  # new tags by the old one

_BEFORE = r"(?<![\w.-])"
_AFTER = r"(?!\.*[\w-])"  # dots alone end a sentence
_AMOUNT = r"\s*(?:[KMGT]i?B?\b|%|v?CPU|[Cc]ore)"
_SMALL_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")
_NUMBERS = rf"v?\d+(?:\.\d+)+(?!\.?\d|{_AMOUNT})\w*(?:[.-]\w+)*"
_VERSION = re.compile(rf"(?<![\w.~$-])(?:\d{{4}}-\d\d(?:-\d\d)?|{_NUMBERS}){_AFTER}")


@dataclass(frozen=True, slots=True)
class Move:
    """One planned change of a tag."""

    site: Site
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Copies:
    """The edits that keep the words true, and what a person should look at."""

    edits: tuple[ScalarEdit, ...]
    warnings: tuple[str, ...]


def copies_of(stream: Stream, moves: Iterable[Move]) -> Copies:
    """Return one edit for each display name or description that carries an exact old tag of the same choice.

    The same choice is the innermost `choices` entry, `unlisted_choice` or profile around the site. A tag counts as
    a whole word only, a full stop after it is the sentence's, and `8` of `8 GB` is an amount. A slug never moves, nor
    words that an alias stands for, nor a tag that two images of the choice leave for different ones. Warnings name
    what was left, other versions in the words, and a profile whose slug is made from its name.
    """
    edits: list[ScalarEdit] = []
    warnings: list[str] = []
    for (document, owner), tags in _by_owner(moves).items():
        for key in WORDS:
            edit, said = _moved(stream, document, (*owner, key), tags)
            edits.extend(edit)
            warnings.extend(said)
    return Copies(tuple(edits), tuple(warnings))


def owner_of(path: Path) -> Path | None:
    """Return the path of the innermost choice or profile around a key path, None outside of profiles."""
    end = 0
    for index, step in enumerate(path):
        if step == "choices" or step in PROFILE_LISTS:
            end = index + 2
        elif step == "unlisted_choice":
            end = index + 1
    return path[:end] if 0 < end < len(path) else None


def _by_owner(moves: Iterable[Move]) -> dict[tuple[int, Path], Tags]:
    owners: dict[tuple[int, Path], Tags] = {}
    for move in moves:
        owner = owner_of(move.site.path)
        if owner is not None and move.old != move.new:
            owners.setdefault((move.site.document, owner), {}).setdefault(move.old, set()).add(move.new)
    return owners


def _moved(stream: Stream, document: int, path: Path, tags: Tags) -> tuple[list[ScalarEdit], list[str]]:
    """Return the edit of one text, if it needs one and may be written, and the warnings about it."""
    root = stream.documents[document]
    scalar = resolve(root, path, through_aliases=True)
    if not isinstance(scalar, Scalar):
        return [], []
    where = f"`{path[-1]}` at line {scalar.line}"
    clear = {old: min(news) for old, news in tags.items() if len(news) == 1}
    text = _replaced(scalar.value, clear)
    edits: list[ScalarEdit] = []
    warnings: list[str] = []
    if text != scalar.value:
        try:
            scalar_at(stream, document, path)
        except UnsafeEdit as refusal:
            warnings.append(f"{where} was left as it is: {refusal.message}")
            text, clear = scalar.value, {}
        else:
            edits.append(ScalarEdit(document, path, text))
            warnings.extend(_slug_warnings(root, path))
    stale = [old for old in tags if old not in clear and re.search(_whole(old), text)]
    warnings.extend(f"{where} still says `{show(old)}`" for old in stale)
    told = {*tags, *(new for news in tags.values() for new in news)}
    others = [version for version in _versions(text) if version not in told]
    warnings.extend(f"{where} also names `{show(version)}`, left as it is" for version in others)
    return edits, warnings


def _replaced(text: str, tags: Mapping[str, str]) -> str:
    """Return the text with each old tag replaced in one pass, so that a new tag is never taken for an old one."""
    olds = [_whole(old) for old in sorted(tags, key=len, reverse=True)]
    return re.sub("|".join(olds), lambda found: tags[found[0]], text) if olds else text


def _whole(tag: str) -> str:
    """Return the pattern of a tag as a word of its own."""
    amount = f"(?!{_AMOUNT})" if _SMALL_NUMBER.fullmatch(tag) else ""
    return _BEFORE + re.escape(tag) + _AFTER + amount


def _versions(text: str) -> list[str]:
    """Return each dotted version or date in the text once; amounts of memory, disk and processors are none."""
    return list(dict.fromkeys(found[0] for found in _VERSION.finditer(text)))


def _slug_warnings(root: Node | None, path: Path) -> Iterator[str]:
    """Yield a warning where a profile's slug is made from the display_name that changes (kubespawner's rule)."""
    *lists, key = path[:-1]
    if path[-1] != "display_name" or not isinstance(key, int) or lists[-1] not in PROFILE_LISTS:
        return
    slug = resolve(root, (*path[:-1], "slug"), through_aliases=True)
    if not (isinstance(slug, Scalar) and slug.value):
        profile = resolve(root, path[:-1])
        line = profile.line if profile else 1
        yield f"the profile at line {line} has no slug: its new display_name changes it, choices people saved are lost"
