"""Whom a file is encrypted to: what its metadata says, and whether that is what the rule says."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.secrets.age_keys import is_age_recipient
from hubctl.secrets.creation_rules import read_rules
from hubctl.secrets.recipients import Recipient, Recipients, agree, context_text, drift, recipients_from_metadata
from tests.secrets.asking import updatekeys, version
from tests.secrets.parts import identity, some_fast, tool

ONE = "age1wfv4tx0cy254rs9p8djk2ptrxcynssmsr8m979s7ygqdshhfwszqqt25tt"
TWO = "age1zpe8l9wns4fuq6q7qlgx855x0we9n5tl0wyxs48a3qp70vl2sq5q5m8tk0"
GCP = "projects/p/locations/global/keyRings/sops-keys/cryptoKeys/hubs"
ARN = "arn:aws:kms:us-east-1:111122223333:key/one"
PGP = "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"
VAULT = {"vault_address": "https://vault.example.org:8200", "engine_path": "transit", "key_name": "hubs"}
HUBS, OTHER = (f"https://vault.example.org:8200/v1/{engine}/keys/hubs" for engine in ("transit", "other"))
HSM = "https://vault.example.net/keys/hubs"
AZURE = {"vault_url": "https://vault.example.net", "name": "hubs", "version": "0123"}
MADE = {"created_at": "2026-05-01T00:00:00Z", "enc": "AAAA"}


def _age(*recipients: str) -> dict[str, Any]:
    return {"age": [{"recipient": each, "enc": "-----BEGIN AGE ENCRYPTED FILE-----\n"} for each in recipients]}


def _keys(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {kind: [{**entry, **MADE} for entry in entries]}


# What the metadata of a file says, the rule, and the drift.
DRIFT = {
    "the same": (_age(ONE), f"age: {ONE}", ""),
    "another order": (_age(ONE, TWO), f"age: '{TWO}, {ONE}'", ""),
    "one repeated": (_age(ONE, ONE), f"age: [{ONE}]", ""),
    "blanks": (_keys("pgp", {"fp": PGP}), f"pgp: '{PGP[:8]} {PGP[8:]}'", ""),
    "one less": (_age(ONE, TWO), f"age: {ONE}", f"gone: age {TWO}"),
    "one more": (_age(ONE), f"age: [{ONE}, {TWO}]", f"new: age {TWO}"),
    "another kind": (_age(ONE), f"gcp_kms: {GCP}", f"gone: age {ONE}; new: gcp_kms {GCP}"),
    "lists that old sops left empty": (
        {**_age(ONE), "kms": [], "gcp_kms": [], "azure_kv": [], "hc_vault": [], "pgp": []},
        f"age: {ONE}",
        "",
    ),
    "another role": (
        _keys("kms", {"arn": ARN}),
        f"kms: {ARN}+arn:aws:iam::1:role/r",
        f"gone: kms {ARN}; new: kms {ARN} arn:aws:iam::1:role/r",
    ),
    "the same context": (
        _keys("kms", {"arn": ARN, "context": {"b": "2", "a": "1"}}),
        f"key_groups: [{{kms: [{{arn: '{ARN}', context: {{a: 1, b: 2}}}}]}}]",
        "",
    ),
    "another context": (
        _keys("kms", {"arn": ARN, "context": {"a": "1"}}),
        f"kms: {ARN}",
        f'gone: kms {ARN} {{"a": "1"}}; new: kms {ARN}',
    ),
    "vault": (_keys("hc_vault", VAULT), f"hc_vault_transit_uri: {HUBS}", ""),
    "another engine of vault": (
        _keys("hc_vault", VAULT),
        f"hc_vault_transit_uri: {OTHER}",
        f"gone: hc_vault {HUBS}; new: hc_vault {OTHER}",
    ),
    "azure": (_keys("azure_kv", AZURE), "azure_keyvault: https://vault.example.net/keys/hubs/0123", ""),
    "another version of azure": (
        _keys("azure_kv", AZURE),
        f"azure_keyvault: {HSM}/4567",
        f"gone: azure_kv {HSM}/0123; new: azure_kv {HSM}/4567",
    ),
    "huawei": (_keys("hckms", {"key_id": "eu:a"}), "hckms: ['eu:b']", "gone: hckms eu:a; new: hckms eu:b"),
    "one group in a list of groups": (_age(ONE), f"key_groups: [{{age: [{ONE}]}}]", ""),
    "the same groups": (
        {"key_groups": [_age(ONE), _age(TWO)], "shamir_threshold": 2},
        f"key_groups: [{{age: [{ONE}]}}, {{age: [{TWO}]}}]",
        "",
    ),
    "groups in another order": (
        {"key_groups": [_age(TWO), _age(ONE)], "shamir_threshold": 2},
        f"key_groups: [{{age: [{ONE}]}}, {{age: [{TWO}]}}]",
        "the same recipients in other key groups",
    ),
    "one group instead of two": (
        _age(ONE, TWO),
        f"key_groups: [{{age: [{ONE}]}}, {{age: [{TWO}]}}]",
        "1 key group instead of 2",
    ),
    "two groups instead of one": (
        {"key_groups": [_age(ONE), _age(TWO)], "shamir_threshold": 2},
        f"age: [{ONE}]",
        f"gone: age {TWO}; 2 key groups instead of 1",
    ),
}


def _wanted(rule: str) -> Recipients:
    rules = read_rules(f"creation_rules:\n- {rule}\n".encode())
    assert rules.problems == ()
    return rules.rules[0].recipients


def _found(metadata: dict[str, Any]) -> Recipients:
    found = recipients_from_metadata(metadata)
    assert found is not None
    return found


@pytest.mark.parametrize(("metadata", "rule", "expected"), some_fast(DRIFT.values(), 6), ids=DRIFT)
def test_drift_is_told_where_sops_would_change_keys(metadata, rule, expected, tmp_path: Path):
    found, wanted = _found(metadata), _wanted(rule)
    assert (drift(found, wanted), agree(found, wanted)) == (expected, not expected)

    out, err = updatekeys(tmp_path, f"creation_rules:\n- {rule}\n", metadata)
    really = ("already up to date" in err, "Is this okay?" in out)
    assert really == (not expected, bool(expected)) or ("hckms" in rule and version() < (3, 13))


def test_a_threshold_counts_though_sops_updates_none():
    groups = f"key_groups: [{{age: [{ONE}]}}, {{age: [{TWO}]}}, {{pgp: [{PGP}]}}]"
    found = _found({"key_groups": [_age(ONE), _age(TWO), _keys("pgp", {"fp": PGP})], "shamir_threshold": 3})
    assert found == _wanted(groups)
    assert drift(found, _wanted(f"shamir_threshold: 2\n  {groups}")) == "threshold 3 instead of 2"
    unsaid = Recipients(found.groups)
    assert drift(unsaid, found) == "threshold 0 instead of 3"


def test_a_threshold_of_one_group_does_not_count():
    assert _found({**_age(ONE), "shamir_threshold": 1}) == _wanted(f"shamir_threshold: 1\n  age: {ONE}")


def test_a_rule_without_a_version_takes_any_of_azure():
    """Sops asks the cloud for the newest and writes that."""
    found = _found(_keys("azure_kv", AZURE))
    wanted = _wanted("azure_keyvault: https://vault.example.net/keys/hubs")
    assert [str(each) for each in wanted.every] == ["azure_kv https://vault.example.net/keys/hubs"]
    assert (drift(found, wanted), drift(wanted, found)) == ("", "")
    other = _found(_keys("azure_kv", {**AZURE, "name": "other"}))
    assert drift(other, wanted) == (
        "gone: azure_kv https://vault.example.net/keys/other/0123; new: azure_kv https://vault.example.net/keys/hubs"
    )


def test_many_recipients_are_counted_and_foreign_text_is_made_harmless():
    many = Recipients((frozenset(Recipient("pgp", (f"{number:040}",)) for number in range(30)),))
    text = drift(many, Recipients((frozenset({Recipient("pgp", ("\x1b[31m",))}),)))
    assert (text.count("pgp"), "and 10 more; new: pgp \\u001b[31m" in text) == (21, True)


def test_every_recipient_is_named_once():
    one, two = Recipient("age", (ONE,)), Recipient("pgp", (PGP,))
    both = Recipients((frozenset({two, one}), frozenset({one})), 2)
    assert (both.every, both.missing_from(Recipients((frozenset({two}),)))) == ((one, two), (one,))


WRONG: dict[str, Any] = {
    "nothing": {},
    "empty lists": {"age": [], "kms": []},
    "no list": {"age": ONE},
    "a mapping": {"age": {"recipient": ONE}},
    "no mapping": {"age": [ONE]},
    "no recipient": {"age": [{"enc": "x"}]},
    "an empty recipient": {"age": [{"recipient": ""}]},
    "a number": {"pgp": [{"fp": 12}]},
    "a role that is a list": {"kms": [{"arn": ARN, "role": []}]},
    "a context of numbers": {"kms": [{"arn": ARN, "context": {"a": 1}}]},
    "a context that is a list": {"kms": [{"arn": ARN, "context": ["a"]}]},
    "no version of azure": {"azure_kv": [{"vault_url": 1, "name": "b"}]},
    "half a vault": {"hc_vault": [{"vault_address": "a"}]},
    "groups as text": {"key_groups": "age"},
    "a group as text": {"key_groups": ["age"]},
    "an empty group": {"key_groups": [_age(ONE), {}]},
    "a wrong group": {"key_groups": [{"age": ONE}]},
    "keys beside groups": {**_age(ONE), "key_groups": [_age(TWO)]},
    "a threshold as text": {"key_groups": [_age(ONE), _age(TWO)], "shamir_threshold": "2"},
    "a threshold as a boolean": {"key_groups": [_age(ONE), _age(TWO)], "shamir_threshold": True},
}


@pytest.mark.parametrize("metadata", WRONG.values(), ids=WRONG)
def test_metadata_of_another_shape_names_nobody(metadata):
    assert recipients_from_metadata(metadata) is None


def test_a_context_is_the_same_text_in_any_order():
    assert context_text({"b": "é", "a": "1"}) == context_text({"a": "1", "b": "é"}) == '{"a": "1", "b": "é"}'
    assert context_text({}) == ""


CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _bech32(kind: str, data: bytes, *, padding: int = 0) -> str:
    """Return a text of Bech32, made from its specification (BIP 173)."""

    def check(values: list[int]) -> int:
        state = 1
        for value in values:
            top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ value
            for bit, number in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                state ^= number if top >> bit & 1 else 0
        return state

    bits = "".join(f"{byte:08b}" for byte in data)
    fill = -len(bits) % 5
    bits += f"{padding:0{fill}b}" if fill else ""
    values = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    head = [*(ord(char) >> 5 for char in kind), 0, *(ord(char) & 31 for char in kind)]
    sum_ = check([*head, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    return f"{kind}1" + "".join(CHARSET[value] for value in [*values, *(sum_ >> 5 * (5 - n) & 31 for n in range(6))])


@given(st.binary(min_size=32, max_size=32))
def test_every_native_recipient_is_taken_and_none_with_a_letter_changed(data):
    recipient = _bech32("age", data)
    assert is_age_recipient(recipient)
    assert not is_age_recipient(recipient[:-1] + ("q" if recipient[-1] != "q" else "p"))


ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE90n2uq9LCkglVivLizZcBxAsK23/ZMd8UPGZthfydu"
RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC4hR9mXPK+6lwl9SkPMLuKchDhgVS9jijoN8I6a8OrHgNeTUYJfsQUdQT/cFj2bcT4VGE9LMu7xLCI5mIH0x+Rek8GgtEcAAUlLTaa5TsOVMdMEwWDeTJmAmQRU6nvGV0h2q3fHnTdge6trvF6NVRpiFTAXk9hZ0df8RNRbPJ6ZMZxGbWDkJBdzL9sCG/WPdPGrs+sc8p0Z+1LgCp7leTkD1VPFIpJcM2DyUQido554PIW17QLXimAsLCRdq7OpQSGfHf3Td0MCNHxZK/v9bYPO6o8foDYFJ1li7dGDW8eE1eQvqR+l452+qGRH1maKDN5nwkdMI9OHsIRQyQH00rV"  # noqa: E501  # one word


def _rsa(size: int) -> str:
    """Return a key of ssh with a modulus of so many bytes."""
    parts = (b"ssh-rsa", b"\x01\x00\x01", b"\0" + b"\xc1" * size)
    return "ssh-rsa " + base64.b64encode(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).decode()


AGE = [
    (ONE, True),
    (ONE.upper(), False),
    (ONE[:-1], False),
    (ONE[:20] + "b" + ONE[21:], False),
    ("age1", False),
    ("age", False),
    ("", False),
    ("AGE-SECRET-KEY-1", False),
    (_bech32("age", bytes(31)), False),
    (_bech32("age", bytes(32), padding=1), False),
    (_bech32("age", b""), False),
    (_bech32("agf", bytes(32)), False),
    (_bech32("age1yubikey", bytes(33)), True),
    (_bech32("age1yubi!key", bytes(33)), False),
    (_bech32("age1", bytes(33)), False),
    (_bech32("age1pq", bytes(1215)), False),
    (ED25519, True),
    (f"{ED25519} me@here", True),
    (RSA, True),
    ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE90", False),
    ("ssh-ed25519", False),
    ("ssh-ed25519 A", False),
    (ED25519.replace("ed25519", "rsa", 1), True),
    (RSA[:-4], False),
    (_rsa(256), True),
    (_rsa(255), False),
    ("ssh-dss AAAA", False),
]


@pytest.mark.parametrize(("recipient", "taken"), some_fast(AGE, 7))
def test_a_recipient_of_age_is_taken_where_sops_takes_it(recipient, taken, tmp_path: Path):
    assert is_age_recipient(recipient) is taken
    out, _ = updatekeys(tmp_path, f"creation_rules:\n- age: ['{recipient}']\n", _age(TWO))
    really = f"+++ {recipient}\n" in out
    assert really is taken or (recipient.startswith("age1pq1") and version() < (3, 12))  # the name of a plugin before


def test_recipients_that_age_itself_makes_are_taken(tmp_path: Path):
    hybrid = subprocess.run([tool("age-keygen"), "-pq"], capture_output=True, check=True, text=True).stdout
    named = hybrid.partition("public key: ")[2].split()[0]
    assert named.startswith("age1pq1")
    assert [is_age_recipient(each) for each in (identity(tmp_path).recipient, named)] == [True, True]


def test_a_recipient_without_end_is_refused():
    assert not is_age_recipient("age1" + "q" * 100_000)
    assert not is_age_recipient(f"{ED25519} {'x' * 5000}")
