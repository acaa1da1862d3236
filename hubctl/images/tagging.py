"""Changing the tag of one place, and the digest beside it where one is given."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from hubctl.errors import UnsafeEdit, UsageError
from hubctl.images.reference import ImageName, Reference, is_digest, is_tag, tagged
from hubctl.images.site import Site
from hubctl.images.sites import find_sites
from hubctl.show import show
from hubctl.text.edit import ScalarEdit, set_scalars
from hubctl.text.parse import parse
from hubctl.text.tree import Path, Scalar
from hubctl.text.walk import resolve

Identity: TypeAlias = tuple[int, Path, str, str | None, str | None, str | None]


def retag(data: bytes, site: Site, tag: str) -> bytes:
    """Return the file's bytes with another tag at `site`; a digest beside the old tag stays as written.

    `UsageError` where `tag` is no tag; `UnsafeEdit` where the site is not in `data` as it was found, holds a digest
    only, or cannot be edited without touching more than the tag.
    """
    if site.tag is None:
        raise UnsafeEdit("a digest stands here without a tag", code="no-tag", hint="set the digest instead")
    return set_scalars(data, edits_for(data, site, tag))


def edits_for(data: bytes, site: Site, tag: str | None, digest: str | None = None) -> tuple[ScalarEdit, ...]:
    """Return what must be set for `site` to name `tag` and `digest`; None keeps what is written.

    One edit, or two where the map holds its digest under a key of its own. A place without a digest gets none, a
    place with a digest only keeps no tag. `UsageError` where `tag` is no tag or `digest` no digest; `UnsafeEdit`
    where the site is not in `data` as it was found.
    """
    if tag is not None and not is_tag(tag):
        raise UsageError(f"not a tag: `{show(tag)}`", hint="a tag holds letters, digits and `._-`, at most 128")
    if digest is not None and not is_digest(digest):
        raise UsageError(f"not a digest: `{show(digest)}`", hint="a digest is `sha256:` and 64 hexadecimal digits")
    if _identity(site) not in _identities(data, site.file):
        raise UnsafeEdit(f"the image is no longer at line {site.line}", code="moved", hint="find it again")
    tag = tag if tag and site.tag else site.tag
    digest = digest if digest and site.digest else site.digest
    if site.form == "inline" or tag is None:
        reference = Reference(ImageName(site.image or ""), site.tag, site.digest, "")
        return (ScalarEdit(site.document, site.path, reference.with_tag(tag, digest)),)
    if digest is None or "@" in _written(data, site):
        return (ScalarEdit(site.document, site.path, tagged(tag, digest)),)
    beside = (*site.path[:-1], "digest")
    return (ScalarEdit(site.document, site.path, tag), ScalarEdit(site.document, beside, digest))


@lru_cache(maxsize=4)
def _identities(data: bytes, file: str) -> frozenset[Identity]:
    """Return what tells the places of a text apart; a run edits many places of one file."""
    return frozenset(_identity(site) for site in find_sites(data, file))


def _identity(site: Site) -> Identity:
    return site.document, site.path, site.form, site.image, site.tag, site.digest


def _written(data: bytes, site: Site) -> str:
    scalar = resolve(parse(data, site.file).documents[site.document], site.path)
    return scalar.value if isinstance(scalar, Scalar) else ""
