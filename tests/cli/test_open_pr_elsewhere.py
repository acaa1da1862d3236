"""`--repo` from outside a clone of it: an image repository's workflow, an empty folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forging import CANARY, Scene, scene
from tests.cli.playground import COMMON, COMMON_FILE, Outcome
from tests.forge.faults import Fault

pytestmark = pytest.mark.slow

PUSH = "POST /acme/fleet.git/git-receive-pack"
CREATE = "POST /repos/acme/fleet/pulls"
WORDS = ("bump-image", "--image", "quay.io/leap/notebook", "--to", "2026.06.04", "--repo", "acme/fleet", "--json")


@pytest.fixture
def distant(tmp_path: Path) -> Iterator[Scene]:
    """Give a scene without a clone: hubctl runs in an empty folder, with a folder for temporary files of its own."""
    with scene(tmp_path) as made:
        folder, temporary = tmp_path / "empty", tmp_path / "temporary"
        folder.mkdir()
        temporary.mkdir()
        made.playground.root = folder
        made.playground.environment["TMPDIR"] = str(temporary)
        made.forge.bare.git("config", "uploadpack.allowFilter", "true")
        made.forge.log.clear()
        yield made


def left_over(made: Scene) -> list[str]:
    return sorted(path.name for path in Path(made.playground.environment["TMPDIR"]).iterdir())


def proposed(made: Scene, done: Outcome) -> str:
    """Assert that one pull request was made for the image, and nothing is left behind; return its branch."""
    assert done.code == 0, done.err
    [one] = done.json["pull_requests"]
    assert (one["operation"], one["number"]) == ("created", 1)
    changed = COMMON.replace("tag: 2026.05.01", "tag: 2026.06.04")
    assert made.forge.bare.read(one["branch"], COMMON_FILE) + "\n" == changed
    assert made.forge.bare.git("rev-parse", f"{one['branch']}^") == made.tip("main")
    assert left_over(made) == []
    return str(one["branch"])


def noting(made: Scene, folder: Path) -> tuple[str, Path]:
    """Return a PATH with a git that notes how it was called, and the file it notes that in."""
    calls, real = folder / "calls", made.git("--exec-path", at=folder).strip()
    (folder / "bin").mkdir()
    wrapper = folder / "bin" / "git"
    wrapper.write_text(
        f'#!/bin/sh\necho "$*" >> {calls}\ngrep -rs {CANARY} "$TMPDIR" >> {calls}\nexec {real}/git "$@"\n'
    )
    wrapper.chmod(0o755)
    return f"{wrapper.parent}:{os.environ['PATH']}", calls


def test_an_empty_folder_and_two_fetches_are_enough(distant: Scene, tmp_path: Path) -> None:
    path, calls = noting(distant, tmp_path)

    branch = proposed(distant, distant.run(*WORDS, "--open-pr", PATH=path))

    assert distant.forge.writes() == [PUSH, CREATE]
    assert list(distant.root.iterdir()) == []
    fetches = [line for line in calls.read_text().splitlines() if line.startswith("fetch ")]
    assert ["--depth=2" in line for line in fetches] == [True, False]  # the tree, then all contents at once

    distant.forge.log.clear()
    again = distant.run(*WORDS, "--open-pr")
    assert [each["operation"] for each in again.json["pull_requests"]] == ["unchanged"]
    assert distant.forge.writes() == []
    assert left_over(distant) == []
    assert distant.tip(branch) is not None


def test_a_server_that_cannot_leave_out_contents_sends_them(distant: Scene) -> None:
    distant.forge.bare.git("config", "uploadpack.allowFilter", "false")

    proposed(distant, distant.run(*WORDS, "--open-pr"))


def test_the_clone_of_another_repository_stays_as_it_is(distant: Scene) -> None:
    image = distant.forge.add_repository("acme/image")
    image.bare.commit("main", {"Dockerfile": "FROM x\n", "hubctl.yaml": "labels: [wrong]\n"}, "Start")
    root = distant.clone("image", url=distant.forge.remote_url_of(image))
    before = distant.traces(root)
    distant.forge.log.clear()

    done = distant.run(*WORDS, "--open-pr", at=root, GITHUB_REPOSITORY="acme/image")

    proposed(distant, done)
    assert distant.forge.writes() == [PUSH, CREATE]
    assert distant.forge.pulls[0].labels == []
    assert distant.traces(root) == before
    assert image.bare.branches().keys() == {"main"}


def test_a_workflow_in_a_clone_by_path_is_of_the_repository_it_names(distant: Scene) -> None:
    image = distant.forge.add_repository("acme/image")
    image.bare.commit("main", {"Dockerfile": "FROM x\n"}, "Start")
    root = distant.clone("image", url=str(image.bare.path))

    proposed(distant, distant.run(*WORDS, "--open-pr", at=root, GITHUB_REPOSITORY="acme/image"))


def test_the_clone_is_used_where_it_is_of_that_repository_or_a_fork(distant: Scene) -> None:
    fork = distant.forge.fork("ada")
    fork.rights["hubctl-bot"] = "write"
    of_fork = distant.clone("of-fork", url=distant.forge.remote_url_of(fork))

    done = distant.run(*WORDS, "--open-pr", at=of_fork)

    assert [each["operation"] for each in done.json["pull_requests"]] == ["created"]
    assert distant.forge.pulls[0].head_repository == "ada/fleet"


def test_settings_of_the_target_count_and_cannot_send_credentials_anywhere(distant: Scene) -> None:
    settings = "labels: [images]\nregistries:\n  quay.io: {mirror: 'http://127.0.0.1:1'}\n"
    distant.forge.commit("main", {"hubctl.yaml": settings})
    distant.forge.log.clear()

    done = distant.run(*WORDS, "--open-pr")

    proposed(distant, done)
    assert distant.forge.pulls[0].labels == ["images"]
    assert [problem["rule"] for problem in done.json["problems"]] == ["untrusted-setting"]


def test_a_text_is_printed_without_a_token(distant: Scene) -> None:
    del distant.playground.environment["GH_TOKEN"]
    distant.playground.environment["PATH"] = "/usr/bin:/bin"

    done = distant.run(*[word for word in WORDS if word != "--json"], "--print-pr")

    assert done.code == 0, done.err
    assert "`2026.05.01` → `2026.06.04`" in done.out
    assert "cluster-leap" in done.out
    assert distant.forge.writes() == []
    assert {call.path.partition(".git")[0] for call in distant.forge.log} == {"/acme/fleet"}
    assert left_over(distant) == []


def test_a_dry_run_writes_nothing(distant: Scene) -> None:
    done = distant.run(*[word for word in WORDS if word != "--json"], "--open-pr", "--dry-run")

    assert done.code == 0, done.err
    assert done.out.startswith(f"diff --git a/{COMMON_FILE} b/{COMMON_FILE}\n") or "+      tag: 2026.06.04" in done.out
    assert distant.forge.writes() == []
    assert left_over(distant) == []


@pytest.mark.parametrize(
    ("repository", "code", "said"),
    [
        ("acme/nowhere", 1, "`acme/nowhere` or a part of it does not exist"),
        ("fleet", 2, "`--repo` is not `OWNER/NAME`: `fleet`"),
    ],
)
def test_a_repository_that_is_none_is_said(distant: Scene, repository: str, code: int, said: str) -> None:
    done = distant.run("bump-image", "--open-pr", "--repo", repository)

    assert (done.code, said in done.err) == (code, True), done.err
    assert left_over(distant) == []


def test_a_host_may_stand_before_the_name(distant: Scene) -> None:
    host = distant.forge.url.removeprefix("http://")
    words = [f"{host}/acme/fleet" if word == "acme/fleet" else word for word in WORDS]

    proposed(distant, distant.run(*words, "--open-pr"))


def test_without_a_name_an_empty_folder_is_refused(distant: Scene) -> None:
    done = distant.run("bump-image", "--open-pr", "--json", GITHUB_REPOSITORY="acme/fleet")

    assert (done.code, done.json["error"]["code"]) == (1, "no-repository")


def test_the_token_is_in_no_command_line_and_no_file(distant: Scene, tmp_path: Path) -> None:
    path, calls = noting(distant, tmp_path)

    proposed(distant, distant.run(*WORDS, "--open-pr", PATH=path))

    assert "push" in calls.read_text()
    assert CANARY not in calls.read_text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_stopped_cleans_up(distant: Scene, number: int, code: int) -> None:
    process = _standing(distant)
    process.send_signal(number)
    process.communicate(timeout=60)

    assert process.returncode == code
    assert left_over(distant) == []


def test_the_next_run_removes_what_a_killed_one_left(distant: Scene) -> None:
    process = _standing(distant)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert left_over(distant) != []
    (Path(distant.playground.environment["TMPDIR"]) / "mine").mkdir()
    distant.forge.faults.clear()

    done = distant.run(*WORDS, "--open-pr")

    assert done.code == 0, done.err
    assert left_over(distant) == ["mine"]


def _standing(made: Scene) -> subprocess.Popen[bytes]:
    """Start a run and wait until it stands in the middle: its store is there, and GitHub does not answer."""
    made.forge.faults.append(Fault("GET", "/pulls$", before=lambda: time.sleep(3), times=9))
    process = subprocess.Popen(
        [sys.executable, "-m", "hubctl", *WORDS, "--open-pr"],
        cwd=made.root,
        env={**os.environ, **made.playground.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not any(call.path.endswith("/pulls") for call in made.forge.log):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert left_over(made) != []
    return process
