"""What a registry says of an image: values without I/O, made by `registry`, read by choosing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

PLATFORM = "linux/amd64"  # what the nodes of hubs run
_FIRST_BELIEVED = datetime(1980, 1, 2, tzinfo=UTC)


def believed(created: datetime | None) -> datetime | None:
    """Return a time of building, None for the constants that reproducible builds write (1970-01-01, 1980-01-01)."""
    return created if created is not None and created >= _FIRST_BELIEVED else None


@dataclass(frozen=True, slots=True)
class TagFact:
    """One tag as a registry lists it; a field is None where the registry does not say.

    `digest` is that of the tag (an index digest for a multi-platform image); times are aware UTC.
    """

    name: str
    digest: str | None = None
    pushed: datetime | None = None
    created: datetime | None = None
    expires: datetime | None = None
    source: str = "oci"


@dataclass(frozen=True, slots=True)
class Listing:
    """A complete tag list of one image name, and whose API gave it (`oci`, `quay`, `dockerhub`, …)."""

    tags: tuple[TagFact, ...]
    source: str
    notes: tuple[str, ...] = ()  # for example: the stored login was refused, asked again anonymously


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A question that got no usable answer; never the same as an empty or unchanged one.

    `code` is `denied` (401, 403), `no-such-image` (404 of a list), `no-such-tag` (404 of a manifest), `unconfirmed`
    (the tag is there, and what it points at is no image) or `no-answer` (all else); `why` is one redacted sentence.
    """

    code: str
    why: str

    @property
    def is_about_tag(self) -> bool:
        """Whether this says something of one tag, and nothing of what the registry has beside it."""
        return self.code in ("no-such-tag", "unconfirmed")


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What one tag points at, read from its manifest and image config.

    `digest` is the sha256 of the manifest bytes of the tag; `platforms` as `os/architecture`;
    `created` is None where absent or before 1980-01-02; `size` is the sum of compressed layers in bytes;
    `notes` are warnings for whoever takes this tag, such as one that a fixed tag points elsewhere than it did.
    """

    digest: str
    platforms: tuple[str, ...]
    created: datetime | None
    labels: Mapping[str, str]
    size: int | None
    notes: tuple[str, ...] = ()
