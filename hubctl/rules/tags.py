"""Tags as they are written: numbers, tags that move, words that tell another version (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hubctl.errors import UsageError
from hubctl.fleet.seen import Spot
from hubctl.fleet.values import Branch, Leaf, Written
from hubctl.images.copies import owner_of
from hubctl.images.health import lone_shape
from hubctl.images.policy import parse_policy
from hubctl.images.reference import parse_name
from hubctl.images.roles import SIDECARS
from hubctl.images.shape import shape_of
from hubctl.images.site import Site
from hubctl.rules.finding import Finding, shown
from hubctl.text.tree import Node, Scalar
from hubctl.text.walk import resolve

_NAMES = ("name", "repository")
_PLACEHOLDER = re.compile(r"[{}$<>]|set-by-chartpress|placeholder", re.IGNORECASE)
_WORD = re.compile(r"(?<![\w.-])v?\d[\w]*(?:[.-]\w+)+(?![\w-])")
_TOLD = frozenset({"date", "date8", "version", "chartpress", "git-describe"})


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the values of a file as Helm reads it: a text, or a mapping with a `tag`."""

    path: tuple[str | int, ...]
    value: object


def images_in(root: Branch) -> Iterator[Image]:
    """Yield the images of a file that are not placeholders: maps with `tag`, and the texts of servers and containers.

    An empty tag is none: a chart or another file gives it.
    """
    yield from _images((), root)


def _images(path: tuple[str | int, ...], node: Written | object) -> Iterator[Image]:
    entries: Iterable[tuple[str | int, object]]
    if isinstance(node, Leaf):
        node = node.value
    if isinstance(node, Branch):
        entries = node.entries.items()
    elif isinstance(node, Mapping):
        entries = node.items()
    elif isinstance(node, list):
        entries = enumerate(node)
    else:
        return
    inside = dict(entries)
    if "tag" in inside and _is_image(path, inside):
        tag = _plain(inside["tag"])
        if not _is_open(tag):
            yield Image(path, {"tag": tag})
    if "image" in inside and _takes_text(path) and not _is_open(text := _plain(inside["image"])):
        yield Image((*path, "image"), text)
    for key, value in inside.items():
        yield from _images((*path, key), value)


def _is_image(path: tuple[str | int, ...], inside: Mapping[str | int, object]) -> bool:
    named = any(isinstance(_plain(inside.get(key)), str) and parse_name(str(_plain(inside[key]))) for key in _NAMES)
    below_image = bool(path) and str(path[-1]).lower().endswith("image")
    return below_image or (named and "extraImages" in path)


def _takes_text(path: tuple[str | int, ...]) -> bool:
    below = path[-1:] == ("kubespawner_override",)
    return below or (len(path) > 1 and path[-2] in SIDECARS)


def _plain(value: object) -> object:
    return value.value if isinstance(value, Leaf) else value


def _is_open(value: object) -> bool:
    """Whether a value is filled in elsewhere, or is a mapping that is looked into by itself."""
    if value is None or value == "" or isinstance(value, Mapping | Branch):
        return True
    return isinstance(value, str) and bool(_PLACEHOLDER.search(value))


def wrong_image(file: str, image: Image, departures: Iterable[tuple[tuple[str | int, ...], str]]) -> Iterator[Finding]:
    """Yield a finding for an image that departs from `schemas/hub-values.schema.json`."""
    tag = image.value["tag"] if isinstance(image.value, dict) else None
    if not list(departures):
        return
    if isinstance(tag, int | float):
        message = f"Helm reads this tag as {_kind(tag)}"
        yield Finding("number-tag", Spot(file, (*image.path, "tag")), message, "put it in quotes")
        return
    path = (*image.path, "tag") if isinstance(image.value, dict) else image.path
    value = tag if isinstance(image.value, dict) else image.value
    name = "a tag" if isinstance(image.value, dict) else "an image reference"
    yield Finding("image-value", Spot(file, path), f"not {name}: `{shown(value)}`", "correct it")


def _kind(tag: float) -> str:
    return f"`{str(tag).lower()}`" if isinstance(tag, bool) else f"a number, `{shown(tag)}`"


def mutable_tag(site: Site) -> Iterator[Finding]:
    """Yield a finding for a tag that its publisher moves: nodes keep the old image, and nobody sees what changed."""
    if site.tag is None or site.digest is not None or _is_meant(site):
        return
    shape = shape_of(site.tag)
    if shape.cls == "moving" or (shape.cls == "line" and shape.separator):  # `v13` alone may be a thirteenth build
        message = f"the tag `{site.tag}` moves, so the same line means another image tomorrow"
        mend = "write a fixed tag (`hubctl bump-image --pin`), or `# hubctl: pin because …`"
        yield Finding("mutable-tag", Spot(site.file, site.path), message, mend)


def _is_meant(site: Site) -> bool:
    if site.comment is None:
        return False
    try:
        return parse_policy(site.comment).kind == "pin"
    except UsageError:
        return False


def stale_text(site: Site, root: Node | None) -> Iterator[Finding]:
    """Yield a finding where the display name of a choice tells another version, of the same shape, than its tag."""
    owner = owner_of(site.path)
    if owner is None or site.tag is None or site.document != 0 or site.role != "user":
        return
    shape = shape_of(site.tag)
    name = resolve(root, (*owner, "display_name"), through_aliases=True)
    if shape.cls not in _TOLD or not isinstance(name, Scalar):
        return
    told = [found[0] for found in _WORD.finditer(name.value) if shape_of(found[0]) == shape]
    if told and site.tag not in told:
        message = f"the display name tells `{shown(told[0])}`, and the tag is `{site.tag}`"
        yield Finding("stale-text", Spot(site.file, (*owner, "display_name")), message, "write the tag there, too")


def pulled_tag(sites: Iterable[Site]) -> Iterator[Finding]:
    """Yield a finding for an image that is pulled in advance at a tag nobody starts, of the sites of one hub."""
    every = [site for site in sites if site.image is not None and site.tag is not None]
    for site in every:
        if "extraImages" not in site.path:
            continue
        used = {one.tag for one in every if one.image == site.image and "extraImages" not in one.path}
        if used and site.tag not in used:
            tags = ", ".join(f"`{tag}`" for tag in sorted(map(str, used))[:3])
            message = f"`{site.tag}` is pulled in advance, and servers use {tags} of this image"
            yield Finding("pulled-tag", Spot(site.file, site.path), message, "pull the tag that is used")


def odd_tag(sites: Iterable[Site]) -> Iterator[Finding]:
    """Yield a finding for a tag unlike all others of its image, where at least three others are alike and stay."""
    uses: dict[str, list[Site]] = {}
    for site in sites:
        name = parse_name(site.image) if site.image is not None else None
        if name is not None and site.tag is not None and not _is_meant(site):
            uses.setdefault(name.key, []).append(site)
    for same in uses.values():
        shapes = Counter(shape_of(str(site.tag)) for site in same)
        for site in same if len(shapes) == 2 else ():
            if shapes[shape_of(str(site.tag))] > 1:
                continue
            others = [str(one.tag) for one in same if one is not site]
            if shape := lone_shape(str(site.tag), others):
                unlike = f"`{site.tag}` is a tag of the shape {shape_of(str(site.tag))}"
                message = f"{unlike}, all {len(others)} others of this image have {shape}"
                mend = "correct it, or write `# hubctl: pin because …` beside it"
                yield Finding("odd-tag", Spot(site.file, site.path), message, mend)
