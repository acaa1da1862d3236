"""The values of choosing: what was decided for a site, and on what evidence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

Order: TypeAlias = Literal["date", "version", "number", "created"]


@dataclass(frozen=True, slots=True)
class Policy:
    """How a site's newer tag is chosen.

    `kind` `inferred`: shape and order from the current tag; `pattern`: a full-match Python regex with an
    `order` (None: inferred); `pin`: never, because `reason`; `to`: exactly `tag`.
    `origin` says where the policy came from: `inferred`, `comment`, `hubctl.yaml`, `--policy`, `--to`.
    """

    kind: Literal["inferred", "pattern", "pin", "to"] = "inferred"
    pattern: str | None = None
    order: Order | None = None
    reason: str = ""
    tag: str | None = None
    ignore: tuple[str, ...] = ()  # globs of tags never taken
    minimum_age: dt.timedelta = dt.timedelta(0)
    allow_downgrade: bool = False
    origin: str = "inferred"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the chosen tag; each field is None when unknown, never invented."""

    source: str | None = None
    pushed: dt.datetime | None = None
    created: dt.datetime | None = None
    digest: str | None = None
    twin_of: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What an image is and says of itself; None where it says nothing. Labels are claims, often of a base image.

    `source` and `revision` are the labels `org.opencontainers.image.source` and `.revision`, `repository` is
    `repo2docker.repo`; `size` is the sum of compressed layers in bytes.
    """

    size: int | None = None
    created: dt.datetime | None = None
    source: str | None = None
    revision: str | None = None
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One tag that was considered; `lost` says why it was not taken, None for the winner."""

    tag: str
    lost: str | None
    pushed: dt.datetime | None = None
    created: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Change to `tag`; `digest` is the confirmed digest of that tag, `size` compressed bytes.

    `before` is the image that runs today and `after` that of `tag`, None where nobody looked or it did not answer.
    """

    tag: str
    digest: str
    why: str
    evidence: Evidence
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()
    size: int | None = None
    refused: tuple[tuple[str, str], ...] = ()  # in a group: tags that are not for this image, each with the reason
    before: Origin | None = None
    after: Origin | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave the site alone: `code` is a stable word of the docs (`up-to-date`, `pinned`, `moving`, …)."""

    code: str
    why: str
    candidates: tuple[Candidate, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()  # as of `Take`


@dataclass(frozen=True, slots=True)
class Unknown:
    """Could not tell: `code` is `no-answer`, `denied` or `no-such-image`."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The decision needs more facts: `digest` of some tags, an `inspect` (manifest and config), or `history`."""

    what: Literal["digest", "inspect", "history"]
    tags: tuple[str, ...]


Choice: TypeAlias = Take | Keep | Unknown
