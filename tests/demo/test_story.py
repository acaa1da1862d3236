"""`hubctl demo` runs the real program on the example fleet and shows what came of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

DEMO = [sys.executable, "-m", "hubctl", "demo"]
DIFF = """\
--- a/config/clusters/lagoon/common.values.yaml
+++ b/config/clusters/lagoon/common.values.yaml
@@ -4,7 +4,7 @@ jupyterhub:
     # The split form: a name and a tag. This tag is what `hubctl demo` brings up to date.
     image:
       name: quay.io/lagoon-institute/python-notebook
-      tag: 2026.03.05
+      tag: 2026.06.04
     # Side cars have the role `sidecar`: left alone unless `--role sidecar` asks for them.
     initContainers:
     - name: home-permissions
"""


def _demo(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    return subprocess.run(
        [*DEMO, *arguments],
        cwd=folder,
        env=os.environ | {"TMPDIR": str(temporary)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    return _demo(tmp_path_factory.mktemp("demo"))


def test_every_command_is_shown_as_a_user_types_it(story):
    branch = "hubctl/bump-image/hub-lagoon-prod"

    assert (story.returncode, story.stderr) == (0, "")
    assert [line for line in story.stdout.splitlines() if line.startswith("$ ")] == [
        "$ hubctl image list",
        "$ hubctl bump-image --dry-run",
        "$ hubctl bump-image lagoon prod --explain --dry-run",
        "$ hubctl bump-image lagoon prod --open-pr --repo example/fleet",
        f"$ git --git-dir=../remote.git log --oneline --stat main..{branch}",
        f"$ git --git-dir=../remote.git diff main {branch}",
    ]


def test_it_ends_with_a_diff_of_one_tag_and_the_pull_request(story):
    _, _, end = story.stdout.rpartition("$ git --git-dir=../remote.git diff ")
    diff, _, received = end.partition("\n# the pull request, as POST /repos/example/fleet/pulls received it\n")

    assert DIFF.rstrip() in diff
    assert "`2026.03.05`" in received
    assert "`2026.06.04`" in received
    assert received.count("<!-- hubctl:v1 ") == 1


def test_it_tells_the_same_each_time_whatever_the_user_has_set_and_leaves_nothing(story, tmp_path):
    canaries = {"GH_TOKEN": "canary", "HTTPS_PROXY": "http://127.0.0.1:9", "HUBCTL_SETTINGS": "/nowhere"}

    again = _demo(tmp_path, "--json", **canaries)

    assert (again.returncode, again.stderr) == (0, "")
    steps = json.loads(again.stdout)["steps"]
    assert [step["exit_code"] for step in steps] == [0] * 12
    told = story.stdout
    for step in steps:
        before, _, told = told.partition(f"{step['command']}\n{step['output']}")
        assert before in ("", "$ ", "\n$ ", "\n")
    assert "canary" not in again.stdout
    assert [path.name for path in tmp_path.rglob("*")] == ["tmp"]


def test_interrupted_it_clears_the_stage_away(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = os.environ | {"TMPDIR": str(temporary)}
    running = subprocess.Popen(
        DEMO,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=tmp_path,
    )

    first = [running.stdout.readline() for _ in range(3)][-1]
    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=30)

    assert first == b"$ hubctl image list\n"
    assert running.returncode == 130
    assert list(temporary.iterdir()) == []


def test_a_step_that_fails_makes_the_demo_fail(tmp_path):
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    program.write_text(f'#!/bin/sh\ncase "$*" in *commit-tree*) exit 1;; esac\nexec {real} "$@"\n')
    program.chmod(0o755)

    done = _demo(tmp_path, PATH=f"{program.parent}:{os.environ['PATH']}")

    assert done.returncode == 1
    assert "`hubctl bump-image lagoon prod --open-pr --repo example/fleet` ended with exit code 1" in done.stderr
    assert list((tmp_path / "tmp").iterdir()) == []
