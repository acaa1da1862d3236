"""`hubctl init --sops`, from the outside: rules that hubctl and sops go by, and no private key shown again."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.secrets.parts import CLUSTERS, PROD, Fleet, Identity, Outcome, identity, run_sops, some_fast

_KIND = b"ssh-ed25519"
_KEY = len(_KIND).to_bytes(4, "big") + _KIND + (32).to_bytes(4, "big") + bytes(range(32))
SSH = f"ssh-ed25519 {base64.b64encode(_KEY).decode()}"
CANARY = "1CANARYQQQQQQQQ"


@pytest.fixture
def engineer(tmp_path: Path) -> Identity:
    return identity(tmp_path / "engineer")


@pytest.fixture
def fleet(tmp_path: Path, engineer: Identity) -> Fleet:
    """A fleet without any `.sops.yaml`."""
    made = Fleet(tmp_path / "fleet", dict(engineer.environment))
    made.write(CLUSTERS)
    made.git("init", "--quiet")
    made.commit("Set up the fleet")
    return made


def rules(fleet: Fleet) -> Any:
    return yaml.safe_load(fleet.read(".sops.yaml"))["creation_rules"]


def refused(done: Outcome, fleet: Fleet) -> str:
    assert (done.code, done.out) == (2, "")
    assert not (fleet.root / ".sops.yaml").exists()
    assert not (fleet.root / "hubctl.yaml").exists()
    return done.err


def test_rules_are_made_that_hubctl_and_sops_go_by(fleet: Fleet, engineer: Identity, tmp_path: Path) -> None:
    other = identity(tmp_path / "other").recipient
    done = fleet.run("init", "--sops", "--age", engineer.recipient, "--age", other)

    assert (done.code, done.out.splitlines()[-1]) == (0, "created  .sops.yaml")
    assert {each["age"] for each in rules(fleet)} == {f"{engineer.recipient},{other}"}
    for name in (PROD, "enc-key.json", "a/x.secret.json"):
        fleet.encrypt({"a": {"b": "c"}}, name)
        assert fleet.decrypt(name) == {"a": {"b": "c"}}
    fleet.git("add", "--all")
    assert fleet.run("secret", "check", "--json").json == {"checked": 3, "problems": []}
    assert b"\n  b: ENC[" in fleet.read(PROD)
    assert b'\n    "a": {' in fleet.read("enc-key.json")


def test_a_secret_can_be_stored_right_away(fleet: Fleet, engineer: Identity) -> None:
    assert fleet.run("init", "--sops", "--age", engineer.recipient).code == 0
    done = fleet.run("secret", "set", "leap", "prod", "jupyterhub.hub.config.X.client_secret", stdin="canary")
    assert done.code == 0, done.err
    assert fleet.decrypt(PROD) == {"jupyterhub": {"hub": {"config": {"X": {"client_secret": "canary"}}}}}
    assert fleet.run("secret", "check", "--json").json == {"checked": 1, "problems": []}


@pytest.mark.slow
def test_recipients_of_every_kind_are_taken_once(fleet: Fleet, engineer: Identity, tmp_path: Path) -> None:
    other = identity(tmp_path / "other").recipient
    words = [f"{engineer.recipient}, {other}", other, f"{SSH} me@example.org, laptop", SSH]
    done = fleet.run("init", "--sops", *(word for text in words for word in ("--age", text)))

    assert done.code == 0, done.err
    assert {each["age"] for each in rules(fleet)} == {f"{engineer.recipient},{other},{SSH}"}
    config = ("--config", ".sops.yaml", "encrypt", "--input-type", "json", "--filename-override", PROD)
    assert SSH.encode() in run_sops(*config, stdin=b'{"a": "b"}', at=fleet.root)
    assert fleet.run("secret", "check", "--json").json == {"checked": 0, "problems": []}


def test_what_is_there_is_left_alone(fleet: Fleet, engineer: Identity) -> None:
    fleet.write({".sops.yaml": "creation_rules: [] # ours\n"})
    done = fleet.run("init", "--sops", "--age", engineer.recipient)
    assert done.out.splitlines()[-1] == "kept     .sops.yaml"
    assert "note: `.sops.yaml` is left as it is: write recipients into its rules" in done.err
    assert fleet.read(".sops.yaml") == b"creation_rules: [] # ours\n"


def test_a_second_run_does_nothing(fleet: Fleet, engineer: Identity) -> None:
    words = ("init", "--sops", "--age", engineer.recipient)
    fleet.run(*words)
    before = fleet.read(".sops.yaml")
    assert fleet.run(*words).err == "nothing to do: every file is there already\n"
    assert fleet.read(".sops.yaml") == before


@pytest.mark.slow
def test_a_dry_run_shows_the_rules_and_writes_none(fleet: Fleet, engineer: Identity) -> None:
    done = fleet.run("init", "--sops", "--age", engineer.recipient, "--dry-run")
    assert f"\n+  age: {engineer.recipient}\n" in done.out
    assert not (fleet.root / ".sops.yaml").exists()
    shape = fleet.run("init", "--sops", "--age", engineer.recipient, "--dry-run", "--json").json
    assert shape["files"][-1] == {"file": ".sops.yaml", "action": "planned"}
    assert [each["file"] for each in json.loads(fleet.run("init", "--dry-run", "--json").out)["files"]][
        -1
    ] != ".sops.yaml"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sops",), "`--sops` needs to know who can open secrets"),
        (("--age", "{recipient}"), "add `--sops`"),
        *some_fast(
            [
                (("--sops", "--age", ""), "no public key of age"),
                (("--sops", "--age", "{recipient}x"), "no public key of age"),
                (
                    ("--sops", "--age", "{recipient}", "--age", "age1gibberish"),
                    "number 2 of the recipients is no public key",
                ),
                (("--sops", "--age", "{recipient},,{recipient}"), "number 2 of the recipients is no public key"),
                (("--sops", "--age", "someone@example.org"), "no public key of age"),
                (("--sops", "--age", "ssh-ed25519 AAAA"), "no public key of age"),
                (("--sops", "{recipient}"), "each recipient stands behind an `--age` of its own"),
            ],
            4,
        ),
    ],
)
def test_what_cannot_be_understood_is_refused(fleet: Fleet, engineer: Identity, words: Any, said: str) -> None:
    given = [word.replace("{recipient}", engineer.recipient) for word in words]
    assert said in " ".join(refused(fleet.run("init", *given), fleet).split())


def test_a_private_key_is_refused_without_a_word_of_it(fleet: Fleet) -> None:
    forms = ("AGE-SECRET-KEY-{}", "age-secret-key-{}", "AGE-PLUGIN-YUBIKEY-{}", "a,AGE-SECRET-KEY-{}")
    places = [(), ("--sops",), ("--age",), *[("--sops", "--age")] * len(forms)]
    for words, form in zip(places, itertools.cycle(forms), strict=False):
        said = refused(fleet.run("init", *words, form.format(CANARY)), fleet)
        assert CANARY not in said
        assert "treat it as exposed" in " ".join(said.split())
