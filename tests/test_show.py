"""Foreign text in messages can do nothing but be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.show import near, plural, show


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("pangeo/pangeo-notebook:2026.06.04", "pangeo/pangeo-notebook:2026.06.04"),
        ("Universität → 東京 🚀", "Universität → 東京 🚀"),
        ("", ""),
        ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
        ("a\n::set-output name=x::y", "a\\n::set-output name=x::y"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x9b2J", "\\u009b2J"),
        ("\x00\x07\x7f", "\\u0000\\u0007\\u007f"),
        ("user\u202ecod.exe\u2066", "user\\u202ecod.exe\\u2066"),
        ("zero\u200bwidth\u200d\ufeff\u00ad", "zero\\u200bwidth\\u200d\\ufeff\\u00ad"),
        ("\u2028\u2029\u0085", "\\u2028\\u2029\\u0085"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\U000e0041"),
        ("\u3164\u2800\ufe0f", "\\u3164\\u2800\\ufe0f"),
        ("\u00a0", "\\u00a0"),
    ],
)
def test_foreign_text_is_shown_as_one_harmless_line(foreign: str, shown: str) -> None:
    assert show(foreign) == shown


@pytest.mark.parametrize(
    ("foreign", "limit", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("ab\x1bcd", 6, "ab…"),
        ("\x1b\x1b\x1b", 3, "…"),
    ],
)
def test_long_text_is_cut_where_no_escape_is_split(foreign: str, limit: int, shown: str) -> None:
    assert show(foreign, limit) == shown


@given(st.text(st.characters(codec=None)), st.integers(1, 60))
def test_shown_text_is_printable_encodable_and_short(foreign: str, limit: int) -> None:
    shown = show(foreign, limit)
    assert (shown.isprintable(), len(shown) <= limit, shown.encode().decode()) == (True, True, shown)


def test_a_million_characters_are_cut_without_reading_them_all() -> None:
    assert show("\x1b" * 50_000_000, 12) == "\\u001b…"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("laep", ["leap"]),
        ("LEAP", ["leap"]),
        ("veda", ["nasa-veda"]),
        ("zzz", []),
        ("", []),
        ("x" * 1_000_000, []),
    ],
)
def test_near_names_are_offered_for_a_mistyped_one(word: str, found: list[str]) -> None:
    assert near(word, ["2i2c", "leap", "nasa-veda", "utoronto"]) == found


def test_at_most_three_near_names_are_offered() -> None:
    assert near("prod", ["prod1", "prod2", "prod3", "prod4"]) == ["prod4", "prod3", "prod2"]


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [
        (0, "place", "0 places"),
        (1, "place", "1 place"),
        (2, "hub", "2 hubs"),
        (3, "branch", "3 branches"),
        (4, "entry", "4 entries"),
        (5, "day", "5 days"),
        (6, "alias", "6 aliases"),
    ],
)
def test_nouns_follow_their_count(count: int, noun: str, text: str) -> None:
    assert plural(count, noun) == text
