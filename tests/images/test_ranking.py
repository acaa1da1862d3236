"""Tags for people: the newest first, as far as anything tells."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hubctl.images.facts import TagFact
from hubctl.images.ranking import newest_first


def day(number: int) -> datetime:
    return datetime(2026, 6, number, tzinfo=UTC)


def names(*tags: TagFact) -> list[str]:
    return [tag.name for tag in newest_first(tags)]


def test_dates_of_push_order_all_shapes_and_come_before_dates_of_creation() -> None:
    assert names(
        TagFact("2026.06.04", pushed=day(1)),
        TagFact("b9584f6", pushed=day(3), created=day(1)),
        TagFact("free", created=day(2)),
        TagFact("v1.0.0"),
    ) == ["b9584f6", "free", "2026.06.04", "v1.0.0"]


def test_a_constant_date_of_creation_is_none() -> None:
    assert names(TagFact("a", created=datetime(1980, 1, 1, tzinfo=UTC)), TagFact("2026.01.01")) == ["2026.01.01", "a"]


def test_tags_of_one_push_are_ordered_by_what_they_mean() -> None:
    assert names(TagFact("1.9.0", pushed=day(1)), TagFact("1.10.0", pushed=day(1))) == ["1.10.0", "1.9.0"]


def test_without_dates_shapes_stay_together_and_each_is_in_its_order() -> None:
    assert names(
        *(TagFact(tag) for tag in ("zebra", "1.9.0", "fffffff", "2026.05.01", "1.10.0", "apple", "latest")),
        *(TagFact(tag) for tag in ("x-2026.05.02", "0000000", "2026.06.04", "8.0")),
    ) == [
        "latest",
        "2026.06.04",
        "2026.05.01",
        "x-2026.05.02",
        "1.10.0",
        "1.9.0",
        "8.0",
        "fffffff",
        "0000000",
        "zebra",
        "apple",
    ]


def test_signatures_and_what_is_no_tag_are_left_out() -> None:
    assert names(TagFact("sha256-" + "a" * 64 + ".sig"), TagFact("no tag"), TagFact("\x1b[31m"), TagFact("a")) == ["a"]


@given(st.lists(st.from_regex(r"[a-z0-9_][a-z0-9._-]{0,12}", fullmatch=True), unique=True))
def test_every_tag_is_there_once(tags: list[str]) -> None:
    assert sorted(names(*map(TagFact, tags))) == sorted(tags)
