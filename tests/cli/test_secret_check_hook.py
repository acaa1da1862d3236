"""The pre-commit hook with real git: which commits it lets through, whatever lies on disk."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.secrets.parts import PROD, ROOT, Fleet, fleet_repository, identity, with_sops

VALUES = {"jupyterhub": {"hub": {"password": "canary"}}}
CLEAR = "jupyterhub:\n  password: canary\n"
(HOOK,) = (
    hook
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    if hook["id"] == "hubctl-secret-check"
)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """A fleet with one secret file, and a hook of git that runs what `.pre-commit-hooks.yaml` says."""
    made = fleet_repository(tmp_path / "fleet", identity(tmp_path / "engineer"))
    made.encrypt(VALUES)
    made.commit("Add a secret")
    words = shlex.split(HOOK["entry"])
    assert words[0] == "hubctl"
    hook = made.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, '-m', *words])}\n")
    hook.chmod(0o755)
    return made


def commit(fleet: Fleet, *words: str, at: Path | None = None) -> tuple[bool, str]:
    """Whether git made the commit, and what the hook printed."""
    done = subprocess.run(
        ["git", "commit", "-q", "-m", "Change", *words],
        cwd=at or fleet.root,
        env={**os.environ, "PATH": with_sops()},
        capture_output=True,
        check=False,
    )
    said = (done.stdout + done.stderr).decode()
    assert "canary" not in said
    return done.returncode == 0, said


def test_a_clear_file_is_not_committed_and_an_encrypted_one_is(fleet: Fleet) -> None:
    good = fleet.read(PROD)
    fleet.write({PROD: CLEAR})
    fleet.git("add", PROD)
    made, said = commit(fleet)
    assert not made
    assert f"{PROD}:2: clear-value: " in said

    fleet.write({PROD: good, "notes.txt": "x"})
    fleet.git("add", "--all")
    assert commit(fleet) == (True, "no problem in 1 file\n")


@pytest.mark.slow
def test_the_index_decides_and_not_the_file_on_disk(fleet: Fleet) -> None:
    good = fleet.read(PROD)
    fleet.write({PROD: CLEAR})
    fleet.git("add", PROD)
    fleet.write({PROD: good})
    assert not commit(fleet)[0]

    fleet.git("add", PROD)
    fleet.write({PROD: CLEAR, "notes.txt": "x"})
    fleet.git("add", "notes.txt")
    assert commit(fleet)[0]


@pytest.mark.slow
def test_a_commit_that_takes_the_files_itself_is_looked_at_as_it_will_be(fleet: Fleet) -> None:
    good = fleet.read(PROD)
    fleet.write({PROD: CLEAR, "notes.txt": "x"})
    fleet.git("add", "notes.txt")
    assert not commit(fleet, "--all")[0]
    assert not commit(fleet, PROD)[0]
    assert not commit(fleet, "--include", PROD)[0]
    assert commit(fleet, "notes.txt")[0]

    fleet.git("add", PROD)
    fleet.write({PROD: good, "notes.txt": "y"})
    assert commit(fleet, "notes.txt")[0]
    assert not commit(fleet)[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["enc-x.json", "enc-x.txt", "enc-x", "a/b/enc-x.secret.yaml", "x.secret.values.yaml"])
def test_other_names_and_new_names_of_a_clear_file_count(fleet: Fleet, name: str) -> None:
    fleet.write({"plain.values.yaml": CLEAR})
    fleet.git("add", "--all")
    assert commit(fleet)[0]
    (fleet.root / name).parent.mkdir(parents=True, exist_ok=True)
    fleet.git("mv", "plain.values.yaml", name)
    made, said = commit(fleet)
    assert not made
    assert f"\n{name}:" in f"\n{said}"


@pytest.mark.slow
def test_in_a_subfolder_and_a_linked_work_tree_it_is_the_same(fleet: Fleet, tmp_path: Path) -> None:
    fleet.write({PROD: CLEAR})
    assert not commit(fleet, "--all", at=fleet.root / "config")[0]
    fleet.git("checkout", "-q", PROD)
    other = tmp_path / "other"
    fleet.git("worktree", "add", "-q", str(other))
    (other / PROD).write_text(CLEAR)
    assert not commit(fleet, "--all", at=other)[0]
    fleet.git("add", PROD, at=other)
    assert not commit(fleet, at=other)[0]
    assert commit(fleet, "--allow-empty")[0]


@pytest.mark.slow
def test_changed_rules_count(fleet: Fleet, tmp_path: Path) -> None:
    fleet.write({".sops.yaml": f"creation_rules:\n- age: {identity(tmp_path / 'other').recipient}\n"})
    fleet.git("add", ".sops.yaml")
    made, said = commit(fleet)
    assert not made
    assert ": recipients: " in said


def test_pre_commit_starts_it_for_every_file_that_counts(fleet: Fleet) -> None:
    assert HOOK["pass_filenames"] is False
    assert HOOK["types"] == []
    names = ["enc-x", "a/enc-x.json", "a/x.secret.yaml", "x.secret.values.yml", ".sops.yaml", "a/.sops.yaml"]
    assert [name for name in names if re.search(HOOK["files"], name)] == names
    others = ["a/x.values.yaml", "enc/x.yaml", "x.sops.yaml", "a/enc-x/values.yaml"]
    assert [name for name in others if re.search(HOOK["files"], name)] == []
