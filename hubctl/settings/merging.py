"""Settings files laid over each other: which layer may say what, and which one wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from hubctl.errors import UsageError
from hubctl.problem import Problem
from hubctl.settings.typed import age, count, located, one_of, pattern, text, texts, wrong
from hubctl.settings.values import (
    Group,
    GroupEntry,
    Known,
    Layer,
    Place,
    PolicyRule,
    RegistryEntry,
    RegistryKind,
    Rollout,
    Settings,
    normal_host,
)
from hubctl.show import show

# A pull request can write the repository's file, so what decides where credentials go never counts there.
CREDENTIAL_KEYS = ("api", "insecure", "mirror", "password_env", "token_hosts", "username_env")


def merge(layers: Sequence[Layer]) -> tuple[Settings, tuple[Problem, ...]]:
    """Lay `layers` over the built-in settings, the first lowest, and return the result and what was ignored.

    Single values and lists of the higher layer replace the lower one's; `registries` merge key by key, `groups` by
    name; `policies` of the higher layer stand before the lower one's, because the first match wins. Keys that decide
    where credentials go are ignored with a problem in a layer that is not trusted.
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
    group = text(layer, ("group",), data.get("group"))
    rollout = text(layer, ("rollout",), data.get("rollout"))
    return Settings(
        minimum_age=age(layer, ("minimum_age",), data["minimum_age"]) if "minimum_age" in data else below.minimum_age,
        policies=(*_policies(layer), *below.policies),
        labels=texts(layer, ("labels",), data.get("labels", below.labels)),
        reviewers=texts(layer, ("reviewers",), data.get("reviewers", below.reviewers)),
        assignees=texts(layer, ("assignees",), data.get("assignees", below.assignees)),
        max_open=count(layer, ("max_open",), data.get("max_open", below.max_open)),
        group=one_of(layer, ("group",), group, get_args(Group)) or below.group,
        bot_identities=texts(layer, ("bot_identities",), data.get("bot_identities", below.bot_identities)),
        registries=_registries(below.registries, layer) if layer.trusted else below.registries,
        groups={**below.groups, **_groups(layer)},
        rollout=one_of(layer, ("rollout",), rollout, get_args(Rollout)) or below.rollout,
        soak=age(layer, ("soak",), data["soak"]) if "soak" in data else below.soak,
        staging=texts(layer, ("staging",), data.get("staging", below.staging)),
        baseline=(tuple(_baseline(layer)) if "baseline" in data else below.baseline),
    )


def _policies(layer: Layer) -> Iterator[PolicyRule]:
    rules = layer.data.get("policies", ())
    if not isinstance(rules, list | tuple):
        raise wrong(layer, ("policies",), "a list")
    for index, rule in enumerate(rules):
        place: Place = ("policies", index)
        if not isinstance(rule, Mapping):
            raise wrong(layer, place, "a mapping")
        order = text(layer, (*place, "order"), rule.get("order"))
        yield PolicyRule(
            image=text(layer, (*place, "image"), rule.get("image")),
            path=text(layer, (*place, "path"), rule.get("path")),
            pin=text(layer, (*place, "pin"), rule.get("pin")),
            pattern=pattern(layer, (*place, "pattern"), rule.get("pattern")),
            order=one_of(layer, (*place, "order"), order, ("date", "version", "number", "created")),
            ignore=texts(layer, (*place, "ignore"), rule.get("ignore", ())),
            minimum_age=age(layer, (*place, "minimum_age"), rule["minimum_age"]) if "minimum_age" in rule else None,
        )


def _groups(layer: Layer) -> Mapping[str, tuple[GroupEntry, ...]]:
    groups = layer.data.get("groups", {})
    if not isinstance(groups, Mapping):
        raise wrong(layer, ("groups",), "a mapping of names")
    return {str(name): tuple(_entries(layer, ("groups", name), images)) for name, images in groups.items()}


def _entries(layer: Layer, place: Place, images: object) -> Iterator[GroupEntry]:
    for index, written in enumerate(texts(layer, place, images)):
        yield GroupEntry(written, layer.file, layer.line((*place, index)))


def _baseline(layer: Layer) -> Iterator[Known]:
    entries = layer.data["baseline"]
    if not isinstance(entries, list | tuple):
        raise wrong(layer, ("baseline",), "a list")
    for index, entry in enumerate(entries):
        place: Place = ("baseline", index)
        if not isinstance(entry, Mapping):
            raise wrong(layer, place, "a mapping of `rule` and `file`")
        given = [text(layer, (*place, key), entry.get(key)) for key in ("rule", "file")]
        if not all(given):
            raise wrong(layer, place, "a mapping of `rule` and `file`")
        yield Known(*map(str, given))


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
        raise wrong(layer, ("registries",), "a mapping of hosts")
    for key, given in hosts.items():
        place: Place = ("registries", key)
        if not isinstance(given, Mapping):
            raise wrong(layer, place, "a mapping")
        try:
            host = normal_host(str(key))
        except UsageError as error:
            raise located(layer, place, error) from error
        yield host, place, given


def _entry(below: RegistryEntry, layer: Layer, place: Place, given: Mapping[str, object]) -> RegistryEntry:
    def given_text(name: str, otherwise: str | None) -> str | None:
        return text(layer, (*place, name), given[name]) if name in given else otherwise

    insecure = given.get("insecure", below.insecure)
    if not isinstance(insecure, bool):
        raise wrong(layer, (*place, "insecure"), "true or false")
    entry = replace(
        below,
        insecure=insecure,
        mirror=given_text("mirror", below.mirror),
        api=given_text("api", below.api),
        kind=one_of(layer, (*place, "kind"), given_text("kind", below.kind), get_args(RegistryKind)),
        username_env=given_text("username_env", below.username_env),
        password_env=given_text("password_env", below.password_env),
    )
    if "token_hosts" in given:
        hosts = texts(layer, (*place, "token_hosts"), given["token_hosts"])
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
