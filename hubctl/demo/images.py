"""What the demo's registry publishes: for each image of the example fleet, its builds and their tags.

Organisations, images and dates are invented. All builds of one image are listed oldest first; tags in one
build share its content, as a release and `latest` do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Build:
    """One content: `day` is when it was built (`YYYY-MM-DD`), `size` the megabytes of its compressed layers."""

    day: str
    tags: tuple[str, ...]
    size: int = 0
    platforms: tuple[str, ...] = ("linux/amd64",)


def _build(day: str, *tags: str, size: int = 0, arm: bool = False) -> Build:
    return Build(day, tags, size, ("linux/amd64", "linux/arm64") if arm else ("linux/amd64",))


PUBLISHED: Mapping[str, tuple[Build, ...]] = {
    # Dated releases, next to tags that must not be taken for one.
    "quay.io/lagoon-institute/python-notebook": (
        _build("2026-03-05", "2026.03.05", size=1214, arm=True),
        _build("2026-04-22", "2026.04.22", size=1220, arm=True),
        _build("2026-06-04", "2026.06.04", "latest", size=1231, arm=True),
        _build("2026-06-11", "dev-2026.06.11", size=1262),
        _build("2026-06-12", "2026-06-12", size=1230),
    ),
    "quay.io/lagoon-institute/volume-tools": (_build("2025-11-03", "1.36.1"), _build("2026-05-06", "1.37.0")),
    "docker.io/lagooninstitute/tide-database": (
        _build("2026-05-28", "8.0", "8.0.44", size=233),
        _build("2026-06-02", "8.4", "8.4.7", "latest", size=241),
    ),
    # chartpress: as text `…9871…` would be newer than `…10112…`.
    "quay.io/lagoon-institute/hub": (
        _build("2026-02-19", "0.0.1-0.dev.git.9871.h4c1f0a2b7", size=120),
        _build("2026-05-20", "0.0.1-0.dev.git.10112.h0e9d7c6b5", size=121),
    ),
    # Commits: what `latest` points at decides, not the text of the tag.
    "quay.io/lagoon-institute/workshop-notebook": (
        _build("2026-04-02", "9f3c2a71b6d4", size=980),
        _build("2026-05-30", "1b5e88d0c72f", "latest", size=992),
    ),
    "quay.io/lagoon-institute/plain-notebook": (
        _build("2026-02-11", "2026.02.11", size=410),
        _build("2026-05-19", "2026.05.19", "latest", size=412),
    ),
    "quay.io/lagoon-institute/gpu-notebook": (
        _build("2026-01-20", "2026-01-20", size=5120),
        _build("2026-05-25", "2026-05-25", size=5388),
    ),
    "quay.io/lagoon-institute/exam-notebook": (_build("2026-05-08", "fa26_2a", size=640),),
    "quay.io/lagoon-institute/image-builder": (
        _build("2026-01-12", "2026.01.0", size=88),
        _build("2026-04-09", "2026.04.0", size=90),
    ),
    "quay.io/lagoon-institute/cryptnono": (_build("2026-03-30", "main", size=31),),
    "ghcr.io/ridge-observatory/sky-catalogue": (
        _build("2026-01-15", "5b7d0c9e1f2a3b4c5d6e7f8091a2b3c4d5e6f708", size=52),
        _build("2026-05-02", "c1d2e3f4a5b60718293a4b5c6d7e8f9001122334", "main", size=53),
    ),
    "docker.io/ridgeobservatory/scipy-notebook": (
        _build("2026-04-16", "2026.04.16", size=1540),
        _build("2026-05-29", "2026.05.29", size=1544),
    ),
    "ghcr.io/ridge-observatory/astro-notebook": (
        _build("2026-03-02", "2026-03-02", size=2010),
        _build("2026-06-01", "2026-06-01", size=2044),
    ),
    "ghcr.io/ridge-observatory/pipelines": (
        _build("2026-03-27", "7d41e0c", size=1105),
        _build("2026-06-08", "e20b94f", "latest", size=1122),
    ),
    "registry.gitlab.com/ridge-observatory/telescope-control": (
        _build("2026-02-24", "v1.4.0", size=700),
        _build("2026-05-13", "v1.5.0", size=711),
        _build("2026-06-09", "v1.10.0", size=713),
    ),
    "quay.io/ridge-observatory/hub": (
        _build("2026-01-30", "4.3.0-7-g91d2f6b3", size=118),
        _build("2026-03-12", "4.3.1-2-g0c5be1a9", size=119),
        _build("2026-06-03", "4.3.1-11-g7f6a5d42", size=119),
    ),
    "public.ecr.aws/ridge-observatory/pause": (_build("2025-09-01", "3.10", size=1),),
    "public.ecr.aws/ridge-observatory/teaching-notebook": (
        _build("2026-02-03", "2026.02.03-v2", size=870),
        _build("2026-05-05", "2026.05.05-v1", size=874),
    ),
    "public.ecr.aws/ridge-observatory/first-year-notebook": (
        _build("2026-03-19", "2026.03.19", size=610),
        _build("2026-05-21", "2026.05.21", size=612),
    ),
    "public.ecr.aws/ridge-observatory/second-year-notebook": (
        _build("2026-01-10", "spring-3", size=615),
        _build("2026-05-27", "spring-12", size=618),
        _build("2026-06-05", "autumn-1", size=620),
    ),
    "docker.io/ridgeobservatory/r-teaching": (
        _build("2026-02-20", "4.5.0", size=930),
        _build("2026-05-15", "4.5.1", size=931),
    ),
    "us-central1-docker.pkg.dev/ridge-observatory/images/julia-notebook": (
        _build("2026-03-08", "b81c65d20e9f", size=1300),
        _build("2026-05-31", "04d7a9e6f3b1", "latest", size=1312),
    ),
    "us-central1-docker.pkg.dev/meadow-college/images/notebook": (
        _build("2026-03-10", "20260310", size=890),
        _build("2026-04-12", "20260412", size=893),
        _build("2026-05-31", "20260531", size=897),
    ),
    "quay.io/meadow-college/network-tools": (
        _build("2026-02-14", "4.3.1", size=12),
        _build("2026-05-11", "4.3.3", size=12),
    ),
}
