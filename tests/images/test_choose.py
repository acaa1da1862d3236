from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from hubctl.images.choice import Ask, Candidate, Evidence, Keep, Policy, Take, Unknown
from hubctl.images.choose import Known, Question, choose
from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.images.order import FROZEN_DOCKER_STACKS
from tests.images.simulated import DENIED, DOWN, GONE, NO_IMAGE, NOW, Pushed, Simulated, at, digest_of, outcome, tags

DAY = dt.timedelta(days=1)
OLD, NEW, NEWER = "2025.07.09", "2026.06.04", "2026.07.01"


def test_a_newer_date_is_taken_with_its_evidence():
    registry = Simulated(
        [
            Pushed(OLD, pushed="2025-07-09"),
            Pushed(NEW, pushed="2026-06-05", created="2026-06-04"),
            Pushed("latest", NEW),
        ],
        source="quay",
    )

    assert registry.decide(OLD) == Take(
        tag=NEW,
        digest=digest_of(NEW),
        why="newest date, pushed 2026-06-05",
        evidence=Evidence("quay", at("2026-06-05"), at("2026-06-04"), digest_of(NEW), None),
        candidates=(
            Candidate(NEW, None, at("2026-06-05"), at("2026-06-04")),
            Candidate("latest", "another shape: moving"),
        ),
        size=1234,
    )
    assert registry.asked == [Ask("inspect", (NEW,))]


def test_a_plain_registry_is_asked_for_two_digests_and_one_image():
    registry = Simulated(tags(OLD, NEW, "2024.01.01", "latest"))

    assert outcome(registry.decide(OLD)) == NEW
    assert registry.asked == [Ask("digest", (NEW, OLD)), Ask("inspect", (NEW,))]


@pytest.mark.parametrize(
    ("current", "others", "chosen"),
    [
        # who publishes what: one row or more of each
        ("2025.07.09", ["2026.06.04", "b9584f6", "latest", "master", "9999.99.99", "0.0.1"], "2026.06.04"),
        ("2024-03-18", ["2026-08-19", "2026-08-20", "x86_64-2026-08-19", "python-3.13.14", "lab-4.5.0"], "2026-08-20"),
        ("x86_64-2024-03-18", ["2026-08-19", "x86_64-2025-01-01", "aarch64-2026-01-01"], "x86_64-2025-01-01"),
        ("cuda12-2024-03-18", ["cuda12-2024-05-01", "cuda-2026-01-01", "2026-01-01"], "cuda12-2024-05-01"),
        ("2026.06.04", ["2026.06.04-v1", "quarto-2026.07.01", "178819e05792"], "2026.06.04-v1"),
        ("2026.06.04-v9", ["2026.06.04-v10", "2026.06.04-v2"], "2026.06.04-v10"),
        ("quarto-2025.08.14-v2", ["quarto-2025.09.01", "2026.01.01"], "quarto-2025.09.01"),
        ("20250101", ["20260101", "20251301", "2026.02.02"], "20260101"),
        ("4.6.1", ["4.6.2", "4.10.0", "4.9.9", "4.11", "5", "devel", "latest"], "4.10.0"),
        ("v6.0.0", ["v6.1.0", "6.2.0", "develop"], "v6.1.0"),
        ("python-3.13.1", ["python-3.13.14", "python-3.14", "lab-4.0.0"], "python-3.13.14"),
        (
            "0.0.1-0.dev.git.9999.h2707c010b",
            ["0.0.1-0.dev.git.16666.h0707c010b", "0.0.1-n99999.h0707c010b"],
            "0.0.1-0.dev.git.16666.h0707c010b",
        ),
        ("2025.12.1.dev94-gd3893dba2", ["2025.12.1.dev100-g0893dba2"], "2025.12.1.dev100-g0893dba2"),
        # guards
        ("2026-01-01", ["2026-08-22"], "2026-08-22"),
        ("2026-01-01", ["2026-08-23"], "up-to-date"),
        ("2026.01.01", ["2026.13.01", "2026.02.30", "3026.01.01"], "up-to-date"),
        ("20260101", ["20270101"], "up-to-date"),
        ("2026.06.04", ["2026.06.03"], "up-to-date"),
        ("2026.06.04", ["latest", "main"], "up-to-date"),
        ("2026.06.04", ["sha256-" + "a" * 64 + ".sig", "sha256:" + "a" * 64, "", "-x", "a" * 129, "b$c"], "up-to-date"),
        # another shape
        ("2026-06-04", ["2026.06.05", "2026.06.04"], "other-shape"),
        ("2026.06.04", ["6.0.0"], "other-shape"),
        ("b9584f6", ["2026.06.05"], "other-shape"),
        ("b9584f6", ["gui-demo", "latest"], "up-to-date"),
        # never rewritten
        ("latest", ["2026.06.04"], "moving"),
        ("develop", ["v6.0.0"], "moving"),
        ("4.4", ["4.5", "4.6.1"], "line"),
        ("v6", ["v7"], "line"),
        ("8.0", ["8.1"], "line"),
        ("fa26_2a", ["fa26_3a", "2026.01.01"], "free"),
        ("2025.01.012025.01.01", ["2026.01.01"], "free"),
        ("a" * 64, ["b" * 64], "free"),
        ("2025.13.01", ["2026.01.01", "9999.99.99"], "free"),
    ],
)
def test_only_the_newest_of_the_same_shape_is_taken(current, others, chosen):
    assert outcome(Simulated(tags(current, *others)).decide(current)) == chosen


@pytest.mark.parametrize(
    ("image", "chosen"),
    [
        ("quay.io/jupyter/base-notebook", "2026-08-19"),
        ("docker.io/jupyter/base-notebook", "2026-08-19"),
        ("127.0.0.1:5000/jupyter/base-notebook", "2026-08-19"),
        ("127.0.0.1:5000/quay.io/jupyter/base-notebook", "2026-08-19"),
        ("quay.io/acme/jupyter", "2026-08-20"),
        ("quay.io/acme/jupyter/base", "2026-08-20"),
    ],
)
def test_the_tag_of_today_is_left_alone_where_it_may_be_pushed_again(image, chosen):
    registry = Simulated(tags("2026-08-01", "2026-08-19", "2026-08-20"))

    assert outcome(registry.decide("2026-08-01", image=image)) == chosen


def test_today_is_that_of_utc():
    late = dt.datetime(2026, 8, 19, 23, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    registry = Simulated(tags("2026-08-01", "2026-08-19", "2026-08-20"))

    assert outcome(registry.decide("2026-08-01", image="quay.io/jupyter/x", now=late)) == "2026-08-19"


def test_the_frozen_copies_on_docker_hub_are_named_so():
    answer = Simulated(tags("2023-10-20", "2023-01-01")).decide("2023-10-20", image="docker.io/jupyter/base-notebook")

    assert (answer.code, answer.why) == (
        "up-to-date",
        f"no newer tag of the shape of `2023-10-20`; {FROZEN_DOCKER_STACKS}",
    )


@pytest.mark.parametrize(
    ("listing", "answer"),
    [
        (DOWN, Unknown("no-answer", DOWN.why)),
        (DENIED, Unknown("denied", "403")),
        (NoAnswer("no-such-image", "404"), Unknown("no-such-image", "404")),
        (Listing((), "oci"), Unknown("no-answer", "the registry's list of tags is empty")),
        (
            Listing((TagFact("sha256-" + "a" * 64 + ".sig"), TagFact("sha256:" + "b" * 64)), "oci"),
            Unknown("no-answer", "the registry's list of tags is empty"),
        ),
    ],
)
@pytest.mark.parametrize("tag", [OLD, "b9584f6", "latest", "4.4", "gui-demo"])
def test_an_answer_that_failed_is_unknown_and_never_up_to_date(tag, listing, answer):
    assert choose(Question("quay.io/acme/base", tag, None, Policy()), Known(listing), NOW) == answer


def test_a_pinned_site_and_a_bare_digest_need_no_answer():
    pinned = Question("quay.io/acme/base", OLD, None, Policy(kind="pin", reason="GPU drivers"))
    bare = Question("quay.io/acme/base", None, digest_of("x"), Policy())

    assert choose(pinned, Known(DOWN), NOW) == Keep("pinned", "GPU drivers")
    assert choose(Question("a/b", OLD, None, Policy(kind="pin")), Known(DOWN), NOW).why == "no reason given"
    assert choose(bare, Known(DOWN), NOW).code == "digest-only"


def test_a_free_name_lists_the_five_pushed_last():
    pushed = [Pushed(f"demo-{number}", pushed=f"2026-01-{number:02}") for number in range(1, 9)]
    answer = Simulated([*pushed, Pushed("gui-demo"), Pushed("other")], source="quay").decide("gui-demo")

    assert answer.code == "free"
    assert answer.why == (
        "a free-form name has no order; last pushed: `demo-8` (2026-01-08), `demo-7` (2026-01-07), "
        "`demo-6` (2026-01-06), `demo-5` (2026-01-05), `demo-4` (2026-01-04)"
    )
    assert [each.tag for each in answer.candidates] == ["demo-8", "demo-7", "demo-6", "demo-5", "demo-4"]


def test_a_current_tag_that_is_not_listed_is_said_and_still_moved():
    answer = Simulated(tags(NEW, "2026.01.01")).decide(OLD)

    assert (answer.tag, answer.warnings) == (
        NEW,
        (f"the current tag `{OLD}` is not in the registry's list: deleted, or a typing error",),
    )


def test_a_current_tag_beyond_the_list_is_a_downgrade_only_a_flag_allows():
    registry = Simulated(tags(OLD, NEW))
    typo = "2062.06.04"

    refused, allowed = registry.decide(typo), registry.decide(typo, policy=Policy(allow_downgrade=True))

    assert (refused.code, refused.why) == (
        "downgrade",
        f"`{typo}` is not in the registry's list, and `{NEW}` is not newer",
    )
    assert outcome(allowed) == NEW


def test_the_flag_for_downgrades_leaves_a_newest_tag_alone():
    assert outcome(Simulated(tags(OLD, NEW)).decide(NEW, policy=Policy(allow_downgrade=True))) == "up-to-date"


def test_the_flag_for_downgrades_goes_back_from_an_ignored_tag():
    policy = Policy(allow_downgrade=True, ignore=("2026*",))

    assert outcome(Simulated(tags(OLD, NEW)).decide(NEW, policy=policy)) == OLD


@pytest.mark.parametrize("tag", [OLD, NEW, "latest", "deadbeef"])
def test_the_same_is_chosen_where_nobody_asks_why_the_others_lost(tag):
    registry = Simulated(tags(OLD, "deadbeef", "2025.08.01", NEW, "latest"))
    told = registry.decide(tag, policy=Policy(ignore=("2025.08*",)))

    assert told.candidates
    assert registry.decide(tag, policy=Policy(ignore=("2025.08*",)), candidates=False) == replace(told, candidates=())


def test_ignored_tags_are_no_candidates():
    answer = Simulated(tags(OLD, "2025.08.01", NEW)).decide(OLD, policy=Policy(ignore=("x", "2026.*")))

    assert (answer.tag, [each.lost for each in answer.candidates]) == (
        "2025.08.01",
        ["ignored by `2026.*`", None][::-1],
    )


@pytest.mark.parametrize("source", ["oci", "quay"])
def test_an_equal_digest_is_no_change(source):
    registry = Simulated([Pushed(OLD), Pushed("2025.08.01", "x"), Pushed(NEW, OLD)], source=source)
    answer = registry.decide(OLD)

    assert (answer.code, answer.why) == ("same-digest", f"`{NEW}` is the same image as `{OLD}`: {digest_of(OLD)}")
    assert (answer.candidates[0].tag, answer.candidates[0].lost) == (NEW, f"the same image as `{OLD}`")


def test_the_written_digest_is_what_runs():
    registry = Simulated([Pushed(OLD, "moved"), Pushed(NEW, "same")])

    assert registry.decide(OLD, digest=digest_of("same")).code == "same-digest"
    assert outcome(registry.decide(OLD, digest=digest_of(OLD))) == NEW


def test_an_equal_digest_seen_only_in_the_manifest_is_no_change():
    known = Known(
        Listing((TagFact(OLD, digest_of("a")), TagFact(NEW, digest_of("b"))), "quay"),
        images={NEW: Pushed(NEW, "a").image()},
    )

    assert choose(Question("a/b", OLD, None, Policy()), known, NOW).code == "same-digest"


@pytest.mark.parametrize(
    ("newest", "lost"),
    [
        (Pushed(NEWER, expires="2026-09-01"), "expires 2026-09-01"),
        (Pushed(NEWER, head=GONE), "listed, but it no longer exists"),
        (Pushed(NEWER, inspect=GONE), "listed, but it no longer exists"),
        (Pushed(NEWER, head=NO_IMAGE), "an old schema"),
        (Pushed(NEWER, inspect=NO_IMAGE), "an old schema"),
        (Pushed(NEWER, platforms=("linux/arm64",)), "has no linux/amd64 image"),
        (Pushed(NEWER, platforms=()), "has no linux/amd64 image"),
    ],
)
def test_a_candidate_that_cannot_be_confirmed_makes_room_for_the_next(newest, lost):
    registry = Simulated([Pushed(OLD), Pushed(NEW), newest])
    answer = registry.decide(OLD)

    assert (answer.tag, answer.candidates[1]) == (NEW, Candidate(NEWER, lost))
    assert Simulated([Pushed(OLD), newest]).decide(OLD).code == "unconfirmed"


def test_a_variant_of_the_platform_will_do():
    assert outcome(Simulated([Pushed(OLD), Pushed(NEW, platforms=("linux/amd64/v2",))]).decide(OLD)) == NEW


@pytest.mark.parametrize("failure", [DOWN, DENIED])
@pytest.mark.parametrize("where", ["head", "inspect"])
def test_a_failure_while_confirming_is_unknown(failure, where):
    answer = Simulated([Pushed(OLD), Pushed(NEW, **{where: failure})]).decide(OLD)

    assert answer == Unknown(failure.code, f"`{NEW}`: {failure.why}")


def test_a_failure_of_the_current_digest_is_unknown_and_its_absence_a_warning():
    assert Simulated([Pushed(OLD, head=DOWN), Pushed(NEW)]).decide(OLD).code == "no-answer"
    gone = Simulated([Pushed(OLD, head=GONE), Pushed(NEW)]).decide(OLD)
    assert (gone.tag, len(gone.warnings)) == (NEW, 1)


def test_a_current_tag_that_is_no_image_is_moved_without_calling_it_gone():
    answer = Simulated([Pushed(OLD, head=NO_IMAGE), Pushed(NEW)]).decide(OLD)
    assert (answer.tag, answer.warnings) == (NEW, ())


def test_a_named_tag_that_is_no_image_is_not_confirmed():
    registry = Simulated([Pushed(OLD), Pushed(NEW, inspect=NO_IMAGE)])
    answer = registry.decide(OLD, policy=to(NEW))
    assert (answer.code, answer.why) == ("unconfirmed", f"`{NEW}`: an old schema")


@pytest.mark.parametrize(
    ("tag", "twins", "named"),
    [
        ("latest", ["b9584f6", "1.2.3", "2026.06.04", "main"], ", the same as `2026.06.04`"),
        ("4.4", ["b9584f6", "4.4.2", "4"], ", the same as `4.4.2`"),
        ("main", ["b9584f6", "latest"], ", the same as `b9584f6`"),
        ("main", ["latest"], ""),
    ],
)
def test_a_tag_that_moves_is_left_alone_with_the_tag_it_points_at_now(tag, twins, named):
    pushed = [Pushed(each, "x") for each in (tag, *twins)] + [Pushed("2026.07.01")]
    why = f"`{tag}` moves by itself: each start pulls what it points at by then"
    answer = Simulated(pushed, source="quay").decide(tag)
    assert answer.why == f"{why}; now {digest_of('x')}{named}"
    plain = Simulated(pushed)
    assert plain.decide(tag).why == f"{why}; now {digest_of('x')}"
    assert plain.asked == [Ask("digest", (tag,))]


@pytest.mark.parametrize("tag", ["4.4", "v6", "latest"])
def test_beside_a_tag_that_moves_only_the_digest_is_replaced(tag):
    answer = Simulated([Pushed(tag), Pushed("4.5"), Pushed("4.6.1")]).decide(tag, digest=digest_of("before"))
    assert (answer.tag, answer.digest) == (tag, digest_of(tag))


def test_two_dates_built_from_two_branches_are_not_followed():
    def registry(here, there):
        return Simulated([Pushed(OLD, branch=here), Pushed(NEW, branch=there)])

    answer = registry("refs/heads/main", "refs/heads/try").decide(OLD)
    assert (answer.code, answer.why) == (
        "ambiguous",
        f"`{NEW}`: built from refs/heads/try, the current image from refs/heads/main",
    )
    assert outcome(registry("refs/heads/main", "refs/heads/main").decide(OLD)) == NEW
    assert outcome(registry("refs/heads/main", "refs/tags/2026").decide(OLD)) == NEW
    assert outcome(registry("refs/tags/2025", "refs/heads/main").decide(OLD)) == NEW
    assert outcome(registry(None, "refs/heads/main").decide(OLD)) == NEW
    unlisted = Simulated([Pushed(NEW, branch="refs/heads/try")])
    assert outcome(unlisted.decide(OLD)) == NEW


def test_one_date_can_be_tied_by_a_build_that_counts_as_none():
    assert outcome(Simulated(tags(OLD, OLD + "-v0")).decide(OLD)) == "up-to-date"


AGED = [Pushed(OLD, pushed="2025-07-09"), Pushed(NEW, pushed="2026-08-10"), Pushed(NEWER, pushed="2026-08-18")]


@pytest.mark.parametrize(
    ("age", "chosen"), [(0 * DAY, NEWER), (DAY, NEWER), (3 * DAY, NEW), (11 * DAY, "too-young"), (-DAY, NEWER)]
)
def test_the_youngest_that_is_old_enough_wins(age, chosen):
    assert outcome(Simulated(AGED, source="quay").decide(OLD, policy=Policy(minimum_age=age))) == chosen


def test_age_is_by_creation_where_no_push_is_known():
    registry = Simulated([Pushed(OLD), Pushed(NEW, created="2026-08-01"), Pushed(NEWER, created="2026-08-19T13:00")])
    answer = registry.decide(OLD, policy=Policy(minimum_age=dt.timedelta(hours=36)))

    assert (answer.tag, answer.why) == (NEW, "newest date, created 2026-08-01")
    assert answer.candidates[1].lost == "created 2026-08-19, younger than 36 hours"


def test_an_unknown_age_counts_as_too_young():
    answer = Simulated(tags(OLD, NEW)).decide(OLD, policy=Policy(minimum_age=7 * DAY))

    assert (answer.code, answer.why) == ("too-young", f"`{NEW}`: its age is unknown")


def test_an_age_that_cannot_be_asked_for():
    policy = Policy(minimum_age=DAY)
    assert Simulated([Pushed(OLD), Pushed(NEW, inspect=DOWN)]).decide(OLD, policy=policy).code == "no-answer"
    assert Simulated([Pushed(OLD), Pushed(NEW, inspect=GONE)]).decide(OLD, policy=policy).code == "too-young"


def test_a_thousand_young_tags_are_a_dozen_rounds():
    days = [(dt.date(2020, 1, 1) + number * DAY).strftime("%Y.%m.%d") for number in range(1000)]
    registry = Simulated(tags(*days))

    assert registry.decide(days[0], policy=Policy(minimum_age=DAY)).code == "too-young"
    assert len(registry.asked) <= 12


def test_an_image_built_at_the_epoch_of_reproducible_builds_has_no_date():
    registry = Simulated([Pushed(OLD), Pushed(NEW, created="1980-01-01")])

    assert registry.decide(OLD).evidence.created is None


def test_tags_that_cannot_run_are_looked_into_more_at_a_time_until_one_can():
    days = [(dt.date(2026, 1, 1) + dt.timedelta(days=number)).isoformat() for number in range(40)]
    arm = [Pushed(day, platforms=("linux/arm64",)) for day in days[10:]]
    registry = Simulated([*tags(*days[:10]), *arm])

    assert outcome(registry.decide(days[0])) == days[9]
    assert [(ask.what, len(ask.tags)) for ask in registry.asked] == [
        ("digest", 2),
        *(("inspect", count) for count in (1, 2, 4, 8, 16)),
    ]


def test_at_most_two_thousand_tags_are_looked_into():
    days = [(dt.date(2020, 1, 1) + dt.timedelta(days=number)).isoformat() for number in range(2_100)]
    registry = Simulated([Pushed(days[0]), *(Pushed(day, platforms=("linux/arm64",)) for day in days[1:])])
    answer = registry.decide(days[0])

    assert (answer.code, answer.why) == ("unconfirmed", f"`{days[-1]}`: has no linux/amd64 image")
    assert sum(len(ask.tags) for ask in registry.asked if ask.what == "inspect") == 2_000


def test_a_tag_in_the_future_by_its_push_is_too_young_only_where_an_age_is_asked():
    registry = Simulated([Pushed(OLD), Pushed(NEW, pushed="2027-01-01")], source="quay")

    assert outcome(registry.decide(OLD)) == NEW
    assert outcome(registry.decide(OLD, policy=Policy(minimum_age=DAY))) == "too-young"


SHAPES = [
    ("2026.06.04", [("b9584f6", "2026-08-01")], "up-to-date"),  # commits go on being built behind a release
    ("2026.06.04", [("2026.01.01", "2026-01-01"), ("1.2.3", "2026-08-01")], "other-shape"),  # its shape has ended
    ("2026.06.04", [("2026.01.01", "2026-01-01"), ("1.2.3", "2026-06-04")], "up-to-date"),
    ("2026.06.04", [("2026.01.01", None), ("1.2.3", "2026-08-01")], "up-to-date"),
    ("2026.06.04", [("2026.01.01", "2026-01-01"), ("1.2.3", None)], "up-to-date"),
    ("2026.06.04", [("2026.01.01", "2026-01-01"), ("quarto-1.2.3", "2026-08-01")], "up-to-date"),
    ("2026.06.04", [("2026.01.01", "2026-01-01"), ("2027-01-01", "2026-08-01")], "up-to-date"),
    ("2026.06.04", [("2026.01.01", "2026-01-01"), ("abcdef0", "2026-08-01")], "up-to-date"),
    ("b9584f6", [("abcdef0", "2020-01-01"), ("2026.06.04", "2026-06-04")], "other-shape"),
    ("b9584f6", [("abcdef0", "2020-01-01"), ("abcdef012345", "2026-06-04")], "up-to-date"),
    ("b9584f6", [("abcdef012345", "2026-06-04")], "other-shape"),
    ("b9584f6", [("abcdef0", "2020-01-01"), ("2020.01.01", "2020-01-01")], "up-to-date"),
]


@pytest.mark.parametrize(("current", "others", "code"), SHAPES)
def test_newer_tags_of_another_shape_are_named(current, others, code):
    pushed = "2026-06-04" if current == "2026.06.04" else "2021-01-01"
    registry = Simulated(
        [Pushed(current, pushed=pushed), *(Pushed(tag, pushed=day) for tag, day in others)], source="quay"
    )
    alone = current == "2026.06.04" and len(others) == 1
    answer = registry.decide(current)

    assert answer.code == ("other-shape" if alone else code)


def test_the_newer_shape_is_named_in_the_reason():
    registry = Simulated(
        [Pushed("b9584f6", pushed="2021-01-01"), Pushed(OLD, pushed=OLD.replace(".", "-")), Pushed(NEW, "b9584f6")],
        source="quay",
    )

    assert registry.decide("b9584f6").why == (
        f"the only tag of its shape (7-hex commit); newer tags of another shape: `{OLD}`"
    )


# --to, and digests beside moving tags


def to(tag, **more):
    return Policy(kind="to", tag=tag, **more)


@pytest.mark.parametrize(
    ("current", "named", "chosen", "warnings"),
    [
        (OLD, NEW, NEW, []),
        (OLD, "178819e05792", "178819e05792", []),
        (OLD, "gui-demo", "gui-demo", []),
        (OLD, "latest", "latest", ["`latest` is a moving tag: what it points at changes without a pull request"]),
        ("latest", NEW, NEW, []),
        ("gui-demo", NEW, NEW, []),
        (OLD, OLD, "up-to-date", None),
        (OLD, "2099.01.01", "no-such-tag", None),
        (NEW, OLD, "downgrade", None),
        (OLD, "arm", "unconfirmed", None),
        (OLD, "expiring", "expiring", ["`expiring` expires 2026-09-01"]),
        ("latest", "twin", "twin", []),
        (NEWER, "twin-of-newer", "same-digest", None),
        ("missing", NEW, NEW, ["the current tag `missing` is not in the registry's list: deleted, or a typing error"]),
        (OLD, "unlisted", "unlisted", []),
    ],
)
def test_a_named_tag_is_taken_once_it_is_confirmed(current, named, chosen, warnings):
    registry = Simulated(
        [
            *tags(OLD, NEW, NEWER, "178819e05792", "gui-demo", "latest"),
            Pushed("arm", platforms=("linux/arm64",)),
            Pushed("expiring", expires="2026-09-01"),
            Pushed("twin", "latest"),
            Pushed("twin-of-newer", NEWER),
            Pushed("unlisted", listed=False),
        ]
    )
    answer = registry.decide(current, policy=to(named))

    assert outcome(answer) == chosen
    assert (list(answer.warnings) if isinstance(answer, Take) else None) == warnings


def test_a_named_tag_is_found_where_the_list_is_empty_yet():
    assert outcome(Simulated([Pushed(NEW, listed=False)]).decide(OLD, policy=to(NEW))) == NEW


def test_a_named_tag_needs_an_answer():
    assert Simulated([Pushed(OLD), Pushed(NEW, inspect=DENIED)]).decide(OLD, policy=to(NEW)).code == "denied"
    assert choose(Question("a/b", OLD, None, to(NEW)), Known(DOWN), NOW).code == "no-answer"


def test_a_named_tag_says_who_named_it():
    registry = Simulated([Pushed(OLD), Pushed(NEW, pushed="2026-06-05")], source="quay")
    answer = registry.decide(OLD, policy=to(NEW))

    assert (answer.why, answer.evidence.pushed) == ("named by --to, pushed 2026-06-05", at("2026-06-05"))


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"pushed": ("2026-02-01", "2026-01-01")}, "downgrade"),
        ({"pushed": ("2026-01-01", "2026-02-01")}, "b9584f6"),
        ({"created": ("2026-02-01", "2026-01-01")}, "downgrade"),
        ({"created": ("2026-01-01", "2026-02-01")}, "b9584f6"),
        ({}, "b9584f6"),
    ],
)
def test_a_named_commit_is_older_by_any_date(dates, code):
    here = {key: days[0] for key, days in dates.items()}
    there = {key: days[1] for key, days in dates.items()}
    registry = Simulated([Pushed("abcdef0", **here), Pushed("b9584f6", **there)], source="quay")

    assert outcome(registry.decide("abcdef0", policy=to("b9584f6"))) == code


def test_a_named_older_tag_needs_the_flag_and_is_warned_of():
    answer = Simulated(tags(OLD, NEW)).decide(NEW, policy=to(OLD, allow_downgrade=True))

    assert (answer.tag, answer.warnings) == (OLD, ("a downgrade: by its date",))


def test_a_named_tag_waits_for_an_age_that_was_asked_for():
    registry = Simulated([Pushed(OLD), Pushed(NEW, pushed="2026-08-19")], source="quay")

    assert registry.decide(OLD, policy=to(NEW, minimum_age=7 * DAY)).why == (
        f"`{NEW}`: pushed 2026-08-19, younger than 7 days"
    )


@pytest.mark.parametrize(("written", "chosen"), [("main", "up-to-date"), ("older", "main")])
@pytest.mark.parametrize("source", ["oci", "quay"])
def test_beside_a_moving_tag_only_the_digest_is_replaced(written, chosen, source):
    registry = Simulated([Pushed("main"), Pushed(NEW)], source=source)
    answer = registry.decide("main", digest=digest_of(written))

    assert outcome(answer) == chosen
    if isinstance(answer, Take):
        assert (answer.digest, answer.why) == (digest_of("main"), "`main` moved to another digest")


def test_the_push_of_a_moved_tag_is_shown():
    registry = Simulated([Pushed("main", pushed="2026-08-01")], source="quay")

    assert registry.decide("main", digest=digest_of("x")).why == "`main` moved to another digest, pushed 2026-08-01"


@pytest.mark.parametrize(
    ("main", "policy", "code"),
    [
        (Pushed("main", head=GONE), Policy(), "unconfirmed"),
        (Pushed("main", head=GONE), to("main"), "no-such-tag"),
        (Pushed("main", platforms=("linux/arm64",)), Policy(), "unconfirmed"),
        (Pushed("main", head=DOWN), Policy(), "no-answer"),
        (Pushed("main", created="2026-08-19"), Policy(minimum_age=7 * DAY), "too-young"),
    ],
)
def test_a_moved_tag_is_confirmed_before_its_digest_is_written(main, policy, code):
    assert Simulated([main]).decide("main", digest=digest_of("x"), policy=policy).code == code


def test_a_manifest_that_moved_back_meanwhile_changes_nothing():
    known = Known(Listing((TagFact("main", digest_of("b")),), "quay"), images={"main": Pushed("main", "a").image()})
    asked = Known(known.listing, digests={"main": digest_of("b")})
    question = Question("a/b", "main", digest_of("a"), Policy())

    assert choose(question, known, NOW).code == "up-to-date"
    assert choose(question, asked, NOW) == Ask("inspect", ("main",))


def test_naming_the_tag_that_is_written_renews_its_digest():
    registry = Simulated(tags(OLD, NEW))

    assert registry.decide(OLD, digest=digest_of("x"), policy=to(OLD)).digest == digest_of(OLD)
    assert outcome(registry.decide(OLD, digest=digest_of(OLD), policy=to(OLD))) == "up-to-date"


def test_the_explanation_ends_at_two_thousand_tags():
    answer = Simulated(tags("1.0.0", *(f"2.0.{number}" for number in range(2500)))).decide("1.0.0")

    assert (answer.tag, len(answer.candidates), answer.candidates[-1].tag) == ("2.0.2499", 2000, "2.0.500")
