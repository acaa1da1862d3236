"""`--pin` at the command line: a tag that moves is replaced by the fixed tag that is the same image now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.playground import COMMON, COMMON_FILE, FLEET, NOW, Playground, settings_for, tags
from tests.servers.distribution import distribution
from tests.servers.faults import serve
from tests.servers.tags import Tag

MOVING = COMMON.replace("2026.05.01", "latest")
PUBLISHED = tags("2026.05.01", "2026.05.20", "2026.06.04")
LATEST = Tag("latest", PUBLISHED[1].content, PUBLISHED[1].pushed)


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Playground]:
    """A fleet with `latest` in it, which is the image of 2026.05.20."""
    with serve(distribution({"quay.io/leap/notebook": [*PUBLISHED, LATEST]})) as registry:
        settings = settings_for(registry, tmp_path)
        fleet = Playground(tmp_path / "fleet", registry, {"HUBCTL_SETTINGS": str(settings), "SOURCE_DATE_EPOCH": NOW})
        fleet.write({**FLEET, COMMON_FILE: MOVING})
        yield fleet


def test_pin_writes_the_fixed_twin_and_nothing_is_left_to_do(moving: Playground) -> None:
    done = moving.run("bump-image", "leap", "prod", "--pin")
    again = moving.run("bump-image", "leap", "prod", "--pin", "--check")

    assert (done.code, done.out) == (
        0,
        "leap/common  image.tag  quay.io/leap/notebook  latest → 2026.05.20  twin of `latest`\n",
    )
    assert moving.read(COMMON_FILE) == MOVING.replace("latest", "2026.05.20")
    # From then on it is a date, which `--pin` bumps like any other.
    assert (again.code, "2026.05.20 → 2026.06.04" in again.out) == (8, True)


@pytest.mark.slow
def test_without_pin_a_moving_tag_stays(moving: Playground) -> None:
    done = moving.run("bump-image", "leap", "prod", "--json")

    assert (done.code, done.json["changes"]) == (0, [])
    assert sorted((skip["code"], skip["tag"]) for skip in done.json["skips"]) == [
        ("moving", "latest"),
        ("role", "1.0.0"),
        ("role", "4.1.0"),
    ]
    assert moving.read(COMMON_FILE) == MOVING
