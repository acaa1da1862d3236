"""Production takes what soaked on staging: real history, a registry of plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from hubctl.adapters.git import find_repository
from hubctl.commands.choosing import Query, choose_all
from hubctl.commands.past import Base
from hubctl.commands.staging import Rollout, follow_staging
from hubctl.fleet.staging import Place, Wait
from hubctl.images.choice import Keep, Policy, Take, Unknown
from hubctl.images.choose import Question
from hubctl.images.groups import Group
from hubctl.images.reference import ImageName
from tests.forge.bare import Bare
from tests.images.simulated import DOWN, NOW, Pushed, Simulated, digest_of
from tests.images.test_groups import World

NOTEBOOK, R = ImageName("quay.io/acme/nb"), ImageName("quay.io/acme/r")
FILES = {NOTEBOOK: "staging.yaml", R: "r.yaml"}
OLD, NEW, NEWER = "2026.05.01", "2026.06.04", "2026.07.01"  # now is 2026-08-20, noon
STACK = Group(("stack",), (NOTEBOOK, R))
DAYS = dt.timedelta(days=3)


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare.create(tmp_path / "fleet.git")


def landed(bare: Bare, day: str, tag: str, image: ImageName = NOTEBOOK) -> None:
    """Let staging have a tag since noon of a day of 2026."""
    text = f"image: {image}:{tag}\n"
    bare.commit("main", {FILES[image]: text}, when=f"2026-{day}T12:00:00Z")


def waiting(tag: str | None, image: ImageName = NOTEBOOK, policy: Policy | None = None, **more: str) -> Query:
    place = Place(FILES[image], "image", image.key)
    return Query(image, Question(image.key, tag, more.get("digest"), policy or Policy()), Wait(("leap",), (place,)))


def registry(*pushed: str | Pushed) -> World:
    there = [each if isinstance(each, Pushed) else Pushed(each, pushed=each.replace(".", "-")) for each in pushed]
    return World({NOTEBOOK: Simulated(there, "quay"), R: Simulated(there, "quay")})


def followed(bare: Bare, world: World, *queries: Query, groups: tuple[Group, ...] = ()) -> list[tuple[str, str]]:
    """Return for each query the tag it takes, else its code, and the reason."""
    repository = find_repository(bare.path)
    rollout = Rollout(Base(repository, bare.tip("main")), NOW, DAYS, groups)
    choices = follow_staging(
        choose_all(queries, world.listings(), world, NOW, groups), world.listings(), world, rollout
    )
    return [
        (choice.tag if isinstance(choice, Take) else choice.code, choice.why)
        for choice in (choices[each] for each in queries)
    ]


def codes(found: list[tuple[str, str]]) -> list[str]:
    return [code for code, _ in found]


ALL = registry(OLD, NEW, NEWER)


def test_the_newest_is_taken_where_staging_has_had_it(bare: Bare) -> None:
    landed(bare, "08-10", NEWER)
    assert followed(bare, ALL, waiting(OLD)) == [
        (NEWER, "newest date, pushed 2026-07-01, on staging since 2026-08-10"),
    ]


def test_else_the_newest_that_soaked_and_the_board_says_what_is_waited_for(bare: Bare) -> None:
    landed(bare, "08-10", NEW)
    landed(bare, "08-19", NEWER)
    (one,) = (waiting(OLD),)
    rollout = Rollout(Base(find_repository(bare.path), bare.tip("main")), NOW, DAYS)
    choice = follow_staging(choose_all([one], ALL.listings(), ALL, NOW), ALL.listings(), ALL, rollout)[one]
    assert isinstance(choice, Take)
    assert (choice.tag, choice.digest, choice.why) == (
        NEW,
        digest_of(NEW),
        "the newest that soaked, on staging since 2026-08-10",
    )
    assert [(each.tag, each.lost) for each in choice.candidates] == [
        (NEWER, f"`{NEWER}` is on staging since 2026-08-19, it needs 3 days"),
        (NEW, None),
    ]


@pytest.mark.parametrize(
    ("own", "staging", "code"),
    [
        (NEW, OLD, "soaking"),  # production is ahead: never back
        (NEW, NEW, "soaking"),  # has what soaked already
        (OLD, "2026.05.05", "soaking"),  # what soaked is not in the registry any more
        (OLD, "latest", "soaking"),  # staging moves by itself: no tag soaks
        (OLD, "fa26", "soaking"),  # another shape
    ],
)
def test_what_soaked_and_is_nothing_newer_leaves_the_place_waiting(bare: Bare, own, staging, code) -> None:
    landed(bare, "08-10", staging)
    world = registry(OLD, NEW, NEWER, Pushed("latest", NEWER), Pushed("fa26"))
    assert followed(bare, world, waiting(own)) == [
        (code, f"`{NEWER}` is not on staging yet: `staging.yaml` has `{staging}`")
    ]


def test_commits_follow_in_the_order_of_their_evidence(bare: Bare) -> None:
    world = registry(
        Pushed("1a2b3c4d5e6f", created="2026-06-01", branch="refs/heads/main"),
        Pushed("2a2b3c4d5e6f", created="2026-07-01", branch="refs/heads/main"),
        Pushed("3a2b3c4d5e6f", created="2026-08-01", branch="refs/heads/main"),
        Pushed("latest", "3a2b3c4d5e6f"),
    )
    landed(bare, "08-10", "2a2b3c4d5e6f")
    assert codes(followed(bare, world, waiting("1a2b3c4d5e6f"))) == ["2a2b3c4d5e6f"]


def test_a_policy_holds_for_what_soaked_too(bare: Bare) -> None:
    landed(bare, "08-10", NEW)
    ignoring = Policy(ignore=(NEW,))
    young = Policy(minimum_age=dt.timedelta(days=90))
    assert codes(followed(bare, ALL, waiting(OLD, policy=ignoring))) == ["soaking"]
    assert codes(followed(bare, ALL, waiting(OLD, policy=young))) == ["too-young"]


def test_no_other_tag_is_taken_in_place_of_a_named_one(bare: Bare) -> None:
    landed(bare, "08-10", NEW)
    named = [waiting(OLD, policy=Policy(kind="to", tag=tag)) for tag in (NEW, NEWER)]
    assert [codes(followed(bare, ALL, one)) for one in named] == [[NEW], ["soaking"]]


def test_a_tag_that_points_elsewhere_than_on_staging_has_not_soaked(bare: Bare) -> None:
    landed(bare, "08-10", f"{NEWER}@{digest_of('another')}")
    assert followed(bare, ALL, waiting(OLD, digest=digest_of(OLD))) == [
        ("soaking", f"`{NEWER}` is on staging as another image, or not in all of its group")
    ]
    landed(bare, "08-11", f"{NEWER}@{digest_of(NEWER)}")
    assert codes(followed(bare, ALL, waiting(OLD, digest=digest_of(OLD)))) == [NEWER]


@pytest.mark.parametrize(("written", "code"), [("latest", "soaking"), (f"latest@{digest_of(NEWER)}", "latest")])
def test_a_digest_beside_a_moving_tag_soaks_as_itself_alone(bare: Bare, written, code) -> None:
    landed(bare, "08-10", written)
    world = registry(OLD, NEWER, Pushed("latest", NEWER))
    assert codes(followed(bare, world, waiting("latest", digest=digest_of(OLD)))) == [code]


@pytest.mark.parametrize(
    ("staged", "expected"),
    [
        ({NOTEBOOK: NEWER, R: NEWER}, [NEWER, NEWER]),
        ({NOTEBOOK: NEWER, R: OLD}, ["soaking", "soaking"]),
        ({NOTEBOOK: NEW, R: NEW}, [NEW, NEW]),
        ({NOTEBOOK: NEW}, ["soaking", "soaking"]),
    ],
)
def test_images_of_a_group_take_what_soaked_of_all_of_them(bare: Bare, staged: Mapping[ImageName, str], expected):
    for image, tag in staged.items():
        landed(bare, "08-10", tag, image)
    assert codes(followed(bare, ALL, waiting(OLD), waiting(OLD, R), groups=(STACK,))) == expected


def test_an_image_of_a_group_waits_for_another_that_cannot_take_what_soaked(bare: Bare) -> None:
    for image in (NOTEBOOK, R):
        landed(bare, "08-10", NEW, image)
    others = waiting(OLD, R, Policy(ignore=(NEW,)))
    assert followed(bare, ALL, waiting(OLD), others, groups=(STACK,)) == [
        ("soaking", f"`{R}` of its group waits: `{NEWER}` is not on staging yet: `r.yaml` has `{NEW}`"),
        ("soaking", f"`{NEWER}` is not on staging yet: `r.yaml` has `{NEW}`"),
    ]
    down = registry(OLD, Pushed(NEW, pushed="2026-06-04", inspect=DOWN), NEWER)
    world = World({NOTEBOOK: ALL.registries[NOTEBOOK], R: down.registries[R]})
    found = followed(bare, world, waiting(OLD), waiting(OLD, R), groups=(STACK,))
    assert found == [("no-answer", f"`{NEW}`: {DOWN.why}")] * 2


def test_a_registry_that_fails_meanwhile_is_unknown(bare: Bare) -> None:
    landed(bare, "08-10", NEW)
    world = registry(OLD, Pushed(NEW, pushed="2026-06-04", inspect=DOWN), NEWER)
    assert followed(bare, world, waiting(OLD)) == [("no-answer", f"`{NEW}`: {DOWN.why}")]


def test_without_a_commit_nothing_is_known_and_what_needs_no_answer_stays_as_it_is() -> None:
    free, up_to_date = Query(NOTEBOOK, Question(NOTEBOOK.key, OLD, None, Policy())), waiting(NEWER)
    queries = [waiting(OLD), free, up_to_date]
    choices = choose_all(queries, ALL.listings(), ALL, NOW)
    found = follow_staging(choices, ALL.listings(), ALL, Rollout(Base(), NOW, DAYS))
    why = "there is no git history that says since when a tag is on staging"
    assert found == choices | {queries[0]: Unknown("no-history", why)}
    assert isinstance(found[up_to_date], Keep)
    assert isinstance(found[free], Take)


@pytest.mark.parametrize("text", ["image: [\n", "other: 1\n", "image: quay.io/acme/other:2026.07.01\n", None])
def test_where_staging_once_had_nothing_to_read_the_days_begin_anew(bare: Bare, text: str | None) -> None:
    landed(bare, "08-01", NEWER)
    bare.commit("main", {FILES[NOTEBOOK]: text}, when="2026-08-18T12:00:00Z")
    landed(bare, "08-19", NEWER)
    assert codes(followed(bare, ALL, waiting(OLD))) == ["soaking"]


def test_a_file_that_no_commit_has_says_nothing(bare: Bare) -> None:
    bare.commit("main", {"README.md": "a fleet\n"})
    assert followed(bare, ALL, waiting(OLD)) == [
        ("soaking", f"`{NEWER}` is not on staging yet: no commit has the image there")
    ]
