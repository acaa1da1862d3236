"""`secret rotate`: the same values under another data key, in every secret file of a hub."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.secrets.parts import PROD, Fleet, copy_of, identity, small_fleet

CLUSTER = "config/clusters/leap/cluster.yaml"
COMMON = "config/clusters/leap/enc-common.secret.values.yaml"


def of_two_files(folder: Path) -> Fleet:
    fleet = small_fleet(folder)
    both = b"  - enc-common.secret.values.yaml\n"
    listed = fleet.read(CLUSTER).replace(b"  - prod.values", both + b"  - prod.values")
    listed = listed.replace(b"  - staging.values.yaml\n", b"  - staging.values.yaml\n" + both)
    fleet.write({CLUSTER: listed + b"  - enc-prod.secret.values.yaml\n"})
    fleet.encrypt({"own": "one"})
    fleet.encrypt({"shared": "two"}, COMMON)
    fleet.commit()
    return fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return copy_of(of_two_files, tmp_path / "fleet")


def test_every_file_of_the_hub_has_another_data_key_and_the_same_values(fleet: Fleet) -> None:
    before = {file: fleet.read(file) for file in (PROD, COMMON)}

    done = fleet.run("secret", "rotate", "leap", "prod")

    assert (done.code, done.out) == (0, f"{COMMON}  rotated\n{PROD}  rotated\n")
    assert done.err.splitlines()[:2] == [f"`{COMMON}` feeds leap/staging, leap/prod", f"`{PROD}` feeds leap/prod"]
    assert "then revoke the old ones" in done.err
    assert (fleet.decrypt(), fleet.decrypt(COMMON)) == ({"own": "one"}, {"shared": "two"})
    for file, data in before.items():
        assert _data(fleet.read(file)).isdisjoint(_data(data))


def _data(text: bytes) -> set[bytes]:
    """The lines with a value or the MAC."""
    return {line for line in text.splitlines() if b"ENC[" in line}


@pytest.mark.slow
def test_json_names_the_files(fleet: Fleet) -> None:
    done = fleet.run("secret", "rotate", "leap", "prod", "--json")

    assert done.json == {"changes": [{"file": COMMON, "path": ""}, {"file": PROD, "path": ""}]}
    schema = json.loads(files("hubctl.schemas").joinpath("secret-rotate.schema.json").read_text())
    jsonschema.validate(done.json, schema)


def test_where_one_file_has_a_finding_none_is_rotated(fleet: Fleet) -> None:
    fleet.write({COMMON: fleet.read(COMMON).replace(b"type:str", b"type:text", 1)})
    before = fleet.read(PROD)

    done = fleet.run("secret", "rotate", "leap", "prod", "--json")

    assert (done.code, done.json["changes"], done.json["error"]["code"]) == (1, [], "look-alike")
    assert fleet.read(PROD) == before


def test_a_hub_without_a_secret_file_is_refused(fleet: Fleet) -> None:
    done = fleet.run("secret", "rotate", "reef", "main", "--json")

    assert (done.code, done.json["error"]["code"]) == (1, "no-such-file")


def test_without_a_key_that_opens_it_nothing_is_written(fleet: Fleet, tmp_path: Path) -> None:
    done = fleet.run("secret", "rotate", "leap", "prod", env=identity(tmp_path / "else").environment)

    assert done.code == 4
    assert fleet.git("status", "--porcelain") == ""
