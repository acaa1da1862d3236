"""The playground as a fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.playground import FLEET, IMAGES, NOW, Playground, settings_for
from tests.servers.distribution import distribution
from tests.servers.faults import serve


@pytest.fixture
def playground(tmp_path: Path) -> Iterator[Playground]:
    """A fleet of one cluster with two hubs, and a registry that has newer tags of every image in it."""
    with serve(distribution(IMAGES)) as registry:
        root = tmp_path / "fleet"
        settings = settings_for(registry, tmp_path)
        fleet = Playground(root, registry, {"HUBCTL_SETTINGS": str(settings), "SOURCE_DATE_EPOCH": NOW})
        fleet.write(FLEET)
        yield fleet
