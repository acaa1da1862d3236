"""What a run asks once: as little as can be, and nothing before it matters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.proposals.forge import Comment
from hubctl.proposals.identity import Marker
from hubctl.proposals.notes import SUPERSEDED
from hubctl.proposals.surroundings import Surroundings, look_round

from .parts import MemoryForge, pull_request

MARKED = str(Marker("a" * 64, "cluster-leap", "b" * 16, ("c" * 20,)))
PULLS = [
    pull_request(1, state="closed", body=MARKED),
    pull_request(2, state="closed", merged=True),
    pull_request(3, base_ref="next"),
    pull_request(4),
]


class Asked(MemoryForge):
    """Notes what it is asked once a run, too."""

    def newest_pulls(self):
        self.reads.append("newest")
        return tuple(reversed(self.pulls)), self.small

    def open_pulls(self, base):
        self.reads.append("open")
        return tuple(pull for pull in reversed(self.pulls) if pull.state == "open" and pull.base_ref == base)

    def closed_pulls(self, base):
        self.reads.append("closed")
        closed = (pull for pull in reversed(self.pulls) if pull.state == "closed" and not pull.merged)
        return tuple(pull for pull in closed if pull.base_ref == base)

    def login(self):
        self.reads.append("login")
        return self.me


def numbers(around: Surroundings) -> tuple[list[int], list[int]]:
    return [pull.number for pull in around.open], [pull.number for pull in around.closed()]


def test_where_all_pull_requests_fit_one_answer_nothing_else_is_asked(tmp_path: Path) -> None:
    forge = Asked(tmp_path, pulls=list(PULLS))
    around = look_round(forge, "main", ())
    assert (numbers(around), forge.reads) == (([4], [1]), ["newest"])
    assert around.listed == tuple(reversed(PULLS))


def test_where_there_are_more_what_is_open_and_what_was_closed_is_asked_for(tmp_path: Path) -> None:
    forge = Asked(tmp_path, pulls=list(PULLS), small=False)
    around = look_round(forge, "main", ())
    assert forge.reads == ["newest", "open"]
    assert (numbers(around), numbers(around)) == (([4], [1]), ([4], [1]))
    assert (around.listed, forge.reads) == (None, ["newest", "open", "closed"])


def test_what_may_have_changed_is_left_out_when_it_counts(tmp_path: Path) -> None:
    around = replace(look_round(Asked(tmp_path, pulls=list(PULLS)), "main", ()), tips={"hubctl/x": "a" * 40})
    assert (around.now().tips, around.now().listed) == (None, None)
    assert around.now().open == around.open


@pytest.mark.parametrize(
    ("me", "login", "expected", "reads"),
    [
        ("Engineer", "engineer", True, ["login"]),
        ("engineer", "ada", False, ["login"]),
        ("engineer", "Fleet-Bot", True, []),
        ("engineer", "fleet-app[bot]", True, []),
        ("engineer", None, False, []),
        (None, "some-app[bot]", True, ["login"]),
        (None, "ada", False, ["login"]),
    ],
)
def test_who_we_are_is_asked_only_where_the_settings_do_not_say(tmp_path, me, login, expected, reads):
    forge = Asked(tmp_path, me=me)
    around = look_round(forge, "main", ("fleet-bot", "7+fleet-app[bot]@users.noreply.github.com", "x@example.org"))
    forge.reads.clear()
    assert (around.is_us(login), forge.reads) == (expected, reads)


@pytest.mark.parametrize(
    ("fields", "trusted", "reads"),
    [
        ({"author_association": "MEMBER"}, True, []),
        ({"author_association": "NONE", "author": "engineer"}, True, ["login"]),
        ({"author_association": "CONTRIBUTOR", "author": "mallory"}, False, ["login"]),
        ({"author_association": "NONE", "author": "mallory", "body": "by hand"}, False, []),
    ],
)
def test_a_marker_counts_from_those_alone_who_may_write_one(tmp_path, fields, trusted, reads):
    forge = Asked(tmp_path)
    around = look_round(forge, "main", ())
    forge.reads.clear()
    pull = pull_request(1, **({"body": MARKED, "author": "ada", "head_ref": "hubctl/bump-image/x"} | fields))
    assert (around.is_hubctls(pull), forge.reads) == (trusted, reads)
    assert (around.marker(pull) is not None) == trusted


def test_what_became_of_a_closed_one_is_asked_once(tmp_path: Path) -> None:
    forge = Asked(tmp_path, said={1: [Comment(1, "engineer", f"{SUPERSEDED}\nDone.")]})
    around = look_round(forge, "main", ())
    forge.reads.clear()
    assert [around.ended(1), around.ended(1), around.ended(2)] == [True, True, False]
    assert [around.closed_by(1), around.closed_by(1), around.strict(), around.strict()] == ["ann", "ann", False, False]
    assert forge.reads == ["comments 1", "login", "comments 2", "closed by 1", "rules of main"]
