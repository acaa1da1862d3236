import subprocess
from pathlib import Path

from tests.secrets.parts import PROD, Fleet, Identity, identity, run_sops, tool


def test_real_programs_are_found() -> None:
    for name in ("sops", "age-keygen"):
        subprocess.run([tool(name), "--version"], check=True, capture_output=True)


def test_each_identity_is_another_one_for_this_user_alone(tmp_path: Path) -> None:
    one, other = identity(tmp_path / "one"), identity(tmp_path / "other")
    assert one.recipient != other.recipient
    assert (one.recipient[:4], one.file.stat().st_mode & 0o777) == ("age1", 0o600)


def test_what_is_encrypted_is_read_back(fleet: Fleet, engineer: Identity) -> None:
    data = fleet.encrypt({"a": {"b": "canary"}})
    assert b"canary" not in data
    assert engineer.recipient.encode() in data
    assert fleet.decrypt(PROD) == {"a": {"b": "canary"}}
    assert run_sops("filestatus", PROD, at=fleet.root) == b'{"encrypted":true}\n'


def test_hubctl_runs_in_the_fleet_with_sops_on_its_path(fleet: Fleet) -> None:
    done = fleet.run("hub", "list", "--json")
    assert (done.code, done.err) == (0, "")
    assert {hub["hub"] for hub in done.json["hubs"]} == {"staging", "prod", "main"}
