"""`bump-image --print-pr`: the text of each pull request from what the clone knows, without token and forge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forging import BRANCH, TITLE, Scene, opened_scene, scene
from tests.cli.playground import COMMON, COMMON_FILE


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Scene]:
    """A clone whose forge is gone, and no token."""
    with scene(tmp_path) as made:
        del made.playground.environment["GH_TOKEN"]
        made.playground.environment["GITHUB_API_URL"] = "http://127.0.0.1:1"
        made.forge.log.clear()
        yield made


def test_the_text_is_printed_without_token_and_forge_and_the_clone_stays_as_it_is(offline: Scene) -> None:
    before = offline.traces()

    done = offline.run("bump-image", "leap", "--print-pr")

    assert done.code == 0
    assert done.out.startswith(f"{TITLE}\n{BRANCH} → main\n\n<!-- hubctl:begin -->\n<!-- hubctl:v1 ")
    assert done.out.rstrip().endswith("<!-- hubctl:end -->")
    assert "| `quay.io/leap/notebook` | `2026.05.01` → `2026.06.04` |" in done.out
    assert offline.playground.registry.base not in done.out
    assert str(offline.folder) not in done.out
    assert offline.traces() == before
    assert offline.forge.log == []


def test_it_is_what_is_opened(tmp_path: Path) -> None:
    with opened_scene(tmp_path) as made:
        done = made.run("bump-image", "leap", "--print-pr")

        assert done.out == f"{TITLE}\n{BRANCH} → main\n\n{made.forge.pulls[0].body}\n"
        assert made.forge.log == []


def test_it_starts_from_the_remote_tracking_branch_whatever_is_checked_out(offline: Scene) -> None:
    offline.git("checkout", "--quiet", "-b", "mine")
    offline.playground.write({COMMON_FILE: COMMON.replace("2026.05.01", "2026.05.20")})
    offline.git("commit", "--quiet", "--all", "--message", "Mine")

    done = offline.run("bump-image", "leap", "--print-pr", "--json")

    assert [change["old"] for change in done.json["changes"]] == ["2026.05.01", "2026.05.01"]
    assert done.json["pull_requests"] == []
    assert f"note: `{COMMON_FILE}` differs in your work tree: the pull request starts from `main`\n" in done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--base", "nowhere"), "the clone does not know `origin/nowhere`"),
        (("--remote", "orign"), "no such remote: `orign`"),
        (("--base", "../x"), "not a branch name: `../x`"),
    ],
)
def test_a_base_that_the_clone_does_not_know(offline: Scene, words: tuple[str, ...], said: str) -> None:
    done = offline.run("bump-image", "leap", "--print-pr", "--json", *words)

    assert (done.code, done.json["error"]["message"]) == (1, said)


@pytest.mark.slow
def test_in_a_bare_clone_its_own_branches_are_the_base(offline: Scene) -> None:
    offline.git("clone", "-q", "--bare", ".", "../bare.git")
    words = ("bump-image", "leap", "--print-pr")

    assert offline.run(*words, at=offline.folder / "bare.git").out == offline.run(*words).out


def test_without_repository_or_remote_there_is_no_base(offline: Scene, tmp_path: Path) -> None:
    offline.git("remote", "remove", "origin")
    without_remote = offline.run("bump-image", "leap", "--print-pr")
    (offline.root / ".git").rename(tmp_path / "gone")
    without_repository = offline.run("bump-image", "leap", "--print-pr")

    assert (without_remote.code, without_repository.code) == (1, 1)
    assert "error: there is no remote, so no base to start from\n" in without_remote.err
    assert f"error: no git repository at `{offline.root}`\n" in without_repository.err


def test_nothing_to_do_prints_nothing(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        done = made.run("bump-image", "leap", "--role", "user", "--min-age", "90", "--print-pr")

        assert (done.code, done.out) == (0, "")
        assert "nothing to do" in done.err
