"""`secret unset`: one key and what it leaves empty, nothing where there is none."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.secrets.parts import PROD, Fleet, copy_of, small_fleet, some_fast

CLUSTER = "config/clusters/leap/cluster.yaml"
COMMON = "config/clusters/leap/enc-common.secret.values.yaml"


def of_two_files(folder: Path) -> Fleet:
    fleet = small_fleet(folder)
    listed = fleet.read(CLUSTER).replace(b"  - prod.values", b"  - enc-common.secret.values.yaml\n  - prod.values")
    fleet.write({CLUSTER: listed + b"  - enc-prod.secret.values.yaml\n"})
    fleet.encrypt({"a": {"b": {"c": "one"}, "d": "two"}, "both": "later"})
    fleet.encrypt({"both": "earlier"}, COMMON)
    fleet.commit()
    return fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return copy_of(of_two_files, tmp_path / "fleet")


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("a.b.c", {"a": {"d": "two"}, "both": "later"}),
        ("a.d", {"a": {"b": {"c": "one"}}, "both": "later"}),
    ],
)
def test_a_key_goes_with_what_it_leaves_empty(fleet: Fleet, key: str, left: object) -> None:
    done = fleet.run("secret", "unset", "leap", "prod", key)

    assert (done.code, done.out) == (0, f"{PROD}  {key}  removed\n")
    assert "the value stays readable in older commits: revoke it" in done.err
    assert fleet.decrypt() == left


@pytest.mark.slow
def test_a_file_may_be_left_without_any_key(fleet: Fleet) -> None:
    for key in ("a.b.c", "a.d", "both"):
        assert fleet.run("secret", "unset", "leap", "prod", key).code == 0

    assert fleet.decrypt() == {}
    assert fleet.run("secret", "check").code == 0
    assert fleet.run("secret", "set", "leap", "prod", "new", stdin="value").code == 0
    assert fleet.decrypt() == {"new": "value"}


@pytest.mark.slow
def test_a_key_that_an_earlier_file_has_too_is_said_to_count_from_there(fleet: Fleet) -> None:
    done = fleet.run("secret", "unset", "leap", "prod", "both", "--json")

    assert done.json == {"changes": [{"file": PROD, "path": "both"}]}
    jsonschema.validate(done.json, json.loads(files("hubctl.schemas").joinpath("secret-unset.schema.json").read_text()))
    assert f"note: `{COMMON}` has `both`, too: what it says counts from now on\n" in done.err
    assert fleet.run("secret", "get", "leap", "prod", "both").out == "earlier"


@pytest.mark.parametrize("key", some_fast(["absent", "a.b.x", "x.y.z"], 3))
def test_a_key_that_is_not_there_is_nothing_to_do(fleet: Fleet, key: str) -> None:
    done = fleet.run("secret", "unset", "leap", "prod", key)

    assert (done.code, done.out, done.err) == (0, "", "nothing to do\n")
    assert fleet.git("status", "--porcelain") == ""


def test_to_find_that_there_is_nothing_to_do_no_sops_is_needed(fleet: Fleet) -> None:
    done = fleet.run("secret", "unset", "leap", "prod", "absent", env={"PATH": "/usr/bin:/bin"})

    assert (done.code, done.err) == (0, "nothing to do\n")


@pytest.mark.parametrize("key", some_fast(["a", "a.b", "a.d.deeper"], 3))
def test_what_is_no_value_is_refused(fleet: Fleet, key: str) -> None:
    done = fleet.run("secret", "unset", "leap", "prod", key, "--json")

    assert (done.code, done.json["changes"], done.json["error"]["code"]) == (1, [], "collection")
    assert fleet.git("status", "--porcelain") == ""


def test_a_dry_run_writes_nothing(fleet: Fleet) -> None:
    done = fleet.run("secret", "unset", "leap", "prod", "a.d", "--dry-run")

    assert done.code == 0
    assert done.out.startswith(f"diff --git a/{PROD} b/{PROD}\n")
    assert done.err.endswith("nothing was written\n")
    assert fleet.git("status", "--porcelain") == ""
