"""One table of policies over a thousand tags, decided against the server of every dialect.

A row is a site: the tag written there, perhaps with a digest or to be pinned, its policy, and what is expected: a tag
to take, or the code of why not. Where a dialect tells less, the row says what follows: `undated` without push dates,
where what the images say of themselves decides; `endless` where nobody says that a tag will vanish. How a dialect is
added: `tests/servers/fronts.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.commands.choosing import Query, decided
from hubctl.images.choice import Policy, Take, Unknown
from hubctl.images.choose import Question
from hubctl.images.facts import Listing
from hubctl.images.reference import ImageName
from hubctl.images.shape import is_signature
from hubctl.registry.ask import Registry
from tests.servers.catalogue import (
    BRANCH_COMMIT,
    EIGHT,
    FULL,
    NEWEST_COMMIT,
    OLD_COMMIT,
    REBUILT_COMMIT,
    SHORT,
    TODAY,
    catalogue,
)
from tests.servers.faults import Server
from tests.servers.fronts import FRONTS, Front

IMAGES = catalogue()
OLD_DIGEST, NEW_DIGEST = (
    next(tag.digest for tag in IMAGES["some/image"] if tag.name == name) for name in (OLD_COMMIT, "latest")
)
UNMARKED = [tag.name for tag in IMAGES["some/unmarked"]]


INFERRED = Policy()


@dataclass(frozen=True)
class Case:
    """One row: `expected` is a tag or a code, `undated` and `endless` the same where a dialect tells less."""

    tag: str
    expected: str
    policy: Policy = INFERRED
    image: str = "some/image"
    undated: str | None = None
    endless: str | None = None
    digest: str | None = None
    pin: bool = False

    def of(self, front: Front) -> str:
        """Return what this front must lead to."""
        if self.undated is not None and not front.pushes:
            return self.undated
        return self.endless if self.endless is not None and not front.ends else self.expected

    @property
    def query(self) -> Query:
        """The question as it is asked."""
        name = ImageName(f"r.example/{self.image}")
        return Query(name, Question(name.key, self.tag, self.digest, self.policy, pin=self.pin, candidates=False))

    def __str__(self) -> str:
        return f"{self.image}:{self.tag}"[:50]


def pattern(text: str, **more: object) -> Policy:
    return Policy(kind="pattern", pattern=text, **more)  # type: ignore[arg-type] # fields of the policy


def to(tag: str, **more: object) -> Policy:
    return Policy(kind="to", tag=tag, **more)  # type: ignore[arg-type] # fields of the policy


CASES = [
    # dates: by name, whatever the dates of push; no day that never was or lies ahead
    Case("2025.07.09", "2026.06.09"),
    Case("2026.06.09", "up-to-date"),
    Case("2025-09-01", "2026-06-09"),
    Case("20250101", "20260605"),
    Case("2024.01.01", "2026.06.09"),  # not in the list
    Case("2026.12.31", "downgrade"),  # not in the list, and nothing is newer
    Case("2026.12.31", "2026.06.09", Policy(allow_downgrade=True)),
    Case("2026.02.30", "free"),
    Case("2025-01-01-2025-01-02", "free"),
    Case("2025.07.09", "2026.06.09", digest=OLD_DIGEST),
    Case("2025.07.09", "2026.06.08", Policy(ignore=("2026.06.09",))),
    Case("2025.07.09", "2026.06.07", Policy(minimum_age=dt.timedelta(days=3)), undated="2026.06.08"),
    Case("x86_64-2026-01-04", "too-young", Policy(minimum_age=dt.timedelta(days=4000))),
    Case("2025.07.09", "pinned", Policy(kind="pin", reason="drivers")),
    Case("2026-06-01", "2026-06-08", image="jupyter/base-notebook"),  # that of today is pushed again
    # prefixes stay what they are
    Case("x86_64-2026-01-04", "x86_64-2026-05-04"),
    Case("cuda12-2026-05-04", "up-to-date"),
    Case("python-3.13-2026-02-04", "python-3.13-2026-05-04"),
    Case("python-3.9.20", "python-3.13.14"),
    Case("quarto-2026.06.04-v2", "quarto-2026.06.04-v10"),
    # an image that cannot be run, is the same, is gone, or will be
    Case("arm-2026.01.01", "arm-2026.02.01"),
    Case("arm-2026.02.01", "unconfirmed"),
    Case("equal-2026.01.01", "same-digest"),
    Case("gone-2026.01.01", "gone-2026.02.01"),
    Case("gone-2026.02.01", "unconfirmed"),
    Case("ends-2026.01.01", "ends-2026.02.01", endless="ends-2026.03.01"),
    Case("ends-2026.02.01", "unconfirmed", endless="ends-2026.03.01"),
    # versions and build numbers: as numbers
    Case("v6.0.0", "v6.10.0"),
    Case("1.9.3", "1.10.3"),
    Case("0.0.1-0.dev.git.9999.h2707c0270f", "0.0.1-0.dev.git.16700.h2707c0413c"),
    Case("2025.12.1.dev9-gd38000009", "2025.12.1.dev16700-gd3800413c"),
    # what moves, and what has no order
    Case("latest", "moving"),
    Case("develop", "moving"),
    Case("4.4", "line"),
    Case("v6", "line"),
    Case("latest", "latest", digest=OLD_DIGEST),  # only the digest beside it moves
    Case("latest", "up-to-date", digest=NEW_DIGEST),
    Case("4.4", "4.4", digest=OLD_DIGEST),
    Case("main", "b00000000000", image="some/two-moving", pin=True),
    Case("latest", "a00000000000", image="some/two-moving", pin=True),
    Case("fa26_2a", "free"),
    Case("a" * 64, "free"),
    # commits: the twin of a moving tag, else the date of push, else of building; never the name, never a branch
    Case(OLD_COMMIT, REBUILT_COMMIT),
    Case(NEWEST_COMMIT, "up-to-date"),
    Case(REBUILT_COMMIT, "up-to-date"),
    Case(BRANCH_COMMIT, "downgrade"),
    Case(SHORT[0], SHORT[3], undated=SHORT[2]),
    Case(SHORT[3], "ambiguous", undated=SHORT[2]),  # only a branch is newer, or what was built later
    Case(EIGHT[0], EIGHT[2], undated="ambiguous"),
    Case(FULL[0], FULL[3]),
    Case(FULL[3], "other-shape"),  # it is the newest of its shape, and the dates go on
    Case(UNMARKED[3], UNMARKED[-1], image="some/unmarked"),
    Case(UNMARKED[-1], "up-to-date", image="some/unmarked"),
    Case("a00000000000", "b00000000000", image="some/stale"),
    Case("c00000000000", "b00000000000", image="some/two-moving", undated="a00000000000"),
    Case("b9584f6", "other-shape", image="some/moved-on"),
    # patterns and names
    Case("2025.07.09", "2026.03.31", pattern(r"2026\.0[1-3]\.\d\d")),
    Case("v6.0.0", "v6.9.0", pattern(r"v6\.\d\.0", order="version")),
    Case("fa25_1a", "fa26_2a", pattern(r"fa(\d\d)_(\d)a", order="number")),
    Case("2025.07.09", "2025.08.01", to("2025.08.01")),
    Case("2025.08.01", "downgrade", to("2025.07.09")),
    Case("2025.08.01", "2025.07.09", to("2025.07.09", allow_downgrade=True)),
    Case("2025.07.09", "no-such-tag", to("2025.7.9")),
    Case(OLD_COMMIT, BRANCH_COMMIT, to(BRANCH_COMMIT)),
]


@dataclass(frozen=True)
class Stage:
    """One dialect's server, and a registry that asked it for the catalogue's images once for all rows."""

    front: Front
    server: Server
    registry: Registry
    choices: dict[Case, str] = field(default_factory=dict)

    def listing(self, path: str) -> Listing:
        listing = self.registry.tags(ImageName(f"r.example/{path}"))
        assert isinstance(listing, Listing), listing
        return listing

    def decide(self, case: Case) -> str:
        if case not in self.choices:
            self.choices[case] = self._decide(case)
        return self.choices[case]

    def _decide(self, case: Case) -> str:
        answer = decided(case.query, self.listing(case.image), self.registry, TODAY)
        assert not isinstance(answer, Unknown), answer
        return answer.tag if isinstance(answer, Take) else answer.code


@pytest.fixture(scope="module", params=FRONTS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    front = FRONTS[request.param]
    http = Http({})
    with front.start(IMAGES) as server:
        yield Stage(front, server, Registry(http, {"r.example": front.entry(server)}, {}, Waiting(1), pause=0.01))
    http.close()


# It tells most of a tag; what the others tell is less.
WHOLE = ("quay",)
SAMPLE = CASES[::8]
TABLE = [
    pytest.param(front, case, id=f"{front}-{case}", marks=() if front in WHOLE or case in SAMPLE else pytest.mark.slow)
    for front in FRONTS
    for case in CASES
]


@pytest.mark.parametrize(("stage", "case"), TABLE, indirect=["stage"])
def test_every_dialect_leads_to_the_choice_of_the_table(stage: Stage, case: Case) -> None:
    assert stage.decide(case) == case.of(stage.front)


def test_every_dialect_lists_what_it_knows_of_each_tag(stage: Stage) -> None:
    listing = stage.listing("some/image")
    tags = {tag.name: tag for tag in IMAGES["some/image"] if not is_signature(tag.name)}
    assert listing.source == stage.front.kind
    assert {fact.name for fact in listing.tags} == set(tags)
    assert len(IMAGES["some/image"]) > 1_000
    if stage.front.moves:
        assert {fact.name: fact.pushed for fact in listing.tags} == {tag.name: tag.pushed for tag in tags.values()}
    if not stage.front.pushes:
        assert {fact.pushed for fact in listing.tags} == {None}


@pytest.mark.parametrize("cases", [SAMPLE, pytest.param(CASES, marks=pytest.mark.slow)], ids=["sample", "all"])
def test_no_dialect_is_asked_twice_for_the_same(stage: Stage, cases: list[Case]) -> None:
    for case in cases:
        stage.decide(case)
    opened = [asked for asked in stage.server.log if "authorization" in asked.headers or not stage.front.guarded]
    asked = [f"{one.method} {one.url}" for one in opened if "/blobs/" not in one.url]  # two tags may have one config
    assert len(asked) == len(set(asked))
