"""What an image is, put together from its index, manifest and config, wherever these come from (pure)."""

from __future__ import annotations

from typing import Protocol

from hubctl.images.facts import ImageFacts
from hubctl.registry.answers import Unanswered
from hubctl.registry.manifest import Config, Index, Manifest

_ELSEWHERE = "a layer names addresses outside its registry (`urls`), which were not asked"


class Parts(Protocol):
    """Manifests and configs by digest; Unanswered where one cannot be had."""

    @property
    def host(self) -> str:
        """The registry, for messages."""
        ...

    def manifest(self, digest: str) -> Index | Manifest:
        """Return the manifest or index of a digest."""
        ...

    def config(self, digest: str) -> Config:
        """Return the image config of a digest."""
        ...


def image_facts(digest: str, read: Index | Manifest, parts: Parts) -> ImageFacts:
    """Return what the manifest or index `read`, whose digest is `digest`, stands for.

    Without an image for linux/amd64 only the digest and the platforms are known.
    """
    if isinstance(read, Manifest):
        return _facts(digest, (), read, parts)
    if read.chosen is None:
        return ImageFacts(digest, read.platforms, None, {}, None)
    chosen = _chosen(read.chosen.digest, parts)
    if isinstance(chosen, Index):
        raise Unanswered(f"`{parts.host}` sent an index inside an index")
    return _facts(digest, read.platforms, chosen, parts)


def _chosen(digest: str, parts: Parts) -> Index | Manifest:
    try:
        return parts.manifest(digest)
    except Unanswered as problem:
        if problem.code != "no-such-tag":
            raise
        raise Unanswered(f"`{parts.host}` has lost the image that this index names", code="unconfirmed") from None


def _facts(digest: str, platforms: tuple[str, ...], manifest: Manifest, parts: Parts) -> ImageFacts:
    config = parts.config(manifest.config)
    named = platforms or ((config.platform,) if config.platform else ())
    notes = (_ELSEWHERE,) if manifest.elsewhere else ()
    return ImageFacts(digest, named, config.created, config.labels, manifest.size, notes)
