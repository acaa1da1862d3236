"""A fleet whose secrets this test can open, as fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.secrets.parts import Fleet, Identity, fleet_repository, identity


@pytest.fixture
def engineer(tmp_path: Path) -> Identity:
    """The identity that opens the fleet's secrets."""
    return identity(tmp_path / "engineer")


@pytest.fixture
def fleet(tmp_path: Path, engineer: Identity) -> Fleet:
    """Two clusters, one with hubs of `basehub` and one of `daskhub`, in a repository with one commit."""
    return fleet_repository(tmp_path / "fleet", engineer)
