"""An OCI registry that answers what hubctl asks: tag lists, manifests, image configs.

It stands in for every host at once, as a mirror whose paths begin with the host's name:
`/v2/quay.io/lagoon-institute/hub/tags/list`. Everything is made from the table of builds, the same each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from hubctl.demo.images import Build
from hubctl.demo.serving import Answered, Asked, as_json

OCI = "application/vnd.oci.image"
INDEX, MANIFEST, CONFIG = f"{OCI}.index.v1+json", f"{OCI}.manifest.v1+json", f"{OCI}.config.v1+json"
LAYER = f"{OCI}.layer.v1.tar+gzip"
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes with their media type, addressed by their digest."""

    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    def descriptor(self) -> dict[str, object]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}


@dataclass(frozen=True, slots=True)
class Shelf:
    """One image name: its tags, and everything stored for it by digest."""

    tags: Mapping[str, str]  # tag → digest
    stored: Mapping[str, Stored]


def fill(name: str, builds: tuple[Build, ...]) -> Shelf:
    """Return the shelf of one image name; the same table gives the same digests."""
    tags: dict[str, str] = {}
    stored: dict[str, Stored] = {}
    for build in builds:
        parts = _parts(name, build)
        stored |= {part.digest: part for part in parts}
        tags |= dict.fromkeys(build.tags, parts[-1].digest)
    return Shelf(dict(sorted(tags.items())), stored)


def _parts(name: str, build: Build) -> list[Stored]:
    """Return configs and manifests of one build, what its tags point at last."""
    parts: list[Stored] = []
    children: list[dict[str, object]] = []
    for platform in build.platforms:
        config = _config(name, build, platform)
        manifest = _manifest(name, build, platform, config)
        parts += [config, manifest]
        system, architecture = platform.split("/")
        children.append(manifest.descriptor() | {"platform": {"os": system, "architecture": architecture}})
    if len(children) > 1:
        parts.append(_stored(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": children}))
    return parts


def _config(name: str, build: Build, platform: str) -> Stored:
    system, architecture = platform.split("/")
    labels = {
        "org.opencontainers.image.source": f"https://github.com/{'/'.join(name.split('/')[-2:])}",
        "org.opencontainers.image.revision": _revision(name, build),
    }
    return _stored(
        CONFIG,
        {
            "created": f"{build.day}T04:00:00Z",
            "architecture": architecture,
            "os": system,
            "config": {"User": "1000", "ExposedPorts": {"8888/tcp": {}}, "Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [_made_up("layer", name, build.day, platform)]},
        },
    )


def _manifest(name: str, build: Build, platform: str, config: Stored) -> Stored:
    # The layer is only named: hubctl reads its size, never its bytes.
    digest = _made_up("compressed", name, build.day, platform)
    layer = {"mediaType": LAYER, "digest": digest, "size": build.size * MEGABYTE}
    return _stored(
        MANIFEST,
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": config.descriptor(), "layers": [layer]},
    )


def _revision(name: str, build: Build) -> str:
    """Return the commit a build was made from; where a tag is the beginning of a commit, that one."""
    made_up = _made_up("commit", name, build.day).removeprefix("sha256:")[:40]
    commits = [tag for tag in build.tags if len(tag) in (7, 12, 40) and set(tag) <= set("0123456789abcdef")]
    return (commits[0] + made_up)[:40] if commits else made_up


def _made_up(*words: str) -> str:
    return f"sha256:{hashlib.sha256(' '.join(words).encode()).hexdigest()}"


def _stored(media_type: str, value: object) -> Stored:
    return Stored(media_type, json.dumps(value, separators=(",", ":")).encode())


class Registry:
    """Answers the read half of the distribution API for the images it was given."""

    def __init__(self, images: Mapping[str, tuple[Build, ...]]) -> None:
        self.shelves = {name: fill(name, builds) for name, builds in images.items()}

    def answer(self, asked: Asked) -> Answered:
        """Return the response to one request; what it does not serve is 404 with the protocol's error code."""
        match asked.path:
            case ("v2",):
                return as_json(200, {})
            case ("v2", *name, "tags", "list") if shelf := self.shelves.get("/".join(name)):
                return as_json(200, {"name": "/".join(name), "tags": list(shelf.tags)})
            case ("v2", *name, "manifests", reference) if shelf := self.shelves.get("/".join(name)):
                return _content(shelf, shelf.tags.get(reference, reference), (INDEX, MANIFEST), "MANIFEST_UNKNOWN")
            case ("v2", *name, "blobs", digest) if shelf := self.shelves.get("/".join(name)):
                return _content(shelf, digest, (CONFIG,), "BLOB_UNKNOWN")
            case _:
                return _unknown("NAME_UNKNOWN")


def _content(shelf: Shelf, digest: str, media_types: tuple[str, ...], otherwise: str) -> Answered:
    stored = shelf.stored.get(digest)
    if stored is None or stored.media_type not in media_types:
        return _unknown(otherwise)
    media_type = "application/octet-stream" if stored.media_type == CONFIG else stored.media_type
    return Answered(200, stored.content, media_type, {"Docker-Content-Digest": digest, "Etag": f'"{digest}"'})


def _unknown(code: str) -> Answered:
    return as_json(404, {"errors": [{"code": code, "message": code.replace("_", " ").lower(), "detail": {}}]})
