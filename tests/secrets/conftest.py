"""A fleet whose secrets this test can open, as fixtures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubctl.secrets.sops import Sops, find_sops
from tests.secrets.parts import Fleet, Identity, fleet_repository, identity, with_sops


@pytest.fixture
def engineer(tmp_path: Path) -> Identity:
    """The identity that opens the fleet's secrets."""
    return identity(tmp_path / "engineer")


@pytest.fixture
def fleet(tmp_path: Path, engineer: Identity) -> Fleet:
    """Two clusters, one with hubs of `basehub` and one of `daskhub`, in a repository with one commit."""
    return fleet_repository(tmp_path / "fleet", engineer)


@pytest.fixture
def sops(fleet: Fleet) -> Sops:
    """Real sops, with the engineer's identity."""
    return find_sops({**os.environ, "PATH": with_sops(), **fleet.environment}, fleet.root)
