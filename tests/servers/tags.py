"""Tags as the doubles of hosted registries know them, and a table of more than a thousand."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from dataclasses import dataclass, replace

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Tag:
    """One tag on the image that is built from `content`; its push date is told apart from everything else."""

    name: str
    content: str
    pushed: dt.datetime
    expires: dt.datetime | None = None

    @property
    def digest(self) -> str:
        return manifest_digest(self.content)


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def config(content: str) -> bytes:
    """Return the config of the image built from `content`; it says nothing of its time."""
    labels = {"Labels": {"content": content}}
    return json.dumps({"os": "linux", "architecture": "amd64", "config": labels}).encode()


def manifest(content: str) -> bytes:
    """Return the manifest of that image."""
    described = {"digest": sha256(config(content)), "size": len(config(content))}
    return json.dumps(
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described, "layers": [{"size": 7}]}
    ).encode()


@functools.cache
def manifest_digest(content: str) -> str:
    return sha256(manifest(content))


def many_tags(count: int = 1_050) -> list[Tag]:
    """Return `count` tags, oldest push first: daily dates, commits in no order, and `latest` on the newest commit."""
    start = dt.datetime(2023, 1, 1, 12, tzinfo=dt.UTC)
    tags = []
    for number in range((count - 1) // 2):
        day = start + dt.timedelta(days=number)
        commit = hashlib.sha1(str(number).encode()).hexdigest()[:12]
        tags.append(Tag(f"{day:%Y.%m.%d}", f"date {number}", day))
        tags.append(Tag(commit, f"commit {number}", day + dt.timedelta(hours=1)))
    while len(tags) < count - 1:
        tags.append(Tag(f"extra-{len(tags)}", "extra", start))
    newest = max((tag for tag in tags if len(tag.name) == 12), key=lambda tag: tag.pushed)
    tags.append(Tag("latest", newest.content, newest.pushed))
    return tags


def expiring(tags: list[Tag], name: str, at: dt.datetime) -> list[Tag]:
    """Return the tags, the one called `name` with an end."""
    return [replace(tag, expires=at) if tag.name == name else tag for tag in tags]
