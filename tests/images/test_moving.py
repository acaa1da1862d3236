from __future__ import annotations

import datetime as dt

import pytest

from hubctl.images.choice import Ask, Evidence, Keep, Policy, Take, Unknown
from hubctl.images.choose import Question
from hubctl.images.facts import TagFact
from tests.images.simulated import DENIED, DOWN, GONE, Pushed, Simulated, at, digest_of, outcome, tags

MOVES = "moves by itself: each start pulls what it points at by then"
STACK = "quay.io/jupyter/base-notebook"


# What a tag that moves points at


def test_the_drift_of_a_moving_tag_names_its_digest_its_day_and_its_twin_without_a_question():
    pushed = [Pushed("latest", "x", pushed="2026-06-05"), Pushed("2026.06.04", "x", pushed="2026-06-04")]
    registry = Simulated(pushed, source="quay")

    answer = registry.decide("latest")

    now = f"now {digest_of('x')}, since 2026-06-05, the same as `2026.06.04`"
    assert (answer.code, answer.why, registry.asked) == ("moving", f"`latest` {MOVES}; {now}", [])


def test_what_a_moving_tag_points_at_is_one_question_where_the_list_does_not_tell():
    registry = Simulated(tags("4.4", "4.4.1"))

    answer = registry.decide("4.4")

    assert (answer.code, answer.why) == ("line", f"`4.4` {MOVES}; now {digest_of('4.4')}")
    assert registry.asked == [Ask("digest", ("4.4",))]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (DOWN, f"what it points at could not be asked: {DOWN.why}"),
        (DENIED, "what it points at could not be asked: 403"),
        (GONE, "what it points at could not be asked: 404"),
    ],
)
def test_a_moving_tag_that_cannot_be_asked_stays_moving_and_says_so(head, said):
    answer = Simulated([Pushed("latest", head=head), Pushed("2026.06.04")]).decide("latest")

    assert (answer.code, answer.why) == ("moving", f"`latest` {MOVES}; {said}")


def test_a_moving_tag_that_is_not_listed_says_so_without_a_question():
    registry = Simulated(tags("2026.06.04"))

    answer = registry.decide("latest")

    said = "it is not in the registry's list: deleted, or a typing error"
    assert (answer.code, answer.why, registry.asked) == ("moving", f"`latest` {MOVES}; {said}", [])


def past(*rows):
    return tuple(TagFact("latest", digest=digest_of(content), pushed=at(day)) for content, day in rows)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("x", "2026-06-05"), ("old", "2026-01-02")], "; moved 2026-06-05, before that `2026.01.01`"),
        (
            [("x", "2026-06-07"), ("x", "2026-06-05"), ("old", "2026-01-02")],
            "; moved 2026-06-05, before that `2026.01.01`",
        ),
        ([("x", "2026-06-05"), ("gone", "2026-01-02")], f"; moved 2026-06-05, before that `{digest_of('gone')}`"),
        ([("old", "2026-01-02")], "; before that `2026.01.01`"),
        ([("x", "2026-06-05")], ""),
        ([], ""),
    ],
)
def test_what_a_moving_tag_was_before_is_said_where_the_registry_remembers(rows, said):
    pushed = [Pushed("latest", "x"), Pushed("2026.06.04", "x"), Pushed("2026.01.01", "old")]
    registry = Simulated(pushed, source="quay", past={"latest": past(*rows)})

    answer = registry.decide("latest", history=True)

    assert answer.why == f"`latest` {MOVES}; now {digest_of('x')}, the same as `2026.06.04`{said}"
    assert registry.asked == [Ask("history", ("latest",))]


def test_a_past_that_cannot_be_asked_is_said():
    registry = Simulated(tags("latest"), source="quay", past={"latest": DOWN})

    answer = registry.decide("latest", history=True)

    said = f"what it was before could not be asked: {DOWN.why}"
    assert answer.why == f"`latest` {MOVES}; now {digest_of('latest')}; {said}"


# --pin


def test_a_moving_tag_is_replaced_by_its_fixed_twin():
    pushed = [
        Pushed("latest", "x", pushed="2026-06-06"),
        Pushed("2026.06.04", "x", pushed="2026-06-05", created="2026-06-04"),
        Pushed("2026.07.01"),
    ]
    registry = Simulated(pushed, source="quay")

    answer = registry.decide("latest", pin=True)

    assert (answer.tag, answer.digest, answer.why) == (
        "2026.06.04",
        digest_of("x"),
        "twin of `latest`, pushed 2026-06-05",
    )
    assert answer.evidence == Evidence("quay", at("2026-06-05"), at("2026-06-04"), digest_of("x"), "latest")
    assert registry.asked == [Ask("inspect", ("2026.06.04",))]
    assert {each.tag: each.lost for each in answer.candidates} == {
        "2026.06.04": None,
        "2026.07.01": "another image than `latest`",
    }


@pytest.mark.parametrize("source", ["oci", "quay"])
@pytest.mark.parametrize(
    ("tag", "twins", "chosen"),
    [
        ("latest", ["b9584f6", "1.2.3", "2026.06.04", "main"], "2026.06.04"),
        ("latest", ["b9584f6", "1.2.3", "20260604", "main"], "20260604"),
        ("latest", ["b9584f6", "v1.2.3"], "v1.2.3"),
        ("latest", ["b9584f6", "0.0.1-0.dev.git.9.habcdef0"], "0.0.1-0.dev.git.9.habcdef0"),
        ("latest", ["b9584f6"], "b9584f6"),
        ("latest", ["2026.06.04", "2026.06.05", "2026.01.01"], "2026.06.05"),
        ("latest", ["2026.06.04", "quarto-2026.06.05"], "2026.06.04"),
        ("latest", ["2026.06.04", "2026.08.23"], "2026.06.04"),
        ("latest", ["main", "4.4", "gui-demo"], "no-twin"),
        ("latest", [], "no-twin"),
        ("4.4", ["2026.06.04", "4.4.2", "4.4.10", "4"], "4.4.10"),
        ("v4", ["v4.4.2", "v4.10.0", "v5.0.0"], "v4.10.0"),
        ("4.4", ["5.0.0", "2026.06.04"], "2026.06.04"),
        ("4.4", ["5.0.0"], "no-twin"),
        ("4.4", ["r-4.5.0"], "r-4.5.0"),
    ],
)
def test_of_several_twins_the_most_telling_is_written(tag, twins, chosen, source):
    pushed = [Pushed(each, "x") for each in (tag, *twins)] + tags("2026.07.01", "4.4.11", "a" * 7)

    assert outcome(Simulated(pushed, source=source).decide(tag, pin=True)) == chosen


def test_tags_that_a_publisher_pushes_again_are_no_twins():
    twins = ["python-3.13.14", "2026-08-20", "b9584f6aa111"]
    registry = Simulated([Pushed(each, "x") for each in ("latest", *twins)], source="quay")

    assert outcome(registry.decide("latest", pin=True, image=STACK)) == "b9584f6aa111"
    assert outcome(registry.decide("latest", pin=True)) == "2026-08-20"


def test_a_twin_that_expires_is_said_where_there_is_no_other():
    expiring = Pushed("2026.06.04", "x", pushed="2026-06-04", expires="2026-12-24")
    answer = Simulated([Pushed("latest", "x", pushed="2026-06-04"), expiring], "quay").decide("latest", pin=True)

    why = f"no fixed tag is the same image as `latest` ({digest_of('x')})"
    assert (answer.code, answer.why) == ("no-twin", f"{why}; `2026.06.04` is not taken: expires 2026-12-24")


def test_digests_are_asked_class_by_class_in_growing_batches_until_a_twin_is_found():
    days = [(dt.date(2025, 1, 1) + dt.timedelta(days=number)).isoformat() for number in range(40)]
    pushed = [*tags(*days, *(f"1.0.{number}" for number in range(30))), Pushed("1.0.30", "x"), Pushed("latest", "x")]
    registry = Simulated([*pushed, *tags(*(f"{number:07x}" for number in range(100)))])

    assert outcome(registry.decide("latest", pin=True)) == "1.0.30"
    assert [(ask.what, len(ask.tags)) for ask in registry.asked] == [
        *(("digest", count) for count in (1, 8, 32, 31)),
        ("inspect", 1),
    ]
    assert registry.asked[1].tags == tuple(reversed(days[32:]))


@pytest.mark.slow
def test_the_search_for_a_twin_ends():
    registry = Simulated([Pushed("latest"), *tags(*(f"1.0.{number}" for number in range(5_000)))])

    answer = registry.decide("latest", pin=True)

    asked = "; only 2000 tags were asked"
    assert (answer.code, answer.why) == (
        "no-twin",
        f"no fixed tag is the same image as `latest` ({digest_of('latest')}){asked}",
    )
    assert sum(len(ask.tags) for ask in registry.asked) == 2_001


@pytest.mark.parametrize("head", [DOWN, DENIED])
def test_a_twin_that_cannot_be_looked_for_is_unknown(head):
    for pushed in ([Pushed("latest", head=head), Pushed("1.0.0")], [Pushed("latest"), Pushed("1.0.0", head=head)]):
        answer = Simulated(pushed).decide("latest", pin=True)
        assert isinstance(answer, Unknown)
        assert answer.code == head.code


@pytest.mark.parametrize(
    ("pushed", "answer"),
    [
        ([Pushed("latest", head=GONE)], Keep("unconfirmed", "`latest`: listed, but it no longer exists")),
        (
            [Pushed("latest", "x"), Pushed("2026.06.04", "x", platforms=("linux/arm64",))],
            Keep("unconfirmed", "`2026.06.04`: has no linux/amd64 image"),
        ),
        (
            [Pushed("latest", "x"), Pushed("2026.06.04", "x", inspect=GONE)],
            Keep("unconfirmed", "`2026.06.04`: listed, but it no longer exists"),
        ),
        (
            [Pushed("latest", "x"), Pushed("2026.06.04", "x", expires="2026-09-01")],
            Keep("no-twin", f"no fixed tag is the same image as `latest` ({digest_of('x')})"),
        ),
    ],
)
def test_a_twin_is_confirmed_like_every_tag(pushed, answer):
    found = Simulated(pushed).decide("latest", pin=True)

    assert (found.code, found.why) == (answer.code, answer.why)


def test_a_moving_tag_that_does_not_exist_has_no_twin():
    answer = Simulated(tags("2026.06.04")).decide("latest", pin=True)

    said = "it is not in the registry, so nothing says what it points at"
    assert (answer.code, answer.why) == ("unconfirmed", f"`latest`: {said}")


def test_a_twin_that_became_another_image_meanwhile_is_left_for_the_next():
    pushed = [Pushed("latest", "x"), Pushed("2026.06.05", "x"), Pushed("2026.06.04", "x")]

    class Moved(Simulated):
        def listing(self):
            found = super().listing()
            self.pushed[1] = Pushed("2026.06.05", "y")
            return found

    answer = Moved(pushed, source="quay").decide("latest", pin=True)

    assert outcome(answer) == "2026.06.04"
    assert answer.candidates[1].lost == "another image than `latest`"


def test_pin_replaces_the_tag_and_the_digest_beside_it():
    pushed = [Pushed("latest", "x", pushed="2026-08-19"), Pushed("2026.08.18", "x", pushed="2026-08-18")]
    registry = Simulated(pushed, source="quay")
    young = Policy(minimum_age=dt.timedelta(days=7))

    answer = registry.decide("latest", digest=digest_of("old"), pin=True)
    assert (answer.tag, answer.digest) == ("2026.08.18", digest_of("x"))
    late = registry.decide("latest", digest=digest_of("old"), pin=True, policy=young)
    assert (late.code, late.why) == ("too-young", "`latest`: pushed 2026-08-19, younger than 7 days")
    # what runs today is as old as it is, and naming it changes nothing
    assert outcome(registry.decide("latest", digest=digest_of("x"), pin=True, policy=young)) == "2026.08.18"


def test_pin_leaves_every_other_tag_to_the_usual_choice():
    registry = Simulated(tags("2026.06.04", "2026.07.01", "fa26_2a"))

    assert outcome(registry.decide("2026.06.04", pin=True)) == "2026.07.01"
    assert outcome(registry.decide("fa26_2a", pin=True)) == "free"
    assert outcome(registry.decide("latest", pin=True, policy=Policy(kind="pin", reason="r"))) == "pinned"


# A name without a tag


def test_a_bare_name_is_latest_and_answered_by_its_fixed_twin():
    pushed = [Pushed("latest", "x"), Pushed("2026.06.04", "x"), Pushed("2026.07.01")]

    answer = Simulated(pushed, source="quay").decide(None)

    assert isinstance(answer, Take)
    assert (answer.tag, answer.why, answer.evidence.twin_of, answer.warnings) == (
        "2026.06.04",
        "twin of `latest`",
        "latest",
        (),
    )
    assert outcome(Simulated(tags("latest", "2026.07.01")).decide(None)) == "no-twin"


@pytest.mark.parametrize(
    ("pushed", "chosen"),
    [
        ([Pushed("2026.06.04"), Pushed("2026.07.01"), Pushed("1.2.3")], "2026.07.01"),
        ([Pushed("1.2.3"), Pushed("1.10.0"), Pushed("b9584f6")], "1.10.0"),
        ([Pushed("r-1.10.0"), Pushed("1.2.3")], "1.2.3"),
        (
            [Pushed("2021.06.04", pushed="2021-06-04"), Pushed("1.3.0", pushed="2026-01-01"), Pushed("1.2.0")],
            "1.3.0",
        ),
        (
            [Pushed("a" * 12, pushed="2026-01-01"), Pushed("b" * 12, pushed="2026-01-02"), Pushed("1.2.0")],
            "b" * 12,
        ),
        ([Pushed("main"), Pushed("gui-demo"), Pushed("4.4")], "ambiguous"),
        ([Pushed("2027.06.04")], "ambiguous"),
        ([Pushed("2026.06.04", platforms=("linux/arm64",))], "unconfirmed"),
    ],
)
def test_without_latest_it_is_the_newest_of_the_kind_pushed_last(pushed, chosen):
    answer = Simulated(pushed, source="quay").decide(None)

    assert outcome(answer) == chosen
    if isinstance(answer, Take):
        assert answer.warnings[0] == "there is no `latest`: the newest tag of the kind that was pushed last"


def test_the_other_kinds_of_a_bare_name_are_explained():
    answer = Simulated(tags("1.2.3", "2026.06.04"), source="quay").decide(None)

    assert [(each.tag, each.lost) for each in answer.candidates] == [
        ("2026.06.04", None),
        ("1.2.3", "another shape: X.Y.Z, the last push is of YYYY.MM.DD"),
    ]


def test_a_pattern_decides_for_a_bare_name_too():
    registry = Simulated(tags("latest", "2026.06.04", "2026.07.01", "1.2.3"))

    assert outcome(registry.decide(None, policy=Policy(kind="pattern", pattern=r".*\.07\.01|latest"))) == "2026.07.01"
    assert outcome(registry.decide(None, policy=Policy(kind="pattern", pattern=r"9.*"))) == "other-shape"


@pytest.mark.parametrize(
    ("tag", "digest", "policy", "needed"),
    [
        ("2026.06.04", None, Policy(), True),
        ("latest", "sha256:x", Policy(), True),
        (None, None, Policy(), True),
        (None, "sha256:x", Policy(), False),
        ("2026.06.04", None, Policy(kind="pin"), False),
        (None, None, Policy(kind="pin"), False),
    ],
)
def test_the_list_of_tags_matters_to_all_but_a_pin_and_a_digest_alone(tag, digest, policy, needed):
    assert Question("quay.io/acme/base", tag, digest, policy).needs_tags is needed
