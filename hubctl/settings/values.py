"""hubctl's own options as frozen values; nothing is read here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from hubctl.errors import UsageError
from hubctl.show import show

Group: TypeAlias = Literal["hub", "cluster", "image", "all"]
Rollout: TypeAlias = Literal["together", "staging-first"]
RegistryKind: TypeAlias = Literal["oci", "quay", "dockerhub", "google", "ghcr", "gitlab", "ecr", "harbor"]
Place: TypeAlias = tuple[str | int, ...]

DOCKER_HUB = "docker.io"
_DOCKER_HUB_HOSTS = ("index.docker.io", "registry-1.docker.io")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_AGE = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s*([dh]?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """What the settings say of one registry host, or of every host for the key `*`."""

    mirror: str | None = None  # base URL; `{host}` in it stands for the normalised host
    insecure: bool = False
    kind: RegistryKind | None = None
    api: str | None = None  # scheme and host only
    username_env: str | None = None
    password_env: str | None = None
    token_hosts: tuple[str, ...] = ()  # host or host:port


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One entry of `policies`; `image` and `path` are globs, None matches everything."""

    image: str | None = None
    path: str | None = None
    pin: str | None = None
    pattern: str | None = None
    order: Literal["date", "version", "number", "created"] | None = None
    ignore: tuple[str, ...] = ()
    minimum_age: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of `baseline`: the findings of a rule in a file that are known and left for later."""

    rule: str
    file: str


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """An image, or a glob of images, of a group, and where it is written."""

    text: str
    file: str = field(default="hubctl.yaml", compare=False)
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything hubctl can be told in a file; the defaults are the built-in layer.

    `policies` are in order of precedence, the first that matches wins; `registries` is keyed by normalised host.
    `groups` are names and globs of images that move together, by the group's name. With `rollout` `staging-first`
    production follows staging after `soak`. `staging` are globs of hub names or `cluster/hub`: those are staging, all
    others production.
    """

    minimum_age: dt.timedelta = dt.timedelta(0)
    policies: tuple[PolicyRule, ...] = ()
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    max_open: int = 10
    group: Group = "cluster"
    bot_identities: tuple[str, ...] = ()
    registries: Mapping[str, RegistryEntry] = field(default_factory=dict)
    groups: Mapping[str, tuple[GroupEntry, ...]] = field(default_factory=dict)
    rollout: Rollout = "together"
    soak: dt.timedelta = dt.timedelta(0)
    staging: tuple[str, ...] = ("*staging*",)
    baseline: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """One settings file, checked against its schema: its data, its name for messages, whether it is the user's own.

    `lines` maps a place in `data` (keys and list indexes) to its 1-based line.
    """

    data: Mapping[str, object]
    file: str
    trusted: bool
    lines: Mapping[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """Return the line of `place` or of the nearest known one above it, 1 where nothing is known."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def parse_age(text: str) -> dt.timedelta:
    """Return the age that `7d`, `12h` or a bare number of days stands for; UsageError for anything else."""
    matched = _AGE.fullmatch(text.strip())
    if not matched:
        raise UsageError(f"not an age: `{show(text, 40)}`", hint="write days or hours, like `7d` or `12h`")
    number = float(matched[1])
    return dt.timedelta(hours=number) if matched[2] == "h" else dt.timedelta(days=number)


def one_name(host: str) -> str:
    """Return `docker.io` for each host of Docker Hub, any other host (in lower case) as it is."""
    return DOCKER_HUB if host in _DOCKER_HUB_HOSTS else host


def normal_host(text: str) -> str:
    """Return a registry host as settings key: lower case, port kept, Docker Hub's hosts as `docker.io`, `*` as it is.

    UsageError for what is no host, such as a URL or a host with a path.
    """
    host = one_name(text.strip().lower())
    if host != "*" and not _HOST.fullmatch(host):
        raise UsageError(f"not a registry host: `{show(text, 80)}`", hint="write the host alone, like `quay.io`")
    return host
