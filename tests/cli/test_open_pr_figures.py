"""Twelve bots at once, and runs killed at any moment: one branch, one pull request, nothing left over."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forging import BRANCH, CANARY, TITLE, Scene, scene, started

pytestmark = pytest.mark.slow

BOTS = 12
# A few of each run every time; the figures of bench/README.md are of 20 and 100.
ROUNDS = int(os.environ.get("HUBCTL_RACES", "5"))
KILLS = int(os.environ.get("HUBCTL_KILLS", "30"))
PULL = f"open acme:{BRANCH} -> main: {TITLE}"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as fresh:
        yield fresh


def ended(process: subprocess.Popen[bytes]) -> str:
    """Return the operation of a run that has to succeed."""
    out, err = process.communicate(timeout=300)
    assert CANARY.encode() not in out + err
    assert process.returncode == 0, err.decode()
    (result,) = json.loads(out)["pull_requests"]
    return str(result["operation"])


def forget(made: Scene) -> None:
    """Make the forge as it was before the first run."""
    made.forge.repository.pulls.clear()
    made.forge.bare.delete(BRANCH)
    made.forge.log.clear()


def test_twelve_racing_bots_make_one_branch_and_one_pull_request_each_time(made: Scene) -> None:
    clones = [made.clone(f"bot{number}") for number in range(BOTS)]
    for _ in range(ROUNDS):
        operations = Counter(ended(process) for process in [started(made, at=clone) for clone in clones])

        assert operations["created"] >= 1
        assert operations.keys() <= {"created", "unchanged"}
        assert made.forge.bare.ahead("main", BRANCH) == [TITLE]
        assert list(made.branches()) == [BRANCH, "main"]
        assert made.forge.picture().splitlines()[2:] == [f"#1 {PULL}"]
        forget(made)


def test_twelve_racing_bots_renew_one_pull_request_for_a_newer_tag(made: Scene) -> None:
    clones = [made.clone(f"bot{number}") for number in range(BOTS)]
    assert made.proposed() == (("created",),)
    made.newer()

    operations = Counter(ended(process) for process in [started(made, at=clone) for clone in clones])

    assert operations["updated"] >= 1
    assert operations.keys() <= {"updated", "unchanged"}
    assert made.forge.bare.ahead("main", BRANCH) == [TITLE]
    assert "2026.06.10" in (made.forge.pull(1).body or "")
    assert [pull.state for pull in made.forge.pulls] == ["open"]


@pytest.mark.parametrize("where", ["clone", "shallow", "nowhere"])
def test_after_a_kill_at_any_moment_one_run_makes_it_whole(made: Scene, tmp_path: Path, where: str) -> None:
    temporary, empty = tmp_path / "temporary", tmp_path / "empty"
    temporary.mkdir()
    empty.mkdir()
    at = {"clone": made.root, "shallow": made.folder / "shallow", "nowhere": empty}[where]
    words = ("--repo", "acme/fleet") if where == "nowhere" else ()
    variables = {"TMPDIR": str(temporary)} | ({"GITHUB_REPOSITORY": "acme/images"} if where == "nowhere" else {})
    if where == "shallow":
        made.clone("shallow", "--depth", "1")
    before = time.monotonic()
    assert ended(started(made, *words, at=at, **variables)) == "created"
    length = time.monotonic() - before
    forget(made)
    traces, chance, found = made.traces(at), random.Random(5), Counter[str]()

    for _ in range(KILLS // 3 + 1):
        killed = started(made, *words, at=at, **variables)
        time.sleep(chance.uniform(0, length))
        killed.kill()
        killed.communicate()

        found[ended(started(made, *words, at=at, **variables))] += 1

        assert made.forge.picture().splitlines()[2:] == [f"#1 {PULL}"]
        assert made.forge.bare.ahead("main", BRANCH) == [TITLE]
        assert list(made.branches()) == [BRANCH, "main"]
        assert [path.name for path in temporary.iterdir()] == []
        assert made.traces(at) == traces
        forget(made)

    assert found.keys() <= {"created", "unchanged"}
