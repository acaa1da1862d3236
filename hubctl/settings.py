"""hubctl's own options as one frozen value, merged from layers; nothing is read here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, TypeVar, get_args

from hubctl.errors import HubctlError, Unparseable, UsageError
from hubctl.problem import Problem
from hubctl.show import show

Group: TypeAlias = Literal["hub", "cluster", "image", "all"]
RegistryKind: TypeAlias = Literal["oci", "quay", "dockerhub", "google", "ghcr", "gitlab", "ecr", "harbor"]
Place: TypeAlias = tuple[str | int, ...]
_Word = TypeVar("_Word", bound=str)

# A pull request can write the repository's file, so what decides where credentials go never counts there.
CREDENTIAL_KEYS = ("api", "insecure", "mirror", "password_env", "token_hosts", "username_env")

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
class Settings:
    """Everything hubctl can be told in a file; the defaults are the built-in layer.

    `policies` are in order of precedence, the first that matches wins; `registries` is keyed by normalised host.
    """

    minimum_age: dt.timedelta = dt.timedelta(0)
    policies: tuple[PolicyRule, ...] = ()
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    group: Group = "cluster"
    bot_identities: tuple[str, ...] = ()
    registries: Mapping[str, RegistryEntry] = field(default_factory=dict)


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


def merge(layers: Sequence[Layer]) -> tuple[Settings, tuple[Problem, ...]]:
    """Lay `layers` over the built-in settings, the first lowest, and return the result and what was ignored.

    Single values and lists of the higher layer replace the lower one's; `registries` merge key by key; `policies`
    of the higher layer stand before the lower one's, because the first match wins. Keys that decide where
    credentials go are ignored with a problem in a layer that is not trusted.
    Unparseable, with file and line, for a value of the wrong form.
    """
    settings = Settings()
    problems: list[Problem] = []
    kinds: dict[str, RegistryKind] = {}
    for layer in layers:
        settings = _laid_over(settings, layer)
        kinds |= {} if layer.trusted else _kinds(layer, problems)
        problems += _orders_alone(layer)
    return replace(settings, registries=_with_kinds(settings.registries, kinds)), tuple(problems)


def _laid_over(below: Settings, layer: Layer) -> Settings:
    data = layer.data
    group = _text(layer, ("group",), data.get("group"))
    return Settings(
        minimum_age=_age(layer, ("minimum_age",), data["minimum_age"]) if "minimum_age" in data else below.minimum_age,
        policies=(*_policies(layer), *below.policies),
        labels=_texts(layer, ("labels",), data.get("labels", below.labels)),
        reviewers=_texts(layer, ("reviewers",), data.get("reviewers", below.reviewers)),
        group=_one_of(layer, ("group",), group, get_args(Group)) or below.group,
        bot_identities=_texts(layer, ("bot_identities",), data.get("bot_identities", below.bot_identities)),
        registries=_registries(below.registries, layer) if layer.trusted else below.registries,
    )


def _policies(layer: Layer) -> Iterator[PolicyRule]:
    rules = layer.data.get("policies", ())
    if not isinstance(rules, list | tuple):
        raise _wrong(layer, ("policies",), "a list")
    for index, rule in enumerate(rules):
        place: Place = ("policies", index)
        if not isinstance(rule, Mapping):
            raise _wrong(layer, place, "a mapping")
        order = _text(layer, (*place, "order"), rule.get("order"))
        yield PolicyRule(
            image=_text(layer, (*place, "image"), rule.get("image")),
            path=_text(layer, (*place, "path"), rule.get("path")),
            pin=_text(layer, (*place, "pin"), rule.get("pin")),
            pattern=_pattern(layer, (*place, "pattern"), rule.get("pattern")),
            order=_one_of(layer, (*place, "order"), order, ("date", "version", "number", "created")),
            ignore=_texts(layer, (*place, "ignore"), rule.get("ignore", ())),
            minimum_age=_age(layer, (*place, "minimum_age"), rule["minimum_age"]) if "minimum_age" in rule else None,
        )


def _orders_alone(layer: Layer) -> Iterator[Problem]:
    for index, rule in enumerate(_policies(layer)):
        if rule.order is not None and rule.pattern is None:
            line = layer.line(("policies", index, "order"))
            message = "`order` is ignored: it orders what a `pattern` lets through, and there is none"
            yield Problem(layer.file, line, "policy", message, "write a `pattern` beside it, or take `order` away")


def _registries(below: Mapping[str, RegistryEntry], layer: Layer) -> Mapping[str, RegistryEntry]:
    merged = dict(below)
    for host, place, given in _hosts(layer):
        merged[host] = _entry(merged.get(host, RegistryEntry()), layer, place, given)
    return merged


def _kinds(layer: Layer, problems: list[Problem]) -> dict[str, RegistryKind]:
    """Return the dialects a file names that a pull request can write; its other keys are problems."""
    kinds: dict[str, RegistryKind] = {}
    for host, place, given in _hosts(layer):
        problems += [_ignored(layer, (*place, name), name, host) for name in CREDENTIAL_KEYS if name in given]
        kind = _entry(RegistryEntry(), layer, place, {"kind": given.get("kind")}).kind
        kinds |= {host: kind} if kind else {}
    return kinds


def _with_kinds(trusted: Mapping[str, RegistryEntry], kinds: Mapping[str, RegistryKind]) -> Mapping[str, RegistryEntry]:
    """Return the entries with dialects added where none is set; a mirror for all hosts stays in force for each."""
    entries = dict(trusted)
    for host, kind in kinds.items():
        starred = replace(trusted.get("*", RegistryEntry()), username_env=None, password_env=None)
        entry = trusted.get(host, starred)
        entries[host] = replace(entry, kind=entry.kind or kind)
    return entries


def _hosts(layer: Layer) -> Iterator[tuple[str, Place, Mapping[str, object]]]:
    hosts = layer.data.get("registries", {})
    if not isinstance(hosts, Mapping):
        raise _wrong(layer, ("registries",), "a mapping of hosts")
    for key, given in hosts.items():
        place: Place = ("registries", key)
        if not isinstance(given, Mapping):
            raise _wrong(layer, place, "a mapping")
        try:
            host = normal_host(str(key))
        except UsageError as error:
            raise _located(layer, place, error) from error
        yield host, place, given


def _entry(below: RegistryEntry, layer: Layer, place: Place, given: Mapping[str, object]) -> RegistryEntry:
    def text(name: str, otherwise: str | None) -> str | None:
        return _text(layer, (*place, name), given[name]) if name in given else otherwise

    insecure = given.get("insecure", below.insecure)
    if not isinstance(insecure, bool):
        raise _wrong(layer, (*place, "insecure"), "true or false")
    entry = replace(
        below,
        insecure=insecure,
        mirror=text("mirror", below.mirror),
        api=text("api", below.api),
        kind=_one_of(layer, (*place, "kind"), text("kind", below.kind), get_args(RegistryKind)),
        username_env=text("username_env", below.username_env),
        password_env=text("password_env", below.password_env),
    )
    if "token_hosts" in given:
        hosts = _texts(layer, (*place, "token_hosts"), given["token_hosts"])
        entry = replace(entry, token_hosts=tuple(host.lower() for host in hosts))
    return entry


def _ignored(layer: Layer, place: Place, name: str, host: str) -> Problem:
    return Problem(
        file=layer.file,
        line=layer.line(place),
        rule="untrusted-setting",
        message=f"`{name}` of `{show(host, 80)}` is ignored: it decides where credentials go, and a pull request "
        "can write this file",
        mend="set it in your own settings file, with `--settings` or `HUBCTL_SETTINGS`",
    )


def _age(layer: Layer, place: Place, value: object) -> dt.timedelta:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(layer, place, "an age like `7d` or `12h`")
    try:
        return parse_age(str(value))
    except UsageError as error:
        raise _located(layer, place, error) from error


def _pattern(layer: Layer, place: Place, value: object) -> str | None:
    pattern = _text(layer, place, value)
    if pattern is None:
        return None
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise _wrong(layer, place, f"a regular expression ({show(str(error), 80)})") from error
    return pattern


def _text(layer: Layer, place: Place, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(layer, place, "a text")
    return str(value)


def _texts(layer: Layer, place: Place, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong(layer, place, "a list of texts")
    texts = (_text(layer, (*place, index), item) for index, item in enumerate(value))
    return tuple(text for text in texts if text is not None)


def _one_of(layer: Layer, place: Place, value: str | None, words: tuple[_Word, ...]) -> _Word | None:
    for word in words:
        if word == value:
            return word
    if value is None:
        return None
    raise _wrong(layer, place, "one of " + ", ".join(f"`{word}`" for word in words))


def _wrong(layer: Layer, place: Place, expected: str) -> Unparseable:
    name = show(".".join(str(part) for part in place), 120)
    return Unparseable(f"`{name}` is not {expected}", file=layer.file, line=layer.line(place), code="bad-settings")


def _located(layer: Layer, place: Place, error: HubctlError) -> Unparseable:
    return Unparseable(error.message, file=layer.file, line=layer.line(place), hint=error.hint, code="bad-settings")
