"""Recipients that this machine cannot ask: passed through untouched, refused where they would have to be asked."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.errors import AuthNeeded, HubctlError
from hubctl.secret import Secret
from hubctl.secrets.changing import Source, changed, made, rotated, synced, value_at, without
from hubctl.secrets.sops import Sops, find_sops
from tests.secrets.parts import PROD, Fleet, Identity, some_fast, with_sops

GCP = "projects/two-eye-two-see/locations/global/keyRings/sops-keys/cryptoKeys/similar-hubs"
ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
VAULT = "https://vault.example.org"
# A rule's entry, and the metadata that sops writes of it (stores/stores.go); what it wrapped is not the data key.
WHEN = '          created_at: "2026-06-01T00:00:00Z"\n'
WRAPPED = "          enc: AAAA\n"
VAULTED = "          enc: vault:v1:AAAA\n"
AZURE = "https://x.vault.azure.net"
AZURE_VERSION = "0123456789abcdef0123456789abcdef"
AZURE_KEY = f"          name: k\n          version: {AZURE_VERSION}\n"
VAULT_KEY = "          engine_path: sops\n          key_name: k\n"
OTHERS = {
    "gcp_kms": (
        f"  gcp_kms: {GCP}\n",
        f"    gcp_kms:\n        - resource_id: {GCP}\n{WHEN}{WRAPPED}",
    ),
    "kms": (
        f"  kms: {ARN}\n",
        f'    kms:\n        - arn: {ARN}\n{WHEN}{WRAPPED}          aws_profile: ""\n',
    ),
    "hc_vault": (
        f"  hc_vault_transit_uri: {VAULT}/v1/sops/keys/k\n",
        f"    hc_vault:\n        - vault_address: {VAULT}\n{VAULT_KEY}{WHEN}{VAULTED}",
    ),
    "azure_kv": (
        f"  azure_keyvault: {AZURE}/keys/k/{AZURE_VERSION}\n",
        f"    azure_kv:\n        - vault_url: {AZURE}\n{AZURE_KEY}{WHEN}{WRAPPED}",
    ),
}


@pytest.fixture
def alone(sops: Sops, engineer: Identity, tmp_path: Path) -> Sops:
    """Sops for somebody with an age key and no account anywhere, who waits a second at most."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere",
        "AWS_EC2_METADATA_DISABLED": "true",
        **engineer.environment,
    }
    return replace(sops, environment=environment, seconds=1)


def shared(fleet: Fleet, kind: str) -> Source:
    """Return a file for an age identity and for a key of a cloud, as its rule says."""
    data = fleet.encrypt({"a": {"b": "x"}, "c": "y"})
    rule, metadata = OTHERS[kind]
    before = b"    lastmodified:"
    return Source(PROD, data.replace(before, metadata.encode() + before), fleet.read(".sops.yaml") + rule.encode())


@pytest.mark.parametrize("kind", some_fast(OTHERS, 4))
def test_a_recipient_that_cannot_be_asked_stays_to_the_byte(fleet: Fleet, alone: Sops, kind: str) -> None:
    source = shared(fleet, kind)
    new = changed(alone, source, {("a", "b"): Secret("canary"), ("new",): Secret("n")})
    less = without(alone, source.with_data(new), ("c",))
    block = OTHERS[kind][1].encode()
    assert (new.count(block), less.count(block)) == (1, 1)
    assert value_at(alone, source.with_data(less), ("a", "b")) == Secret("canary")


@pytest.mark.slow
@pytest.mark.parametrize("kind", OTHERS)
def test_what_needs_a_recipient_that_cannot_be_asked_is_refused(fleet: Fleet, alone: Sops, kind: str) -> None:
    source = shared(fleet, kind)
    only_age = Source(PROD, fleet.read(PROD), source.rules_text)
    acts = (
        lambda: rotated(alone, source),
        lambda: synced(alone, only_age),
        lambda: made(alone, Source(PROD, None, source.rules_text), {("a",): Secret("canary")}),
    )
    for act in acts:
        with pytest.raises(HubctlError) as caught:
            act()
        assert (caught.value.exit_code, caught.value.code) in ((4, "credentials"), (1, "sops"))
        assert f"`{kind} " in caught.value.message
        assert f"{kind}: " in (caught.value.hint or "")
        assert "canary" not in caught.value.message


@pytest.mark.slow
@pytest.mark.parametrize("kind", OTHERS)
def test_a_file_for_a_cloud_alone_asks_for_its_login(fleet: Fleet, alone: Sops, kind: str) -> None:
    rule, metadata = OTHERS[kind]
    data = fleet.encrypt({"a": "x"})
    start, end = data.index(b"    age:"), data.index(b"    lastmodified:")
    rules = f"creation_rules:\n- path_regex: secret\n{rule}".encode()
    source = Source(PROD, data[:start] + metadata.encode() + data[end:], rules)
    with pytest.raises(HubctlError) as caught:
        changed(alone, source, {("a",): Secret("canary")})
    assert (caught.value.exit_code, caught.value.code) in ((4, "credentials"), (1, "sops"))
    assert f"{kind}: " in (caught.value.hint or "")


@pytest.mark.parametrize("kind", ["gcp_kms", "kms"])
def test_a_file_with_a_recipient_that_its_rule_does_not_name_reaches_nobody(
    fleet: Fleet, tmp_path: Path, kind: str
) -> None:
    trap = Sops(tmp_path / "not-there", (3, 13, 2), {}, tmp_path)
    source = shared(fleet, kind)
    with pytest.raises(HubctlError) as caught:
        value_at(trap, Source(PROD, source.data, fleet.read(".sops.yaml")), ("c",))
    assert caught.value.code == "recipients"


@pytest.fixture
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A keyring of gpg with one key without a passphrase, and its fingerprint."""
    if shutil.which("gpg") is None:
        pytest.skip("NOT RUN: gpg is not installed")
    home = tmp_path_factory.mktemp("g")
    home.chmod(0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--passphrase", ""]
    who = "Test <test@example.org>"
    subprocess.run([*gpg, "--quick-gen-key", who, "rsa2048", "sign,cert", "never"], check=True, capture_output=True)
    listed = subprocess.run([*gpg, "--list-keys", "--with-colons"], check=True, capture_output=True, text=True).stdout
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    subprocess.run(
        [*gpg, "--quick-add-key", fingerprint, "rsa2048", "encrypt", "never"], check=True, capture_output=True
    )
    yield home, fingerprint
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)


@pytest.mark.slow
def test_files_for_gpg_are_made_changed_rotated_and_synced(fleet: Fleet, keyring: tuple[Path, str]) -> None:
    home, fingerprint = keyring
    rules = f"creation_rules:\n- path_regex: secret\n  pgp: {fingerprint}\n".encode()
    environment = {"PATH": with_sops(), "HOME": os.environ["HOME"], "GNUPGHOME": str(home)}
    sops = find_sops(environment, fleet.root)
    new = made(sops, Source(PROD, None, rules), {("a", "b"): Secret("canary")})
    more = changed(sops, Source(PROD, new, rules), {("c",): Secret("x")})
    other = rotated(sops, Source(PROD, more, rules))
    assert value_at(sops, Source(PROD, other, rules), ("a", "b")) == Secret("canary")
    recipient = fleet.read(".sops.yaml").decode().split("age: ")[1].strip()
    both = rules + f"  age: {recipient}\n".encode()
    assert value_at(sops, Source(PROD, synced(sops, Source(PROD, other, both)), both), ("c",)) == Secret("x")

    stranger = replace(sops, environment={"PATH": with_sops(), "HOME": os.environ["HOME"]})
    with pytest.raises(AuthNeeded) as caught:
        value_at(stranger, Source(PROD, other, rules), ("c",))
    assert caught.value.hint == "looked for pgp: the secret keys of `gpg` in `GNUPGHOME` or `~/.gnupg`"
    with pytest.raises(AuthNeeded) as caught:
        made(stranger, Source(PROD, None, rules), {("a",): Secret("canary")})
    assert caught.value.message == f"`{PROD}`: sops could not encrypt to `pgp {fingerprint}`: exit 1"
