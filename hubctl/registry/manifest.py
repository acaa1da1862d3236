"""What a manifest, an index and an image config say (pure): parsed from bytes that were hashed first.

OCI image-spec v1.1 and Docker image manifest version 2, schema 2; schema 1 is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from hubctl.images.facts import PLATFORM, believed
from hubctl.images.reference import is_digest
from hubctl.registry.answers import Unanswered, expect, optional, read_object
from hubctl.registry.times import from_iso

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ACCEPT = {"Accept": f"{OCI_INDEX}, {DOCKER_LIST}, {OCI_MANIFEST}, {DOCKER_MANIFEST}"}

_INDEXES = (OCI_INDEX, DOCKER_LIST)
_MANIFESTS = (OCI_MANIFEST, DOCKER_MANIFEST)
_KNOWN = (*_INDEXES, *_MANIFESTS)
_MOST_ENTRIES = 1_000
LARGEST_PART = 4 * 1024 * 1024  # bytes of a manifest or a config


@dataclass(frozen=True, slots=True)
class Entry:
    """One image of an index; `platform` as `os/architecture`, None where the index does not say."""

    digest: str
    platform: str | None


@dataclass(frozen=True, slots=True)
class Index:
    """An index without its attestations."""

    entries: tuple[Entry, ...]

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms it names, each once, in its order."""
        return tuple(dict.fromkeys(entry.platform for entry in self.entries if entry.platform))

    @property
    def chosen(self) -> Entry | None:
        """The entry for linux/amd64, or the only one where it names no platform."""
        for entry in self.entries:
            if entry.platform == PLATFORM:
                return entry
        only = self.entries[0] if len(self.entries) == 1 else None
        return only if only is not None and only.platform is None else None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image: the digest of its config and the sum of its compressed layers in bytes.

    `elsewhere` says that a layer names other addresses (`urls`), which hubctl never asks.
    """

    config: str
    size: int
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """What the image config says; `created` is None where it is absent, unreadable or a constant."""

    platform: str | None
    created: datetime | None
    labels: dict[str, str]


def digest_of(body: bytes, like: str = "sha256:") -> str:
    """Return the digest of `body` by the algorithm of the digest `like`, sha256 or sha512."""
    algorithm = like.partition(":")[0]
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def checked(body: bytes, digest: str, host: str, what: str) -> bytes:
    """Return `body` if it hashes to `digest`; Unanswered where it does not, or the digest is no known one."""
    if not is_digest(digest):
        raise Unanswered(f"`{host}` names {what} by a digest that is neither sha256 nor sha512")
    if digest_of(body, digest) != digest:
        raise Unanswered(f"`{host}` sent {what} that is not what its digest says")
    return body


def parse_manifest(body: bytes, content_type: str, host: str) -> Index | Manifest:
    """Return an index or a manifest; Unanswered `unconfirmed` for schema 1 and other types, else `no-answer`.

    Where neither the text nor the header names a type, the fields tell, as they do for those who pull.
    """
    data = read_object(body, host)
    if data.get("schemaVersion") == 1:
        raise Unanswered(f"`{host}` sent a manifest of an old schema, whose digest means nothing", code="unconfirmed")
    if data.get("schemaVersion") != 2:
        raise Unanswered(f"`{host}` sent no manifest")
    header = content_type.partition(";")[0].strip().lower()
    named = optional(data.get("mediaType"), str, host, "`mediaType`") or (header if header in _KNOWN else "")
    if "manifests" in data and ("config" in data or "layers" in data):
        raise Unanswered(f"`{host}` sent a manifest that is also an index")
    if header in _KNOWN and named in _KNOWN and header != named:
        raise Unanswered(f"`{host}` sent a manifest whose type contradicts its header")
    if (named in _INDEXES or not named) and "manifests" in data:
        return _index(data, host)
    if (named in _MANIFESTS or not named) and "config" in data:
        return _manifest(data, host)
    raise Unanswered(f"`{host}` sent no image manifest", code="unconfirmed")


def _index(data: dict[str, object], host: str) -> Index:
    entries = expect(data["manifests"], list, host, "`manifests`")
    if len(entries) > _MOST_ENTRIES:
        raise Unanswered(f"`{host}` sent an index of more than {_MOST_ENTRIES} entries")
    read = (_entry(expect(entry, dict, host, "an entry of `manifests`"), host) for entry in entries)
    return Index(tuple(entry for entry in read if entry is not None))


def _entry(data: dict[str, object], host: str) -> Entry | None:
    """Return one entry, None for attestations, which buildx stores beside the images."""
    annotations = optional(data.get("annotations"), dict, host, "`annotations`") or {}
    if "vnd.docker.reference.type" in annotations:
        return None
    platform = optional(data.get("platform"), dict, host, "`platform`")
    name = _platform(platform, host) if platform else None
    if name == "unknown/unknown":
        return None
    return Entry(_digest(data, host), name)


def _manifest(data: dict[str, object], host: str) -> Manifest:
    listed = optional(data.get("layers"), list, host, "`layers`") or []
    layers = [expect(layer, dict, host, "a layer") for layer in listed]
    sizes = [expect(layer.get("size"), int, host, "`size`") for layer in layers]
    if any(size < 0 for size in sizes):
        raise Unanswered(f"`{host}` sent a layer of negative size")
    config = _digest(expect(data["config"], dict, host, "`config`"), host)
    return Manifest(config, sum(sizes), any(layer.get("urls") for layer in layers))


def _digest(data: dict[str, object], host: str) -> str:
    digest = expect(data.get("digest"), str, host, "`digest`")
    if not is_digest(digest):
        raise Unanswered(f"`{host}` names a part by a digest that is neither sha256 nor sha512")
    return digest


def _platform(data: dict[str, object], host: str) -> str:
    system = optional(data.get("os"), str, host, "`os`") or "unknown"
    return f"{system}/{optional(data.get('architecture'), str, host, '`architecture`') or 'unknown'}"


def parse_config(body: bytes, host: str) -> Config:
    """Return what the config blob says of platform, time and labels."""
    data = read_object(body, host)
    platform = _platform(data, host)
    inner = optional(data.get("config"), dict, host, "`config`") or {}
    labels = optional(inner.get("Labels"), dict, host, "`Labels`") or {}
    created = optional(data.get("created"), str, host, "`created`")
    return Config(
        None if platform == "unknown/unknown" else platform,
        believed(from_iso(created)) if created else None,
        {key: expect(value, str, host, "a label") for key, value in labels.items()},
    )
