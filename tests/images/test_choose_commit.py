from __future__ import annotations

import datetime as dt

import pytest

from hubctl.images.choice import Ask, Evidence, Keep, Policy, Unknown
from tests.images.simulated import DENIED, DOWN, GONE, Pushed, Simulated, at, digest_of, outcome

DAY = dt.timedelta(days=1)
A, B, C, D = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd"
MAIN, TRY = "refs/heads/main", "refs/heads/try"


def quay(*pushed):
    return Simulated(list(pushed), source="quay")


def oci(*pushed):
    return Simulated(list(pushed))


@pytest.mark.parametrize("make", [quay, oci])
@pytest.mark.parametrize("moving", ["latest", "main", "master"])
def test_the_twin_of_a_moving_tag_is_taken(make, moving):
    registry = make(Pushed(B), Pushed(A, branch=MAIN, created="2026-06-04"), Pushed(C), Pushed(moving, A))
    answer = registry.decide(B)

    assert (answer.tag, answer.why) == (A, f"twin of {moving}, created 2026-06-04")
    assert answer.evidence == Evidence(registry.source, None, at("2026-06-04"), digest_of(A), moving)
    assert answer.warnings == ("branch not checked: `repo2docker.ref` is not known of both images",)


def test_a_twin_beyond_two_thousand_tags_is_not_looked_for():
    commits = [Pushed(f"{number:012x}") for number in range(2_200)]
    registry = oci(*commits, Pushed("latest", commits[1].tag))

    assert outcome(registry.decide(commits[0].tag)) == "ambiguous"
    assert sum(len(ask.tags) for ask in registry.asked) == 2_002
    assert {ask.what for ask in registry.asked} == {"digest"}


def test_more_images_than_can_be_looked_into_are_not_looked_into():
    registry = oci(*(Pushed(f"{number:012x}", created="2026-01-01") for number in range(2_200)))

    assert outcome(registry.decide(f"{0:012x}")) == "ambiguous"
    assert registry.asked == []


def test_a_listing_with_digests_costs_one_look_at_two_images():
    registry = quay(Pushed(B), Pushed(A), Pushed("latest", A))

    assert outcome(registry.decide(B)) == A
    assert registry.asked == [Ask("inspect", (A, B))]


def test_a_newer_commit_left_behind_by_dates_is_taken_with_a_warning():
    pushed = [Pushed(A, pushed="2021-01-05"), Pushed(B, pushed="2021-02-05"), Pushed("2026.06.04", pushed="2026-06-04")]
    taken = quay(*pushed, Pushed("2021.02.05", B, pushed="2026-06-04"), Pushed("latest", B)).decide(A)

    assert taken.tag == B
    assert taken.warnings[-1] == "newer tags of another shape: `2026.06.04`"


def test_a_plain_registry_is_asked_for_the_moving_tag_first_and_then_from_the_end_of_the_list():
    commits = [Pushed(f"{number:012x}") for number in range(100)]
    registry = oci(*commits, Pushed("latest", commits[97].tag))
    answer = registry.decide(commits[0].tag)

    assert outcome(answer) == commits[97].tag
    assert [(ask.what, len(ask.tags)) for ask in registry.asked] == [("digest", 2), ("digest", 4), ("inspect", 2)]
    assert registry.asked[0].tags == ("latest", commits[0].tag)


def test_batches_grow_where_the_twin_is_far():
    commits = [Pushed(f"{number:012x}") for number in range(1000)]
    registry = oci(*commits, Pushed("latest", commits[1].tag))

    assert outcome(registry.decide(commits[0].tag)) == commits[1].tag
    assert [len(ask.tags) for ask in registry.asked] == [2, 4, 12, 48, 192, 743, 2]


@pytest.mark.parametrize("make", [quay, oci])
def test_a_current_tag_that_is_the_twin_is_up_to_date(make):
    registry = make(Pushed(A), Pushed(B, pushed="2026-08-01"), Pushed("latest", A))

    assert registry.decide(A).why == "`latest` is the same image"
    assert registry.decide(A).code == "up-to-date"


def test_a_written_digest_that_is_the_moving_one_has_nothing_newer():
    registry = quay(Pushed(A), Pushed(B, "x"), Pushed("latest", "x"))

    answer = registry.decide(A, digest=digest_of("x"))

    moved = f"tag was moved: `{A}` points at {digest_of(A)}, no longer at {digest_of('x')}"
    assert (answer.code, answer.why) == ("tag-moved", f"`latest` is the same image; {moved}")


def test_of_several_twins_the_one_pushed_last_is_taken():
    twins = [Pushed(A, "x", pushed="2026-06-01"), Pushed(B, "x", pushed="2026-06-03"), Pushed(D, "x")]

    assert outcome(quay(Pushed(C), *twins, Pushed("latest", "x")).decide(C)) == B
    assert outcome(quay(Pushed(C), *reversed(twins), Pushed("latest", "x")).decide(C)) == B


def test_twins_of_another_length_or_ignored_are_none():
    seven = quay(Pushed("abcdef0", pushed="2026-01-01"), Pushed(A, pushed="2026-02-01"), Pushed("latest", A))
    ignored = quay(Pushed(B, pushed="2026-01-01"), Pushed(A, pushed="2026-02-01"), Pushed("latest", A))

    assert seven.decide("abcdef0").code == "other-shape"
    assert ignored.decide(B, policy=Policy(ignore=("a*",))).code == "up-to-date"


@pytest.mark.parametrize(
    ("moving", "chosen"),
    [
        ({"latest": A, "main": B}, B),  # by their dates `latest` was left behind
        ({"latest": B, "master": A}, B),
        ({"main": A, "master": A}, A),
        ({"latest": "else", "main": A}, A),
    ],
)
def test_of_two_moving_tags_the_newer_one_counts(moving, chosen):
    registry = quay(
        Pushed(C, pushed="2026-01-01"),
        Pushed(A, pushed="2026-06-01"),
        Pushed(B, pushed="2026-07-01"),
        *(Pushed(name, content) for name, content in moving.items()),
    )

    assert outcome(registry.decide(C)) == chosen


def test_of_two_moving_tags_without_dates_latest_counts():
    movings = [Pushed("main", B), Pushed("latest", A)]

    assert outcome(quay(Pushed(C), Pushed(A), Pushed(B), *movings).decide(C)) == A
    assert outcome(oci(Pushed(C), Pushed(A), Pushed(B), *movings).decide(C)) == A


def test_a_current_image_of_the_newest_moving_tag_stays():
    registry = quay(
        Pushed(A, pushed="2026-06-01"), Pushed(B, pushed="2026-07-01"), Pushed("latest", A), Pushed("main", B)
    )

    assert registry.decide(B).code == "up-to-date"
    assert outcome(registry.decide(A)) == B


def test_without_a_moving_tag_the_date_of_push_decides_and_never_ascii():
    registry = quay(
        Pushed(B, pushed="2026-01-01", branch=MAIN),
        Pushed(A, pushed="2026-03-01", branch=MAIN),
        Pushed(D, pushed="2026-02-01", branch=MAIN),
        Pushed(C, pushed="2025-01-01"),
    )
    answer = registry.decide(B)

    assert (answer.tag, answer.why, answer.warnings) == (
        A,
        "newest by push date, pushed 2026-03-01, refs/heads/main",
        (),
    )
    assert {each.tag: each.lost for each in answer.candidates} == {
        A: None,
        D: f"older than `{A}`",
        C: "older than the current tag",
    }
    assert registry.decide(A).code == "up-to-date"


def test_a_moving_tag_that_is_no_commit_leaves_it_to_the_dates():
    registry = quay(Pushed(A, pushed="2026-01-01"), Pushed(B, pushed="2026-02-01"), Pushed("latest", "other"))

    assert outcome(registry.decide(A)) == B


def test_without_any_push_date_the_date_of_creation_decides():
    registry = oci(Pushed(B, created="2026-01-01"), Pushed(A, created="2026-03-01"), Pushed(D, created="2026-02-01"))
    answer = registry.decide(B)

    assert (answer.tag, answer.why) == (A, "newest by date of creation, created 2026-03-01")
    assert [(ask.what, len(ask.tags)) for ask in registry.asked] == [("inspect", 1), ("inspect", 1), ("inspect", 1)]
    assert registry.decide(A).code == "up-to-date"


def test_one_missing_push_date_is_as_good_as_none():
    registry = quay(
        Pushed(B, pushed="2026-01-01", created="2026-01-01"),
        Pushed(A, pushed="2026-02-01", created="2026-02-01"),
        Pushed(C, created="2026-03-01"),
    )

    assert outcome(registry.decide(B)) == C


@pytest.mark.parametrize("created", [None, "1970-01-01", "1980-01-01"])
def test_one_missing_creation_refuses_and_lists_the_candidates(created):
    registry = oci(Pushed(B, created="2026-01-01"), Pushed(A, created=created), Pushed(D, created="2026-02-01"))
    answer = registry.decide(B)

    assert (answer.code, answer.why) == (
        "ambiguous",
        f"no moving tag and no date tells which is newer: `{A}`, `{D}`",
    )
    assert [each.lost for each in answer.candidates] == ["nothing tells whether it is newer"] * 2


def test_a_missing_creation_is_noticed_before_all_images_are_read():
    registry = oci(*(Pushed(f"{number:012x}", created="1970-01-01") for number in range(1000)))
    answer = registry.decide("0" * 12)

    assert answer.code == "ambiguous"
    assert answer.why.endswith(" and 994 more")
    assert registry.asked == [Ask("inspect", ("0" * 12,))]


@pytest.mark.parametrize(
    ("current", "other", "code"),
    [
        ("2026-02-01", "2026-02-01", "ambiguous"),
        ("2026-02-01", "2026-01-01", "up-to-date"),
        ("2026-02-01", "2026-03-01", A),
    ],
)
def test_two_images_of_one_moment_cannot_be_told_apart(current, other, code):
    assert outcome(quay(Pushed(B, pushed=current), Pushed(A, pushed=other)).decide(B)) == code
    assert outcome(oci(Pushed(B, created=current), Pushed(A, created=other)).decide(B)) == code


def test_a_tie_below_a_confirmed_tag_does_not_matter():
    older = [Pushed(A, pushed="2026-03-01"), Pushed(D, pushed="2026-03-01")]
    newest = Pushed(C, pushed="2026-04-01")
    answer = quay(Pushed(B, pushed="2026-01-01"), *older, newest).decide(B)

    assert (answer.tag, {each.lost for each in answer.candidates}) == (C, {None, "older than the tags that were tried"})
    arm = Pushed(C, pushed="2026-04-01", platforms=("linux/arm64",))
    assert quay(Pushed(B, pushed="2026-01-01"), *older, arm).decide(B).code == "ambiguous"


def test_two_names_of_one_image_are_no_tie():
    twins = [Pushed(A, "x", pushed="2026-03-01"), Pushed(D, "x", pushed="2026-03-01")]

    assert outcome(quay(Pushed(B, pushed="2026-01-01"), *twins).decide(B)) in (A, D)
    same = quay(Pushed(B, "x", pushed="2026-03-01"), Pushed(A, "x", pushed="2026-03-01"))
    assert same.decide(B).code == "up-to-date"


def test_a_rebuild_without_a_change_is_no_change():
    registry = quay(Pushed(B, "x", pushed="2026-01-01"), Pushed(A, "x", pushed="2026-02-01"))

    assert registry.decide(B).code == "same-digest"


# branch builds


def test_a_branch_build_newer_than_latest_is_not_looked_at():
    registry = quay(
        Pushed(B, pushed="2026-01-01", branch=MAIN),
        Pushed(A, pushed="2026-02-01", branch=MAIN),
        Pushed(C, pushed="2026-03-01", branch=TRY),
        Pushed("latest", A),
    )

    assert outcome(registry.decide(B)) == A


def test_a_latest_that_a_branch_pushed_makes_room_for_the_next_of_the_own_branch():
    builds = [
        Pushed(B, pushed="2026-01-01", branch=MAIN),
        Pushed(A, pushed="2026-02-01", branch=MAIN),
        Pushed(C, pushed="2026-03-01", branch=TRY),
    ]
    answer = quay(*builds, Pushed("latest", C)).decide(B)

    assert (answer.tag, answer.candidates[1].lost) == (A, f"built from {TRY}, the current image from {MAIN}")
    assert quay(builds[0], builds[2], Pushed("latest", C)).decide(B).code == "ambiguous"
    assert quay(builds[0], builds[2]).decide(B).code == "ambiguous"


def test_beyond_a_foreign_latest_a_branch_must_be_known():
    registry = quay(
        Pushed(B, pushed="2026-01-01", branch=MAIN),
        Pushed(A, pushed="2026-02-01"),
        Pushed(C, pushed="2026-03-01", branch=TRY),
        Pushed("latest", C),
    )

    assert registry.decide(B).code == "ambiguous"


def test_branches_that_are_not_known_of_both_are_accepted_with_a_warning():
    registry = quay(Pushed(B, pushed="2026-01-01"), Pushed(A, pushed="2026-02-01", branch=TRY))
    answer = registry.decide(B)

    assert (answer.tag, len(answer.warnings)) == (A, 1)


# stale moving tags


@pytest.mark.parametrize(
    "dates",
    [
        ({"pushed": "2026-02-01"}, {"pushed": "2026-01-01"}),
        ({"created": "2026-02-01"}, {"created": "2026-01-01"}),
        ({"pushed": "2026-02-01", "created": "2026-02-01"}, {"pushed": "2026-03-01", "created": "2026-01-01"}),
    ],
)
def test_a_stale_latest_is_a_downgrade(dates):
    here, there = dates
    registry = quay(Pushed(B, **here), Pushed(A, **there), Pushed("latest", A))

    assert registry.decide(B).code == "downgrade"
    assert outcome(registry.decide(B, policy=Policy(allow_downgrade=True))) == A


def test_beyond_a_stale_latest_only_the_own_branch_is_followed():
    def registry(branch):
        return quay(
            Pushed(B, pushed="2026-02-01", branch=MAIN),
            Pushed(A, pushed="2026-01-01", branch=MAIN),
            Pushed(C, pushed="2026-03-01", branch=branch),
            Pushed("latest", A),
        )

    assert outcome(registry(MAIN).decide(B)) == C
    assert outcome(registry(None).decide(B)) == "ambiguous"
    assert outcome(registry(TRY).decide(B)) == "ambiguous"


# dropped, young, failed


def test_a_twin_that_expires_or_is_gone_makes_room_for_the_next():
    def registry(**twin):
        return quay(
            Pushed(B, pushed="2026-01-01"),
            Pushed(A, pushed="2026-02-01"),
            Pushed(C, pushed="2026-03-01", **twin),
            Pushed("latest", C),
        )

    assert outcome(registry(expires="2026-09-01").decide(B)) == A
    assert outcome(registry(inspect=GONE).decide(B)) == A
    assert outcome(registry(platforms=("linux/arm64",)).decide(B)) == A


def test_a_young_twin_makes_room_for_the_youngest_that_is_old_enough():
    registry = quay(
        Pushed(B, pushed="2026-01-01"),
        Pushed(A, pushed="2026-08-01"),
        Pushed(C, pushed="2026-08-19"),
        Pushed("latest", C),
    )

    assert outcome(registry.decide(B, policy=Policy(minimum_age=7 * DAY))) == A
    assert outcome(registry.decide(B, policy=Policy(minimum_age=30 * DAY))) == "too-young"


def test_a_young_twin_and_no_other_evidence_is_too_young():
    registry = oci(Pushed(B), Pushed(A, created="2026-08-19"), Pushed(C), Pushed("latest", A))

    assert registry.decide(B, policy=Policy(minimum_age=7 * DAY)).code == "too-young"


@pytest.mark.parametrize("failure", [DOWN, DENIED])
def test_evidence_that_failed_is_unknown(failure):
    unknown = Unknown(failure.code, f"`{A}`: {failure.why}")

    assert oci(Pushed(B), Pushed(A, head=failure), Pushed("latest", "else")).decide(B) == unknown
    assert oci(Pushed(B, created="2026-01-01"), Pushed(A, inspect=failure)).decide(B) == unknown
    assert oci(Pushed(B), Pushed(A), Pushed("latest", A, head=failure)).decide(B).code == failure.code


def test_a_twin_that_is_found_does_not_need_the_others():
    registry = oci(Pushed(B), Pushed(C, head=DOWN), Pushed(A), Pushed("latest", A))

    assert outcome(registry.decide(B)) == A


def test_tags_that_are_gone_are_left_out():
    assert outcome(oci(Pushed(B), Pushed(A), Pushed(C, head=GONE), Pushed("latest", A)).decide(B)) == A
    moving = oci(Pushed(B, created="2026-01-01"), Pushed(A, created="2026-02-01"), Pushed("latest", head=GONE))
    assert outcome(moving.decide(B)) == A
    gone = oci(Pushed(B, created="2026-01-01"), Pushed(A, created="2026-02-01"), Pushed(C, inspect=GONE))
    answer = gone.decide(B)
    assert (answer.tag, answer.candidates[1].lost) == (A, "listed, but it no longer exists")


def test_a_current_tag_that_is_gone_leaves_the_newest_with_a_warning():
    by_push = quay(Pushed(A, pushed="2026-02-01"), Pushed(C, pushed="2026-03-01")).decide(B)
    by_twin = oci(Pushed(A), Pushed(C), Pushed("latest", A)).decide(B)
    listed = oci(Pushed(B, inspect=GONE), Pushed(A, created="2026-02-01")).decide(B)

    assert (by_push.tag, len(by_push.warnings)) == (C, 2)
    assert (by_twin.tag, len(by_twin.warnings)) == (A, 2)
    assert (listed.tag, len(listed.warnings)) == (A, 2)


def test_the_only_commit_of_a_registry_is_the_newest():
    answer = quay(Pushed(A, pushed="2026-01-01"), Pushed("latest", "else")).decide(A)

    assert answer == Keep("up-to-date", f"no newer tag of the shape of `{A}`", answer.candidates)


def test_float_like_and_numeric_commits_are_text():
    registry = quay(Pushed("178819e05792", pushed="2026-01-01"), Pushed("000000000001", pushed="2026-02-01"))

    assert outcome(registry.decide("178819e05792")) == "000000000001"
