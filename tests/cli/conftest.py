"""The playground, and fleets with secrets, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.logins import building_fleet
from tests.cli.playground import FLEET, IMAGES, NOW, Playground, settings_for
from tests.secrets.parts import Fleet, Identity, fleet_repository, identity
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


@pytest.fixture
def engineer(tmp_path: Path) -> Identity:
    """The identity that opens the fleet's secrets."""
    return identity(tmp_path / "engineer")


@pytest.fixture
def fleet(tmp_path: Path, engineer: Identity) -> Fleet:
    """A fleet in which no hub builds images."""
    return fleet_repository(tmp_path / "fleet", engineer)


@pytest.fixture
def builders(tmp_path: Path, engineer: Identity) -> Fleet:
    """A fleet in which every hub builds images."""
    return building_fleet(tmp_path / "fleet", engineer)
