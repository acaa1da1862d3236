"""The cache as a user meets it: hubctl as a process of its own, several times, and what the registry was asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.playground import FLEET, IMAGES, NOW, Playground, settings_for
from tests.servers.distribution import distribution
from tests.servers.faults import serve
from tests.servers.tags import Tag

NOTEBOOK = "quay.io/leap/notebook"
LOOK = ("bump-image", "leap", "--role", "all", "--dry-run")


@pytest.fixture
def images() -> dict[str, list[Tag]]:
    """What the registry has; a test may change it between two runs."""
    return {name: list(tags) for name, tags in IMAGES.items()}


@pytest.fixture
def playground(tmp_path: Path, images: dict[str, list[Tag]]) -> Iterator[Playground]:
    with serve(distribution(images)) as registry:
        settings = settings_for(registry, tmp_path)
        cache = str(tmp_path / "cache")
        environment = {"HUBCTL_SETTINGS": str(settings), "SOURCE_DATE_EPOCH": NOW, "XDG_CACHE_HOME": cache}
        fleet = Playground(tmp_path / "fleet", registry, environment)
        fleet.write(FLEET)
        yield fleet


def kinds(playground: Playground) -> set[str]:
    """Return what was asked since the last time, and forget it."""
    found = {asked.path.split("/")[-2] for asked in playground.registry.log}
    playground.registry.log.clear()
    return found


def test_a_second_process_asks_the_lists_alone_and_says_the_same(playground: Playground, tmp_path: Path) -> None:
    cold = playground.run(*LOOK)
    assert kinds(playground) == {"tags", "manifests", "blobs"}
    warm = playground.run(*LOOK)
    assert kinds(playground) == {"tags"}
    assert (warm.code, warm.out, warm.err) == (0, cold.out, cold.err)


def test_without_cache_nothing_is_read_or_kept(playground: Playground, tmp_path: Path) -> None:
    playground.run(*LOOK, "--no-cache")
    assert not (tmp_path / "cache").exists()
    playground.run(*LOOK)
    kinds(playground)
    playground.run(*LOOK, "--no-cache")
    assert kinds(playground) == {"tags", "manifests", "blobs"}


def test_a_run_that_writes_says_that_the_tag_it_takes_was_moved(playground: Playground, images) -> None:
    playground.run(*LOOK)
    before = images[NOTEBOOK]
    images[NOTEBOOK] = [
        replace(tag, content="rebuilt in secret") if tag.name == "2026.06.04" else tag for tag in before
    ]
    done = playground.run("bump-image", "leap")
    digest = next(tag.digest for tag in before if tag.name == "2026.06.04")
    assert done.code == 0
    assert f"`2026.06.04` was moved: it pointed at {digest} when asked on " in done.out + done.err


@pytest.mark.slow
def test_a_cache_that_cannot_be_kept_is_one_note(playground: Playground, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    done = playground.run(*LOOK)
    assert done.code == 0
    assert done.err.count(f"nothing is kept in the cache `{tmp_path}/cache/hubctl`: not a directory") == 1


@pytest.mark.slow
def test_a_cache_full_of_rubbish_is_as_good_as_none(playground: Playground, tmp_path: Path) -> None:
    cold = playground.run(*LOOK)
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00rubbish")
    kinds(playground)
    again = playground.run(*LOOK)
    assert kinds(playground) == {"tags", "manifests", "blobs"}
    assert (again.code, again.out, again.err) == (0, cold.out, cold.err)
    playground.run(*LOOK)
    assert kinds(playground) == {"tags"}


@pytest.mark.slow
def test_a_recorded_run_is_played_again_to_the_byte(playground: Playground, tmp_path: Path) -> None:
    file = str(tmp_path / "answers.json")
    recorded = playground.run(*LOOK, "--json", "--explain", "--record", file)
    kinds(playground)
    replayed = playground.run(*LOOK, "--json", "--explain", "--replay", file)
    assert kinds(playground) == set()
    assert (replayed.code, replayed.out) == (0, recorded.out)
    again = str(tmp_path / "again.json")
    playground.run(*LOOK, "--json", "--explain", "--record", again)
    assert Path(again).read_bytes() == Path(file).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nowhere/answers.json", ".", "pipe"])
def test_a_recording_that_cannot_be_written_is_an_error_before_anything_is_asked(
    playground: Playground, tmp_path: Path, name
) -> None:

    os.mkfifo(playground.root / "pipe")
    done = playground.run(*LOOK, "--record", name)
    assert (done.code, kinds(playground)) == (1, set())
    assert f"`{name}` cannot be written: " in done.err
