"""Whom a file is encrypted to, as values that can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias

from hubctl.show import plural, show

Kind: TypeAlias = Literal["age", "pgp", "kms", "gcp_kms", "hckms", "azure_kv", "hc_vault"]

# The fields of a recipient in a file's metadata that say who it is (sops, stores/stores.go).
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "age": ("recipient",),
    "pgp": ("fp",),
    "kms": ("arn", "role", "context"),
    "gcp_kms": ("resource_id",),
    "hckms": ("key_id",),
    "azure_kv": ("vault_url", "name", "version"),
    "hc_vault": ("vault_address", "engine_path", "key_name"),
}
_OPTIONAL = frozenset({"role", "context", "version"})
_SHOWN = 20


@dataclass(frozen=True, slots=True, order=True)
class Recipient:
    """One key; `identity` has the fields of `FIELDS` in their order, "" where an optional one is not given.

    The context of a key of AWS is JSON text with sorted keys. An Azure key without a version stands for the newest.
    """

    kind: Kind
    identity: tuple[str, ...]

    def __str__(self) -> str:
        if self.kind == "azure_kv":
            url, name, version = self.identity
            return f"azure_kv {url}/keys/{name}/{version}".rstrip("/")
        if self.kind == "hc_vault":
            address, engine, name = self.identity
            return f"hc_vault {address}/v1/{engine}/keys/{name}"
        return " ".join(filter(None, (self.kind, *self.identity)))


@dataclass(frozen=True, slots=True)
class Recipients:
    """The groups of keys, in their order; one group where there are no key groups, then without a threshold."""

    groups: tuple[frozenset[Recipient], ...]
    threshold: int | None = None

    @property
    def every(self) -> tuple[Recipient, ...]:
        """All recipients of all groups, each once, sorted."""
        return tuple(sorted(frozenset(chain.from_iterable(self.groups))))

    def missing_from(self, other: Recipients) -> tuple[Recipient, ...]:
        """Return the recipients that `other` lacks, sorted."""
        return _lacking(self.every, other.every)


def agree(found: Recipients, wanted: Recipients) -> bool:
    """Return whether a file with the recipients `found` is encrypted as a rule with `wanted` says."""
    return not drift(found, wanted)


def drift(found: Recipients, wanted: Recipients) -> str:
    """Return how a file's recipients differ from its rule's, for a message; "" where they do not.

    `gone` are recipients that the rule no longer has, `new` those that the file lacks. Order, blanks and repeated
    recipients do not count; the order of key groups does, as in `sops updatekeys`.
    """
    pieces = []
    for word, recipients in (("gone", found.missing_from(wanted)), ("new", wanted.missing_from(found))):
        if recipients:
            pieces.append(f"{word}: {_listed(recipients)}")
    if len(found.groups) != len(wanted.groups):
        pieces.append(f"{plural(len(found.groups), 'key group')} instead of {len(wanted.groups)}")
    elif not pieces and not all(map(_equal, found.groups, wanted.groups)):
        pieces.append("the same recipients in other key groups")
    if found.threshold != wanted.threshold and len(found.groups) == len(wanted.groups):
        pieces.append(f"threshold {found.threshold or 0} instead of {wanted.threshold}")
    return "; ".join(pieces)


def recipients_from_metadata(metadata: Mapping[str, object]) -> Recipients | None:
    """Return the recipients that the data of a file's `sops` block names, None where they have no valid shape.

    None, too, where there is no recipient, and where keys stand beside key groups: sops would not look at the groups.
    """
    flat = _group(metadata)
    listed = metadata.get("key_groups") or []
    if flat is None or not isinstance(listed, Sequence) or isinstance(listed, str):
        return None
    if not listed:
        return Recipients((flat,)) if flat else None
    groups = [_group(entry) if isinstance(entry, Mapping) else None for entry in listed]
    whole = tuple(group for group in groups if group)
    if flat or len(whole) < len(groups):
        return None
    threshold = metadata.get("shamir_threshold")
    if threshold is not None and type(threshold) is not int:
        return None
    return Recipients(whole, threshold if len(whole) > 1 else None)


def context_text(context: Mapping[str, str]) -> str:
    """Return the context of a key of AWS as it stands in an identity: "" for none."""
    return json.dumps(context, sort_keys=True, ensure_ascii=False) if context else ""


def _group(data: Mapping[str, object]) -> frozenset[Recipient] | None:
    found: set[Recipient] = set()
    for kind in FIELDS:
        entries = data.get(kind) or []
        if not isinstance(entries, Sequence) or isinstance(entries, str):
            return None
        for entry in entries:
            identity = _identity(kind, entry) if isinstance(entry, Mapping) else None
            if identity is None:
                return None
            found.add(Recipient(kind, identity))
    return frozenset(found)


def _identity(kind: Kind, entry: Mapping[str, object]) -> tuple[str, ...] | None:
    identity = []
    for field in FIELDS[kind]:
        value = entry.get(field)
        if field == "context" and isinstance(value, Mapping):
            if not all(isinstance(text, str) for text in chain(value, value.values())):
                return None
            value = context_text(value)
        if value is None and field in _OPTIONAL:
            value = ""
        if not isinstance(value, str) or not (value or field in _OPTIONAL):
            return None
        identity.append(value)
    return tuple(identity)


def _lacking(recipients: Iterable[Recipient], others: Iterable[Recipient]) -> tuple[Recipient, ...]:
    there = frozenset(others)
    loose = {_without_version(other) for other in there if _is_loose(other)}
    return tuple(
        one
        for one in recipients
        if one not in there
        and _without_version(one) not in loose
        and not (_is_loose(one) and one.identity[:2] in {other.identity[:2] for other in there})
    )


def _equal(found: frozenset[Recipient], wanted: frozenset[Recipient]) -> bool:
    return not _lacking(found, wanted) and not _lacking(wanted, found)


def _is_loose(recipient: Recipient) -> bool:
    return recipient.kind == "azure_kv" and not recipient.identity[2]


def _without_version(recipient: Recipient) -> tuple[str, ...]:
    return (recipient.kind, *recipient.identity[:2])


def _listed(recipients: Sequence[Recipient]) -> str:
    shown = [show(str(recipient)) for recipient in recipients[:_SHOWN]]
    rest = len(recipients) - len(shown)
    return ", ".join([*shown, f"and {rest} more"] if rest else shown)
