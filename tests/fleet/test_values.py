"""One values file as Helm reads it, and the line that gives each value."""

from __future__ import annotations

import pytest

from hubctl.errors import Unparseable
from hubctl.fleet.merging import Layer, merge
from hubctl.fleet.values import values_of
from hubctl.problem import Problem

FILE = "x.values.yaml"


def read(text: str) -> tuple[dict[str, object], dict[str, int]]:
    """The values of one file, and the line of each leaf."""
    merged = merge([Layer(FILE, values_of(text.encode(), FILE).root)])
    return merged.values, {".".join(source.path): source.place.line for source in merged.sources}


@pytest.mark.parametrize(
    ("text", "values", "lines"),
    [
        ("a: 1\nb:\n  c: x\n", {"a": 1, "b": {"c": "x"}}, {"a": 1, "b.c": 3}),
        ("a:\n- 1\n- {b: ~}\n", {"a": [1, {"b": None}]}, {"a": 1}),
        ("a:\n\n  [1]\n", {"a": [1]}, {"a": 1}),
        ("a: {}\nb: []\n", {"a": {}, "b": []}, {"a": 1, "b": 2}),
        ("a: ~\nb: {c: null, d: 1}\n", {"b": {"d": 1}}, {"b.d": 2}),
        ("b: {c: null}\n", {"b": {}}, {"b": 1}),
        ("a: |\n  text\n  more\n", {"a": "text\nmore\n"}, {"a": 1}),
        ("a:\n  'long'\n", {"a": "long"}, {"a": 2}),
        ("yes: {1: x}\n", {"true": {"1": "x"}}, {"true.1": 1}),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ("", {}, {}),
        ("# nothing\n", {}, {}),
        ("null\n", {}, {}),
        ("---\na: 1\n---\nb: 2\n", {"a": 1}, {"a": 2}),
        # below an alias the anchored value's line counts
        ("x: &x\n  k: 1\n\na: *x\n", {"x": {"k": 1}, "a": {"k": 1}}, {"x.k": 2, "a.k": 2}),
        ("x: &x 5\na: *x\n", {"x": 5, "a": 5}, {"x": 1, "a": 1}),
        ("x: &x\n- 1\na: *x\n", {"x": [1], "a": [1]}, {"x": 1, "a": 1}),
        ("x: &x # &x\n\n  # &x\n  - 1\na: *x\n", {"x": [1], "a": [1]}, {"x": 1, "a": 1}),
        ("x:\n- &x\n  - 1\n- &s 5\na: *x\nb: *s\n", {"x": [[1], 5], "a": [1], "b": 5}, {"x": 1, "a": 3, "b": 4}),
        ("x:\n- {k: &x {}}\na: *x\n", {"x": [{"k": {}}], "a": {}}, {"x": 1, "a": 2}),
        ("&k a: 1\nb: *k\n", {"a": 1, "b": "a"}, {"a": 1, "b": 1}),
        ("x: &x {}\na: *x\n", {"x": {}, "a": {}}, {"x": 1, "a": 1}),
        (
            "w: &xx 1\nx: &x [2]\na: *x\nb: *xx\n",
            {"w": 1, "x": [2], "a": [2], "b": 1},
            {"w": 1, "x": 2, "a": 2, "b": 1},
        ),
        ("&k a: 1\nb: {*k : 2}\n", {"a": 1, "b": {"a": 2}}, {"a": 1, "b.a": 2}),
        # `<<` sets what it merges where it stands: yaml.v2 lets it override what comes before
        ("x: &x {k: 1}\na:\n  <<: *x\n  k: 2\n", {"x": {"k": 1}, "a": {"k": 2}}, {"x.k": 1, "a.k": 4}),
        ("x: &x {k: 1}\na:\n  k: 2\n  <<: *x\n", {"x": {"k": 1}, "a": {"k": 1}}, {"x.k": 1, "a.k": 1}),
        ("a: {<<: [{k: 1}, {k: 2, l: 3}]}\n", {"a": {"k": 1, "l": 3}}, {"a.k": 1, "a.l": 1}),
        ("a: {'<<': {k: 1}}\n", {"a": {"<<": {"k": 1}}}, {"a.<<.k": 1}),
        ("a: !custom {b: 1}\n", {"a": {"b": 1}}, {"a.b": 1}),
    ],
)
def test_a_file_is_read_as_helm_reads_it(text, values, lines):
    assert read(text) == (values, lines)


def test_of_a_duplicate_key_helm_takes_the_last_and_a_problem_says_so() -> None:
    text = "a: {x: 1}\nb: [{c: 1, c: 2}]\na:\n  y: 1\ntrue: 1\nyes: 2\n"
    found = values_of(text.encode(), FILE)

    assert merge([Layer(FILE, found.root)]).values == {"a": {"true": 1}, "b": [{"c": 2}], "true": 2}
    assert found.problems == tuple(
        Problem(
            FILE,
            line,
            "duplicate-key",
            f"the key `{key}` occurs twice in one mapping; Helm takes the last",
            "keep one of them",
        )
        for line, key in ((2, "c"), (3, "a"), (6, "true"))
    )


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("- a\n", "values are a mapping, and this is none", 1),
        ("\n5\n", "values are a mapping, and this is none", 2),
        ("a: 1\n~: 2\n", "a key that is null", 2),
        ("a:\n- {b: .inf}\n", "a number that JSON cannot hold", 2),
        ("a: 1\nb:\n  <<: 5\n", "`<<` takes a mapping or a list of mappings", 3),
        ("a: 1\nb:\n  <<: [{c: 1}, 5]\n", "`<<` takes a mapping or a list of mappings", 3),
        ("x: &x [{a: 1}]\nb:\n  <<: *x\n", "`<<` takes a mapping or a list of mappings", 3),
        ("a: 1\nb: [\n", "not valid YAML", 3),
    ],
)
def test_what_helm_cannot_read_is_refused_with_its_line(text, message, line):
    with pytest.raises(Unparseable) as refused:
        values_of(text.encode(), FILE)

    assert (refused.value.message, refused.value.file, refused.value.line) == (message, FILE, line)


def test_many_aliases_of_one_mapping_share_what_was_read() -> None:
    text = "x: &x {a: 1, b: {c: [1, 2]}}\n" + "".join(f"k{number}: *x\n" for number in range(5_000))
    values, lines = read(text)

    assert values["k4999"] == {"a": 1, "b": {"c": [1, 2]}}
    assert lines["k4999.b.c"] == 1
