from __future__ import annotations

import datetime as dt

import pytest

from hubctl.errors import UsageError
from hubctl.images.choice import Policy
from tests.images.simulated import Pushed, Simulated, outcome, tags


def by(pattern, order=None, **more):
    return Policy(kind="pattern", pattern=pattern, order=order, origin="comment", **more)


@pytest.mark.parametrize(
    ("current", "others", "pattern", "order", "chosen"),
    [
        # the order written
        ("2025.01.01-gpu", ["2026.01.01-gpu", "2026.02.01"], r".*-gpu", "date", "2026.01.01-gpu"),
        ("2025.01.01-gpu", ["2026.13.01-gpu", "demo-gpu"], r".*-gpu", "date", "up-to-date"),
        ("2025.01.01-gpu", ["2026.08.23-gpu"], r".*-gpu", "date", "up-to-date"),
        ("20250101-gpu", ["20260101-gpu"], r"\d+-gpu", "date", "20260101-gpu"),
        ("gpu-2025.01.01.1", ["gpu-2025.01.01.2"], r"gpu-.*", "date", "gpu-2025.01.01.2"),
        ("2025.01.01-1.9.0", ["2024.01.01-1.10.0"], r"[^-]+-(\d+\.\d+\.\d+)", "version", "2024.01.01-1.10.0"),
        ("1.9-alpine", ["1.10-alpine", "2.0", "1.11-slim"], r".*-alpine", "version", "1.10-alpine"),
        ("r-a", ["r-1.2"], r"r-.*", "version", "r-1.2"),
        ("r-1.3", ["r-b"], r"r-.*", "version", "up-to-date"),
        ("fa26_2a", ["fa26_10a", "sp27_1a"], r"fa(\d+)_(\d+)a", "number", "fa26_10a"),
        ("build-9", ["build-10", "build-x"], r"build-.*", "number", "build-10"),
        ("4.4", ["4.6", "4.5"], r"4\.\d", "version", "4.6"),
        # a group may be there for a choice, or be missing: then the whole tag is read
        ("2026.05.01", ["2026.06.04", "2026.07.01"], r"2026\.(05|06)\.\d\d", "date", "2026.06.04"),
        ("2026.05.01", ["2026.06.04", "2026.06.04-rc1"], r"[0-9]{4}\.[0-9.]{5}(-rc1)?", None, "2026.06.04-rc1"),
        ("build-9", ["build-10", "fast-11"], r"(build|fast)-\d+", "number", "fast-11"),
        # the order inferred from the current tag
        ("2025.01.01", ["2026.01.01", "b9584f6"], r"202\d\..*", None, "2026.01.01"),
        ("v6.0.0", ["v6.1.0", "v7.0.0"], r"v6\..*", None, "v6.1.0"),
        ("4.4", ["4.6", "5.0"], r"4\.\d", None, "4.6"),
        ("fa26_2a", ["fa26_10a"], r"fa\d+_\d+a", None, "fa26_10a"),
        ("0.0.1-0.dev.git.9999.h2707c010b", ["0.0.1-0.dev.git.16666.h1707c010b"], "0.*", None, None),
        # or from the others where the pattern leaves the current tag out
        ("latest", ["2026.01.01", "2025.01.01"], r"\d{4}\..*", None, "2026.01.01"),
        ("b9584f6", ["2026.01.01", "2025.01.01"], r"\d{4}\..*", None, "2026.01.01"),
        ("2026.01.01", ["v1.0.0", "v1.2.0"], r"v.*", None, "v1.2.0"),
        # nothing to choose from
        ("2026.01.01", ["2025.01.01"], r"2026.*", None, "up-to-date"),
        ("2026.01.01", ["2025.01.01"], r"2027.*", None, "other-shape"),
        ("2026.01.01", ["2025.01.01"], r".*", None, "up-to-date"),
        ("latest", ["main", "develop"], r".*", None, "up-to-date"),
        ("build-9", ["latest", "main"], r".*", "created", "up-to-date"),
    ],
)
def test_a_pattern_chooses_among_the_tags_it_matches_whole(current, others, pattern, order, chosen):
    answer = Simulated(tags(current, *others)).decide(current, policy=by(pattern, order))

    assert outcome(answer) == (chosen or others[0])


def test_a_pattern_says_why_the_others_lost():
    registry = Simulated(tags("1.9-alpine", "1.10-alpine", "1.8-alpine", "x-alpine", "1.11-slim", "1.12-alpine"))
    answer = registry.decide("1.9-alpine", policy=by(r".*-alpine", "version", ignore=("1.12*",)))

    assert answer.why == "newest version of the pattern"
    assert {each.tag: each.lost for each in answer.candidates} == {
        "1.10-alpine": None,
        "1.8-alpine": "not newer than the current tag",
        "x-alpine": "holds nothing to order by version",
        "1.11-slim": "does not match the pattern",
        "1.12-alpine": "ignored by `1.12*`",
    }


def test_a_pattern_that_leaves_nothing_newer_says_so():
    answer = Simulated(tags("build-9", "build-8")).decide("build-9", policy=by(r"build-\d+"))

    assert answer.why == "none of the 1 other tags of the pattern is newer than `build-9`"


def test_created_goes_by_push_and_else_by_creation():
    def decide(source):
        names = [("green", "2026-01-01"), ("red", "2026-03-01"), ("blue", "2026-02-01"), ("latest", "2026-04-01")]
        dated = [Pushed(name, pushed=day, created=day) for name, day in names]
        return Simulated(dated, source=source).decide("green", policy=by(r"[a-z]+"))

    assert decide("quay").why == "newest by push date, pushed 2026-03-01"
    assert decide("oci").why == "newest by date of creation, created 2026-03-01"
    assert {outcome(decide("quay")), outcome(decide("oci"))} == {"red"}


def test_created_without_any_date_is_ambiguous():
    assert Simulated(tags("green", "red")).decide("green", policy=by(r"[a-z]+", "created")).code == "ambiguous"


def test_commit_tags_of_a_pattern_go_by_their_evidence():
    registry = Simulated([*tags("bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd"), Pushed("latest", "cccccccccccc")])

    assert registry.decide("bbbbbbbbbbbb", policy=by("[0-9a-f]{12}")).evidence.twin_of == "latest"


def test_the_pattern_may_take_a_shape_that_is_not_the_current_one_but_no_moving_tag():
    registry = Simulated(
        [Pushed("b9584f6", pushed="2021-01-01"), Pushed("2026.01.01"), Pushed("latest")], source="quay"
    )

    assert outcome(registry.decide("b9584f6", policy=by(r".*", "date"))) == "2026.01.01"


def test_a_hostile_pattern_is_refused_before_any_tag_is_read():
    many = tags(*(f"a{number}" for number in range(1000)))

    with pytest.raises(UsageError):
        Simulated(many).decide("a1", policy=by("(a+)+$"))


def test_the_least_age_holds_for_a_pattern_too():
    registry = Simulated([Pushed("build-1"), Pushed("build-2", pushed="2026-08-19")], source="quay")
    policy = by(r"build-\d+", minimum_age=dt.timedelta(days=7))
    assert registry.decide("build-1", policy=policy).code == "too-young"


def test_a_pattern_with_optional_groups_reads_those_that_took_part():
    registry = Simulated(tags("v1", "v1-2", "v1-3"))

    assert outcome(registry.decide("v1", policy=by(r"v(\d+)(?:-(\d+))?", "number"))) == "v1-3"


def test_docker_stacks_keep_their_guard_under_a_pattern():
    registry = Simulated(tags("lab-2026-08-01", "lab-2026-08-19", "lab-2026-08-20"))
    policy = by(r"lab-.*", "date")

    assert outcome(registry.decide("lab-2026-08-01", image="quay.io/jupyter/x", policy=policy)) == "lab-2026-08-19"
