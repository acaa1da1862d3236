"""`hubctl init`, from the outside: which files it makes, and where it makes none."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hubctl.adapters.creating import create_all
from hubctl.adapters.schema import problems
from hubctl.cli.app import parse
from hubctl.cli.invocation import Invocation
from hubctl.cli.settings_files import layer_of
from hubctl.commands.init_texts import HOOKS, SETTINGS, WORKFLOW, entry
from hubctl.errors import HubctlError
from hubctl.settings import merge
from tests.cli.playground import FLEET

ROOT = Path(__file__).parents[2]
OFFERED = {"hubctl.yaml": SETTINGS, ".pre-commit-config.yaml": HOOKS, ".github/workflows/hubctl.yaml": WORKFLOW}
SOURCE = "write into `.github/workflows/hubctl.yaml` where hubctl comes from: `OWNER/hubctl` and `COMMIT`"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def init(at: Path, *words: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "hubctl", "init", *words], cwd=at, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def held(root: Path) -> dict[str, str]:
    """Every file below a folder but git's own."""
    found = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): path.read_text() for path in found}


def uncommented(text: str) -> str:
    """The examples without their `#`; one blank after it makes a line prose."""
    return re.sub(r"^#(?! \S)", "", text, flags=re.MULTILINE)


def test_the_files_are_made_once(repository: Path) -> None:
    first = init(repository)
    made = held(repository)
    second = init(repository)

    assert first == Done(
        0,
        "created  hubctl.yaml\ncreated  .pre-commit-config.yaml\ncreated  .github/workflows/hubctl.yaml\n",
        f"note: {SOURCE}\n",
    )
    assert made == OFFERED
    assert second == Done(
        0,
        "kept     hubctl.yaml\nkept     .pre-commit-config.yaml\nkept     .github/workflows/hubctl.yaml\n",
        "nothing to do: every file is there already\n",
    )
    assert held(repository) == OFFERED


def test_a_dry_run_prints_the_diff_that_makes_the_files(repository: Path) -> None:
    done = init(repository, "--dry-run")
    untouched = held(repository)
    apply = ["git", "-C", str(repository), "apply"]
    subprocess.run(apply, input=done.out, text=True, check=True)

    assert done.code == 0
    assert done.err == (
        "planned  hubctl.yaml\nplanned  .pre-commit-config.yaml\nplanned  .github/workflows/hubctl.yaml\n"
        f"nothing was written\nnote: {SOURCE}\n"
    )
    assert untouched == {}
    assert held(repository) == OFFERED
    assert init(repository, "--dry-run").out == ""


@pytest.mark.slow
def test_the_answer_as_json_fits_its_schema(repository: Path) -> None:
    schema = json.loads(files("hubctl.schemas").joinpath("init.schema.json").read_text())
    actions = []
    for words in (["--dry-run"], [], []):
        shape = init(repository, "--json", *words).json
        jsonschema.validate(shape, schema)
        assert [one["file"] for one in shape["files"]] == list(OFFERED)
        actions.append({one["action"] for one in shape["files"]})

    assert actions == [{"planned"}, {"created"}, {"kept"}]


@pytest.mark.slow
def test_what_is_there_is_left_alone_and_the_hook_is_told(repository: Path) -> None:
    hooks = "repos: [] # ours\r\n"
    (repository / ".pre-commit-config.yaml").write_bytes(hooks.encode())
    (repository / "hubctl.yaml").write_text("version: 1\n")

    done = init(repository)
    again = init(repository)

    told = f"note: `.pre-commit-config.yaml` is left as it is; under its `repos:` add\n\n{entry()}\n"
    assert done == Done(
        0,
        "kept     hubctl.yaml\nkept     .pre-commit-config.yaml\ncreated  .github/workflows/hubctl.yaml\n",
        f"{told}note: {SOURCE}\n",
    )
    assert (repository / ".pre-commit-config.yaml").read_bytes() == hooks.encode()
    assert (repository / "hubctl.yaml").read_text() == "version: 1\n"
    assert again.err == f"nothing to do: every file is there already\n{told}"


def test_a_hook_that_is_there_is_not_told(repository: Path) -> None:
    both = "repos: [{repo: x, hooks: [{id: hubctl-validate}, {id: hubctl-secret-check}]}]\n"
    (repository / ".pre-commit-config.yaml").write_text(both)
    assert init(repository).err == f"note: {SOURCE}\n"

    (repository / ".pre-commit-config.yaml").write_text("repos: [{repo: x, hooks: [{id: hubctl-validate}]}]\n")
    told = entry(["hubctl-secret-check"])
    assert "hubctl-validate" not in told
    assert f"under its `repos:` add\n\n{told}\n" in init(repository).err


@pytest.mark.slow
def test_what_is_made_is_no_finding_of_validate(repository: Path) -> None:
    for name, text in FLEET.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    init(repository)

    done = subprocess.run(
        [sys.executable, "-m", "hubctl", "validate", "--json"], cwd=repository, capture_output=True, check=False
    )

    found = json.loads(done.stdout)
    assert found["checked"] > 0
    assert [problem for problem in found["problems"] if problem["file"] in OFFERED] == []


def test_in_a_subfolder_the_root_gets_the_files(repository: Path) -> None:
    folder = repository / "config" / "clusters"
    folder.mkdir(parents=True)

    assert init(folder).code == 0
    assert held(repository) == OFFERED


def test_outside_git_the_folder_gets_the_files(tmp_path: Path) -> None:
    done = init(tmp_path)

    assert (done.code, done.err.splitlines()[0]) == (0, f"note: no git repository: the files belong into `{tmp_path}`")
    assert held(tmp_path) == OFFERED


def test_a_repository_that_is_no_work_tree_to_edit_is_refused(repository: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    (repository / ".git" / "MERGE_HEAD").write_text("0" * 40)

    assert init(tmp_path / "bare", "--json").json["error"]["code"] == "bare-repository"
    assert init(repository, "--json").json["error"]["code"] == "in-progress"
    assert held(repository) == {}


def test_a_file_that_a_sparse_checkout_leaves_out_is_there(repository: Path) -> None:
    assert init(repository).code == 0
    git = ["git", "-C", str(repository)]
    for words in (["add", "."], ["commit", "-qm", "begin"], ["sparse-checkout", "set", "--no-cone", "/hubctl.yaml"]):
        subprocess.run([*git, *words], check=True, capture_output=True)

    done = init(repository)

    assert done.err == "nothing to do: every file is there already\n"
    assert held(repository) == {"hubctl.yaml": SETTINGS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        ("touch .github", "error: `.github/workflows/hubctl.yaml` cannot be written: `.github` is no folder"),
        (
            "mkdir .github; touch .github/workflows",
            "error: `.github/workflows/hubctl.yaml` cannot be written: `workflows` is no folder",
        ),
        ("ln -s /nowhere .github", "error: .github/workflows/hubctl.yaml:1: a link that leads out of the repository"),
        ("ln -s ../outside .github", "error: .github/workflows/hubctl.yaml:1: a link that leads out of the repository"),
        ("ln -s nowhere .pre-commit-config.yaml", "error: .pre-commit-config.yaml:1: a link that leads nowhere"),
        ("mkdir .pre-commit-config.yaml", "error: .pre-commit-config.yaml:1: not a regular file"),
        ("mkfifo .pre-commit-config.yaml", "error: .pre-commit-config.yaml:1: not a regular file"),
    ],
)
def test_where_one_file_cannot_be_made_none_is(repository: Path, prepare: str, message: str) -> None:
    (repository.parent / "outside").mkdir()
    subprocess.run(["sh", "-c", prepare], cwd=repository, check=True)
    before = sorted(repository.rglob("[!.]*")) + sorted(repository.glob(".*"))

    done = init(repository)

    assert (done.code, done.out, done.err.splitlines()[0]) == (1, "", message)
    kept = sorted(repository.rglob("[!.]*")) + sorted(repository.glob(".*"))
    assert [path for path in kept if path.name != "hubctl.lock"] == before
    assert list((repository.parent / "outside").iterdir()) == []


def test_a_folder_that_is_read_only_is_left_as_it_is(repository: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("NOT RUN: root may write everywhere")
    repository.chmod(0o555)

    done = init(repository)
    repository.chmod(0o755)

    assert (done.code, done.err) == (
        1,
        "error: `hubctl.yaml` cannot be written: permission denied\n\nhint: nothing was written\n",
    )
    assert held(repository) == {}


def test_a_file_that_appears_meanwhile_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("theirs")

    with pytest.raises(HubctlError, match="`b` cannot be written: file exists"):
        create_all(tmp_path, {"new/a": b"ours", "b": b"ours", "c": b"ours"})

    assert held(tmp_path) == {"b": "theirs"}
    assert not (tmp_path / "new").exists()


def test_the_settings_hold_as_they_are_and_with_every_example(tmp_path: Path) -> None:
    schema = json.loads(files("hubctl.schemas").joinpath("hubctl.schema.json").read_text())
    for text in (SETTINGS, uncommented(SETTINGS)):
        assert problems(yaml.safe_load(text), "hubctl") == []
        assert merge([layer_of(text.encode(), "hubctl.yaml", trusted=False)])[1] == ()

    assert yaml.safe_load(SETTINGS) == {"version": 1}
    assert yaml.safe_load(uncommented(SETTINGS)).keys() == schema["properties"].keys() - {"layouts"}


def test_the_hooks_are_those_that_hubctl_offers() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (written,) = [repository["hooks"] for repository in yaml.safe_load(HOOKS)["repos"]]

    for ours, theirs in zip(hooks, written, strict=True):
        assert theirs | {"language": "python", "description": ours["description"]} == ours
    offered = hooks[0]
    fleet = [name for name in FLEET if re.search(offered["files"], name) and not re.search(offered["exclude"], name)]
    assert fleet == list(FLEET)
    assert re.search(offered["exclude"], "config/clusters/leap/enc-prod.secret.values.yaml")


def test_the_workflow_has_no_right_but_to_read_and_pins_its_actions() -> None:
    workflow = yaml.safe_load(WORKFLOW)
    ours = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    used = re.findall(r"uses: (.*)", WORKFLOW)

    assert workflow[True] == {"pull_request": None}
    assert workflow["permissions"] == {}
    assert [job["permissions"] for job in workflow["jobs"].values()] == [{"contents": "read"}]
    assert len(used) == 3
    assert set(used) <= set(re.findall(r"uses: (.*)", ours))
    assert WORKFLOW.count("actions/checkout@") == WORKFLOW.count("persist-credentials: false") == 2
    assert "secrets" not in WORKFLOW
    assert [line for line in re.findall(r"run: (.*)", WORKFLOW) if "${{" in line] == []


def test_zizmor_finds_nothing_in_the_workflow(repository: Path) -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    if not zizmor.exists():
        pytest.skip("NOT RUN: zizmor is not installed")
    init(repository)

    done = subprocess.run(
        [zizmor, "--offline", "--pedantic", ".github"], cwd=repository, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "No findings to report. Good job!\n")


@pytest.mark.parametrize("line", re.findall(r"run: (hubctl .*)", WORKFLOW) + re.findall(r"entry: (hubctl .*)", HOOKS))
def test_each_command_of_the_files_can_be_typed(line: str) -> None:
    words = shlex.split(line.partition(" >>")[0])

    assert isinstance(parse(words[1:]), Invocation)
