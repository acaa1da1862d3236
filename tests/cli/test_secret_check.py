"""`secret check` from the outside: which files it looks at, on disk and in the index, and how it says what it found."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.secrets.parts import PROD, Fleet, Outcome, copy_of, identity, small_fleet, some_fast

CANARY = "canary-5ecret"
VALUES = {"jupyterhub": {"hub": {"config": {"client_secret": CANARY, "other": "y"}}}}
CLEAR = f"jupyterhub:\n  password: {CANARY}\n"
OTHER = "config/clusters/leap/enc-staging.secret.values.yaml"
NO_TOOLS = {"SOPS_AGE_KEY_FILE": "/nowhere"}


def with_secret(folder: Path) -> Fleet:
    made = small_fleet(folder)
    made.encrypt(VALUES)
    made.commit("Add a secret")
    return made


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """A fleet with one secret file that real sops encrypted, committed."""
    return copy_of(with_secret, tmp_path / "fleet")


def check(fleet: Fleet, *words: str, at: Path | None = None, **variables: str) -> Outcome:
    done = fleet.run("secret", "check", *words, env=variables, at=at)
    assert CANARY not in done.out + done.err
    return done


def shape(fleet: Fleet, *words: str, at: Path | None = None, **variables: str) -> tuple[int, list[tuple[str, str]]]:
    """How many were looked at, and file and rule of each problem."""
    done = check(fleet, *words, "--json", at=at, **variables)
    schema = json.loads(files("hubctl.schemas").joinpath("secret-check.schema.json").read_text())
    jsonschema.validate(done.json, schema)
    assert "error" not in done.json, done.err
    assert done.code == (1 if done.json["problems"] else 0)
    return done.json["checked"], sorted({(one["file"], one["rule"]) for one in done.json["problems"]})


def test_a_clean_fleet_has_no_problem_and_no_key_is_needed(fleet: Fleet) -> None:
    done = fleet.run("secret", "check", env=NO_TOOLS)
    assert (done.code, done.out, done.err) == (0, "", "no problem in 1 file\n")
    assert fleet.run("secret", "check", "--json").json == {"checked": 1, "problems": []}
    assert fleet.run("--quiet", "secret", "check").err == ""


@pytest.mark.slow
def test_sops_need_not_be_there(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    git = subprocess.run(["which", "git"], capture_output=True, check=True).stdout.decode().strip()
    (tmp_path / "bin" / "git").symlink_to(git)
    assert shape(fleet, PATH=str(tmp_path / "bin")) == (1, [])


def test_a_problem_is_told_with_file_and_line_and_how_to_mend_it(fleet: Fleet) -> None:
    text = fleet.read(PROD).decode().replace("other: ENC[", f"other: {CANARY}\n            more: ENC[")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if CANARY in one)
    fleet.write({PROD: text})

    done = check(fleet)
    (one,) = check(fleet, "--json").json["problems"]

    assert list(one) == ["file", "line", "rule", "message", "mend"]
    assert (one["file"], one["line"], one["rule"]) == (PROD, line, "clear-value")
    assert done.out == f"{PROD}:{line}: clear-value: {one['message']} ({one['mend']})\n"
    assert done.err == "1 problem in 1 file\nsee hubctl's docs/secret-check.md#clear-value\n"
    assert done.code == 1


def test_names_say_which_files_are_looked_at(fleet: Fleet) -> None:
    fleet.write(
        {"a/plain.secret.yaml": CLEAR, "a/plain.values.yaml": CLEAR, "a/x.secret.json": "{}", "notes.secret.txt": "x"}
    )
    untracked = shape(fleet)
    fleet.git("add", "--all")
    tracked = shape(fleet)
    fleet.write(
        {"b/enc-key": CLEAR, "b/enc-picture.png": b"\x89PNG\xff", ".gitignore": "ignored/\n", "ignored/enc-x": "x"}
    )
    count, found = shape(fleet)

    assert untracked == (1, [])
    assert tracked[0] == 3
    assert {file for file, _ in tracked[1]} == {"a/plain.secret.yaml", "a/x.secret.json"}
    assert count == 5
    assert {file for file, _ in found} >= {"b/enc-key", "b/enc-picture.png"}
    assert "ignored/enc-x" not in {file for file, _ in found}


@pytest.mark.slow
def test_paths_narrow_to_themselves_and_folders_to_what_counts_in_them(fleet: Fleet) -> None:
    fleet.write({"a/enc-x.yaml": CLEAR, "a/plain.yaml": CLEAR, "ab/enc-y.yaml": CLEAR})

    assert shape(fleet, PROD) == (1, [])
    assert shape(fleet, "config") == (1, [])
    assert shape(fleet, "a")[0] == 1
    assert {file for file, _ in shape(fleet, "a/")[1]} == {"a/enc-x.yaml"}
    assert {file for file, _ in shape(fleet, "a/plain.yaml")[1]} == {"a/plain.yaml"}
    assert shape(fleet, "a/plain.yaml", PROD, PROD, "config/clusters/leap")[0] == 2
    assert shape(fleet, "enc-prod.secret.values.yaml", at=fleet.root / "config/clusters/leap") == (1, [])
    assert shape(fleet, ".") == shape(fleet, str(fleet.root)) == shape(fleet)
    assert shape(fleet, ".sops.yaml") == (0, [])


@pytest.mark.parametrize("staged", some_fast([[], ["--staged"]], 2))
def test_what_is_not_there_or_outside_is_refused(fleet: Fleet, staged: list[str]) -> None:
    for path in ("gone.yaml", "..", "/etc/passwd", ".git/config", "gone/", "../fleet2"):
        done = check(fleet, path, *staged, "--json")
        assert (done.code, done.json["error"]["code"]) == (1, "no-such-file")
        assert (done.json["checked"], done.json["problems"]) == (0, [])


@pytest.mark.slow
def test_a_checkout_that_is_reached_through_a_link_is_the_same(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(fleet.root)
    assert shape(fleet, str(tmp_path / "way" / PROD)) == (1, [])
    assert shape(fleet, str(tmp_path / "way")) == (1, [])


def test_links_are_a_finding_wherever_they_stand(fleet: Fleet, tmp_path: Path) -> None:
    (fleet.root / "a").mkdir()
    (fleet.root / "a/enc-file").symlink_to(fleet.root / PROD)
    (fleet.root / "a/enc-folder").symlink_to(fleet.root / "config")
    (fleet.root / "a/enc-loop").symlink_to("enc-loop")
    (fleet.root / "a/enc-outside").symlink_to("/etc/passwd")
    links = [(f"a/enc-{name}", "link") for name in ("file", "folder", "loop", "outside")]
    assert shape(fleet) == (5, links)
    fleet.git("add", "a")
    assert shape(fleet, "--staged") == (5, links)

    leap = fleet.root / "config/clusters/leap"
    leap.rename(tmp_path / "leap")
    leap.symlink_to(tmp_path / "leap")
    assert shape(fleet, PROD) == (1, [(PROD, "link")])
    assert (PROD, "link") in shape(fleet)[1]
    assert shape(fleet, "config/clusters/leap") == (1, [("config/clusters/leap", "link")])
    (fleet.root / "way").symlink_to("config")
    assert shape(fleet, "way") == (1, [("way", "link")])
    assert shape(fleet, "way/clusters") == (1, [("way/clusters", "link")])


@pytest.mark.slow
def test_rules_behind_a_link_do_not_count(fleet: Fleet) -> None:
    (fleet.root / ".sops.yaml").rename(fleet.root / "rules.yaml")
    (fleet.root / ".sops.yaml").symlink_to("rules.yaml")
    assert shape(fleet) == (1, [(".sops.yaml", "link"), (PROD, "no-rule")])


def test_what_cannot_be_read_is_a_finding_and_nothing_hangs(fleet: Fleet) -> None:
    os.mkfifo(fleet.root / "enc-fifo")
    fleet.write(
        {
            "enc-large": b"x" * 2_000_001,
            "enc-pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            "enc-bytes": b"\xff\xfe\x00",
            "enc-nothing": "",
        }
    )
    found = shape(fleet, "enc-fifo", "enc-large", "enc-pointer", "enc-bytes", "enc-nothing")
    assert found[0] == 5
    assert {("enc-fifo", "unreadable"), ("enc-large", "unreadable"), ("enc-pointer", "unreadable")} <= set(found[1])
    assert {file for file, _ in found[1]} == {"enc-fifo", "enc-large", "enc-pointer", "enc-bytes", "enc-nothing"}


@pytest.mark.slow
def test_odd_names_are_shown_so_that_nothing_acts_on_them(fleet: Fleet) -> None:
    name = os.fsdecode(b"enc-\xff\x1b[31m\n::error::x")
    (fleet.root / name).write_text(CLEAR)
    text, found = check(fleet), check(fleet, "--json").json["problems"]

    assert {one["file"] for one in found} == {name}
    assert "\x1b" not in text.out
    assert all(line.startswith("enc-\\udcff\\u001b[31m\\n::error::x:") for line in text.out.splitlines())


def test_without_rules_nothing_is_clean(fleet: Fleet) -> None:
    (fleet.root / ".sops.yaml").unlink()
    assert shape(fleet) == (1, [(".sops.yaml", "sops-rules")])
    (fleet.root / PROD).unlink()
    assert shape(fleet) == (0, [])


def test_rules_that_are_none_are_told_once_with_their_line(fleet: Fleet) -> None:
    fleet.encrypt(VALUES, OTHER)
    fleet.write({".sops.yaml": fleet.read(".sops.yaml") + b"- path_regex: (\n  age: nobody\n"})
    told = [one for one in check(fleet, "--json").json["problems"] if one["file"] == ".sops.yaml"]
    assert told
    assert len({json.dumps(one) for one in told}) == len(told)
    assert all(one["rule"] == "sops-rules" and one["line"] >= 4 for one in told)


def test_nearer_rules_are_not_used_and_told(fleet: Fleet) -> None:
    fleet.write({"config/.sops.yaml": "creation_rules: []\n", "docs/.sops.yaml": "creation_rules: []\n"})
    done = check(fleet)
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "note: `config/.sops.yaml` is not used: only the `.sops.yaml` at the root counts; "
        "sops itself takes the nearer one where it is started below it\nno problem in 1 file\n"
    )
    fleet.git("add", "--all")
    assert check(fleet, "--staged").err == done.err


def test_the_index_counts_where_it_differs_from_the_files(fleet: Fleet) -> None:
    good = fleet.read(PROD)
    fleet.write({PROD: CLEAR})
    assert shape(fleet, "--staged") == (1, [])
    assert {file for file, _ in shape(fleet)[1]} == {PROD}

    fleet.git("add", PROD)
    fleet.write({PROD: good})
    assert shape(fleet) == (1, [])
    assert {file for file, _ in shape(fleet, "--staged")[1]} == {PROD}
    assert {file for file, _ in shape(fleet, "--staged", PROD)[1]} == {PROD}
    assert shape(fleet, "--staged", ".sops.yaml") == (0, [])


@pytest.mark.slow
def test_the_rules_of_the_index_count_for_the_index(fleet: Fleet, tmp_path: Path) -> None:
    ours = fleet.read(".sops.yaml")
    fleet.write({".sops.yaml": f"creation_rules:\n- age: {identity(tmp_path / 'other').recipient}\n"})
    assert shape(fleet, "--staged") == (1, [])
    assert shape(fleet) == (1, [(PROD, "recipients")])
    fleet.git("add", ".sops.yaml")
    fleet.write({".sops.yaml": ours})
    assert shape(fleet) == (1, [])
    assert shape(fleet, "--staged") == (1, [(PROD, "recipients")])
    fleet.git("rm", "-qf", "--cached", ".sops.yaml")
    assert shape(fleet, "--staged") == (1, [(".sops.yaml", "sops-rules")])


@pytest.mark.slow
def test_only_announced_files_are_noted_and_conflicts_are_a_finding(fleet: Fleet) -> None:
    fleet.write({"enc-new": CLEAR})
    fleet.git("add", "--intent-to-add", "enc-new")
    done = check(fleet, "--staged")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(
        "note: `enc-new` is only announced (`git add --intent-to-add`): a commit has none of it\n"
    )
    assert check(fleet, "--staged", "enc-new").code == 0
    assert {file for file, _ in shape(fleet)[1]} == {"enc-new"}

    blob = fleet.git("rev-parse", f"HEAD:{PROD}").strip()
    stages = "".join(f"100644 {blob} {stage}\t{PROD}\n" for stage in (1, 2, 3))
    fleet.git("update-index", "--force-remove", PROD)
    subprocess.run(["git", "update-index", "--index-info"], cwd=fleet.root, input=stages.encode(), check=True)
    assert shape(fleet, "--staged") == (1, [(PROD, "unreadable")])


@pytest.mark.slow
def test_a_submodule_is_a_finding(fleet: Fleet) -> None:
    head = fleet.git("rev-parse", "HEAD").strip()
    fleet.git("update-index", "--add", "--cacheinfo", f"160000,{head},enc-module")
    (fleet.root / "enc-module").mkdir()
    assert shape(fleet) == (2, [("enc-module", "unreadable")])
    assert shape(fleet, "--staged") == (2, [("enc-module", "unreadable")])


@pytest.mark.slow
def test_what_a_sparse_checkout_leaves_out_is_looked_at_all_the_same(fleet: Fleet) -> None:
    fleet.write({OTHER: CLEAR})
    fleet.commit()
    fleet.git("sparse-checkout", "set", "--no-cone", "/docs/")
    assert not (fleet.root / PROD).exists()
    count, found = shape(fleet)
    assert count == 2
    assert {file for file, _ in found} == {OTHER}


@pytest.mark.slow
def test_a_tracked_file_that_was_deleted_is_nothing_to_look_at(fleet: Fleet) -> None:
    (fleet.root / PROD).unlink()
    assert shape(fleet) == (0, [])
    assert shape(fleet, "--staged") == (1, [])
    assert shape(fleet, "--staged", PROD) == (1, [])


@pytest.mark.slow
def test_outside_git_what_is_on_disk_counts(fleet: Fleet, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for name in (PROD, ".sops.yaml", "config/clusters/leap/cluster.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(fleet.read(name))
    (folder / ".hidden").mkdir()
    (folder / ".hidden/x.secret.yaml").write_text(CLEAR)
    (folder / "enc-folder").symlink_to("config")

    count, found = shape(fleet, at=folder)
    assert count == 3
    assert {file for file, _ in found} == {".hidden/x.secret.yaml", "enc-folder"}
    for words in (["--staged"], ["--base", "main"]):
        done = check(fleet, *words, "--json", at=folder)
        assert (done.code, done.json["error"]["code"]) == (1, "no-repository")


@pytest.mark.slow
def test_a_bare_repository_has_no_files_to_look_at(fleet: Fleet, tmp_path: Path) -> None:
    fleet.git("clone", "-q", "--bare", str(fleet.root), str(tmp_path / "bare"))
    for words in ([], ["--staged"]):
        assert check(fleet, *words, "--json", at=tmp_path / "bare").json["error"]["code"] == "bare-repository"
    assert shape(fleet, "--base", "HEAD~1", at=tmp_path / "bare") == (1, [])


def test_two_places_to_look_at_exclude_each_other(fleet: Fleet) -> None:
    done = check(fleet, "--staged", "--base", "HEAD")
    assert done.code == 2
    assert "`--staged` and `--base` exclude each other" in done.err
    assert check(fleet, "--staged", "--base", "").code == 2


@pytest.mark.slow
def test_what_git_does_not_have_is_never_clean(fleet: Fleet, tmp_path: Path) -> None:
    fleet.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    fleet.git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{fleet.root}", str(partial))
    fleet.git("read-tree", "HEAD", at=partial)
    assert (PROD, "unreadable") in shape(fleet, "--staged", at=partial)[1]
    assert (PROD, "unreadable") in shape(fleet, "--base", "HEAD~1", at=partial)[1]
