"""Which values differ between two texts of one file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import Unparseable
from hubctl.fleet.differing import MOST, Difference, cluster_in, differences, values_in


def told(old: str, new: str) -> list[tuple[str, object, object, str]]:
    before, after = values_in(old.encode(), "a.yaml"), values_in(new.encode(), "a.yaml")
    assert before is not None
    assert after is not None
    return [(each.path, each.old, each.new, each.kind) for each in differences(before, after)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a: {b: 1}", "a: {b: 2}", [("a.b", 1, 2, "changed")]),
        ("", "a: {b: 1, c: {}}", [("a.b", None, 1, "added"), ("a.c", None, {}, "added")]),
        ("a: {b: 1}\nc: x", "c: x", [("a.b", 1, None, "removed")]),
        ("a: 1", "a: null", [("a", 1, None, "changed")]),
        ("", "a: null", [("a", None, None, "added")]),
        ("a: 1", "a: {b: 1}", [("a", 1, {"b": 1}, "changed")]),
        ("a: {}", "a: {b: 1}", [("a.b", None, 1, "added")]),
        ("a: 1\nb: 2 # x", "b:   2\na: 1", []),
        ('"k.ey": 1', '"k.ey": 2', [('["k.ey"]', 1, 2, "changed")]),
        ("a: 1", "a: true", [("a", 1, True, "changed")]),
        ("a: [1]", "a: [true]", [("a", [1], [True], "changed")]),
        ("a: yes", "a: on", []),
        ("a: 1.10", "a: '1.10'", [("a", 1.1, "1.10", "changed")]),
        ("a: 0123", "a: 2026-06-29", [("a", 83, "2026-06-29", "changed")]),
        ("a: 1\na: 2", "a: 1\na: 3", [("a", 2, 3, "changed")]),
    ],
)
def test_a_value_is_told_as_helm_reads_it(old, new, expected):
    assert told(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[a, b]", "[a, c]", [("l", ["a", "b"], ["a", "c"], "changed")]),
        (
            "[{slug: x, v: 1}, {slug: z, v: 1}]",
            "[{slug: x, v: 1}, {slug: z, v: 2}]",
            [("l[slug=z].v", 1, 2, "changed")],
        ),
        ("[{name: x, v: 1}]", "[{name: x, v: 2}]", [("l[name=x].v", 1, 2, "changed")]),
        ("[{name: 'a]b', v: 1}]", "[{name: 'a]b', v: 2}]", [('l[name="a]b"].v', 1, 2, "changed")]),
        ("[{v: 1}, {v: 2}]", "[{v: 1}, {v: 3}]", [("l[1].v", 2, 3, "changed")]),
        ("[{name: x, v: 1}, {name: x, v: 2}]", "[{name: x, v: 1}, {name: x, v: 3}]", [("l[1].v", 2, 3, "changed")]),
        ("[{slug: x}]", "[{slug: x}, {slug: z}]", [("l", [{"slug": "x"}], [{"slug": "x"}, {"slug": "z"}], "changed")]),
        (
            "[{slug: x}, {slug: z}]",
            "[{slug: z}, {slug: x}]",
            [("l", [{"slug": "x"}, {"slug": "z"}], [{"slug": "z"}, {"slug": "x"}], "changed")],
        ),
        ("[]", "[{slug: x}]", [("l", [], [{"slug": "x"}], "changed")]),
    ],
)
def test_a_list_is_one_leaf_unless_its_entries_are_named_alike(old, new, expected):
    assert told(f"l: {old}", f"l: {new}") == expected


def test_what_an_anchor_changes_is_told_wherever_it_counts():
    text = "a: &x {{v: {0}}}\nb: *x\nc:\n  <<: *x\n"

    assert told(text.format(1), text.format(2)) == [
        ("a.v", 1, 2, "changed"),
        ("b.v", 1, 2, "changed"),
        ("c.v", 1, 2, "changed"),
    ]


def test_a_file_that_sops_wrote_has_no_values():
    assert values_in(b"a: ENC[x]\nsops: {mac: y}\n", "a.yaml") is None
    assert values_in(b"a: 1\nsops: word\n", "a.yaml") == {"a": 1, "sops": "word"}


def test_a_cluster_is_read_as_the_fleet_reads_it():
    assert cluster_in(b"a: yes\nb: 0123\nc: .inf\nd: 2026-06-29", "cluster.yaml") == {
        "a": "yes",
        "b": 123,
        "c": "Infinity",
        "d": "2026-06-29",
    }
    with pytest.raises(Unparseable):
        cluster_in(b"- a\n", "cluster.yaml")


def test_too_many_differences_are_refused():
    with pytest.raises(Unparseable, match="more than 10,000 values differ"):
        differences({}, {str(number): number for number in range(MOST + 1)})


def test_a_path_that_is_very_long_ends_the_walk():
    long = "k" * 2_001

    assert differences({}, {long: {"a": {"b": 1}}}) == (Difference(long, None, {"a": {"b": 1}}, "added"),)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "yes"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["slug", "name", "a", "b.c"]), inner, max_size=3)
    ),
    max_leaves=12,
)
VALUES = st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON, max_size=3)


@given(VALUES, VALUES)
def test_the_way_back_has_the_same_paths(old, new):
    there, back = differences(old, new), differences(new, old)

    assert [(each.path, each.new, each.old) for each in back] == [(each.path, each.old, each.new) for each in there]
    assert len({each.path for each in there}) == len(there)


@given(VALUES)
def test_nothing_differs_from_itself(values):
    assert differences(values, values) == ()
