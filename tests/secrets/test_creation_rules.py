"""`.sops.yaml` read as sops reads it: real sops, asked the same, is the judge."""

from __future__ import annotations

import functools
import re
import subprocess
import textwrap
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hubctl.problem import Problem
from hubctl.secrets.creation_rules import CreationRule, Encrypting, Rules, read_rules, rule_for
from hubctl.secrets.recipients import Recipient, Recipients
from tests.secrets.asking import updatekeys, version
from tests.secrets.parts import some_fast, tool

ONE = "age1wfv4tx0cy254rs9p8djk2ptrxcynssmsr8m979s7ygqdshhfwszqqt25tt"
TWO = "age1zpe8l9wns4fuq6q7qlgx855x0we9n5tl0wyxs48a3qp70vl2sq5q5m8tk0"
OTHER = "age1wc4qmu8ys8u3u8rkg2x0a82lwzvux5ehjy34zgm5j5xu5q2s3uuqajr04e"
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE90n2uq9LCkglVivLizZcBxAsK23/ZMd8UPGZthfydu"
KEY = "arn:aws:kms:us-east-1:111122223333:key/one"
KEY_TWO = "arn:aws-cn:kms:cn-north-1:111122223333:alias/two"
ROLE = "arn:aws:iam::111122223333:role/sops"
GCP = "projects/p/locations/global/keyRings/sops-keys/cryptoKeys/hubs"
GCP_TWO = "projects/p/locations/global/keyRings/sops-keys/cryptoKeys/leap"
AZURE = "https://vault.example.net/keys/hubs/0123"
VAULT = "https://vault.example.org:8200/v1/transit/keys/hubs"
PGP = "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"
FILE = "config/clusters/leap/enc-prod.secret.values.yaml"


def _rule(text: str) -> str:
    return "creation_rules:\n- " + textwrap.indent(textwrap.dedent(text).strip(), "  ").strip() + "\n"


# The text of a `.sops.yaml` → the key groups of its rule for FILE as `sops updatekeys` prints them.
READ = {
    "text": (_rule(f"age: {ONE}"), [{ONE}]),
    "text with commas": (_rule(f"age: '{ONE}, {TWO},'"), [{ONE, TWO}]),
    "folded text": (_rule(f"age: >-\n  {ONE},\n  {TWO}"), [{ONE, TWO}]),
    "list": (_rule(f"age: [{ONE}, {TWO}]"), [{ONE, TWO}]),
    "list of texts with commas": (_rule(f"age: ['{ONE}, {TWO}']"), [{ONE, TWO}]),
    "the same twice": (_rule(f"age: [{ONE}, {ONE}]"), [{ONE}]),
    "key of ssh": (_rule(f"age: {SSH}"), [{SSH}]),
    "key of ssh with a comment": (_rule(f"age: {SSH} me@here"), [{f"{SSH} me@here"}]),
    "pgp": (_rule(f"pgp: {PGP}"), [{PGP}]),
    "pgp in blocks of four": (_rule("pgp: FBC7 B9E2 A4F9"), [{"FBC7B9E2A4F9"}]),
    "pgp of digits, quoted": (_rule("pgp: '1234567890'"), [{"1234567890"}]),
    "pgp that looks like a number too large": (_rule(f"pgp: {'9' * 12}E{'9' * 27}"), [{f"{'9' * 12}E{'9' * 27}"}]),
    "kms": (_rule(f"kms: {KEY}"), [{KEY}]),
    "kms with a role": (_rule(f"kms: {KEY}+{ROLE}, {KEY_TWO}"), [{f"{KEY}+{ROLE}", KEY_TWO}]),
    "kms with blanks": (_rule(f"kms: '{KEY} + {ROLE}'"), [{f"{KEY}+{ROLE}"}]),
    "gcp_kms": (_rule(f"gcp_kms: {GCP}"), [{GCP}]),
    "gcp_kms as a list": (_rule(f"gcp_kms:\n- {GCP}\n- {GCP_TWO}"), [{GCP, GCP_TWO}]),
    "azure": (_rule(f"azure_keyvault: {AZURE}"), [{AZURE}]),
    "vault": (_rule(f"hc_vault_transit_uri: {VAULT}"), [{VAULT}]),
    "vault with a long path": (
        _rule("hc_vault_transit_uri: HTTPS://vault.example.org/v1/a/b/transit/keys/hubs/"),
        [{"https://vault.example.org/v1/a/b/transit/keys/hubs"}],
    ),
    "hckms": (_rule("hckms: ['tr-west-1:uuid', ' eu:two , ']"), [{"tr-west-1:uuid", "eu:two"}]),
    "several kinds": (_rule(f"age: {ONE}\npgp: {PGP}\nkms: {KEY}\ngcp_kms: {GCP}"), [{ONE, PGP, KEY, GCP}]),
    "empty kinds beside one": (_rule(f"age: {ONE}\npgp: ''\nkms:\ngcp_kms: ~\nhckms:"), [{ONE}]),
    "unknown keys": (_rule(f"age: {ONE}\nagee: {TWO}\nnotes: [a, {{b: c}}]"), [{ONE}]),
    "one key group": (_rule(f"key_groups:\n- age: [{ONE}]\n  pgp: [{PGP}]"), [{ONE, PGP}]),
    "keys beside key groups do not count": (_rule(f"age: {TWO}\nkey_groups:\n- age: [{ONE}]"), [{ONE}]),
    "keys where key groups are empty": (_rule(f"age: {TWO}\nkey_groups: []"), [{TWO}]),
    "two key groups": (_rule(f"shamir_threshold: 2\nkey_groups:\n- age: [{ONE}]\n- age: [{TWO}]"), [{ONE}, {TWO}]),
    "a null group": (_rule(f"key_groups:\n-\n- age: [{ONE}, ~]"), [{ONE}]),
    "every kind in a group": (
        _rule(f"""
            key_groups:
            - age: ['{ONE},{TWO}']
              pgp: [AB CD]
              kms: [{{arn: {KEY}, role: {ROLE}, context: {{b: 2, a: x}}}}, {{arn: {KEY_TWO}}}]
              gcp_kms: [{{resource_id: {GCP}}}]
              hckms: [{{key_id: 'tr-west-1:uuid'}}]
              azure_keyvault: [{{vaultUrl: 'https://vault.example.net', key: hubs, version: 1}}]
              hc_vault: ['{VAULT}']
            """),
        [
            {
                *(ONE, TWO, "ABCD", f"{KEY}+{ROLE}|a:x,b:2", KEY_TWO, GCP, "tr-west-1:uuid"),
                *("https://vault.example.net/keys/hubs/1", VAULT),
            }
        ],
    ),
    "merged groups": (
        _rule(f"key_groups:\n- merge:\n  - age: [{ONE}]\n  - merge: [{{pgp: [{PGP}]}}]\n  pgp: [{PGP}]"),
        [{ONE, PGP}],
    ),
    "anchors": (
        f"keys:\n- &me {ONE}\n- &all [*me, {TWO}]\ncreation_rules:\n- key_groups:\n  - age: *all\n",
        [{ONE, TWO}],
    ),
    "an anchored group": (f"g: &g {{age: [{ONE}]}}\ncreation_rules:\n- key_groups: [*g]\n", [{ONE}]),
    "an anchored rule": (f"r: &r {{age: {ONE}}}\ncreation_rules: [*r]\n", [{ONE}]),
    "merge key": (f"r: &r {{age: {ONE}, pgp: {PGP}}}\ncreation_rules:\n- pgp: AB\n  <<: *r\n", [{ONE, "AB"}]),
    "merge key with a list": (
        f"a: &a {{age: {ONE}}}\nb: &b {{age: {TWO}, pgp: {PGP}}}\ncreation_rules:\n- <<: [*a, *b]\n",
        [{ONE, PGP}],
    ),
    "merge key in a merged mapping": (
        f"a: &a {{age: {ONE}, pgp: {PGP}}}\nb: &b {{<<: *a, pgp: AB}}\ncreation_rules:\n- <<: *b\n",
        [{ONE, "AB"}],
    ),
    "merge key in line": (f"creation_rules:\n- <<: {{age: {ONE}}}\n", [{ONE}]),
    "no path_regex": (_rule(f"path_regex:\nage: {ONE}"), [{ONE}]),
    "an empty path_regex": (_rule(f"path_regex: ''\nage: {ONE}"), [{ONE}]),
    "the first that matches": (
        f"creation_rules:\n- path_regex: reef\n  age: {TWO}\n- path_regex: leap\n  age: {ONE}\n- age: {TWO}\n",
        [{ONE}],
    ),
    "a null rule": (f"creation_rules:\n-\n- age: {ONE}\n", [{ONE}]),
    "stores": (f"stores: {{yaml: {{indent: 2}}}}\ncreation_rules:\n- age: {ONE}\n", [{ONE}]),
    "destination_rules": (f"destination_rules: [{{s3_bucket: b}}]\ncreation_rules:\n- age: {ONE}\n", [{ONE}]),
    "one suffix": (_rule(f"encrypted_suffix: _e\nunencrypted_suffix: ''\nage: {ONE}"), [{ONE}]),
    "a flag of YAML 1.1": (_rule(f"mac_only_encrypted: yes\nage: {ONE}"), [{ONE}]),
    "a faulty rule behind": (f"creation_rules:\n- age: {ONE}\n- age: nonsense\n", [{ONE}]),
    "a faulty rule before": (f"creation_rules:\n- path_regex: reef\n  age: nonsense\n- age: {ONE}\n", [{ONE}]),
    "windows line ends": (_rule(f"age: {ONE}").replace("\n", "\r\n"), [{ONE}]),
}

# The text of a `.sops.yaml` that sops refuses for FILE → the line and what hubctl says of it.
REFUSED = {
    "empty": ("", 1, "no `creation_rules`: nothing would be encrypted"),
    "comments alone": ("# nothing\n", 1, "no `creation_rules`: nothing would be encrypted"),
    "no rules": ("a: 1\n", 1, "no `creation_rules`: nothing would be encrypted"),
    "null rules": ("creation_rules:\n", 1, "no `creation_rules`: nothing would be encrypted"),
    "an empty list": ("creation_rules: []\n", 1, "no `creation_rules`: nothing would be encrypted"),
    "a list": ("- a\n", 1, "the file is no mapping"),
    "a text": ("age\n", 1, "the file is no mapping"),
    "not YAML": ("a: [\n", 2, "not valid YAML"),
    "rules as a mapping": (f"creation_rules:\n  age: {ONE}\n", 2, "`creation_rules` is no list"),
    "a rule as text": (f"creation_rules:\n- age: {ONE}\n- text\n", 3, "a creation rule is no mapping"),
    "rules twice": (_rule(f"age: {ONE}") * 2, 3, "`creation_rules` stands twice"),
    "a key twice": (_rule(f"age: {ONE}\nage: {TWO}"), 3, "`age` stands twice"),
    "an unknown key twice": (f"x: 1\nx: 2\ncreation_rules:\n- age: {ONE}\n", 2, "`x` stands twice"),
    "a merge key twice": (_rule(f"<<: {{age: {ONE}}}\n<<: {{age: {ONE}}}"), 3, "`<<` stands twice"),
    "a merge of text": (_rule("<<: text"), 2, "`<<` takes a mapping or a list of mappings"),
    "a merge of a list of texts": (_rule("<<: [text]"), 2, "`<<` takes a mapping or a list of mappings"),
    "a merge of an anchored list": (
        f"l: &l [{{age: {ONE}}}]\ncreation_rules:\n- <<: *l\n",
        3,
        "`<<` takes a mapping or a list of mappings",
    ),
    "a path_regex as a list": (_rule(f"path_regex: [a]\nage: {ONE}"), 2, "`path_regex` is no text"),
    "a profile as a list": (_rule(f"aws_profile: [a]\nage: {ONE}"), 2, "`aws_profile` is no text"),
    "a path_regex of Python": (
        _rule(f"path_regex: (?=enc)\nage: {ONE}"),
        2,
        "`path_regex` is no regular expression of Go: `(?=enc)`",
    ),
    "no keys": (_rule("path_regex: enc"), 2, "a rule without a recipient"),
    "keys under another name": (_rule(f"agee: {ONE}"), 2, "a rule without a recipient"),
    "age out of form": (_rule(f"path_regex: enc\nage: {ONE[:-1]}x"), 3, f"`{ONE[:-1]}x` is no recipient of age"),
    "age with a hole": (_rule(f"age: ['{ONE},,{TWO}']"), 2, "`` is no recipient of age"),
    "age as a number": (_rule("age: 12"), 2, "`age` is neither text nor a list of texts"),
    "age as a mapping": (_rule(f"age: {{a: {ONE}}}"), 2, "`age` is neither text nor a list of texts"),
    "age with a number": (_rule(f"age: [{ONE}, 12]"), 2, "`age` has an item that is no text"),
    "pgp of digits": (_rule("pgp: 1234567890"), 2, "`pgp` is neither text nor a list of texts"),
    "azure out of form": (
        _rule("azure_keyvault: http://vault.example.net/keys/a"),
        2,
        "`http://vault.example.net/keys/a` is no address of a key of Azure Key Vault",
    ),
    "vault without a scheme": (
        _rule("hc_vault_transit_uri: vault.example.org/v1/transit/keys/a"),
        2,
        "`vault.example.org/v1/transit/keys/a` is no address of a key of Vault's transit engine",
    ),
    "vault behind a path": (
        _rule("hc_vault_transit_uri: https://example.org/vault/v1/transit/keys/a"),
        2,
        "`https://example.org/vault/v1/transit/keys/a` is no address of a key of Vault's transit engine",
    ),
    "vault with a blank before": (
        _rule(f"hc_vault_transit_uri: [' {VAULT}']"),
        2,
        f"` {VAULT}` is no address of a key of Vault's transit engine",
    ),
    "hckms as text": (_rule("hckms: tr-west-1:uuid"), 2, "`hckms` is no list"),
    "hckms out of form": (
        _rule("hckms: ['tr-west-1: ']"),
        2,
        "`tr-west-1:` is no key of Huawei Cloud KMS, `region:uuid`",
    ),
    "groups as a mapping": (_rule(f"key_groups:\n  age: [{ONE}]"), 3, "`key_groups` is no list"),
    "a group as text": (_rule("key_groups: [a]"), 2, "a key group is no mapping"),
    "age in a group as text": (_rule(f"key_groups:\n- age: {ONE}"), 3, "`age` is no list"),
    "age in a group out of form": (_rule("key_groups:\n- age: [age1x]"), 3, "`age1x` is no recipient of age"),
    "a list in a list": (_rule(f"key_groups:\n- age: [[{ONE}]]"), 3, "`age` is no text"),
    "gcp_kms in a group as text": (_rule(f"key_groups:\n- gcp_kms: [{GCP}]"), 3, "a recipient is no mapping"),
    "a context as text": (_rule(f"key_groups:\n- kms: [{{arn: {KEY}, context: a}}]"), 3, "`context` is no mapping"),
    "a threshold as text": (_rule(f"shamir_threshold: two\nage: {ONE}"), 2, "`shamir_threshold` is no whole number"),
    "a flag as a number": (
        _rule(f"mac_only_encrypted: 1\nage: {ONE}"),
        2,
        "`mac_only_encrypted` is neither `true` nor `false`",
    ),
    "a flag as a word": (
        _rule(f"mac_only_encrypted: maybe\nage: {ONE}"),
        2,
        "`mac_only_encrypted` is neither `true` nor `false`",
    ),
    "two rules of encrypting": (
        _rule(f"encrypted_suffix: _e\nunencrypted_comment_regex: a\nage: {ONE}"),
        2,
        "`encrypted_suffix`, `unencrypted_comment_regex` in one rule: sops takes one of them",
    ),
}


def asked(folder: Path, rules: str) -> list[set[str]] | None:
    """Return the groups that sops would encrypt FILE to under the text of a `.sops.yaml`, None if it refuses it."""
    shown, _ = updatekeys(folder, rules, {"age": [{"recipient": OTHER, "enc": "x"}]}, FILE)
    if "Is this okay?" not in shown:
        return None
    groups = re.split("^Group ", shown, flags=re.MULTILINE)[1:]
    return [set(re.findall(r"^\+\+\+ (.*)$", group, re.MULTILINE)) for group in groups]


def _printed(recipient: Recipient) -> str:
    """Return a recipient as sops prints it."""
    if recipient.kind != "kms":
        return str(recipient).partition(" ")[2]
    arn, role, context = recipient.identity
    pairs = ",".join(f"{k}:{v}" for k, v in re.findall(r'"([^"]*)": "([^"]*)"', context))
    return arn + (f"+{role}" if role else "") + (f"|{pairs}" if pairs else "")


@pytest.mark.parametrize(("text", "groups"), some_fast(READ.values(), 8), ids=READ)
def test_a_rule_gives_the_recipients_that_sops_would_encrypt_to(text, groups, tmp_path: Path):
    rule = rule_for(read_rules(text.encode()), FILE)
    assert rule is not None
    assert [{_printed(recipient) for recipient in group} for group in rule.recipients.groups] == groups
    assert asked(tmp_path, text) == groups or ("hckms" in text and version() < (3, 13))


@pytest.mark.parametrize(("text", "line", "message"), some_fast(REFUSED.values(), 8), ids=REFUSED)
def test_what_sops_refuses_is_a_problem(text, line, message, tmp_path: Path):
    rules = read_rules(text.encode())
    assert [(p.file, p.line, p.rule, p.message) for p in rules.problems] == [
        (".sops.yaml", line, "sops-rules", message)
    ]
    assert rule_for(rules, FILE) is None
    assert asked(tmp_path, text) is None or not all(asked(tmp_path, text))


# What sops takes, and stumbles over as soon as it encrypts.
USELESS = {
    "an ARN out of form": ("kms: arn:aws:s3:::bucket", 2, "`arn:aws:s3:::bucket` is no ARN of a key of AWS KMS"),
    "an ARN of a group out of form": ("key_groups:\n- kms: [{role: r}]", 3, "`` is no ARN of a key of AWS KMS"),
    "a key of Google out of form": (
        "gcp_kms: projects/p/keyRings/r",
        2,
        "`projects/p/keyRings/r` is no resource of a key of Google Cloud KMS",
    ),
    "a fingerprint of nothing": ("pgp: ['AB,,CD']", 2, "`` is no fingerprint of a PGP key"),
    "a key of Azure without a name": (
        "key_groups:\n- azure_keyvault: [{vaultUrl: 'https://v.example.net'}]",
        3,
        "a key of Azure has a `vaultUrl` and a `key`",
    ),
    "a context with a hole": (
        f"key_groups:\n- kms: [{{arn: {KEY}, context: {{app: }}}}]",
        3,
        "`context` has nothing at `app`",
    ),
    "an empty group": (f"key_groups:\n- age: [{ONE}]\n- age: []", 4, "a key group without a recipient"),
    "too few groups for the threshold": (
        f"shamir_threshold: 3\nkey_groups:\n- age: [{ONE}]\n- age: [{TWO}]",
        2,
        "`shamir_threshold` 3 with 2 key groups: it is 2 or more, at most as many as there are",
    ),
    "a threshold of one": (
        f"shamir_threshold: 1\nkey_groups:\n- age: [{ONE}]\n- age: [{TWO}]",
        2,
        "`shamir_threshold` 1 with 2 key groups: it is 2 or more, at most as many as there are",
    ),
    "an encrypted_regex of Python": (
        f"encrypted_regex: ^(?!kind)\nage: {ONE}",
        2,
        "`encrypted_regex` is no regular expression of Go: `^(?!kind)`",
    ),
    "nothing is encrypted": (
        f"encrypted_regex: ^$\nage: {ONE}",
        2,
        "`encrypted_regex` leaves everything in clear: `^$`",
    ),
    "nothing behind a comment is encrypted": (
        f"encrypted_comment_regex: $^\nage: {ONE}",
        2,
        "`encrypted_comment_regex` leaves everything in clear: `$^`",
    ),
    "everything is left in clear": (
        f"unencrypted_regex: .*\nage: {ONE}",
        2,
        "`unencrypted_regex` leaves everything in clear: `.*`",
    ),
    "a comment could not be read again": (
        f"unencrypted_comment_regex: type\nage: {ONE}",
        2,
        "`unencrypted_comment_regex` matches ciphertext, too: sops refuses to encrypt a comment under it",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), USELESS.values(), ids=USELESS)
def test_what_sops_cannot_encrypt_under_is_a_problem(text, line, message):
    rules = read_rules(_rule(text).encode())
    assert [(p.line, p.message, p.path) for p in rules.problems] == [(line, message, "creation_rules[0]")]
    assert [(rule.line, rule.sound) for rule in rules.rules] == [(2, False)]
    assert rule_for(rules, FILE) is None


def test_without_a_file_there_is_a_problem_and_no_rule():
    mend = "make one: `hubctl init --sops --age RECIPIENT`"
    problem = Problem(".sops.yaml", 1, "sops-rules", "there is no `.sops.yaml`", mend)
    assert read_rules(None) == Rules((), (problem,), there=False)


def test_a_rule_is_read_to_the_last_field():
    regex = "^(data|stringData)$"
    text = _rule(f"path_regex: ^deploy/\nencrypted_regex: {regex}\nmac_only_encrypted: true\nage: {ONE}")
    rule = CreationRule(
        line=2,
        path_regex="^deploy/",
        recipients=Recipients((frozenset({Recipient("age", (ONE,))}),)),
        encrypting=Encrypting("encrypted_regex", regex),
        mac_only_encrypted=True,
    )
    assert read_rules(text.encode()) == Rules((rule,), (), there=True)


def test_the_rules_of_a_real_repository_have_no_problem(corpus: Path):
    rules = read_rules((corpus / ".sops.yaml").read_bytes())
    assert (rules.problems, rules.there) == ((), True)
    found = [rule_for(rules, path) for path in (FILE, "eksctl/ssh-keys/leap.key", "a/eksctl/ssh-keys/b", "README.md")]
    assert [rule.line if rule else None for rule in found] == [2, None, 4, None]


def test_every_faulty_rule_has_its_problem_and_the_others_stand():
    text = f"creation_rules:\n- path_regex: a\n  age: x\n- path_regex: b\n  age: {ONE}\n- path_regex: c\n- age: {ONE}\n"
    rules = read_rules(text.encode(), "sub/.sops.yaml")
    assert [(p.file, p.line, p.path) for p in rules.problems] == [
        ("sub/.sops.yaml", 3, "creation_rules[0]"),
        ("sub/.sops.yaml", 6, "creation_rules[2]"),
    ]
    found = [rule_for(rules, path) for path in ("a", "b", "c", "d")]
    assert [rule.line if rule else None for rule in found] == [None, 4, None, 7]


def test_sops_stops_at_a_pattern_that_it_cannot_compile():
    rules = read_rules(f"creation_rules:\n- path_regex: '('\n  age: {ONE}\n- age: {ONE}\n".encode())
    assert rule_for(rules, FILE) is None


def test_no_rule_matches():
    assert rule_for(read_rules(_rule(f"path_regex: reef\nage: {ONE}").encode()), FILE) is None


READS = "write it as sops reads it: `creation_rules` is a list of mappings with `path_regex` and recipients"


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("age: x", "name recipients as `age: age1…` or `gcp_kms: projects/…`, or as a list of them"),
        ("path_regex: [a]", READS),
        ("path_regex: (", "write it in the syntax of RE2: no look-around, no references back"),
        ("{encrypted_suffix: a, encrypted_regex: a}", "keep one of them, or none: then everything is encrypted"),
        ("unencrypted_comment_regex: ENC", "begin it with `^` and a word that marks what stays in clear"),
        ("encrypted_regex: $^", "leave it out: then everything is encrypted"),
    ],
)
def test_a_problem_says_how_to_mend_it(text, mend):
    (problem,) = read_rules(f"creation_rules:\n- {text}\n".encode()).problems
    assert problem.mend == mend


def test_there_is_an_end_to_rules():
    lines = [f"- {{path_regex: p{number}, age: {ONE}}}" for number in range(501)]
    assert read_rules("\n".join(["creation_rules:", *lines[:500], ""]).encode()).problems == ()
    (problem,) = read_rules("\n".join(["creation_rules:", *lines, ""]).encode()).problems
    assert (problem.line, problem.message) == (502, "more than 500 creation rules")


DEEP = b"creation_rules: " + b"[" * 500
HOSTILE = {
    "not UTF-8": (b"creation_rules:\n- age: \xff\n", 2, "not UTF-8"),
    "several documents": (b"a: 1\n---\nb: 2\n", 1, "several YAML documents: sops reads the first alone"),
    "a control character": (b"a: \x00\n", 1, "a control character"),
    "deep in flow style": (DEEP, 1, "nested more than 64 levels deep"),
    "deep in block style": (b"".join(b" " * n + b"a:\n" for n in range(100)), 65, "nested more than 64 levels deep"),
    "larger than any": (b"#" * 2_000_001, 1, "larger than 2 MB"),
    "a directive": (b"%YAML 1.1\n---\ncreation_rules: []\n", 1, "a `%` directive is not supported"),
    "a tag at a text": (b"creation_rules:\n- path_regex: !x a\n", 2, "a tag hubctl does not construct"),
    "an anchor inside itself": (b"creation_rules: &a [*a]\n", 1, "an alias inside its own anchor"),
    "a list as a key": (b"? [a]\n: b\ncreation_rules: []\n", 1, "no `creation_rules`: nothing would be encrypted"),
}


@pytest.mark.parametrize(("data", "line", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_a_problem(data, line, message):
    assert [(p.line, p.message) for p in read_rules(data).problems] == [(line, message)]


def test_aliases_that_multiply_are_a_problem():
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (problem,) = read_rules("\n".join([*lines, "creation_rules: *a9", ""]).encode()).problems
    assert "200,000" in problem.message or "alias" in problem.message


@given(st.binary(max_size=60) | st.text("creation_rules: -[]{}&*<age1\n", max_size=60).map(str.encode))
@settings(max_examples=300)
def test_nothing_is_raised_whatever_the_bytes(data):
    assert read_rules(data).problems


def test_an_escape_sequence_is_not_repeated_in_a_message():
    (problem,) = read_rules(_rule('age: "\\e[31mred"').encode()).problems
    assert problem.message == "`\\u001b[31mred` is no recipient of age"


TREE = """\
plain: 1
part_unencrypted: {b: x}
data:
- name: q
  inner: {k: v}
- z
key_e: [x]
deep: {data: {more: y}}
# keep
kept: {deep: x}
# one
# keep two
list:
- a
# enc
- b
- c
# a

# keep three
last: x
"""
# Each leaf of the tree, with the comments above it and above what it is part of.
LEAVES: dict[tuple[str | int, ...], tuple[str, ...]] = {
    ("plain",): (),
    ("part_unencrypted", "b"): (),
    ("data", 0, "name"): (),
    ("data", 0, "inner", "k"): (),
    ("data", 1): (),
    ("key_e", 0): (),
    ("deep", "data", "more"): (),
    ("kept", "deep"): (" keep",),
    ("list", 0): (" one", " keep two"),
    ("list", 1): (" one", " keep two", " enc"),
    ("list", 2): (" one", " keep two"),
    ("last",): (" a", " keep three"),
}
ENCRYPTING = [
    Encrypting(),
    Encrypting("unencrypted_suffix", "_e"),
    Encrypting("encrypted_suffix", "ata"),
    Encrypting("unencrypted_regex", "a$"),
    Encrypting("unencrypted_regex", "^data$|de{2}"),
    Encrypting("encrypted_regex", "^(data|kept)$"),
    Encrypting("encrypted_regex", "e"),
    Encrypting("encrypted_regex", "0"),
    Encrypting("unencrypted_comment_regex", "^ keep"),
    Encrypting("encrypted_comment_regex", "enc|keep t"),
]


def _leaf(tree, path: tuple[str | int, ...]):
    return functools.reduce(lambda node, step: node[step], path, tree)


@pytest.mark.parametrize("encrypting", ENCRYPTING, ids=lambda one: f"{one.key} {one.value}")
def test_a_leaf_is_covered_where_sops_encrypts_it(encrypting, tmp_path):
    (tmp_path / ".sops.yaml").write_text(_rule(f"age: {ONE}\n{encrypting.key}: {encrypting.value}"))
    words = ["--config", ".sops.yaml", "encrypt", "--filename-override", "a.yaml", "--input-type", "yaml"]
    done = subprocess.run([tool("sops"), *words], cwd=tmp_path, input=TREE.encode(), capture_output=True, check=True)
    made = yaml.safe_load(done.stdout)
    really = {path: str(_leaf(made, path)).startswith("ENC[") for path in LEAVES}
    assert {path: encrypting.covers(path, comments) for path, comments in LEAVES.items()} == really


@pytest.mark.parametrize("key", ["unencrypted_regex", "encrypted_regex"])
def test_a_pattern_that_cannot_be_read_matches_nothing(key):
    assert Encrypting(key, "(").covers(("a",)) is (key == "unencrypted_regex")


def test_only_the_default_is_whole_and_only_two_keys_look_at_comments():
    whole = [one for one in ENCRYPTING if one.whole]
    assert whole == [Encrypting("unencrypted_suffix", "_unencrypted")]
    assert [one.key for one in ENCRYPTING if one.comments] == ["unencrypted_comment_regex", "encrypted_comment_regex"]
