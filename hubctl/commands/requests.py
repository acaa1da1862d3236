"""What a user asked for, as values; light to import, so that `--help` stays instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


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
    assignees: tuple[str, ...] = ()
    again: bool = False  # propose what was declined or taken back once more
    take_over: bool = False  # rebuild a branch that people committed to
    supersede_approved: bool = False  # rebuild an approved pull request for a newer change
    staging_first: bool = False
    most_open: int | None = None

    @property
    def from_base(self) -> bool:
        """Whether the plan starts from the base branch's tip instead of the work tree."""
        return self.open_pr or self.print_pr


@dataclass(frozen=True, slots=True)
class Sources:
    """Where facts of registries come from: the network unless `offline` or `replay`, and what earlier runs kept.

    `record` is a file that takes down every answer, `replay` one that gives them again; `cache` whether answers of
    earlier runs may be used; `max_wait` the seconds of all waiting for limits together.
    """

    offline: bool = False
    record: Path | None = None
    replay: Path | None = None
    cache: bool = True
    max_wait: float = 120.0


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
    pin: bool = False
    explain: bool = False
    sources: Sources = Sources()
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class ImageList:
    """`hubctl image list`."""

    cluster: str | None = None
    hub: str | None = None
    roles: tuple[str, ...] = ()
    image: str | None = None


@dataclass(frozen=True, slots=True)
class ImageNewest:
    """`hubctl image newest`: the engine for one reference as it is written, without a repository."""

    reference: str
    policy: str | None = None
    sources: Sources = Sources()


@dataclass(frozen=True, slots=True)
class ImageTags:
    """`hubctl image tags`."""

    reference: str
    sources: Sources = Sources()


@dataclass(frozen=True, slots=True)
class HubList:
    """`hubctl hub list`."""

    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class HubShow:
    """`hubctl hub show`; `key_path` is as typed, None for all values, `chart` whether chart defaults count."""

    cluster: str
    hub: str
    key_path: str | None = None
    chart: bool = True


@dataclass(frozen=True, slots=True)
class Init:
    """`hubctl init`; with `recipients` of age it makes a `.sops.yaml`, too."""

    dry_run: bool = False
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """`hubctl completion`."""

    shell: Literal["bash", "zsh", "fish"]


@dataclass(frozen=True, slots=True)
class PlanRange:
    """`hubctl plan`; `range` is as typed, None for the work tree, `markdown` whether it is told for a comment."""

    range: str | None = None
    markdown: bool = False


@dataclass(frozen=True, slots=True)
class Validate:
    """`hubctl validate`; `paths` narrow what is told, `annotate` tells it to GitHub Actions, `rules` lists the rules.

    Paths are absolute as typed, and relative to the repository's root where the command runs.
    """

    paths: tuple[str, ...] = ()
    base: str | None = None
    annotate: bool = False
    rules: bool = False


class SecretWriting(Protocol):
    """What every verb has that writes secrets."""

    @property
    def dry_run(self) -> bool:
        """Whether only the diff is wanted."""
        ...

    @property
    def proposing(self) -> Proposing:
        """How a pull request is made."""
        ...


@dataclass(frozen=True, slots=True)
class SecretSet:
    """`hubctl secret set`; the value comes from the file `from_file`, `-` being stdin, None for prompt or stdin."""

    cluster: str
    hub: str
    key_path: str
    from_file: str | None = None
    dry_run: bool = False
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class SecretGet:
    """`hubctl secret get`; `show` whether a terminal may have it."""

    cluster: str
    hub: str
    key_path: str
    show: bool = False


@dataclass(frozen=True, slots=True)
class SecretUnset:
    """`hubctl secret unset`."""

    cluster: str
    hub: str
    key_path: str
    dry_run: bool = False
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class SecretRotate:
    """`hubctl secret rotate`."""

    cluster: str
    hub: str
    dry_run: bool = False
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class SecretSync:
    """`hubctl secret sync-recipients`; `paths` are absolute as typed, none for every secret file."""

    paths: tuple[str, ...] = ()
    check: bool = False
    dry_run: bool = False
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class SecretCheck:
    """`hubctl secret check`; `paths` are absolute as typed, `staged` and `base` exclude each other."""

    paths: tuple[str, ...] = ()
    staged: bool = False
    base: str | None = None


@dataclass(frozen=True, slots=True)
class SecretRegistrySet:
    """`hubctl secret registry set`; `registry` and `username` are as typed, the password comes as in `SecretSet`."""

    cluster: str
    hub: str
    registry: str
    username: str
    from_file: str | None = None
    dry_run: bool = False
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class SecretRegistryRotate:
    """`hubctl secret registry rotate`; as `SecretRegistrySet`, for the whole fleet."""

    registry: str
    username: str
    from_file: str | None = None
    dry_run: bool = False
    proposing: Proposing = Proposing()


@dataclass(frozen=True, slots=True)
class SecretRegistryCheck:
    """`hubctl secret registry check`; None for all clusters, or all hubs of one."""

    cluster: str | None = None
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class Doctor:
    """`hubctl doctor`; `registries` tries the credentials of each host."""

    registries: bool = False


@dataclass(frozen=True, slots=True)
class Demo:
    """`hubctl demo`."""
