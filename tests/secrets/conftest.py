"""A fleet whose secrets this test can open, as fixtures."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.secrets.sops import Sops
from tests.secrets.parts import Fleet, Identity, copy_of, identity_in, small_fleet, sops_found, with_sops


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Two clusters, one with hubs of `basehub` and one of `daskhub`, in a repository with one commit."""
    return copy_of(small_fleet, tmp_path / "fleet")


@pytest.fixture
def engineer(fleet: Fleet) -> Identity:
    """The identity that opens the fleet's secrets."""
    return identity_in(Path(fleet.environment["SOPS_AGE_KEY_FILE"]))


@pytest.fixture
def sops(fleet: Fleet) -> Sops:
    """Real sops, with the engineer's identity."""
    environment = {**os.environ, "PATH": with_sops(), **fleet.environment}
    return replace(sops_found(), environment=environment, here=Path.cwd())
