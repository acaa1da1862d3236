"""Manifests and image configs that earlier runs fetched, by digest, for ever; every one is hashed when read."""

from __future__ import annotations

from hubctl.adapters.cache import CacheFolder
from hubctl.registry.manifest import digest_of


class Blobs:
    """The bytes behind digests, one file each: `blobs/sha256/<hex>`."""

    def __init__(self, folder: CacheFolder) -> None:
        self._folder = folder

    def read(self, digest: str, most: int) -> bytes | None:
        """Return the bytes of `digest`, None where they are not kept; an entry that is something else is dropped."""
        body = self._folder.read(_name(digest), most)
        if body is not None and digest_of(body, digest) != digest:
            self._folder.drop(_name(digest))
            return None
        return body

    def keep(self, digest: str, body: bytes) -> None:
        """Keep bytes that were hashed already."""
        self._folder.write(_name(digest), body)


def _name(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    return f"blobs/{algorithm}/{value}"
