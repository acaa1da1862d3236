"""`secret set`: one value into one file, everything refused before it is asked for, and nothing of it anywhere else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.secrets.parts import PROD, Fleet, copy_of, identity, rules_for, small_fleet, some_fast, tool, with_sops
from tests.secrets.terminal import terminal

KEY = "jupyterhub.hub.config.X.key"
CLUSTER = "config/clusters/leap/cluster.yaml"
CANARY = "canary-5b1e0c"


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return copy_of(small_fleet, tmp_path / "fleet")


def at(fleet: Fleet, path: str, file: str = PROD) -> object:
    found = fleet.decrypt(file)
    for key in path.split("."):
        found = found[key]
    return found


def environment(fleet: Fleet, **variables: str) -> dict[str, str]:
    return {**os.environ, "PATH": with_sops(), **fleet.environment, **variables}


def test_the_first_secret_of_a_hub_makes_its_file_and_lists_it(fleet: Fleet) -> None:
    before = fleet.read(CLUSTER)

    done = fleet.run("secret", "set", "leap", "prod", KEY, stdin=CANARY)

    assert (done.code, done.out) == (
        0,
        f"{PROD}  {KEY}  added\n{CLUSTER}  hubs[name=prod].helm_chart_values_files  listed\n",
    )
    assert done.err == (
        f"`{PROD}` feeds leap/prod\n"
        f"note: merging a change of `{CLUSTER}` deploys every hub of the cluster\n"
        "next: `git diff`, then commit it; every line of it is ciphertext or public\n"
    )
    assert at(fleet, KEY) == CANARY
    assert fleet.read(CLUSTER) == before + b"  - enc-prod.secret.values.yaml\n"
    assert fleet.git("status", "--porcelain") == f" M {CLUSTER}\n?? {PROD}\n"
    assert (fleet.root / PROD).stat().st_mode & 0o777 == 0o644


def test_a_changed_value_is_a_diff_of_a_few_lines(fleet: Fleet) -> None:
    fleet.run("secret", "set", "leap", "prod", KEY, stdin="old")
    fleet.run("secret", "set", "leap", "prod", "jupyterhub.other", stdin="stays")
    fleet.commit()

    done = fleet.run("secret", "set", "leap", "prod", KEY, "--json", stdin=CANARY)

    assert (done.code, done.json) == (0, {"changes": [{"file": PROD, "path": KEY}]})
    schema = json.loads(files("hubctl.schemas").joinpath("secret-set.schema.json").read_text())
    jsonschema.validate(done.json, schema)
    added, removed, _ = fleet.git("diff", "--numstat").split(maxsplit=2)
    assert int(added) == int(removed) <= 3
    assert fleet.decrypt() == {"jupyterhub": {"hub": {"config": {"X": {"key": CANARY}}}, "other": "stays"}}


def test_a_value_that_is_there_is_nothing_to_do(fleet: Fleet) -> None:
    fleet.run("secret", "set", "leap", "prod", KEY, stdin=CANARY)
    before = {name: (fleet.read(name), (fleet.root / name).stat().st_mtime_ns) for name in (PROD, CLUSTER)}

    done = fleet.run("secret", "set", "leap", "prod", KEY, stdin=CANARY)

    assert (done.code, done.out, done.err) == (0, "", "nothing to do\n")
    assert {name: (fleet.read(name), (fleet.root / name).stat().st_mtime_ns) for name in before} == before


@pytest.mark.slow
def test_a_hub_of_a_wrapper_has_its_prefix_once(fleet: Fleet) -> None:
    file = "config/clusters/reef/enc-main.secret.values.yaml"

    first = fleet.run("secret", "set", "reef", "main", "jupyterhub.a", "--json", stdin="one")
    second = fleet.run("secret", "set", "reef", "main", "basehub.jupyterhub.b", "--json", stdin="two")

    assert first.json["changes"][0] == {"file": file, "path": "basehub.jupyterhub.a"}
    assert second.json == {"changes": [{"file": file, "path": "basehub.jupyterhub.b"}]}
    assert fleet.decrypt(file) == {"basehub": {"jupyterhub": {"a": "one", "b": "two"}}}


def test_a_shared_file_is_changed_and_every_hub_is_named(fleet: Fleet) -> None:
    common = "config/clusters/leap/enc-common.secret.values.yaml"
    listed = fleet.read(CLUSTER).replace(
        b"- common.values.yaml", b"- common.values.yaml\n  - enc-common.secret.values.yaml"
    )
    reef = fleet.read("config/clusters/reef/cluster.yaml").replace(b"daskhub", b"basehub")
    reef += b"  - ../leap/enc-common.secret.values.yaml\n"
    fleet.write({CLUSTER: listed, "config/clusters/reef/cluster.yaml": reef})
    fleet.encrypt({"jupyterhub": {"key": "old"}}, common)

    done = fleet.run("secret", "set", "leap", "prod", "jupyterhub.key", stdin=CANARY)

    assert (done.code, done.out) == (0, f"{common}  jupyterhub.key  changed\n")
    assert done.err.splitlines()[0] == f"`{common}` feeds leap/staging, leap/prod, reef/main"
    assert fleet.read(CLUSTER) == listed
    assert at(fleet, "jupyterhub.key", common) == CANARY


@pytest.mark.slow
def test_a_file_that_is_there_and_not_listed_is_used_and_listed(fleet: Fleet) -> None:
    fleet.encrypt({"other": "stays"})

    done = fleet.run("secret", "set", "leap", "prod", "key", stdin=CANARY)

    assert (done.code, done.out) == (
        0,
        f"{PROD}  key  added\n{CLUSTER}  hubs[name=prod].helm_chart_values_files  listed\n",
    )
    assert f"`{PROD}` was there and not listed" in done.err
    assert fleet.decrypt() == {"other": "stays", "key": CANARY}


@pytest.mark.slow
def test_an_equal_value_in_a_file_that_is_not_listed_lists_it(fleet: Fleet) -> None:
    before = fleet.encrypt({"key": CANARY})

    done = fleet.run("secret", "set", "leap", "prod", "key", "--json", stdin=CANARY)

    assert done.json["changes"] == [{"file": CLUSTER, "path": "hubs[name=prod].helm_chart_values_files"}]
    assert fleet.read(PROD) == before


@pytest.mark.slow
def test_a_file_that_is_listed_and_absent_is_made_and_not_listed_again(fleet: Fleet) -> None:
    listed = fleet.read(CLUSTER) + b"  - enc-prod.secret.values.yaml\n"
    fleet.write({CLUSTER: listed})

    done = fleet.run("secret", "set", "leap", "prod", "key", stdin=CANARY)

    assert (done.code, done.out) == (0, f"{PROD}  key  added\n")
    assert (fleet.read(CLUSTER), fleet.decrypt()) == (listed, {"key": CANARY})


def test_a_dry_run_shows_ciphertext_and_writes_nothing(fleet: Fleet) -> None:
    done = fleet.run("secret", "set", "leap", "prod", KEY, "--dry-run", stdin=CANARY)

    assert done.code == 0
    assert done.out.startswith(f"diff --git a/{CLUSTER} b/{CLUSTER}\n") or done.out.startswith(
        f"diff --git a/{PROD} b/{PROD}\nnew file mode 100644\n--- /dev/null\n+++ b/{PROD}\n"
    )
    assert CANARY not in done.out + done.err
    assert done.err.splitlines()[-1] == "nothing was written"
    assert fleet.git("status", "--porcelain") == ""
    applied = subprocess.run(["git", "apply"], cwd=fleet.root, input=done.out.encode(), check=False)
    assert (applied.returncode, fleet.decrypt()) == (0, {"jupyterhub": {"hub": {"config": {"X": {"key": CANARY}}}}})


@pytest.mark.parametrize("value", some_fast([f"{CANARY}\r\n\r\n", "  \t", "0123", "é🔑: [a] #b"], 4))
def test_a_piped_value_keeps_every_byte(fleet: Fleet, value: str) -> None:
    fleet.run("secret", "set", "leap", "prod", "key", stdin=value)

    assert fleet.decrypt() == {"key": value}


@pytest.mark.parametrize(
    "value",
    some_fast([f"{CANARY}\0", "", "\r\n\n", b"\xff" + CANARY.encode(), "<<"], 3),
)
def test_what_is_no_value_is_refused_and_nothing_of_it_is_said(fleet: Fleet, value: str | bytes) -> None:
    done = fleet.run("secret", "set", "leap", "prod", "key", "--json", stdin=value)

    assert (done.code, done.json["changes"], done.json["error"]["code"]) == (1, [], "bad-value")
    assert CANARY not in done.out + done.err
    assert fleet.git("status", "--porcelain") == ""


def test_a_value_comes_from_a_file_that_nobody_else_may_read(fleet: Fleet, tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text(f"{CANARY}\n")
    file.chmod(0o644)

    refused = fleet.run("-C", "fleet", "secret", "set", "leap", "prod", "key", "--from-file", "../value", at=tmp_path)
    file.chmod(0o600)
    done = fleet.run("-C", "fleet", "secret", "set", "leap", "prod", "key", "--from-file", "../value", at=tmp_path)

    assert (refused.code, refused.err) == (
        1,
        "error: others may read or change `fleet/../value`\n\nhint: run `chmod 600 fleet/../value`\n",
    )
    assert (done.code, fleet.decrypt()) == (0, {"key": f"{CANARY}\n"})


@pytest.mark.slow
def test_a_dash_is_stdin(fleet: Fleet) -> None:
    done = fleet.run("secret", "set", "leap", "prod", "key", "--from-file", "-", stdin=CANARY)

    assert (done.code, fleet.decrypt()) == (0, {"key": CANARY})


def test_a_person_is_asked_twice_and_sees_nothing(fleet: Fleet) -> None:
    words = [sys.executable, "-m", "hubctl", "secret", "set", "leap", "prod", "key"]
    with terminal(words, at=fleet.root, env=environment(fleet)) as person:
        person.wait_for(b"value for leap/prod key: ")
        person.type(f"{CANARY}\n".encode())
        person.wait_for(b"value for leap/prod key, once more: ")
        person.type(f"{CANARY}\n".encode())
        assert person.ended() == 0
        assert CANARY.encode() not in person.shown

    assert fleet.decrypt() == {"key": CANARY}


@pytest.mark.parametrize(("stop", "code"), some_fast([(signal.SIGINT, 130), (signal.SIGTERM, 143)], 2))
def test_a_person_who_stops_leaves_nothing_behind(fleet: Fleet, stop: signal.Signals, code: int) -> None:
    words = [sys.executable, "-m", "hubctl", "secret", "set", "leap", "prod", "key"]
    with terminal(words, at=fleet.root, env=environment(fleet)) as person:
        person.wait_for(b"value for leap/prod key: ")
        person.type(CANARY[:5].encode())
        person.process.send_signal(stop)
        assert person.ended() == code
        assert CANARY[:5].encode() not in person.shown

    assert fleet.git("status", "--porcelain") == ""


@pytest.mark.parametrize("words", [[CANARY], ["--value", CANARY], [f"--value={CANARY}"], [f"--password={CANARY}"]])
def test_a_value_on_the_command_line_is_refused_and_not_repeated(fleet: Fleet, words: list[str]) -> None:
    done = fleet.run("secret", "set", "leap", "prod", "key", *words, stdin="other")

    assert (done.code, done.out) == (2, "")
    assert CANARY not in done.err
    assert fleet.git("status", "--porcelain") == ""


def broken(fleet: Fleet, how: str) -> None:
    """Make a fleet in which no value can be stored at `key` of leap/prod."""
    match how:
        case "no rule":
            fleet.write({".sops.yaml": "creation_rules:\n- path_regex: other\n  age: " + _recipient(fleet) + "\n"})
        case "no rules":
            (fleet.root / ".sops.yaml").unlink()
        case "drift":
            fleet.encrypt({"key": "x"})
            fleet.write({".sops.yaml": rules_for(_recipient(fleet), identity(fleet.root.parent, "more").recipient)})
        case "in clear":
            fleet.write({PROD: "key: x\n"})
        case "link":
            data = fleet.encrypt({"key": "x"})
            (fleet.root / PROD).unlink()
            fleet.write({"elsewhere.yaml": data})
            (fleet.root / PROD).symlink_to(fleet.root / "elsewhere.yaml")
        case "merging":
            fleet.write({".git/MERGE_HEAD": fleet.git("rev-parse", "HEAD")})
        case "list":
            fleet.encrypt({"key": ["x"]})
        case "alias":
            start, name, _ = fleet.read(CLUSTER).rpartition(b"helm_chart_values_files")
            shared = start.replace(b"helm_chart_values_files:", b"helm_chart_values_files: &files")
            fleet.write({CLUSTER: shared + name + b": *files\n"})


def _recipient(fleet: Fleet) -> str:
    return fleet.read(".sops.yaml").decode().rpartition("age: ")[2].strip()


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param("no rule", "no-rule", marks=pytest.mark.slow),
        pytest.param("no rules", "sops-rules", marks=pytest.mark.slow),
        ("drift", "recipients"),
        pytest.param("in clear", "unreadable", marks=pytest.mark.slow),
        pytest.param("link", "unsafe-edit", marks=pytest.mark.slow),
        ("merging", "in-progress"),
        pytest.param("list", "collection", marks=pytest.mark.slow),
        pytest.param("alias", "unsafe-edit", marks=pytest.mark.slow),
    ],
)
def test_what_can_be_refused_without_the_value_is_refused_before_it_is_asked_for(
    fleet: Fleet, how: str, code: str
) -> None:
    broken(fleet, how)
    if how != "merging":
        fleet.commit()
    before = fleet.git("status", "--porcelain"), fleet.read(CLUSTER)
    words = [sys.executable, "-m", "hubctl", "secret", "set", "leap", "prod", "key", "--json"]

    with terminal(words, at=fleet.root, env=environment(fleet)) as person:
        assert person.ended() == 1
        assert b"value for" not in person.shown
        assert f'"code": "{code}"'.encode() in person.shown

    assert (fleet.git("status", "--porcelain"), fleet.read(CLUSTER)) == before


@pytest.mark.slow
def test_drift_is_refused_and_what_mends_it_is_named(fleet: Fleet) -> None:
    broken(fleet, "drift")

    done = fleet.run("secret", "set", "leap", "prod", "key", stdin=CANARY)

    assert done.code == 1
    assert "sync-recipients" in done.err


@pytest.mark.parametrize("folder", some_fast(["old", "nowhere"], 2))
def test_without_a_sops_that_can_be_trusted_nothing_is_asked_for(fleet: Fleet, tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    if folder == "old":
        (place / "sops").write_text("#!/bin/sh\necho sops 3.10.2\n")
        (place / "sops").chmod(0o755)
    git = Path(tool("git")).parent
    words = [sys.executable, "-m", "hubctl", "secret", "set", "leap", "prod", "key"]
    path = f"{place}{os.pathsep}{git}" if not (git / "sops").exists() else str(place)

    with terminal(words, at=fleet.root, env=environment(fleet, PATH=path)) as person:
        assert person.ended() == 1
        assert b"value for" not in person.shown
        assert b"sops" in person.shown


BUG = """
import sys
from hubctl.secrets import value

def broken(data):
    try:
        raise ValueError(data)
    except ValueError as error:
        error.add_note(repr(data))
        raise KeyError(data) from error

value.value_of = broken
from hubctl.cli import main
sys.exit(main(["secret", "set", "leap", "prod", "key"]))
"""


@pytest.mark.slow
def test_a_bug_leaves_a_log_without_a_word_of_the_value(fleet: Fleet, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", BUG],
        cwd=fleet.root,
        env=environment(fleet, TMPDIR=str(logs)),
        input=CANARY.encode(),
        capture_output=True,
        check=False,
    )

    (log,) = logs.glob("hubctl-*.log")
    said = done.stdout + done.stderr + log.read_bytes()
    assert (done.returncode, done.stdout) == (3, b"")
    assert CANARY.encode() not in said
    assert b"builtins.KeyError" in said
    assert b"in broken" in said


def test_a_printed_pull_request_has_no_word_of_the_value(fleet: Fleet, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", str(fleet.root), str(tmp_path / "clone")], check=True)
    clone = Fleet(tmp_path / "clone", fleet.environment)

    done = clone.run("secret", "set", "leap", "prod", KEY, "--print-pr", stdin=CANARY)

    assert done.code == 0
    assert done.out.startswith(f"[leap, prod] store {KEY}\nhubctl/secret-set/hub-leap-prod--{KEY.lower()}")
    assert CANARY not in done.out + done.err
    assert clone.git("status", "--porcelain") == ""
