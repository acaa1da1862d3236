"""A plan: the changes to make, the sites left alone and why, and the texts that result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hubctl.images.choice import Candidate, Evidence, Origin
from hubctl.images.site import Site
from hubctl.problem import Problem


@dataclass(frozen=True, slots=True)
class Change:
    """One intended edit of one site.

    `image` is the resolved image name; `old` and `new` are tags (equal where only a digest moves), `digest` the
    confirmed digest of `new`; `hubs` are the `cluster/hub` it reaches; `copies` are the key paths of the
    display names and descriptions in the same choice that carry the old tag and move along.
    `overridden` are those of the hubs for which a later file takes its place; `default` says who gets this image
    without choosing it: `everybody`, or whoever takes its `profile`; `before` and `after` are the two images,
    None where not known.
    """

    site: Site
    image: str
    old: str | None
    new: str
    digest: str
    why: str
    evidence: Evidence
    hubs: tuple[str, ...]
    shadowed: bool = False
    copies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    size: int | None = None
    overridden: tuple[str, ...] = ()
    default: Literal["everybody", "profile"] | None = None
    before: Origin | None = None
    after: Origin | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """A selected site that stays as it is; `code` is a stable word with a page in the docs."""

    site: Site
    image: str | None
    code: str
    why: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEdit:
    """The whole bytes of one file before and after; `before` is None for a file that is to be made."""

    file: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """Complete before the first byte is written; every selected site is in exactly one of the three lists."""

    changes: tuple[Change, ...] = ()
    skips: tuple[Skip, ...] = ()
    unknown: tuple[Skip, ...] = ()
    problems: tuple[Problem, ...] = ()
    edits: tuple[FileEdit, ...] = ()
    stages: Mapping[str, str] = field(default_factory=dict)  # `cluster/hub` → `staging` or `prod`
