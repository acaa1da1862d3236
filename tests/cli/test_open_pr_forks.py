"""Engineers without the right to push: the branch goes to a fork, which is found or made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.forging import BRANCH, Scene, scene
from tests.cli.playground import FLEET
from tests.forge.faults import Fault
from tests.forge.state import Repository

pytestmark = pytest.mark.slow

ANN = "ghp_TokenOfAnn"
FORKS = "POST /repos/acme/fleet/forks"
PUSH = "POST /ann/fleet.git/git-receive-pack"
CREATE = "POST /repos/acme/fleet/pulls"


@pytest.fixture
def scenery(tmp_path: Path) -> Iterator[Scene]:
    """Give a clone of the upstream repository to an engineer who may only read it."""
    with scene(tmp_path) as made:
        made.playground.environment["GH_TOKEN"] = ANN
        made.forge.account(ANN, "ann")
        made.forge.log.clear()
        yield made


def opened(made: Scene, *words: str, at: Path | None = None) -> list[Any]:
    done = made.open(*words, at=at)
    assert done.code == 0, done.err
    return list(done.json["pull_requests"])


def asserted_in(made: Scene, fork: Repository) -> None:
    """Assert that the fork has the one branch on the tip of upstream's base, and the upstream one pull request."""
    assert list(made.branches()) == ["main"]
    assert fork.bare.git("rev-parse", f"{BRANCH}^") == made.tip("main")
    [pull] = made.forge.pulls
    assert (pull.head_repository, pull.head, pull.state) == (fork.full_name, BRANCH, "open")


def test_a_fork_is_made_once_and_found_again(scenery: Scene) -> None:
    [first] = opened(scenery)

    assert (first["operation"], first["warnings"]) == ("created", [])
    assert scenery.forge.writes() == [FORKS, PUSH, CREATE]
    asserted_in(scenery, scenery.forge.board.world.repositories["ann/fleet"])
    assert "insteadOf" not in (scenery.root / ".git" / "config").read_text()

    scenery.forge.log.clear()
    [second] = opened(scenery)
    assert second["operation"] == "unchanged"
    assert scenery.forge.writes() == []


def test_no_fork_is_made_where_nothing_is_sent(scenery: Scene) -> None:
    assert scenery.open("--dry-run").code == 0
    assert scenery.run("bump-image", "leap", "--open-pr", "--check").code == 8
    assert scenery.forge.writes() == []
    assert "ann/fleet" not in scenery.forge.board.world.repositories


def test_no_fork_is_made_where_there_is_nothing_to_propose(scenery: Scene) -> None:
    scenery.forge.commit("main", {name: done(text) for name, text in FLEET.items()})
    scenery.forge.log.clear()

    assert opened(scenery) == []
    assert scenery.forge.writes() == []


def done(text: str) -> str:
    """Return a file of the fleet with the tags that would be proposed."""
    return text.replace("tag: 2026.05.01", "tag: 2026.06.04").replace("small:2026.05.01", "small:2026.06.02")


def test_a_fork_that_stands_is_used_under_any_name(scenery: Scene) -> None:
    fork = scenery.forge.fork("ann", "my-fleet")

    assert [each["operation"] for each in opened(scenery)] == ["created"]
    assert scenery.forge.writes() == ["POST /ann/my-fleet.git/git-receive-pack", CREATE]
    asserted_in(scenery, fork)


def test_a_remote_that_is_a_fork_comes_before_others(scenery: Scene) -> None:
    scenery.forge.fork("ann")
    fork = scenery.forge.fork("crew", "ships")
    fork.rights["ann"] = "write"
    scenery.git("remote", "add", "crew", scenery.forge.remote_url_of(fork))
    before = scenery.traces()

    assert [each["operation"] for each in opened(scenery)] == ["created"]
    assert scenery.forge.writes() == ["POST /crew/ships.git/git-receive-pack", CREATE]
    asserted_in(scenery, fork)
    assert scenery.traces() == before


def test_a_stale_fork_gets_what_it_lacks(scenery: Scene) -> None:
    fork = scenery.forge.fork("ann")
    for number in range(3):
        scenery.forge.commit("main", {"README.md": f"{number}\n"})

    assert [each["operation"] for each in opened(scenery)] == ["created"]
    asserted_in(scenery, fork)


@pytest.mark.parametrize("options", [("--depth=1",), ("--filter=blob:none",), ("--depth=1", "--filter=blob:none")])
@pytest.mark.parametrize("kind", ["stale", "empty"])
def test_a_fork_is_filled_from_a_clone_that_lacks_history_or_contents(
    scenery: Scene, options: tuple[str, ...], kind: str
) -> None:
    scenery.forge.bare.git("config", "uploadpack.allowFilter", "true")
    fork = scenery.forge.fork("ann")
    if kind == "empty":
        fork.bare.delete("main")
    for number in range(3):
        scenery.forge.commit("main", {"README.md": f"{number}\n"})
    root = scenery.clone("thin", *options)
    before = scenery.traces(root)

    assert [each["operation"] for each in opened(scenery, at=root)] == ["created"]
    asserted_in(scenery, fork)
    assert scenery.traces(root) == before
    fork.bare.git("fsck", "--connectivity-only")


def test_a_fork_that_was_deleted_is_made_again(scenery: Scene) -> None:
    fork = scenery.forge.fork("ann")
    root = scenery.clone("of-fork", url=scenery.forge.remote_url_of(fork))
    scenery.git("remote", "add", "upstream", scenery.forge.remote_url, at=root)
    del scenery.forge.board.world.repositories["ann/fleet"]
    fork.bare.path.rename(fork.bare.path.with_name("gone.git"))

    assert [each["operation"] for each in opened(scenery, at=root)] == ["created"]
    assert scenery.forge.writes() == [FORKS, PUSH, CREATE]


def test_an_archived_fork_is_said(scenery: Scene) -> None:
    scenery.forge.fork("ann").archived = True

    done = scenery.open()

    assert done.code == 1
    assert done.json["error"]["message"] == "your fork `ann/fleet` is archived: it takes no branch"
    assert scenery.forge.writes() == []


def test_a_token_that_may_neither_push_nor_fork_says_what_is_missing(scenery: Scene) -> None:
    said = '{"message": "Resource not accessible by personal access token"}'
    headers = {"X-Accepted-GitHub-Permissions": "administration=write"}
    scenery.forge.faults.append(Fault("POST", "/forks$", status=403, body=said, headers=headers, times=9))

    done = scenery.open()

    assert done.code == 4
    assert done.json["error"]["message"].startswith("`acme/fleet` can neither be pushed to nor forked: ")
    assert "administration=write" in done.json["error"]["hint"]
    assert list(scenery.branches()) == ["main"]


def test_an_apps_token_has_no_fork(scenery: Scene) -> None:
    scenery.forge.account(ANN, "app[bot]", kind="App")

    done = scenery.open()

    assert done.code == 4
    assert done.json["error"]["message"] == "the token from `GH_TOKEN` may not push to `acme/fleet`"


def test_what_needs_rights_upstream_is_left_out_and_said_once(scenery: Scene) -> None:
    scenery.forge.fork("ann")
    words = ("--group", "hub", "--label", "images", "--reviewer", "ada", "--assignee", "grace")

    first = opened(scenery, *words)

    said = "labels, assignees and reviewers were left out: no right to set them in `acme/fleet`"
    assert [each["operation"] for each in first] == ["created", "created"]
    assert [each["warnings"] for each in first] == [[said], []]
    assert scenery.forge.writes() == [PUSH, CREATE] * 2

    scenery.forge.log.clear()
    assert [each["operation"] for each in opened(scenery, *words)] == ["unchanged", "unchanged"]
    assert scenery.forge.writes() == []


def test_who_may_triage_sets_labels_from_a_fork(scenery: Scene) -> None:
    scenery.forge.account(ANN, "ann", "triage")
    scenery.forge.fork("ann")

    assert [each["warnings"] for each in opened(scenery, "--label", "images")] == [[]]
    assert scenery.forge.pulls[0].labels == ["images"]


def test_two_forks_of_one_owner_are_told_apart(scenery: Scene) -> None:
    fork = scenery.forge.fork("acme", "fleet-fork")
    fork.rights["ann"] = "write"
    scenery.git("remote", "add", "mine", scenery.forge.remote_url_of(fork))

    assert [each["operation"] for each in opened(scenery)] == ["created"]
    asserted_in(scenery, fork)
    scenery.forge.log.clear()
    assert [each["operation"] for each in opened(scenery)] == ["unchanged"]
    assert scenery.forge.writes() == []
