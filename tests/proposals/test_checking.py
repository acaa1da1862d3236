"""Checks and warnings: what is said to be passed was, what was not checked is said, and each warning has a reason."""

import datetime as dt
from dataclasses import replace

import pytest

from hubctl.images.choice import Origin
from hubctl.proposals.cautions import cautions
from hubctl.proposals.checking import checks
from hubctl.proposals.moves import is_not_older, jump, moves_of, size_text
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.units import Unit

from .parts import FILE, NEW, OLD, change

DASH = "\N{EN DASH}"
JULY, JUNE = dt.datetime(2026, 7, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def made(*changes, edits=None):
    edits = edits or tuple(FileEdit(file, b"a\n", b"b\n") for file in sorted({one.site.file for one in changes}))
    return Unit("cluster-leap", "hubctl/bump-image/cluster-leap", "leap", changes, edits, {})


def check(word, *changes, named=False, edits=None):
    """Return the one check that speaks of a word."""
    unit = made(*changes, edits=edits)
    (line,) = [line for line in checks(unit, moves_of(unit), named=named) if word in line]
    return line


def warned(*changes):
    unit = made(*changes)
    return cautions(unit, moves_of(unit))


@pytest.mark.parametrize(
    ("tags", "warning", "named", "dates", "expected"),
    [
        (("2026.01.01", "2026.06.04"), "", True, (None, None), True),
        (("2026.06.04", "2026.01.01"), "", False, (None, None), False),
        (("1.9.0", "1.10.0"), "", True, (None, None), True),
        (("abcdef1", "1234567"), "", False, (None, None), True),
        (("abcdef1", "1234567"), "", True, (None, None), None),
        (("abcdef1", "1234567"), "", True, (JUNE, JULY), True),
        (("abcdef1", "1234567"), "", True, (JULY, JUNE), False),
        (("abcdef1", "1234567"), "", True, (JUNE, None), None),
        (("abcdef1", "1234567"), "a downgrade: created 2026-01-01", True, (None, None), False),
        (("main", "main"), "", False, (None, None), True),
        (("", "2026.06.04"), "", False, (None, None), True),
    ],
)
def test_tags_are_compared_by_their_order_by_choosing_or_by_dates(tags, warning, named, dates, expected):
    one = change(tags[1], old=tags[0], warnings=(warning,) if warning else ())
    one = replace(one, before=Origin(created=dates[0]), after=Origin(created=dates[1]))
    (move,) = moves_of(made(one))
    assert is_not_older(move, named=named) is expected


def test_the_order_of_tags_is_told_as_it_was_found():
    assert check("older", change()) == "- ✓ not older: each was chosen for the reason given"
    assert check("older", change(), named=True) == "- ✓ not older: compared"
    assert check("older", change(OLD, old=NEW)) == f"- ✗ not older: `quay.io/pangeo/base:{OLD}`"
    assert check("older", change("abcdef1"), named=True) == (
        f"- {DASH} not older: asked for by name, and nothing tells the order: `quay.io/pangeo/base:abcdef1`"
    )


def test_moving_tags_are_named_at_most_five():
    many = [change("latest", image=f"i{number}") for number in range(7)]
    assert check("moving", *many) == (
        "- ✗ not a moving tag: `i0:latest`, `i1:latest`, `i2:latest`, `i3:latest`, `i4:latest` and 2 more"
    )
    assert check("moving", change("v4.4")) == "- ✗ not a moving tag: `quay.io/pangeo/base:v4.4`"


def sized(old, new=1_000_000_000, image="quay.io/pangeo/base"):
    return replace(change(image=image), before=Origin(size=old), size=new)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([sized(800_000_000)], "- ✓ size: 800.0 MB → 1.00 GB (+25%)"),
        ([sized(2_000_000_000)], "- ✓ size: 2.00 GB → 1.00 GB (-50%)"),
        ([sized(400_000_000)], f"- ✗ size: more than twice as large: `quay.io/pangeo/base:{NEW}`"),
        ([sized(None)], f"- {DASH} size: not known of both images: `quay.io/pangeo/base:{NEW}`"),
        ([sized(1), sized(1)], f"- ✗ size: more than twice as large: `quay.io/pangeo/base:{NEW}`"),
        ([sized(10**9), sized(10**9, image="i")], "- ✓ size: none more than twice as large as before"),
    ],
)
def test_sizes_are_compared_where_both_are_known(changes, expected):
    assert check("size", *changes) == expected


def test_a_size_is_read_in_gigabytes_or_megabytes():
    assert [size_text(size) for size in (None, 0, 999_999_999, 10**9)] == ["unknown", "0.0 MB", "1000.0 MB", "1.00 GB"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"a\nb\nc\n", b"a\nB\nc\n", "1 place on 1 line of 1 file"),
        (b"a\nb\nc\n", b"A\nB\nc\n", "1 place on 2 lines of 1 file"),
        (b"a\nb\n", b"a\nB\nd\n", "1 place on 2 lines of 1 file"),
    ],
)
def test_changed_lines_are_counted_in_the_files(before, after, expected):
    line = check("intended", change(), edits=(FileEdit(FILE, before, after),))
    assert line == f"- ✓ only the intended lines changed: {expected}, and all else was read again and is as before"


def test_texts_that_repeat_a_tag_are_counted_once():
    one = replace(change(), copies=("x.display_name",))
    two = replace(change(path=("b",)), copies=("x.display_name", "x.description"))
    assert "2 places and 2 texts that repeat a tag on 1 line of 1 file" in check("intended", one, two)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1.9.0", "2.0.0", "a major step: the first number goes from 1 to 2"),
        ("1.9.0", "1.10.0", None),
        ("0.0.1-0.dev.git.9.h4c1f0a2", "1.0.1-0.dev.git.9.h4c1f0a2", "a major step: the first number goes from 0 to 1"),
        ("2024.1.3", "2025.1.3", None),
        ("2024.1.3", "2026.1.3", "a step of 2 years"),
        ("2024.01.03", "2025.12.03", None),
        ("2024.01.03", "2026.01.03", "a step of 2 years"),
        ("2024.01.03", "v1.0.0", "another kind of tag: YYYY.MM.DD before, vX.Y.Z now"),
        ("abcdef1", "1234567", None),
        ("main", "main", None),
        ("", "1.0.0", None),
    ],
)
def test_large_steps_are_told(old, new, expected):
    (move,) = moves_of(made(change(new, old=old)))
    assert jump(move) == expected


def test_warnings_name_the_image_or_the_place():
    one = change("2026.01.01", old="2023.01.01", warnings=("a", "see https://m.example/x", "a"), image="i")
    one = replace(one, default="everybody", overridden=("leap/prod", "leap/a"))
    two = replace(change("v4.4", old="v4.3", image="j"), shadowed=True, overridden=("leap/prod", "leap/staging"))
    two = replace(two, default="profile")
    two = replace(two, site=replace(two.site, line=9, aliases=tuple(range(40, 28, -1))))
    three = change("latest", image="k", warnings=("`latest` is a moving tag: what it points at changes",), old="latest")
    four = change("main", image="l", old="develop", warnings=("`main` is a moving tag: what it points at changes",))
    assert warned(one, two, three, four) == [
        "- `i` is what people get who choose nothing: 1 default option of `profileList`",
        "- `i`: `a step of 3 years`",
        "- `j` is the default choice of 1 profile of `profileList`",
        "- `j`: `v4.4` is a moving tag: what it points at changes without a pull request",
        "- `k`: `latest` is a moving tag, and its digest is what keeps it in place",
        "- `i`: `a`",
        "- `i`: `see (address left out)`",
        "- `k`: `` `latest` is a moving tag: what it points at changes ``",
        "- `l`: `` `main` is a moving tag: what it points at changes ``",
        f"- `{FILE}`, line 4: a later file overrides it in `leap/a` and 1 hub more",
        f"- `{FILE}`, line 9: shadowed, a later file overrides it in every hub it reaches",
        f"- `{FILE}`, line 9: used again by alias, at line 29, 30, 31, 32, 33, 34, 35, 36, 37, 38 and 2 more",
    ]


def test_nothing_to_beware_of_says_nothing():
    assert warned(change("2025.08.01")) == []
