"""`secret sync-recipients`: which files differ from their rules, and bringing them there."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.secrets.parts import (
    PROD,
    Fleet,
    Identity,
    copy_of,
    fleet_repository,
    identity,
    identity_in,
    rules_for,
    small_fleet,
    some_fast,
)

COMMON = "config/clusters/leap/enc-common.secret.values.yaml"


@pytest.fixture
def engineer(fleet: Fleet) -> Identity:
    return identity_in(Path(fleet.environment["SOPS_AGE_KEY_FILE"]))


@pytest.fixture
def other(tmp_path: Path) -> Identity:
    return identity(tmp_path / "other")


def of_two_files(folder: Path) -> Fleet:
    fleet = small_fleet(folder)
    cluster = "config/clusters/leap/cluster.yaml"
    fleet.write({cluster: fleet.read(cluster) + b"  - enc-prod.secret.values.yaml\n"})
    fleet.encrypt({"own": "one"})
    fleet.encrypt({"shared": "two"}, COMMON)
    fleet.commit()
    return fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return copy_of(of_two_files, tmp_path / "fleet")


def schema() -> object:
    return json.loads(files("hubctl.schemas").joinpath("secret-sync-recipients.schema.json").read_text())


@pytest.mark.parametrize("flags", some_fast([[], ["--check"], ["--dry-run"]], 3))
def test_files_that_are_as_their_rules_say_are_nothing_to_do(fleet: Fleet, flags: list[str]) -> None:
    done = fleet.run("secret", "sync-recipients", *flags)

    assert (done.code, done.out, done.err) == (0, "", "nothing to do\n")
    assert fleet.git("status", "--porcelain") == ""


def test_check_lists_files_and_recipients_without_sops_or_a_key(
    fleet: Fleet, engineer: Identity, other: Identity
) -> None:
    fleet.write({".sops.yaml": rules_for(other.recipient)})

    done = fleet.run("secret", "sync-recipients", "--check", env={"PATH": "/usr/bin:/bin", "SOPS_AGE_KEY_FILE": ""})

    detail = f"gone: age {engineer.recipient}; new: age {other.recipient}"
    assert (done.code, done.out) == (8, f"{COMMON}  recipients  {detail}\n{PROD}  recipients  {detail}\n")
    assert done.err.startswith(f"`{PROD}` feeds leap/prod\n")
    assert fleet.git("status", "--porcelain") == " M .sops.yaml\n"


def test_check_as_json(fleet: Fleet, engineer: Identity, other: Identity) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})

    done = fleet.run("secret", "sync-recipients", "--check", "--json", PROD)

    new = f"age {other.recipient}"
    assert (done.code, done.json) == (
        8,
        {
            "changes": [{"file": PROD, "path": ""}],
            "drift": [{"file": PROD, "gone": [], "new": [new], "detail": f"new: {new}"}],
        },
    )
    jsonschema.validate(done.json, schema())


def test_a_new_recipient_can_read_and_no_value_is_touched(fleet: Fleet, engineer: Identity, other: Identity) -> None:
    before = [line for line in fleet.read(PROD).splitlines() if b"ENC[" in line]
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})

    done = fleet.run("secret", "sync-recipients", "--json")

    assert (done.code, [each["file"] for each in done.json["changes"]]) == (0, [COMMON, PROD])
    jsonschema.validate(done.json, schema())
    assert [line for line in fleet.read(PROD).splitlines() if b"ENC[" in line] == before
    assert Fleet(fleet.root, other.environment).decrypt() == {"own": "one"}
    assert fleet.run("secret", "sync-recipients", "--check").code == 0
    assert fleet.run("secret", "check").code == 0


@pytest.mark.slow
def test_where_a_recipient_leaves_the_data_key_is_another_one_and_that_is_not_enough(
    fleet: Fleet, engineer: Identity, other: Identity
) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    fleet.run("secret", "sync-recipients")
    before = fleet.read(PROD)
    fleet.write({".sops.yaml": rules_for(engineer.recipient)})

    done = fleet.run("secret", "sync-recipients", PROD)

    assert (done.code, done.out) == (0, f"{PROD}  recipients  gone: age {other.recipient}\n")
    assert "older commits stay readable" in done.err
    assert "renew the values themselves" in done.err
    assert other.recipient.encode() not in fleet.read(PROD)
    values = [{line for line in text.splitlines() if b"type:str]" in line} for text in (before, fleet.read(PROD))]
    assert values[0].isdisjoint(values[1])
    assert fleet.decrypt() == {"own": "one"}


@pytest.mark.parametrize("flags", some_fast([[], ["--check"]], 2))
def test_any_other_finding_is_refused_for_all(
    fleet: Fleet, engineer: Identity, other: Identity, flags: list[str]
) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    fleet.write({COMMON: fleet.read(COMMON).replace(b"type:str", b"type:text", 1)})
    before = fleet.read(PROD)

    done = fleet.run("secret", "sync-recipients", "--json", *flags)

    assert (done.code, done.json["changes"], done.json["error"]["code"]) == (1, [], "look-alike")
    assert fleet.read(PROD) == before


@pytest.mark.slow
def test_a_folder_stands_for_the_secret_files_in_it(fleet: Fleet, engineer: Identity, other: Identity) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})

    below = fleet.run("secret", "sync-recipients", "--check", "--json", "leap", at=fleet.root / "config" / "clusters")
    beside = fleet.run("secret", "sync-recipients", "--check", "config/clusters/reef")

    assert [each["file"] for each in below.json["drift"]] == [COMMON, PROD]
    assert (beside.code, beside.out) == (0, "")


@pytest.mark.parametrize("path", some_fast(["absent.yaml", "../outside", "/etc/hostname"], 3))
def test_a_path_that_is_not_there_or_outside_is_refused(fleet: Fleet, path: str) -> None:
    done = fleet.run("secret", "sync-recipients", "--json", path)

    assert (done.code, done.json["error"]["code"]) == (1, "no-such-file")


def test_check_excludes_what_writes(fleet: Fleet) -> None:
    assert fleet.run("secret", "sync-recipients", "--check", "--dry-run").code == 2
    assert fleet.run("secret", "sync-recipients", "--check", "--open-pr").code == 2


def test_one_who_cannot_open_a_file_changes_none(fleet: Fleet, engineer: Identity, other: Identity) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})

    done = fleet.run("secret", "sync-recipients", env=other.environment)

    assert done.code == 4
    assert fleet.git("status", "--porcelain") == " M .sops.yaml\n"


@pytest.mark.slow
def test_all_files_are_one_pull_request_and_a_choice_another(
    fleet: Fleet, tmp_path: Path, engineer: Identity, other: Identity
) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})
    fleet.commit()
    subprocess.run(["git", "clone", "--quiet", str(fleet.root), str(tmp_path / "clone")], check=True)
    clone = Fleet(tmp_path / "clone", fleet.environment)

    every = clone.run("secret", "sync-recipients", "--print-pr")
    one = clone.run("secret", "sync-recipients", "--print-pr", PROD)
    below = clone.run("secret", "sync-recipients", "--print-pr", "config/clusters/leap")
    none = clone.run("secret", "sync-recipients", "--print-pr", "--json", "absent")

    assert every.out.splitlines()[:2] == [
        "Bring the recipients of 2 secret files to `.sops.yaml`",
        "hubctl/secret-sync-recipients/all → main",
    ]
    assert one.out.splitlines()[:2] == [
        "Bring the recipients of 1 secret file to `.sops.yaml`",
        f"hubctl/secret-sync-recipients/{PROD.replace('/', '--')} → main",
    ]
    assert below.out.splitlines()[1] == "hubctl/secret-sync-recipients/config--clusters--leap → main"
    assert (none.code, none.json["error"]["code"]) == (1, "no-such-file")
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.slow
def test_a_link_is_refused(fleet: Fleet, engineer: Identity, other: Identity) -> None:
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient), "elsewhere": fleet.read(COMMON)})
    (fleet.root / COMMON).unlink()
    (fleet.root / COMMON).symlink_to(fleet.root / "elsewhere")

    done = fleet.run("secret", "sync-recipients", "--json")

    assert (done.code, done.json["error"]["code"]) == (1, "link")


@pytest.mark.slow
def test_a_repository_without_hubs_has_secrets_too(tmp_path: Path, engineer: Identity, other: Identity) -> None:
    fleet = fleet_repository(tmp_path / "bare", engineer, files={"README.md": "nothing but secrets"})
    fleet.encrypt({"key": "value"}, "enc-token.secret.yaml")
    fleet.write({".sops.yaml": rules_for(engineer.recipient, other.recipient)})

    done = fleet.run("secret", "sync-recipients")

    assert (done.code, done.out) == (0, f"enc-token.secret.yaml  recipients  new: age {other.recipient}\n")
