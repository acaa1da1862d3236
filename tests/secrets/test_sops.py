"""Which sops is started: fakes stand only for programs that must not be."""

import os
import shutil
from pathlib import Path

import pytest

from hubctl.adapters.programs import Ended
from hubctl.errors import ToolMissing
from hubctl.secrets.sops import Sops, find_sops
from tests.secrets.parts import Fleet, tool, with_sops

FROM = (
    "install sops 3.11.0 or later by your system's packages or from https://github.com/getsops/sops/releases, into a "
    "folder of `PATH` that only you or root can write to"
)


def fake(folder: Path, script: str = "exit 1") -> Path:
    """Return a program called `sops` that notes that it was started, and how."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "sops"
    program.write_text(
        f"#!/bin/sh\necho \"$@\" >> '{folder}/started'\n/usr/bin/env > '{folder}/environment'\n{script}\n"
    )
    program.chmod(0o755)
    return program


def saying(version: str) -> str:
    return f'echo "{version}"'


def refused(path: str, root: Path) -> tuple[str, str | None]:
    with pytest.raises(ToolMissing) as caught:
        find_sops({"PATH": path}, root)
    return caught.value.message, caught.value.hint


def test_the_real_sops_is_found_by_its_version(fleet: Fleet) -> None:
    found = find_sops({"PATH": with_sops()}, fleet.root)
    assert found == Sops(tool("sops"), found.version, {"PATH": with_sops()}, Path.cwd())
    assert found.version >= (3, 11, 0)
    assert found.version_text == ".".join(map(str, found.version))


def test_the_environment_does_not_show(fleet: Fleet) -> None:
    assert "canary" not in repr(find_sops({"PATH": with_sops(), "SOPS_AGE_KEY": "canary"}, fleet.root))


def test_a_missing_one_says_where_it_comes_from(tmp_path: Path) -> None:
    assert refused(str(tmp_path), tmp_path) == ("`sops` is not installed", FROM)


@pytest.mark.parametrize(
    "said", ["sops 3.11.0", "sops 3.11.0 (latest)\nmore", "sops 3.11.5", "sops 3.12.0", "sops 4.0.0", "sops 10.0.0"]
)
def test_one_that_is_new_enough_is_taken(tmp_path: Path, said: str) -> None:
    program = fake(tmp_path / "bin", saying(said))
    assert find_sops({"PATH": str(program.parent)}, tmp_path / "root").path == program


@pytest.mark.parametrize("version", ["3.10.2", "3.10.99", "3.9.4", "2.99.99", "1.18", "0.1.0"])
def test_one_that_is_too_old_is_refused(tmp_path: Path, version: str) -> None:
    program = fake(tmp_path / "bin", saying(f"sops {version}"))
    full = version if version.count(".") == 2 else f"{version}.0"
    said = f"`{program}` is not started: it is version {full}, and 3.11.0 is the oldest that is safe"
    assert refused(str(program.parent), tmp_path / "root") == (said, FROM)


@pytest.mark.parametrize(
    "script",
    [
        saying("sops"),
        saying("sops, version 3.11.0"),
        saying("Sops 3.11.0"),
        saying("sops 3.11.0.1"),
        saying("sops 3.11rc1"),
        saying("canary"),
        "exit 0",
        "echo sops 3.13.2; exit 1",
        "echo sops 3.13.2; kill -9 $$",
        "echo sops 3.13.2 >&2",
    ],
)
def test_what_is_no_sops_is_refused_and_what_it_says_is_not_told(tmp_path: Path, script: str) -> None:
    program = fake(tmp_path / "bin", script)
    assert refused(str(program.parent), tmp_path / "root") == (f"`{program}` is not started: it is not sops", FROM)


def test_one_that_cannot_be_started_is_no_sops(tmp_path: Path) -> None:
    program = fake(tmp_path / "bin")
    program.write_bytes(b"\x7fELF and no more")
    assert refused(str(program.parent), tmp_path / "root") == (f"`{program}` is not started: it is not sops", FROM)


def test_only_its_version_is_asked_and_no_other_server(tmp_path: Path) -> None:
    program = fake(tmp_path / "bin", saying("sops 3.13.2"))
    find_sops({"PATH": str(program.parent), "SOPS_CONFIG": "x", "GH_TOKEN": "y", "HOME": "/h"}, tmp_path / "root")
    seen = dict(line.split("=", 1) for line in (program.parent / "environment").read_text().splitlines())
    assert (program.parent / "started").read_text() == "--disable-version-check --version\n"
    assert {name: seen[name] for name in seen if name not in ("PWD", "OLDPWD", "SHLVL", "_")} == {
        "GOTRACEBACK": "none",
        "HOME": "/h",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": str(program.parent),
        "SOPS_DISABLE_VERSION_CHECK": "1",
        "SOPS_HC_VAULT_ALLOWLIST": "none",
    }


def test_one_in_the_repository_is_not_started(tmp_path: Path) -> None:
    program = fake(tmp_path / "root" / "bin", saying("sops 3.13.2"))
    said = f"`{program}` is not started: it lies in the repository"
    assert refused(f"{program.parent}:{with_sops()}", tmp_path / "root") == (said, FROM)
    assert not (program.parent / "started").exists()


def test_a_link_into_the_repository_is_not_started(tmp_path: Path) -> None:
    program = fake(tmp_path / "root" / "bin", saying("sops 3.13.2"))
    link = tmp_path / "bin" / "sops"
    link.parent.mkdir()
    link.symlink_to(program)
    said = f"`{link}` is not started: it lies in the repository"
    assert refused(str(link.parent), tmp_path / "root") == (said, FROM)
    (tmp_path / "way").symlink_to(tmp_path / "root")
    said = f"`{tmp_path}/way/bin/sops` is not started: it lies in the repository"
    assert refused(f"{tmp_path}/way/bin", tmp_path / "root") == (said, FROM)
    assert not (program.parent / "started").exists()


@pytest.mark.parametrize("folder", ["bin", "./bin", ""])
def test_one_by_a_relative_path_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    program = fake(tmp_path / "here" / folder, saying("sops 3.13.2"))
    monkeypatch.chdir(tmp_path / "here")
    said = f"`{Path(folder) / 'sops'}` is not started: its folder stands on `PATH` by a relative path"
    assert refused(f"{folder}:{with_sops()}", tmp_path / "root") == (said, FROM)
    assert not (program.parent / "started").exists()


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o722])
def test_one_that_others_may_write_to_is_not_started(tmp_path: Path, mode: int) -> None:
    program = fake(tmp_path / "bin", saying("sops 3.13.2"))
    program.chmod(mode)
    said = f"`{program}` is not started: others may write to `{program}`"
    assert refused(f"{program.parent}:{with_sops()}", tmp_path / "root") == (said, f"`chmod go-w {program}`")
    assert not (program.parent / "started").exists()


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_one_in_a_folder_that_others_may_write_to_is_not_started(tmp_path: Path, mode: int) -> None:
    program = fake(tmp_path / "bin", saying("sops 3.13.2"))
    program.parent.chmod(mode)
    said = f"`{program}` is not started: others may write to `{program.parent}`"
    assert refused(str(program.parent), tmp_path / "root") == (said, f"`chmod go-w {program.parent}`")
    assert not (program.parent / "started").exists()


def test_a_link_to_one_in_a_folder_that_others_may_write_to_is_not_started(tmp_path: Path) -> None:
    program = fake(tmp_path / "open", saying("sops 3.13.2"))
    program.parent.chmod(0o777)
    link = tmp_path / "bin" / "sops"
    link.parent.mkdir()
    link.symlink_to(program)
    said = f"`{link}` is not started: others may write to `{program.parent}`"
    assert refused(str(link.parent), tmp_path / "root") == (said, f"`chmod go-w {program.parent}`")
    assert not (program.parent / "started").exists()


def test_a_first_one_that_is_refused_is_not_replaced_by_a_later_one(tmp_path: Path) -> None:
    old = fake(tmp_path / "old", saying("sops 3.10.2"))
    new = fake(tmp_path / "new", saying("sops 3.13.2"))
    message, _ = refused(f"{old.parent}:{new.parent}", tmp_path / "root")
    assert message.startswith(f"`{old}` is not started: ")


def test_what_cannot_be_run_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "sops").write_text("")
    (tmp_path / "folder" / "sops").mkdir(parents=True)
    program = fake(tmp_path / "bin", saying("sops 3.13.2"))
    path = os.pathsep.join(map(str, [tmp_path / "text", tmp_path / "folder", tmp_path / "nowhere", program.parent]))
    assert find_sops({"PATH": path}, tmp_path / "root").path == program


def test_it_runs_in_a_folder_with_a_mask_and_never_longer_than_it_may(tmp_path: Path) -> None:
    program = fake(tmp_path / "bin", 'pwd; umask; cat; test "$1" = wait && sleep 60; exit 7')
    sops = Sops(program, (3, 13, 2), {"PATH": os.environ["PATH"]}, tmp_path, seconds=1)
    ended = sops.run(("x",), b"given", tmp_path)
    assert ended == Ended(7, f"{tmp_path}\n0077\ngiven".encode())
    assert sops.run(("wait",), b"", tmp_path).problem == "it took longer than 1 s"


def test_a_copy_of_the_real_one_is_taken(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    shutil.copy(tool("sops"), tmp_path / "bin" / "sops")
    found = find_sops({"PATH": f"{tmp_path}/bin"}, tmp_path / "root")
    assert found.version == find_sops({"PATH": with_sops()}, tmp_path / "root").version
