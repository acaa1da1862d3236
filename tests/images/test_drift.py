from __future__ import annotations

import pytest

from hubctl.images.choice import Ask, Policy
from tests.images.simulated import DOWN, GONE, Pushed, Simulated, digest_of, outcome

THEN, NOW = digest_of("then"), digest_of("now")
FIXED = [
    "2026.06.04",
    "20260604",
    "1.2.0",
    "r-4.5.1",
    "0.0.1-0.dev.git.9871.h4c1f0a2b7",
    "4.3.0-7-g91d2f6b3",
    "178819e05792",
]


def moved(tag: str) -> str:
    return f"tag was moved: `{tag}` points at {NOW}, no longer at {THEN}"


@pytest.mark.parametrize("source", ["oci", "quay"])
@pytest.mark.parametrize("tag", FIXED)
def test_a_fixed_tag_that_left_its_written_digest_is_never_up_to_date(tag, source):
    answer = Simulated([Pushed(tag, "now")], source=source).decide(tag, digest=THEN)

    assert (answer.code, answer.why) == ("tag-moved", f"no newer tag of the shape of `{tag}`; {moved(tag)}")


@pytest.mark.parametrize("tag", FIXED)
def test_a_fixed_tag_that_stayed_is_up_to_date(tag):
    registry = Simulated([Pushed(tag, "then")])

    assert outcome(registry.decide(tag, digest=THEN)) == "up-to-date"
    assert registry.asked == [Ask("digest", (tag,))]


def test_a_pattern_has_no_moved_tag_pass_for_up_to_date():
    policy = Policy("pattern", pattern=r"1\.2\..*", order="version")

    answer = Simulated([Pushed("1.2.0", "now")]).decide("1.2.0", digest=THEN, policy=policy)

    assert answer.code == "tag-moved"


@pytest.mark.parametrize("source", ["oci", "quay"])
def test_a_newer_tag_comes_with_the_warning_that_the_old_one_was_moved(source):
    answer = Simulated([Pushed("1.2.0", "now"), Pushed("1.2.1")], source=source).decide("1.2.0", digest=THEN)

    assert (answer.tag, answer.warnings) == ("1.2.1", (moved("1.2.0"),))


def test_another_reason_to_stay_keeps_its_code_and_tells_the_move():
    registry = Simulated([Pushed("1.2.0", "now"), Pushed("1.2.1", platforms=("linux/arm64",))])
    answer = registry.decide("1.2.0", digest=THEN)

    assert (answer.code, answer.why) == ("unconfirmed", f"`1.2.1`: has no linux/amd64 image; {moved('1.2.0')}")


@pytest.mark.parametrize(("head", "said"), [(DOWN, DOWN.why), (GONE, GONE.why)])
def test_a_tag_whose_place_could_not_be_asked_says_so(head, said):
    answer = Simulated([Pushed("1.2.0", "now", head=head)]).decide("1.2.0", digest=THEN)

    why = f"no newer tag of the shape of `1.2.0`; where `1.2.0` points could not be asked: {said}"
    assert (answer.code, answer.why) == ("up-to-date", why)


def test_a_digest_of_another_kind_says_nothing_of_a_move():
    answer = Simulated([Pushed("1.2.0", "now")]).decide("1.2.0", digest="sha512:" + "0" * 128)

    assert outcome(answer) == "up-to-date"


@pytest.mark.parametrize("head", [DOWN, GONE])
def test_a_newer_tag_is_taken_though_the_old_one_could_not_be_asked_about(head):
    answer = Simulated([Pushed("1.2.0", "now", head=head), Pushed("1.2.1")]).decide("1.2.0", digest=THEN)

    assert outcome(answer) == "1.2.1"
