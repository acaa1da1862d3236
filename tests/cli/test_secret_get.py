"""`secret get`: exactly the bytes that are stored, to a pipe, and to a terminal only where that is wanted."""

from __future__ import annotations

import json
import os
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.secrets.parts import PROD, Fleet, copy_of, identity, rules_for, small_fleet, some_fast, with_sops
from tests.secrets.terminal import terminal

CANARY = "canary-77ab01"
VALUES = {
    "text": f"{CANARY}\n",
    "line": CANARY,
    "windows": f"{CANARY}\r\n\r\n",
    "wide": "é🔑\t'\"\\ ",
    "yes": True,
    "no": False,
    "count": 3,
    "share": 1.5,
    "nothing": None,
    "empty": "",
    "tree": {"key": "below"},
    "list": ["item"],
    "k.ey": "dotted",
}


def with_values(folder: Path) -> Fleet:
    fleet = small_fleet(folder)
    cluster = "config/clusters/leap/cluster.yaml"
    fleet.write({cluster: fleet.read(cluster) + b"  - enc-prod.secret.values.yaml\n"})
    fleet.encrypt(VALUES)
    fleet.commit()
    return fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return copy_of(with_values, tmp_path / "fleet")


PRINTED = {
    "text": f"{CANARY}\n",
    "line": CANARY,
    "windows": f"{CANARY}\r\n\r\n",
    "wide": "é🔑\t'\"\\ ",
    "yes": "true",
    "no": "false",
    "count": "3",
    "share": "1.5",
    "nothing": "null",
    "empty": "",
    "tree.key": "below",
    '["k.ey"]': "dotted",
}


def test_stdout_has_the_value_and_nothing_else(fleet: Fleet) -> None:
    done = {key: fleet.run("secret", "get", "leap", "prod", key) for key in PRINTED}

    assert {key: (each.code, each.out, each.err) for key, each in done.items()} == {
        key: (0, out, "") for key, out in PRINTED.items()
    }


def test_json_has_the_value_in_its_type(fleet: Fleet) -> None:
    schema = json.loads(files("hubctl.schemas").joinpath("secret-get.schema.json").read_text())
    for key in ("text", "yes", "share", "nothing"):
        done = fleet.run("secret", "get", "leap", "prod", key, "--json")

        assert (done.code, done.json) == (0, {"value": VALUES[key]})
        jsonschema.validate(done.json, schema)


@pytest.mark.parametrize(
    ("key", "code", "message"),
    some_fast(
        [
            ("absent", "no-such-key", "no secret at `absent` in the files that `leap/prod` lists"),
            ("tree", "collection", f"`{PROD}`: a mapping stands at `tree`: it is no value"),
            ("list", "collection", f"`{PROD}`: a list stands at `list`: it is no value"),
            ("line.deeper", "collection", f"`{PROD}`: a value stands at `line`: nothing can be stored below it"),
        ],
        4,
    ),
)
def test_what_is_no_value_is_refused(fleet: Fleet, key: str, code: str, message: str) -> None:
    done = fleet.run("secret", "get", "leap", "prod", key, "--json")

    assert (done.code, done.json["value"], done.json["error"]["code"]) == (1, None, code)
    assert done.json["error"]["message"] == message


def test_near_keys_are_named(fleet: Fleet) -> None:
    done = fleet.run("secret", "get", "leap", "prod", "tree.kye")

    assert done.err.endswith("hint: did you mean `tree.key`?\n")


def test_a_file_that_is_not_listed_is_named(fleet: Fleet) -> None:
    file = "config/clusters/leap/enc-staging.secret.values.yaml"
    fleet.encrypt({"only": {"here": CANARY}}, file)

    there, nowhere = (fleet.run("secret", "get", "leap", "staging", key) for key in ("only.here", "else.where"))

    assert (there.code, there.out) == (1, "")
    assert f"hint: `{file}` has it, and `config/clusters/leap/cluster.yaml` does not list that file\n" in there.err
    assert nowhere.err.endswith("hint: `hubctl hub show` has what stands in clear\n")


def test_a_list_item_is_no_key_path_of_a_secret(fleet: Fleet) -> None:
    assert fleet.run("secret", "get", "leap", "prod", "list[0]").code == 2


@pytest.mark.slow
def test_a_key_of_a_wrapper_is_read_with_and_without_its_prefix(fleet: Fleet) -> None:
    fleet.run("secret", "set", "reef", "main", "key", stdin=CANARY)

    assert fleet.run("secret", "get", "reef", "main", "key").out == CANARY
    assert fleet.run("secret", "get", "reef", "main", "basehub.key").out == CANARY


@pytest.mark.slow
def test_the_file_that_is_listed_last_counts(fleet: Fleet) -> None:
    cluster = "config/clusters/leap/cluster.yaml"
    earlier = fleet.read(cluster).replace(b"  - prod.values", b"  - enc-common.secret.values.yaml\n  - prod.values")
    fleet.write({cluster: earlier})
    fleet.encrypt({"line": "earlier", "own": "only here"}, "config/clusters/leap/enc-common.secret.values.yaml")

    assert fleet.run("secret", "get", "leap", "prod", "line").out == CANARY
    assert fleet.run("secret", "get", "leap", "prod", "own").out == "only here"


@pytest.mark.parametrize("as_json", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_terminal_has_it_only_where_that_is_wanted(fleet: Fleet, *, as_json: bool) -> None:
    words = [sys.executable, "-m", "hubctl", "secret", "get", "leap", "prod", "line", *(["--json"] if as_json else [])]
    environment = {**os.environ, "PATH": with_sops(), **fleet.environment}

    with terminal(words, at=fleet.root, env=environment) as person:
        assert person.ended() == 2
        assert CANARY.encode() not in person.shown
        assert b"--show" in person.shown
    with terminal([*words, "--show"], at=fleet.root, env=environment) as person:
        assert person.ended() == 0
        assert CANARY.encode() in person.shown


def test_in_github_actions_the_value_is_written_once(fleet: Fleet) -> None:
    done = fleet.run("secret", "get", "leap", "prod", "line", env={"GITHUB_ACTIONS": "true", "CI": "true"})

    assert (done.out, done.err) == (CANARY, "")


def test_a_recipient_that_no_rule_names_is_not_asked(fleet: Fleet, tmp_path: Path) -> None:
    fleet.write({".sops.yaml": rules_for(identity(tmp_path / "else").recipient)})

    done = fleet.run("secret", "get", "leap", "prod", "line", "--json")

    assert (done.code, done.json["value"], done.json["error"]["code"]) == (1, None, "recipients")


def test_without_a_key_that_opens_it_the_exit_code_is_4(fleet: Fleet, tmp_path: Path) -> None:
    other = identity(tmp_path / "else")

    done = fleet.run("secret", "get", "leap", "prod", "line", env=other.environment)

    assert (done.code, done.out) == (4, "")
    assert "SOPS_AGE_KEY_FILE" in done.err
