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
    """One tag on the image that is built from `content`; its push date is told apart from everything else.

    `created`, `branch` and `architecture` are what the config of its image says, so tags of one image have the same;
    a tag that is `gone` is listed and has no manifest.
    """

    name: str
    content: str
    pushed: dt.datetime
    expires: dt.datetime | None = None
    created: dt.datetime | None = None
    branch: str | None = None
    architecture: str = "amd64"
    gone: bool = False

    @property
    def digest(self) -> str:
        return manifest_digest(self.content, self.created, self.branch, self.architecture)

    @property
    def manifest(self) -> bytes:
        return manifest(self.content, self.created, self.branch, self.architecture)

    @property
    def config(self) -> bytes:
        return config(self.content, self.created, self.branch, self.architecture)


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@functools.cache
def config(
    content: str, created: dt.datetime | None = None, branch: str | None = None, architecture: str = "amd64"
) -> bytes:
    """Return the config of the image built from `content`; without `created` it says nothing of its time."""
    labels = {"content": content} | ({"repo2docker.ref": f"refs/heads/{branch}"} if branch else {})
    time = {"created": created.isoformat()} if created else {}
    return json.dumps({"os": "linux", "architecture": architecture, "config": {"Labels": labels}} | time).encode()


@functools.cache
def manifest(
    content: str, created: dt.datetime | None = None, branch: str | None = None, architecture: str = "amd64"
) -> bytes:
    """Return the manifest of that image."""
    inner = config(content, created, branch, architecture)
    described = {"digest": sha256(inner), "size": len(inner)}
    return json.dumps(
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described, "layers": [{"size": 7}]}
    ).encode()


@functools.cache
def manifest_digest(
    content: str, created: dt.datetime | None = None, branch: str | None = None, architecture: str = "amd64"
) -> str:
    return sha256(manifest(content, created, branch, architecture))


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
