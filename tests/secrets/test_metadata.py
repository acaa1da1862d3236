import base64
import random
import re

import pytest

from hubctl.secrets.encrypted import read_encrypted
from hubctl.secrets.metadata_forms import is_age_file, is_pgp_message
from hubctl.secrets.verifier import verify_form
from tests.secrets import genuine
from tests.secrets.genuine import ARN, CANARY, GCP

BASE64 = "QUJDREVGRw=="
CREATED = "2024-05-01T10:00:00Z"
AGE_FILE = re.search(r"enc: \|\n((?: +.*\n)+?) +recipient", genuine.sample("3.13.2/enc-groups.yaml"))[1]
MAC = genuine.ciphertext(random.Random(1), length=128)
MAC_GPG = "GnuPG/MacGPG2 v2.0.22 (Darwin)"
GPG_TOOLS = "GPGTools - https://gpgtools.org"
PGP_NAME = "3.13.2/enc-pgp.yaml"
PGP = genuine.sample(PGP_NAME)
AGE_NAME = "3.13.2/enc-whole.yaml"
AGE = genuine.sample(AGE_NAME)


def written(entries, *, more=""):
    """A file with the given lines for its recipients."""
    tail = f"    lastmodified: '{CREATED}'\n    mac: {MAC}\n    unencrypted_suffix: _unencrypted\n    version: 3.7.1\n"
    return f"a: ''\nsops:\n{entries}{more}{tail}"


def entry(kind, **fields):
    lines = [f"{key}: {value}" for key, value in fields.items()]
    return f"    {kind}:\n    - " + "\n      ".join(lines) + "\n"


def gcp(**fields):
    return entry("gcp_kms", **{"resource_id": GCP, "created_at": f"'{CREATED}'", "enc": BASE64} | fields)


def aws(**fields):
    return entry("kms", **{"arn": ARN, "created_at": f"'{CREATED}'", "enc": BASE64, "aws_profile": '""'} | fields)


def azure(**fields):
    first = {
        "vault_url": "https://keys.vault.azure.net",
        "name": "sops",
        "version": "9a1f",
        "created_at": f"'{CREATED}'",
    }
    return entry("azure_kv", **first | {"enc": "AbC_-d"} | fields)


def vault(**fields):
    first = {"vault_address": "https://vault.example.org:8200", "engine_path": "sops/team", "key_name": "first-key"}
    return entry("hc_vault", **first | {"created_at": f"'{CREATED}'", "enc": f"vault:v1:{BASE64}"} | fields)


def huawei(**fields):
    first = {"key_id": "eu-west-101:0d0466b0-e727-4d9c-b35d-f84bb474a37f", "created_at": f"'{CREATED}'"}
    return entry("hckms", **first | {"enc": BASE64} | fields)


TWO_GROUPS = (
    "    shamir_threshold: 2\n    key_groups:\n"
    + "".join("    - hc_vault: []\n      age: []\n" + re.sub("(?m)^(?=.)", "  ", one) for one in (gcp(), aws()))
    + "    kms: []\n"
)


def places(text, name="enc-a.yaml"):
    found = verify_form(text.encode(), name)
    assert CANARY not in repr(found)
    assert {problem.rule for problem in found} <= {"metadata"}
    return [problem.path for problem in found]


@pytest.mark.parametrize(
    "entries",
    [
        gcp(),
        gcp(resource_id="projects/example.com:two/locations/eu/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3"),
        gcp(created_at=f'"{CREATED}"'),
        gcp(created_at=CREATED),
        gcp(created_at="'2019-05-01T10:00:00.123456789Z'"),
        gcp(created_at="'2099-05-01T10:00:00+02:00'"),
        aws(),
        aws(aws_profile="two-clouds"),
        aws(role="arn:aws:iam::012345678910:role/path/sops"),
        aws(context="\n        environment: prod\n        team: hubs"),
        aws(arn="arn:aws-us-gov:kms:us-gov-west-1:012345678910:alias/hubs/prod"),
        aws(arn="arn:aws-cn:kms:cn-north-1:012345678910:key/mrk-612d5f0a11b345e6aca6a5b005693a48"),
        azure(),
        azure(version='""'),
        azure(version="some-string"),
        azure(enc="AbC/+d=="),
        azure(vault_url="https://keys.vault.azure.cn/"),
        vault(),
        vault(vault_address="http://127.0.0.1:8200", enc=f"vault:v12:{BASE64}"),
        huawei(),
        gcp() + aws() + azure() + vault() + huawei() + "    age: []\n    pgp: []\n",
        gcp() + "    kms: null\n    azure_kv:\n    hc_vault: ~\n",
        gcp() + "    shamir_threshold: 2\n",
        TWO_GROUPS,
    ],
)
def test_keys_of_every_kind(entries):
    assert places(written(entries)) == []


@pytest.mark.parametrize(
    ("entries", "path"),
    [
        (gcp(resource_id=CANARY), "sops.gcp_kms[0].resource_id"),
        (gcp(resource_id=f"{GCP}/{CANARY}"), "sops.gcp_kms[0].resource_id"),
        (gcp(enc=f"'{CANARY}'"), "sops.gcp_kms[0].enc"),
        (gcp(enc='""'), "sops.gcp_kms[0].enc"),
        (gcp(enc="QUJDREVGRx=="), "sops.gcp_kms[0].enc"),
        (gcp(enc="QUJDREVGRw"), "sops.gcp_kms[0].enc"),
        (gcp(created_at=CANARY), "sops.gcp_kms[0].created_at"),
        (gcp(created_at="'2024-13-01T10:00:00Z'"), "sops.gcp_kms[0].created_at"),
        (gcp(created_at="'2024-05-01'"), "sops.gcp_kms[0].created_at"),
        (gcp(created_at="'2024-05-01T10:00:00'"), "sops.gcp_kms[0].created_at"),
        (gcp(created_at="[]"), "sops.gcp_kms[0].created_at"),
        (gcp(note=CANARY), "sops.gcp_kms[0]"),
        (gcp(recipient=CANARY), "sops.gcp_kms[0]"),
        (gcp(context="{a: b}"), "sops.gcp_kms[0]"),
        (gcp().replace(f"resource_id: {GCP}\n      ", ""), "sops.gcp_kms[0].resource_id"),
        (gcp().replace(f"      enc: {BASE64}\n", ""), "sops.gcp_kms[0].enc"),
        (gcp() + f"    - {CANARY}\n", "sops.gcp_kms[1]"),
        (f"    gcp_kms: {CANARY}\n", "sops.gcp_kms"),
        (f"    gcp_kms: {{resource_id: {CANARY}}}\n", "sops.gcp_kms"),
        (aws(arn=f"arn:aws:iam::012345678910:user/{CANARY}"), "sops.kms[0].arn"),
        (aws(arn=f"'{ARN} {CANARY}'"), "sops.kms[0].arn"),
        (aws(role=CANARY), "sops.kms[0].role"),
        (aws(context="{}"), "sops.kms[0].context"),
        (aws(context=CANARY), "sops.kms[0].context"),
        (aws(context="{a: [b]}"), "sops.kms[0].context"),
        (azure(vault_url=f"https://x.example.org/{CANARY}"), "sops.azure_kv[0].vault_url"),
        (azure(vault_url="http://x.example.org"), "sops.azure_kv[0].vault_url"),
        (azure(name=f"'{CANARY} x'"), "sops.azure_kv[0].name"),
        (azure(version=f"'{CANARY} x'"), "sops.azure_kv[0].version"),
        (azure(enc="a.b"), "sops.azure_kv[0].enc"),
        (vault(vault_address=f"ftp://x/{CANARY}"), "sops.hc_vault[0].vault_address"),
        (vault(enc=f"vault:{CANARY}"), "sops.hc_vault[0].enc"),
        (vault(key_name=f"'{CANARY}/x'"), "sops.hc_vault[0].key_name"),
        (huawei(key_id=f"'{CANARY}'"), "sops.hckms[0].key_id"),
        (gcp() + f"    extra: {CANARY}\n", "sops"),
        (gcp() + f"    {CANARY}: x\n", "sops"),
        (gcp() + f"    ? [{CANARY}]\n    : x\n", None),
        (gcp() + f"    KMS: {CANARY}\n", "sops"),
        ("", "sops"),
        ("    gcp_kms: []\n", "sops"),
        ("    key_groups: []\n", "sops"),
        (gcp() + f"    key_groups:\n    - age: []\n      {CANARY}: []\n", "sops.key_groups[0]"),
        (f"    key_groups:\n    - {CANARY}\n", "sops.key_groups[0]"),
        (f"    key_groups: {CANARY}\n", "sops.key_groups"),
        (gcp() + "    key_groups:\n    - kms: []\n" + re.sub("(?m)^(?=.)", "  ", azure()), "sops"),
        (TWO_GROUPS.replace("threshold: 2", "threshold: 3"), "sops.shamir_threshold"),
        (gcp() + "    shamir_threshold: 0\n", "sops.shamir_threshold"),
        (gcp() + '    shamir_threshold: "1"\n', "sops.shamir_threshold"),
        (gcp() + f"    shamir_threshold: {CANARY}\n", "sops.shamir_threshold"),
        (gcp() + "    mac_only_encrypted: 'true'\n", "sops.mac_only_encrypted"),
        (gcp() + f"    mac_only_encrypted: {CANARY}\n", "sops.mac_only_encrypted"),
        (gcp() + "    encrypted_regex: ^a$\n", "sops"),
        (gcp() + "    encrypted_suffix: ''\n", "sops.encrypted_suffix"),
        (gcp() + "    encrypted_suffix: []\n", "sops.encrypted_suffix"),
    ],
)
def test_what_sops_cannot_have_written(entries, path):
    text = written(entries)
    if path is None:
        assert {problem.rule for problem in verify_form(text.encode(), "enc-a.yaml")} == {"metadata", "odd-key"}
    else:
        assert places(text) == [path]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (
            "lastmodified",
            [CANARY, "'2024-05-01T10:00:00'", "'2024-05-01T10:00:00+00:00'", "2024-05-01", "1", "''", "[]"],
        ),
        (
            "mac",
            [
                CANARY,
                "''",
                "ENC[AES256_GCM]",
                f"{MAC}x",
                genuine.ciphertext(random.Random(2), length=64),
                f"'{MAC} {CANARY}'",
                "null",
                "{}",
            ],
        ),
        ("version", [CANARY, "3.7", "''", f"3.7.1{CANARY}", f"'3.7.1 {CANARY}'", "null"]),
    ],
)
def test_the_fields_that_each_file_has(field, values):
    good = written(gcp())
    for value in values:
        assert places(re.sub(rf"(?m)^    {field}: .*$", lambda _, new=value: f"    {field}: {new}", good)) == [
            f"sops.{field}"
        ]
    assert places(re.sub(rf"(?m)^    {field}: .*\n", "", good)) == [f"sops.{field}"]


@pytest.mark.parametrize("value", ["3.13.2", "'3.7.1'", "3.10.0-rc.1", "3.9.0+dirty"])
def test_versions(value):
    assert places(written(gcp()).replace("version: 3.7.1", f"version: {value}")) == []


@pytest.mark.parametrize("block", [CANARY, f"[{CANARY}]", "", "null", '""', "{}", "[]"])
def test_a_block_that_is_none(block):
    found = verify_form(f"a: ''\nsops: {block}\n".encode(), "enc-a.yaml")
    assert CANARY not in repr(found)
    assert {problem.rule for problem in found} == {"metadata"}


BODY = "\n".join(line.strip() for line in AGE_FILE.strip().split("\n"))
LINES = BODY.split("\n")
RECIPIENT = re.search("recipient: (age1.*)", AGE)[1]
WITHOUT_MAGIC = base64.b64encode(b"age-encryption.org/v2\n" + CANARY.encode()).decode()


def age(recipient=RECIPIENT, lines=LINES):
    return f"    age:\n    - recipient: {recipient}\n      enc: |\n" + "".join(f"        {line}\n" for line in lines)


def ssh(kind, length, *, told=None):
    body = len(told or kind).to_bytes(4) + (told or kind).encode() + bytes(length)
    return f"{kind} {base64.b64encode(body).decode()}"


@pytest.mark.parametrize(
    "recipient",
    [
        RECIPIENT,
        f"'{RECIPIENT}'",
        "age1yubikey1q0dxu9x8qr4rjnsqzqm7xm2a3",
        "age1pq1" + "q" * 1900,
        ssh("ssh-ed25519", 36),
        ssh("ssh-rsa", 270),
        f"{ssh('ssh-ed25519', 36)} me@example.org",
    ],
)
def test_recipients_of_age(recipient):
    assert places(written(age(recipient))) == []


@pytest.mark.parametrize(
    "recipient",
    [
        CANARY,
        "''",
        RECIPIENT.upper(),
        f"{RECIPIENT}{CANARY}",
        "age1b" + RECIPIENT[5:],
        f"'{RECIPIENT} {CANARY}'",
        "AGE-SECRET-KEY-1" + "Q" * 58,
        ssh("ssh-ed25519", 36, told="ssh-rsa"),
        f"ssh-ed25519 {CANARY}",
        f"ssh-dss {BASE64}",
    ],
)
def test_what_is_no_recipient_of_age(recipient):
    assert places(written(age(recipient))) == ["sops.age[0].recipient"]


@pytest.mark.parametrize(
    "lines",
    [
        LINES[1:],
        LINES[:-1],
        LINES[:2] + LINES[3:],
        [LINES[0], LINES[-1]],
        [*LINES, CANARY],
        [CANARY, *LINES],
        [LINES[0], CANARY, *LINES[1:]],
        [LINES[0], "Comment: x", *LINES[1:]],
        [LINES[0], LINES[1][:60], LINES[1][60:], *LINES[2:]],
        [LINES[0], "", *LINES[1:]],
        [LINES[0], WITHOUT_MAGIC, LINES[-1]],
        [CANARY],
        LINES * 2,
    ],
)
def test_armor_of_age_is_exact(lines):
    kept = lines == LINES[:2] + LINES[3:]  # a line less is still a file of age by its form; its key does not open it
    assert places(written(age(lines=lines))) == ([] if kept else ["sops.age[0].enc"])


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("BEGIN PGP MESSAGE-----\n", "BEGIN PGP MESSAGE-----\n            Version: GnuPG v2\n", None),
        (
            "BEGIN PGP MESSAGE-----\n",
            f"BEGIN PGP MESSAGE-----\n            Version: {MAC_GPG}\n            Comment: {GPG_TOOLS}\n",
            None,
        ),
        ("BEGIN PGP MESSAGE-----\n", f"BEGIN PGP MESSAGE-----\n            Comment: {CANARY}\n", "enc"),
        ("BEGIN PGP MESSAGE-----\n", f"BEGIN PGP MESSAGE-----\n            Version: {CANARY}\n", "enc"),
        ("-----END PGP", f"{CANARY}\n            -----END PGP", "enc"),
        ("END PGP MESSAGE", "END PGP", "enc"),
        (r"fp: (\w+)", r"fp: 0x\1", None),
        (r"fp: (\w+)", r"fp: \1!", None),
        (r"fp: \w{24}(\w+)", r"fp: \1", None),
        (r"fp: (\w+)", rf"fp: \1{CANARY}", "fp"),
        (r"fp: \w+", f"fp: {CANARY}", "fp"),
        (r"fp: \w+", "fp: ABC", "fp"),
    ],
)
def test_keys_of_openpgp(old, new, path):
    assert places(re.sub(old, new, PGP, count=1), PGP_NAME) == ([f"sops.pgp[0].{path}"] if path else [])


def test_a_file_without_a_rule_of_its_own_is_read_with_the_default():
    text = written(gcp()).replace("    unencrypted_suffix: _unencrypted\n", "")
    assert read_encrypted(text.encode(), "enc-a.yaml").encrypting.whole


@pytest.mark.parametrize("more", range(97))
def test_armor_whose_last_line_is_of_any_length(more):
    encoded = base64.b64encode(b"age-encryption.org/v1\n" + bytes(more)).decode()
    lines = "".join(f"{encoded[place : place + 64]}\n" for place in range(0, len(encoded), 64))
    age = f"-----BEGIN AGE ENCRYPTED FILE-----\n{lines}-----END AGE ENCRYPTED FILE-----\n"
    pgp = f"-----BEGIN PGP MESSAGE-----\n\n{lines}=AbC+\n-----END PGP MESSAGE-----"
    assert (is_age_file(age), is_pgp_message(pgp)) == (True, True)
    assert (is_age_file(age.replace(lines, f"{lines}\n")), is_age_file(age.replace("\n", " "))) == (False, False)
    assert (is_pgp_message(pgp.replace(lines, "")), is_pgp_message(pgp.replace("=AbC+", "=AbC+ x"))) == (False, False)
