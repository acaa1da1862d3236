"""`--open-pr` broken off, raced and unlucky: one branch, one pull request, and the next run mends the rest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forging import BRANCH, CANARY, TITLE, Scene, scene, started
from tests.forge.faults import Fault

pytestmark = pytest.mark.slow

PUSH = "POST /acme/fleet.git/git-receive-pack"
CREATE = "POST /repos/acme/fleet/pulls"
WHOLE = f"#1 open acme:{BRANCH} -> main: {TITLE}"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        made.forge.log.clear()
        yield made


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    assert CANARY.encode() not in out + err
    assert b"Traceback" not in err
    return process.returncode, out.decode(), err.decode()


PUSHING, CREATING, LOOKING = r"/git-receive-pack$", r"^/repos/acme/fleet/pulls$", r"^/repos/acme/fleet$"


@pytest.mark.parametrize(
    ("number", "at"),
    [
        (signal.SIGINT, PUSHING),
        pytest.param(signal.SIGTERM, PUSHING, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, CREATING, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, CREATING, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, LOOKING, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, LOOKING, marks=pytest.mark.slow),
    ],
)
def test_a_signal_leaves_nothing_half_done_and_the_next_run_mends(
    fresh: Scene, tmp_path: Path, number: signal.Signals, at: str
) -> None:
    there, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        there.set()
        go_on.wait(30)

    fresh.forge.faults.append(Fault("GET" if at == LOOKING else "POST", at, before=hold))
    (tmp_path / "temporary").mkdir()
    before = fresh.traces()
    process = started(fresh, TMPDIR=str(tmp_path / "temporary"))
    assert there.wait(30)

    # a terminal sends Ctrl-C to the whole group, `kill` to one process
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    code, out, err = finish(process)
    go_on.set()

    word = "interrupted" if number == signal.SIGINT else "terminated"
    notes = {
        PUSHING: f"`{BRANCH}` may have been pushed: run the same command again to go on\n",
        CREATING: f"`{BRANCH}` is pushed, its pull request may be open: run the same command again\n",
    }
    assert (code, out) == (130 if number == signal.SIGINT else 143, "")
    assert err == f"{word}: nothing half-written is left\n{notes.get(at, '')}"
    assert fresh.traces() == before
    assert list((tmp_path / "temporary").iterdir()) == []
    assert fresh.proposed() in {(("created",),), (("unchanged",),)}
    assert [(pull.number, pull.state) for pull in fresh.forge.pulls] == [(1, "open")]
    assert list(fresh.branches()) == [BRANCH, "main"]


@pytest.mark.slow
def test_a_signal_tells_what_was_proposed_before(fresh: Scene) -> None:
    there, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        there.set()
        go_on.wait(30)

    fresh.forge.board.faults += [Fault("POST", PUSHING, before=lambda: None), Fault("POST", PUSHING, before=hold)]
    process = started(fresh, "--group", "hub")
    assert there.wait(30)
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = finish(process)
    go_on.set()

    first = "hubctl/bump-image/file-config--clusters--leap--common.values.yaml"
    assert code == 130
    assert err == (
        "interrupted: nothing half-written is left\n"
        "`hubctl/bump-image/hub-leap-staging` may have been pushed: run the same command again to go on\n"
        f"created before: `{first}` https://github.example/acme/fleet/pull/1\n"
    )


@pytest.mark.slow
def test_bots_at_the_same_time_make_one_branch_and_one_pull_request(fresh: Scene) -> None:
    clones = [fresh.clone(f"bot{number}") for number in range(3)]
    barrier = threading.Barrier(3)

    def together() -> None:
        barrier.wait(30)

    # all have looked and found nothing before the first pushes
    fresh.forge.faults.append(Fault("POST", r"/git-receive-pack$", before=together, times=3))
    ended = [finish(process) for process in [started(fresh, at=clone) for clone in clones]]

    operations = sorted(json.loads(out)["pull_requests"][0]["operation"] for _, out, _ in ended)
    assert [code for code, _, _ in ended] == [0, 0, 0]
    assert operations == ["created", "unchanged", "unchanged"]
    assert fresh.forge.picture().splitlines()[-1] == WHOLE
    assert len(fresh.forge.pulls) == 1
    assert fresh.forge.bare.ahead("main", BRANCH) == [TITLE]


UNKNOWN_HEAD = (
    '{"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}]}'
)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", CREATING, cut=True, applies=True),
        *(
            pytest.param(fault, marks=pytest.mark.slow)
            for fault in (
                Fault("POST", CREATING, cut=True),
                Fault("POST", CREATING, status=502, body="<html>Bad gateway</html>", applies=True),
                Fault("POST", CREATING, status=201, body="<html>Created?</html>", applies=True),
                Fault("POST", CREATING, status=422, body=UNKNOWN_HEAD),
            )
        ),
    ],
    ids=["reset after it was made", "reset before", "a bad gateway after", "a page after", "head not known yet"],
)
def test_an_answer_that_is_lost_makes_no_second_pull_request(fresh: Scene, fault: Fault) -> None:
    fresh.forge.faults.append(fault)

    assert fresh.proposed() == (("created",),)
    assert fresh.forge.picture().splitlines()[-1] == WHOLE
    assert len(fresh.forge.pulls) == 1


@pytest.mark.slow
def test_a_limit_after_the_push_is_said_and_the_next_run_goes_on(fresh: Scene) -> None:
    limited = '{"message": "You have exceeded a secondary rate limit"}'
    fresh.forge.faults.append(Fault("POST", r"/fleet/pulls$", 403, limited, {"Retry-After": "60"}, times=9))

    stopped = fresh.open("--max-wait", "0")
    fresh.forge.faults.clear()

    assert (stopped.code, stopped.json["error"]["code"]) == (1, "rate-limit")
    assert f"`{BRANCH}` is pushed: the same command goes on from there" in stopped.json["error"]["hint"]
    assert fresh.proposed() == (("created",),)
    assert fresh.forge.writes() == [PUSH, CREATE, CREATE]


@pytest.mark.slow
def test_a_short_limit_is_waited_for(fresh: Scene) -> None:
    limited = '{"message": "You have exceeded a secondary rate limit"}'
    fresh.forge.faults.append(Fault("POST", r"/fleet/pulls$", 429, limited, {"Retry-After": "0"}))

    assert fresh.proposed() == (("created",),)
    assert fresh.forge.writes() == [PUSH, CREATE, CREATE]


def test_one_unit_that_is_refused_does_not_stop_the_others(fresh: Scene) -> None:
    fresh.forge.commit("hubctl/bump-image/hub-leap-staging", {"notes.md": "mine\n"}, onto="main")

    done = fresh.run("bump-image", "--open-pr", "--json", "--group", "hub")

    assert done.code == 1
    assert [each["operation"] for each in done.json["pull_requests"]] == ["created"]
    assert "the branch exists and is not hubctl's" in done.json["error"]["message"]


@pytest.mark.slow
def test_a_change_that_is_merged_at_the_very_moment_leaves_no_branch(fresh: Scene) -> None:
    def merge() -> None:
        tip = fresh.tip()
        assert tip is not None
        fresh.forge.bare.point("main", tip)

    fresh.forge.faults.append(Fault("POST", r"/fleet/pulls$", before=merge))

    assert fresh.proposed() == (("unchanged", "the change was merged while this ran"),)
    assert list(fresh.branches()) == ["main"]
