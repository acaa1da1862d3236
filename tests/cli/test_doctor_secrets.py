"""What `doctor` says of secrets: sops, what git keeps of them in clear, keys that may be lost."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.secrets.parts import PROD, Fleet, fleet_repository, identity, tool

KEY = "projects/p/locations/global/keyRings/r/cryptoKeys/k"


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return fleet_repository(tmp_path / "fleet", identity(tmp_path / "engineer"))


def told(fleet: Fleet, topic: str, **variables: str) -> list[tuple[str, str]]:
    """State and detail of what is said of a topic."""
    done = fleet.run("doctor", "--json", env=variables)
    assert done.code == 0, done.err
    return [(each["state"], each["detail"]) for each in done.json["checks"] if each["topic"] == topic]


def without_sops(tmp_path: Path, *found: Path) -> str:
    """A PATH with git, and with folders of `found` before it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    git = subprocess.run(["which", "git"], capture_output=True, check=True).stdout.decode().strip()
    (folder / "git").symlink_to(git)
    return os.pathsep.join([*map(str, found), str(folder)])


def fake(folder: Path, version: str) -> Path:
    folder.mkdir(mode=0o755, parents=True)
    (folder / "sops").write_text(f"#!/bin/sh\necho 'sops {version} (latest)'\n")
    (folder / "sops").chmod(0o755)
    return folder


def test_the_sops_that_is_used_is_named_with_its_version(fleet: Fleet) -> None:
    words = [tool("sops"), "--disable-version-check", "--version"]
    version = subprocess.run(words, capture_output=True, check=True).stdout.decode().split()[1]
    assert told(fleet, "sops")[0] == ("ok", f"{tool('sops')}, version {version}")


@pytest.mark.slow
def test_without_sops_nothing_failed(fleet: Fleet, tmp_path: Path) -> None:
    ((state, detail),) = told(fleet, "sops", PATH=without_sops(tmp_path))
    assert state == "note"
    assert detail.startswith("not installed: needed to store and read secrets, not to check them; install sops 3.11.0")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "version", "said"),
    [
        ("elsewhere", "3.10.2", "it is version 3.10.2, and 3.11.0 is the oldest that is safe"),
        ("elsewhere", "1.18", "it is version 1.18.0, and 3.11.0 is the oldest that is safe"),
        ("elsewhere", "gibberish", "it is not sops"),
        ("fleet/tools", "3.13.2", "it lies in the repository"),
    ],
)
def test_a_sops_that_is_not_used_is_named_with_the_reason(
    fleet: Fleet, tmp_path: Path, place: str, version: str, said: str
) -> None:
    folder = fake(tmp_path / place, version)
    ((state, detail),) = told(fleet, "sops", PATH=without_sops(tmp_path, folder))
    assert state == "missing"
    assert detail.startswith(f"`{folder}/sops` is not started: {said}; ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "noted"), [("3.11.0", True), ("3.12.1", True), ("3.12.2", False), ("3.13.2", False)]
)
def test_a_later_sops_is_recommended(fleet: Fleet, tmp_path: Path, version: str, noted: bool) -> None:  # noqa: FBT001  # a table
    found = told(fleet, "sops", PATH=without_sops(tmp_path, fake(tmp_path / "elsewhere", version)))
    assert found[0] == ("ok", f"{tmp_path}/elsewhere/sops, version {version}")
    assert [detail[:25] for _, detail in found[1:]] == (["3.12.2 or later is recomm"] if noted else [])


def test_what_git_keeps_in_clear_is_told_and_how_it_goes_away(fleet: Fleet) -> None:
    assert told(fleet, "git")[1:] == []
    fleet.git("config", "diff.other.cachetextconv", "no")
    fleet.git("config", "diff.sops.cachetextconv", "yes")
    fleet.git("update-ref", "refs/notes/textconv/sops", "HEAD")
    (_, setting), (_, notes) = told(fleet, "git")[1:]

    assert setting.startswith("`diff.sops.cachetextconv` is true: git keeps what it shows of secrets in clear, in ")
    assert "`refs/notes/textconv/sops`; `git config --local --unset diff.sops.cachetextconv`" in setting
    assert notes.startswith("`refs/notes/textconv/sops` holds what git once showed")
    fleet.git("config", "--local", "--unset", "diff.sops.cachetextconv")
    fleet.git("update-ref", "-d", "refs/notes/textconv/sops")
    assert told(fleet, "git")[1:] == []


def test_the_temporary_folder_is_named_and_that_memory_can_be_swapped(fleet: Fleet, tmp_path: Path) -> None:
    ((state, detail),) = told(fleet, "temporary folder", TMPDIR=str(tmp_path))
    assert state == "note"
    assert detail.startswith(f"`{tmp_path}` is ")
    assert "hubctl puts nothing into it that is not encrypted" in detail
    assert "in memory (tmpfs)" in detail
    assert "can be swapped" in detail


def test_a_temporary_folder_in_memory_is_told_from_one_on_disk(fleet: Fleet) -> None:
    known = ["stat", "-f", "-c", "%T", "/dev/shm"]
    done = subprocess.run(known, capture_output=True, check=False)
    if done.stdout.strip() != b"tmpfs":
        pytest.skip("NOT RUN: /dev/shm is not in memory here")
    ((_, detail),) = told(fleet, "temporary folder", TMPDIR="/dev/shm")
    assert detail.startswith("`/dev/shm` is in memory (tmpfs), which can be swapped to disk: ")


def test_a_single_key_of_a_cloud_is_a_point_of_loss(fleet: Fleet) -> None:
    fleet.encrypt({"a": "b"})
    assert told(fleet, "recipients") == []

    fleet.write({".sops.yaml": f"creation_rules:\n- gcp_kms: {KEY}\n"})
    lost = "where it is lost, so are the secrets; add a second recipient to `.sops.yaml`, then "
    detail = f"`gcp_kms {KEY}` is the only key of a rule in `.sops.yaml`: {lost}`hubctl secret sync-recipients`"
    assert told(fleet, "recipients") == [("note", detail)]
    text = fleet.read(PROD).decode()
    start, end = text.index("    age:"), text.index("    lastmodified:")
    kms = f"    gcp_kms:\n        - resource_id: {KEY}\n"
    kms += '          created_at: "2026-01-01T00:00:00Z"\n          enc: YWJj\n'
    fleet.write({PROD: text[:start] + kms + text[end:]})
    ((_, detail),) = told(fleet, "recipients")
    assert detail.startswith(f"`gcp_kms {KEY}` is the only key of 1 file: ")
    fleet.write({PROD: "clear: text\n"})
    ((_, detail),) = told(fleet, "recipients")
    assert detail.startswith(f"`gcp_kms {KEY}` is the only key of a rule")
