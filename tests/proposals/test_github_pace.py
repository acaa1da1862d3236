"""A second between two writes, out of what the run may wait."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubctl.adapters.http import Http
from hubctl.proposals.github import GitHub
from hubctl.proposals.github_api import Api
from hubctl.proposals.github_pace import Pace, pace_of
from hubctl.proposals.github_refusal import Token
from hubctl.secret import Secret
from tests.forge import TOKEN
from tests.proposals.github_parts import BRANCH, Patience, forge_with_branch


@pytest.fixture
def forge(tmp_path: Path):
    with forge_with_branch(tmp_path) as running:
        running.open_pull(BRANCH, author="hubctl-bot")
        yield running


def paced(forge, patience: Patience, pace: Pace) -> GitHub:
    return GitHub(Api(Http(os.environ), patience, forge.url, "acme/fleet", Token(Secret(TOKEN), "GH_TOKEN"), pace=pace))


def test_writes_of_all_clients_keep_their_distance_and_reads_do_not(forge):
    patience, pace = Patience(120), Pace(1000)
    for label in ("a", "b"):
        github = paced(forge, Patience(0), pace)
        github.repository()
        github.add_labels(1, (label,))
    paced(forge, patience, Pace(0)).add_labels(1, ("c",))
    assert patience.waits == []
    patience = Patience(5000)
    github = paced(forge, patience, pace)
    for label in ("d", "e"):
        github.add_labels(1, (label,))
    github.repository()
    assert [round(wait, -2) for wait in patience.waits] == [1000.0, 1000.0]
    assert forge.pull(1).labels == ["a", "b", "c", "d", "e"]


def test_a_run_that_may_not_wait_writes_at_once(forge):
    github = paced(forge, Patience(0), Pace(1))
    assert [github.add_labels(1, (label,)) for label in ("a", "b")] == [("a",), ("a", "b")]


@pytest.mark.parametrize(
    ("api", "due"),
    [
        ("https://api.github.com", True),
        ("https://api.acme.ghe.com", True),
        ("https://github.example.org/api/v3", False),
        ("https://notghe.com", False),
        ("http://127.0.0.1:8000", False),
    ],
)
def test_githubs_own_hosts_are_written_to_slowly(api, due):
    pace = pace_of(api)
    assert pace.due() == 0.0
    pace.wrote()
    assert (0.5 < pace.due() <= 1.0) is due
