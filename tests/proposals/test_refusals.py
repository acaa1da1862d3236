"""A person's no is remembered on whatever branch it was said; hubctl's own closing is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubctl.proposals.forge import Comment, PullRequest
from hubctl.proposals.identity import Marker, place_id
from hubctl.proposals.notes import SUPERSEDED
from hubctl.proposals.observed import Refusal
from hubctl.proposals.refusals import declined_anywhere, declined_here
from hubctl.proposals.surroundings import look_round

from .parts import NEWER, MemoryForge, change, pull_request

MINE, OTHER, NEVER = (place_id(change(file=f"{name}.yaml")) for name in ("mine", "other", "never"))
NEWER_MINE = place_id(change(NEWER, file="mine.yaml"))
ID, ELSE = "a" * 64, "b" * 64


def closed(number: int, identity: str, *places: str, **fields: object) -> PullRequest:
    usual = {"state": "closed", "body": str(Marker(identity, "", "", places)), "closed_at": "2026-06-04T12:00:00Z"}
    return pull_request(number, **(usual | fields))


class Closed(MemoryForge):
    def newest_pulls(self):
        return tuple(self.pulls), self.small

    def closed_pulls(self, base):
        self.reads.append("closed")
        return tuple(self.pulls)

    def open_pulls(self, base):
        return ()


def anywhere(folder: Path, *pulls: PullRequest, places: tuple[str, ...] = (MINE,)) -> tuple[Refusal | None, list[str]]:
    forge = Closed(folder, pulls=list(pulls), small=False)
    found = declined_anywhere(ID, frozenset(places), (), look_round(forge, "main", ()))
    return found, forge.reads


NO = Refusal(1, "ann", "2026-06-04")


@pytest.mark.parametrize(
    ("pulls", "places", "expected"),
    [
        ((closed(1, ID, MINE),), (MINE,), NO),
        ((closed(1, ELSE, MINE, OTHER),), (MINE,), NO),
        ((closed(1, ELSE, MINE),), (MINE, OTHER), None),
        ((closed(2, ELSE, MINE), closed(1, ELSE, OTHER)), (MINE, OTHER), NO),
        ((closed(1, ELSE, NEWER_MINE),), (MINE,), None),
        ((closed(1, ELSE, NEVER),), (MINE,), None),
        ((closed(1, ID, MINE, author="mallory", author_association="NONE"),), (MINE,), None),
    ],
    ids=["the same", "a part", "more than that", "in two halves", "a newer tag", "another place", "a forged marker"],
)
def test_every_place_must_have_been_declined_with_its_tag(tmp_path, pulls, places, expected):
    assert anywhere(tmp_path, *pulls, places=places)[0] == expected


def test_nothing_is_asked_about_pull_requests_of_other_places(tmp_path):
    assert anywhere(tmp_path, closed(1, ELSE, NEVER), closed(2, ELSE, OTHER))[1] == ["closed"]


@pytest.mark.parametrize(("author", "expected"), [("engineer", None), ("mallory", NO)])
def test_only_our_own_note_takes_the_no_away(tmp_path, author, expected):
    forge = Closed(tmp_path, pulls=[closed(1, ID, MINE)], said={1: [Comment(1, author, f"{SUPERSEDED}\nDone.")]})
    around = look_round(forge, "main", ())
    assert declined_anywhere(ID, frozenset({MINE}), (), around) == expected
    assert declined_here(ID, forge.pulls, around) == expected


def test_on_its_own_branch_one_that_does_not_say_what_it_proposed_counts(tmp_path):
    forge = Closed(tmp_path)
    around = look_round(forge, "main", ())
    assert declined_here(ID, [closed(3, ELSE, MINE), closed(1, ID, body="mine")], around) == Refusal(1, unknown=True)
    assert declined_here(ID, [closed(3, ELSE, MINE), closed(1, ID, merged=True)], around) is None
