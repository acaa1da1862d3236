"""`secret check --base` from the outside: everything that commits brought, whatever became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.secrets.parts import PROD, Fleet, Outcome, copy_of, identity, small_fleet

CANARY = "canary-5ecret"
VALUES = {"jupyterhub": {"hub": {"password": CANARY}}}
CLEAR = f"jupyterhub:\n  # a comment\n  password: {CANARY}\n"
OTHER = "config/clusters/leap/enc-staging.secret.values.yaml"


def with_start(folder: Path) -> Fleet:
    made = small_fleet(folder)
    made.encrypt(VALUES)
    made.commit("Add a secret")
    made.git("tag", "start")
    return made


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """A fleet with one secret file that real sops encrypted, committed, the commit tagged `start`."""
    return copy_of(with_start, tmp_path / "fleet")


def check(fleet: Fleet, *words: str, base: str = "start", at: Path | None = None) -> Outcome:
    done = fleet.run("secret", "check", "--base", base, *words, at=at)
    assert CANARY not in done.out + done.err
    return done


def found(fleet: Fleet, *words: str, base: str = "start") -> list[dict[str, Any]]:
    done = check(fleet, *words, "--json", base=base)
    assert done.code == (1 if done.json["problems"] else 0), done.err
    problems: list[dict[str, Any]] = done.json["problems"]
    return problems


def places(fleet: Fleet, *words: str, base: str = "start") -> set[tuple[str, int, str]]:
    return {(one["file"], one["line"], one["rule"]) for one in found(fleet, *words, base=base)}


def test_nothing_new_is_nothing_to_look_at(fleet: Fleet) -> None:
    fleet.write({PROD: CLEAR})
    done = check(fleet, base="HEAD")
    assert (done.code, done.out, done.err) == (0, "", "no problem in 0 files\n")


def test_clear_text_that_was_replaced_names_its_commit_and_says_revoke(fleet: Fleet) -> None:
    good = fleet.read(PROD)
    fleet.write({PROD: CLEAR})
    commit = fleet.commit("Oops")
    fleet.write({PROD: good})
    fleet.commit("Encrypt it")

    assert fleet.run("secret", "check").code == 0
    problems = found(fleet)
    assert {(one["file"], one["rule"]) for one in problems} >= {(PROD, "history")}
    assert (PROD, 3, "history") in places(fleet)
    (told,) = [one for one in problems if one["line"] == 3]
    assert commit[:7] in told["message"]
    assert "revoke" in told["mend"]
    assert all(commit[:7] in one["message"] for one in problems)


@pytest.mark.slow
def test_clear_text_that_was_removed_is_told_too(fleet: Fleet) -> None:
    fleet.write({OTHER: CLEAR, "a/plain.secret.json": f'{{"a": "{CANARY}"}}', "a/plain.yaml": CLEAR})
    fleet.commit()
    fleet.git("rm", "-q", "-r", OTHER, "a")
    fleet.commit()

    assert {(file, rule) for file, _, rule in places(fleet) if rule == "history"} == {
        (OTHER, "history"),
        ("a/plain.secret.json", "history"),
    }
    assert {file for file, *_ in places(fleet, OTHER)} == {OTHER}
    assert {file for file, *_ in places(fleet, "a")} == {"a/plain.secret.json"}
    assert {file for file, *_ in places(fleet, "a/plain.yaml")} == {"a/plain.yaml"}


@pytest.mark.slow
def test_clear_text_that_is_still_there_is_told_as_on_disk(fleet: Fleet) -> None:
    fleet.write({PROD: CLEAR})
    fleet.commit()
    on_disk = fleet.run("secret", "check", "--json").json
    assert check(fleet, "--json").json == on_disk
    fleet.write({PROD: "x: y\n"})
    assert check(fleet, "--json").json == on_disk


@pytest.mark.slow
def test_what_was_there_before_is_not_told_unless_the_rules_changed(fleet: Fleet, tmp_path: Path) -> None:
    fleet.write({OTHER: CLEAR})
    fleet.commit()
    fleet.git("tag", "later")
    fleet.write({"notes.txt": "x"})
    fleet.commit()
    assert found(fleet, base="later") == []

    fleet.write({".sops.yaml": f"creation_rules:\n- age: {identity(tmp_path / 'other').recipient}\n"})
    fleet.commit()
    told = places(fleet, base="later")
    assert (PROD, "recipients") in {(file, rule) for file, _, rule in told}
    assert {file for file, *_ in told} == {PROD, OTHER}


def test_rules_that_a_commit_took_away_are_told(fleet: Fleet) -> None:
    fleet.git("tag", "later")
    fleet.git("rm", "-q", ".sops.yaml")
    fleet.commit()
    assert places(fleet, base="later") == {(".sops.yaml", 1, "sops-rules")}

    fleet.git("tag", "without")
    fleet.write({"notes.txt": "x"})
    fleet.commit()
    assert found(fleet, base="without") == []


@pytest.mark.slow
def test_a_file_of_the_past_is_not_measured_by_the_rules_of_today(fleet: Fleet, tmp_path: Path) -> None:
    fleet.encrypt({"a": "x"}, OTHER)
    fleet.commit()
    fleet.git("rm", "-q", OTHER)
    fleet.write({".sops.yaml": f"creation_rules:\n- age: {identity(tmp_path / 'other').recipient}\n"})
    fleet.encrypt(VALUES)
    fleet.commit()
    assert found(fleet) == []
    assert check(fleet, "--json").json["checked"] == 2


@pytest.mark.slow
def test_what_a_merge_brought_by_itself_is_told(fleet: Fleet) -> None:
    fleet.git("switch", "-qc", "side")
    fleet.write({"side.txt": "x"})
    fleet.commit()
    fleet.git("switch", "-q", "-")
    fleet.write({"main.txt": "x"})
    fleet.commit()
    good = fleet.read(PROD)
    fleet.git("merge", "-q", "--no-commit", "side")
    fleet.write({PROD: CLEAR})
    merged = fleet.commit("Merge")
    fleet.write({PROD: good})
    fleet.commit()

    assert {one["rule"] for one in found(fleet)} >= {"history"}
    assert all(merged[:7] in one["message"] for one in found(fleet))


@pytest.mark.slow
def test_what_came_by_merging_the_base_is_not_told(fleet: Fleet) -> None:
    fleet.git("switch", "-qc", "topic")
    fleet.write({"topic.txt": "x"})
    fleet.commit()
    fleet.git("switch", "-q", "-")
    fleet.write({OTHER: CLEAR})
    fleet.commit()
    fleet.git("tag", "main-now")
    fleet.git("switch", "-q", "topic")
    fleet.git("merge", "-q", "-m", "Merge", "main-now")
    assert found(fleet, base="main-now") == []
    assert (OTHER, 3, "clear-value") in places(fleet)


@pytest.mark.slow
def test_links_and_submodules_count_while_they_are_there(fleet: Fleet) -> None:
    head = fleet.git("rev-parse", "HEAD").strip()
    (fleet.root / "enc-link").symlink_to("/etc/passwd")
    fleet.git("add", "enc-link")
    fleet.git("update-index", "--add", "--cacheinfo", f"160000,{head},enc-module")
    fleet.git("commit", "-q", "-m", "Add")
    assert places(fleet) == {("enc-link", 1, "link"), ("enc-module", 1, "unreadable")}
    fleet.git("rm", "-q", "--cached", "enc-link", "enc-module")
    fleet.git("commit", "-q", "-m", "Remove")
    assert found(fleet) == []


def test_a_base_that_is_none_is_refused(fleet: Fleet) -> None:
    for base in ("gone", "", "--all", "HEAD:x", "a..b"):
        done = fleet.run("secret", "check", f"--base={base}", "--json")
        assert (done.code, done.json["error"]["code"]) == (1, "no-such-commit")


@pytest.mark.slow
def test_a_path_that_no_commit_has_is_refused(fleet: Fleet) -> None:
    fleet.write({"untracked": "x"})
    for each in ("gone.yaml", "/etc", "..", ".git", "untracked"):
        done = check(fleet, each, "--json")
        assert (done.code, done.json["error"]["code"]) == (1, "no-such-file")


@pytest.mark.slow
def test_a_shallow_clone_is_refused_with_the_way_out(fleet: Fleet, tmp_path: Path) -> None:
    for number in range(4):
        fleet.write({"notes.txt": str(number)})
        fleet.commit()
    shallow = tmp_path / "shallow"
    fleet.git("clone", "-q", "--depth", "2", f"file://{fleet.root}", str(shallow))
    unknown = check(fleet, "--json", at=shallow)
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "no-such-commit")
    fleet.git("fetch", "-q", "--depth", "1", "origin", "tag", "start", at=shallow)
    done = check(fleet, "--json", at=shallow)
    assert (done.code, done.json["error"]["code"]) == (1, "no-merge-base")
    assert "fetch-depth: 0" in done.json["error"]["hint"]
    assert check(fleet, base="HEAD~1", at=shallow).code == 0
