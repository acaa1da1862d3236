from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.images.shape import MOVING, Shape, is_signature, order_key, shape_of, tag_date


def commit(length):
    return Shape("commit", hex_length=length)


def date(separator, prefix=""):
    return Shape("date", prefix=prefix, separator=separator)


def version(prefix="", *, v=False):
    return Shape("version", prefix=prefix, separator=".", v=v)


@pytest.mark.parametrize(
    ("tag", "shape", "key"),
    [
        *((tag, Shape("moving"), None) for tag in sorted(MOVING)),
        ("0.0.1-0.dev.git.16666.h2707c010b", Shape("chartpress", separator="-0.dev.git."), (0, 0, 1, 16666)),
        ("0.0.1-n008.h12345ab", Shape("chartpress", separator="-n"), (0, 0, 1, 8)),
        ("1.2.3.n94.hd3893db", Shape("chartpress", separator=".n"), (1, 2, 3, 94)),
        ("0.0.1-n008.h12345a", Shape("free"), None),  # six hexadecimal digits are no commit
        ("2025.12.1.dev94-gd3893dba2", Shape("git-describe", separator=".dev-g"), (2025, 12, 1, 94)),
        ("1.2.3-94-gd3893dba2", Shape("git-describe", separator="--g"), (1, 2, 3, 94)),
        ("1.2.3.dev94gd3893dba2", Shape("git-describe", separator=".devg"), (1, 2, 3, 94)),
        ("2025.07.09", date("."), (2025, 7, 9, 0)),
        ("2024-03-18", date("-"), (2024, 3, 18, 0)),
        ("2026.06.04-v1", date("."), (2026, 6, 4, 1)),
        ("2025.08.14-v12", date("."), (2025, 8, 14, 12)),
        ("quarto-2025.08.14-v2", date(".", "quarto-"), (2025, 8, 14, 2)),
        ("x86_64-2024-03-18", date("-", "x86_64-"), (2024, 3, 18, 0)),
        ("aarch64-2024-03-18", date("-", "aarch64-"), (2024, 3, 18, 0)),
        ("cuda12-2024-03-18", date("-", "cuda12-"), (2024, 3, 18, 0)),
        ("v2025.01.01", date(".", "v"), (2025, 1, 1, 0)),
        ("2i2c-2025.01.01", date(".", "2i2c-"), (2025, 1, 1, 0)),
        ("2025.01.012025.01.01", Shape("free"), None),
        ("2025-01-012025-01-01", Shape("free"), None),
        ("2025.01.01-2025.01.01", Shape("free"), None),
        ("2025.13.01", Shape("free"), None),
        ("2025-02-30", Shape("free"), None),
        ("9999.99.99", Shape("free"), None),
        ("2025.01-01", Shape("free"), None),
        ("2025.01.01-gpu", Shape("free"), None),
        ("20250709", Shape("date8"), (2025, 7, 9)),
        ("20251301", commit(8), None),
        ("19990709", commit(8), None),
        ("12345678", commit(8), None),
        ("4059588", commit(7), None),
        ("b9584f6", commit(7), None),
        ("89655e1", commit(7), None),
        ("178819e05792", commit(12), None),
        ("a" * 40, commit(40), None),
        ("a" * 64, Shape("free"), None),
        ("a" * 9, Shape("free"), None),
        ("ABCDEF1", Shape("free"), None),
        ("6.0.0", version(), (6, 0, 0)),
        ("v6.0.0", version(v=True), (6, 0, 0)),
        ("0.0.1", version(), (0, 0, 1)),
        ("2024.5.21", version(), (2024, 5, 21)),
        ("python-3.13.14", version("python-"), (3, 13, 14)),
        ("x86_64-python-3.13.14", version("x86_64-python-"), (3, 13, 14)),
        ("2025.01.01-1.2.3", Shape("free"), None),
        ("1.2.3.4", Shape("free"), None),
        ("1.2.3-rc1", Shape("free"), None),
        ("4", Shape("line"), None),
        ("v6", Shape("line", v=True), None),
        ("4.30", Shape("line", separator="."), None),
        ("8.0", Shape("line", separator="."), None),
        ("python-3.13", Shape("free"), None),
        ("fa26_2a", Shape("free"), None),
        ("gui-demo", Shape("free"), None),
        ("2i2c", Shape("free"), None),
        ("Latest", Shape("free"), None),
        ("ubuntu-24.04", Shape("free"), None),
        ("\u0662\u0660\u0662\u0665.\u0660\u0661.\u0660\u0661", Shape("free"), None),
    ],
)
def test_a_tag_has_the_first_shape_that_matches_all_of_it(tag, shape, key):
    assert (shape_of(tag), order_key(tag)) == (shape, key)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2025.07.09", "2026.06.04"),
        ("2026.06.04", "2026.06.04-v1"),
        ("2026.06.04-v9", "2026.06.04-v10"),
        ("0.0.1-0.dev.git.9999.h2707c010b", "0.0.1-0.dev.git.16666.h1707c010b"),
        ("2.9.0", "2.10.0"),
        ("v9.0.0", "v10.0.0"),
    ],
)
def test_integers_order_and_not_characters(older, newer):
    assert shape_of(older) == shape_of(newer)
    assert order_key(older) < order_key(newer)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2025.01.01", "2025-01-01"),
        ("2025.01.01", "quarto-2025.01.01"),
        ("2025-01-01", "x86_64-2025-01-01"),
        ("2025.01.01", "20250101"),
        ("v1.2.3", "1.2.3"),
        ("python-3.13.1", "lab-3.13.1"),
        ("b9584f6", "b9584f6a0b1c"),
        ("b9584f6", "2025.01.01"),
        ("1.2.3-n1.habcdef0", "1.2.3.n1.habcdef0"),
        ("4", "4.4"),
    ],
)
def test_prefix_separator_and_length_keep_tags_apart(one, other):
    assert shape_of(one) != shape_of(other)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("2025.01.01", "YYYY.MM.DD"),
        ("quarto-2025-01-01", "quarto-YYYY-MM-DD"),
        ("20250101", "YYYYMMDD"),
        ("b9584f6", "7-hex commit"),
        ("v1.2.3", "vX.Y.Z"),
        ("python-1.2.3", "python-X.Y.Z"),
        ("4.4", "release line"),
        ("gui-demo", "free-form"),
        ("latest", "moving"),
        ("1.2.3-94-gd3893dba2", "git-describe"),
    ],
)
def test_a_shape_says_itself_as_people_write_it(tag, text):
    assert str(shape_of(tag)) == text


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("sha256-" + "a" * 64, True),
        ("sha256-" + "a" * 64 + ".sig", True),
        ("sha256-" + "a" * 64 + ".att", True),
        ("sha256-" + "a" * 64 + ".sbom", True),
        ("sha256-" + "a" * 63, False),
        ("sha256-" + "a" * 64 + "-x", False),
        ("2025.01.01", False),
    ],
)
def test_signatures_are_no_images(tag, expected):
    assert is_signature(tag) is expected


def test_only_date_tags_name_a_day():
    named = {tag: str(tag_date(tag)) for tag in ("2025.01.02-v3", "20250102", "2025.1.2", "latest")}

    assert named == {"2025.01.02-v3": "2025-01-02", "20250102": "2025-01-02", "2025.1.2": "None", "latest": "None"}


@given(st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\Z"))
def test_every_tag_has_a_shape_and_a_key_only_where_the_class_is_ordered(tag):
    shape = shape_of(tag)

    assert (order_key(tag) is not None) == shape.ordered


@given(st.dates(min_value=dt.date(1000, 1, 1)), st.sampled_from(["", "quarto-", "x86_64-"]))
def test_every_calendar_date_is_read_back(day, prefix):
    assert [tag_date(prefix + day.strftime(f"{day.year:04}{sep}%m{sep}%d")) for sep in ".-"] == [day, day]
