"""The recipients that a creation rule names, read as sops reads them (config.go, getKeyGroupsFromCreationRule)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from hubctl.errors import Unparseable
from hubctl.secrets import config_nodes as nodes
from hubctl.secrets.age_keys import is_age_recipient
from hubctl.secrets.config_nodes import Fields
from hubctl.secrets.recipients import Recipient, Recipients, context_text
from hubctl.show import show
from hubctl.text.tree import Node

KEYS = ("age", "pgp", "kms", "gcp_kms", "azure_keyvault", "hc_vault_transit_uri")
_GROUP = ("merge", "age", "pgp", "kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault")
_MOST_GROUPS = 255  # shamir.go, Split

_ARN = re.compile(r"arn:aws[\w-]*:kms:(.+):[0-9]+:(key|alias)/.+", re.ASCII)
_RESOURCE = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+")
_AZURE = re.compile(r"(https://[^/]+)/keys/([^/]+)(?:/([^/]*))?")
_VAULT = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://([^/?#\s]+)(/[^?#\s]*)")
_VAULT_BEHIND = re.compile(r"/[^/]+/v[0-9]+/[^/]+/[^/]+/[^/]+")
_VAULT_KEY = re.compile(r"/v[0-9]+/[^/]+/[^/]+/[^/]+")


def recipients_of(rule: Fields, line: int) -> Recipients:
    """Return the recipients of a rule's fields; key groups stand alone, sops passes over keys beside them.

    `Unparseable` for what sops refuses: a recipient out of form, a group without one, a threshold that fits not.
    """
    groups = [(item.line, frozenset(_of_group(item))) for item in nodes.items(rule.get("key_groups"), "`key_groups`")]
    if not groups:
        groups = [(line, frozenset(_of_rule(rule)))]
    for place, group in groups:
        if not group:
            what = "a key group" if rule.get("key_groups") else "a rule"
            raise Unparseable(f"{what} without a recipient", line=place)
    return Recipients(tuple(group for _, group in groups), _threshold(rule, len(groups), line))


def _threshold(rule: Fields, groups: int, line: int) -> int | None:
    given = nodes.number(rule.get("shamir_threshold"), "`shamir_threshold`")
    if groups == 1:
        return None
    threshold = given or groups
    if groups > _MOST_GROUPS or not 2 <= threshold <= groups:
        raise Unparseable(
            f"`shamir_threshold` {threshold} with {groups} key groups: it is 2 or more, at most as many as there are",
            line=line,
        )
    return threshold


def _of_rule(rule: Fields) -> Iterator[Recipient]:
    readers: tuple[tuple[str, Callable[[str], Recipient]], ...] = (
        ("age", _age),
        ("pgp", _pgp),
        ("kms", _kms_with_role),
        ("gcp_kms", _gcp_kms),
        ("azure_keyvault", _azure),
        ("hc_vault_transit_uri", _vault),
    )
    for name, read in readers:
        node = rule.get(name)
        for key in _split(nodes.keys(node, f"`{name}`")):
            yield _checked(read, key, node)
    node = rule.get("hckms")
    for key in _split(nodes.texts(node, "`hckms`")):
        if key.strip():
            yield _checked(_hckms, key.strip(), node)


def _split(keys: Iterable[str]) -> list[str]:
    joined = ",".join(keys)
    return joined.split(",") if joined else []


def _of_group(node: Node) -> Iterator[Recipient]:
    group = nodes.fields(node, _GROUP, "a key group")
    for merged in nodes.items(group.get("merge"), "`merge`"):
        yield from _of_group(merged)
    for key in nodes.texts(group.get("age"), "`age`"):
        yield from (_checked(_age, one, group["age"]) for one in _split([key]))
    readers: tuple[tuple[str, Callable[[str], Recipient]], ...] = (("pgp", _pgp), ("hc_vault", _vault))
    for name, read in readers:
        yield from (_checked(read, key, group[name]) for key in nodes.texts(group.get(name), f"`{name}`"))
    for item in nodes.items(group.get("kms"), "`kms`"):
        yield _kms_entry(item)
    for item in nodes.items(group.get("gcp_kms"), "`gcp_kms`"):
        yield _checked(_gcp_kms, _field(item, "resource_id"), item)
    for item in nodes.items(group.get("hckms"), "`hckms`"):
        yield _checked(_hckms, _field(item, "key_id"), item)
    for item in nodes.items(group.get("azure_keyvault"), "`azure_keyvault`"):
        yield _azure_entry(item)


def _field(item: Node, name: str) -> str:
    return nodes.text(nodes.fields(item, (name,), "a recipient").get(name), f"`{name}`")


def _kms_entry(item: Node) -> Recipient:
    entry = nodes.fields(item, ("arn", "role", "context", "aws_profile"), "a recipient")
    nodes.text(entry.get("aws_profile"), "`aws_profile`")
    arn = nodes.text(entry.get("arn"), "`arn`")
    _checked(_kms, arn, item)
    context = context_text(nodes.mapping_of_texts(entry.get("context"), "`context`"))
    return Recipient("kms", (arn, nodes.text(entry.get("role"), "`role`"), context))


def _azure_entry(item: Node) -> Recipient:
    entry = nodes.fields(item, ("vaultUrl", "key", "version"), "a recipient")
    url, name, version = (nodes.text(entry.get(field), f"`{field}`") for field in ("vaultUrl", "key", "version"))
    if not (url and name):
        raise Unparseable("a key of Azure has a `vaultUrl` and a `key`", line=item.line)
    return Recipient("azure_kv", (url, name, version))


def _checked(read: Callable[[str], Recipient], key: str, node: Node | None) -> Recipient:
    """Return the recipient that `read` makes of a text; its refusal tells the text and the line of the node."""
    try:
        return read(key)
    except ValueError as error:
        line = node.line if node else 1
        raise Unparseable(f"`{show(key, 80)}` is no {error}", line=line) from None


def _age(key: str) -> Recipient:
    if not is_age_recipient(key.strip()):
        raise ValueError("recipient of age")
    return Recipient("age", (key.strip(),))


def _pgp(key: str) -> Recipient:
    fingerprint = key.replace(" ", "")
    if not fingerprint:
        raise ValueError("fingerprint of a PGP key")
    return Recipient("pgp", (fingerprint,))


def _kms(key: str) -> Recipient:
    if not _ARN.fullmatch(key):
        raise ValueError("ARN of a key of AWS KMS")
    return Recipient("kms", (key, "", ""))


def _kms_with_role(key: str) -> Recipient:
    """Read `ARN` or `ARN+ROLE`; in a rule without groups there is no context."""
    arn, _, role = key.replace(" ", "").partition("+arn:")
    return Recipient("kms", (*_kms(arn).identity[:1], f"arn:{role}" if role else "", ""))


def _gcp_kms(key: str) -> Recipient:
    resource = key.replace(" ", "")
    if not _RESOURCE.fullmatch(resource):
        raise ValueError("resource of a key of Google Cloud KMS")
    return Recipient("gcp_kms", (resource,))


def _hckms(key: str) -> Recipient:
    region, _, name = key.partition(":")
    if not (region.strip() and name.strip()):
        raise ValueError("key of Huawei Cloud KMS, `region:uuid`")
    return Recipient("hckms", (key,))


def _azure(key: str) -> Recipient:
    found = _AZURE.fullmatch(key.strip())
    if not found:
        raise ValueError("address of a key of Azure Key Vault")
    return Recipient("azure_kv", (found[1], found[2], found[3] or ""))


def _vault(key: str) -> Recipient:
    """Read `https://HOST/v1/ENGINE/keys/NAME` (hcvault/keysource.go, engineAndKeyFromPath)."""
    found = _VAULT.fullmatch(key)
    if not found or _VAULT_BEHIND.search(found[3]) or not _VAULT_KEY.search(found[3]):
        raise ValueError("address of a key of Vault's transit engine")
    parts = found[3].strip("/").split("/")
    return Recipient(
        "hc_vault", (f"{found[1].lower()}://{found[2]}", posixpath.normpath("/".join(parts[1:-2])), parts[-1])
    )
