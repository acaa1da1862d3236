"""What a user asked for, as values; light to import, so that `--help` stays instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Proposing:
    """How a pull request is made; None where the settings or the repository decide."""

    open_pr: bool = False
    print_pr: bool = False
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    group: Literal["hub", "cluster", "image", "all"] | None = None
    remote: str | None = None
    base: str | None = None
    repository: str | None = None

    @property
    def from_base(self) -> bool:
        """Whether the plan starts from the base branch's tip instead of the work tree."""
        return self.open_pr or self.print_pr


@dataclass(frozen=True, slots=True)
class BumpImage:
    """`hubctl bump-image`; empty `roles` means the default, None for what was not given."""

    cluster: str | None = None
    hub: str | None = None
    roles: tuple[str, ...] = ()
    image: str | None = None
    to: str | None = None
    policy: str | None = None
    minimum_age: dt.timedelta | None = None
    allow_downgrade: bool = False
    dry_run: bool = False
    check: bool = False
    max_wait: float = 120.0
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class ImageList:
    """`hubctl image list`."""

    cluster: str | None = None
    hub: str | None = None
    roles: tuple[str, ...] = ()
    image: str | None = None


@dataclass(frozen=True, slots=True)
class HubList:
    """`hubctl hub list`."""

    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Doctor:
    """`hubctl doctor`."""


@dataclass(frozen=True, slots=True)
class Demo:
    """`hubctl demo`."""
