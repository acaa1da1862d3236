"""What a run warns of without being asked to explain."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.cli.forging import scene
from tests.cli.playground import COMMON, COMMON_FILE, Playground
from tests.servers.tags import Tag

NOTEBOOK = "quay.io/leap/notebook"
OTHER = "sha256:" + "0" * 64


def built(name: str, day: int, content: str | None = None) -> Tag:
    moment = dt.datetime(2026, 6, day, tzinfo=dt.UTC)
    return Tag(name, content or name, moment, created=moment, branch="main")


COMMITS = [built("b0b0b0b", 2), built("c0c0c0c", 4), built("2026.06.12", 12)]


@pytest.mark.slow
@pytest.mark.parametrize("more", [[], [built("latest", 4, "c0c0c0c")]])
def test_newer_tags_of_another_shape_are_a_warning_beside_a_newer_commit(tmp_path: Path, more: list[Tag]) -> None:
    warning = "newer tags of another shape: `2026.06.12`"
    with scene(tmp_path) as made:
        made.images[NOTEBOOK] = COMMITS + more
        made.playground.write({COMMON_FILE: COMMON.replace("2026.05.01", "b0b0b0b")})
        made.git("commit", "--quiet", "--all", "--message", "Follow commits")
        made.git("update-ref", "refs/remotes/origin/main", "HEAD")

        done = made.run("bump-image", "leap", "--dry-run")
        printed = made.run("bump-image", "leap", "--print-pr")

    assert f"warning: {COMMON_FILE}:5: {warning}\n" in done.err
    assert "`b0b0b0b` → `c0c0c0c`" in printed.out
    assert warning in printed.out


def test_a_tag_that_was_moved_away_from_its_digest_is_a_warning_though_nothing_changes(playground: Playground) -> None:
    pinned = COMMON.replace("2026.05.01 #", f"2026.06.04@{OTHER} #")
    playground.write({COMMON_FILE: pinned})

    done = playground.run("bump-image", "--image", NOTEBOOK)

    assert done.code == 0
    assert f"warning: {COMMON_FILE}:5: " in done.err
    assert "tag was moved: `2026.06.04` points at sha256:" in done.err
    assert playground.read(COMMON_FILE) == pinned
