from __future__ import annotations

import math

import pytest

from hubctl.errors import Unparseable
from hubctl.text.data import data
from hubctl.text.parse import parse


def read(text: str) -> object:
    stream = parse(text.encode())
    return data(stream.documents[0] if stream.documents else None, file="x.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("{}", {}),
        ("a:", {"a": None}),
        ("[~, null, Null, NULL, '']", [None, None, None, None, ""]),
        ("[true, True, FALSE, tRUE]", [True, True, False, "tRUE"]),
        ("[yes, no, on, off, y, n]", ["yes", "no", "on", "off", "y", "n"]),
        ("[0, -12, +3, 0123, 0o17, 0x1F, 1_000]", [0, -12, 3, 123, 15, 31, "1_000"]),
        ("[1.5, 1., .5, -1e3, 2025.10]", [1.5, 1.0, 0.5, -1000.0, 2025.1]),
        ("[.inf, -.INF, +.Inf]", [math.inf, -math.inf, math.inf]),
        ("[1e999, 5e3123]", ["1e999", "5e3123"]),
        ("[2026-06-29, 12:30:45, 1.2.3, =, .]", ["2026-06-29", "12:30:45", "1.2.3", "=", "."]),
        ("a: '1'\nb: \"true\"\nc: |\n  1\n", {"a": "1", "b": "true", "c": "1\n"}),
        ("a: 1\na: 2\n", {"a": 2}),
        ("1: a\ntrue: b\n2025.10: c\n", {"1": "a", "true": "b", "2025.10": "c"}),
        ("a: &x [1]\nb: *x\n*x2 : 3\n".replace("*x2 : 3\n", ""), {"a": [1], "b": [1]}),
        ("a: &x k\n*x : 3\n", {"a": "k", "k": 3}),
        ("a: &x {k: 1, l: 2}\nb:\n  l: 3\n  <<: *x\n", {"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 3}}),
        (
            "a: &x {k: 1}\nb: &y {k: 2, l: 3}\nc: {<<: [*x, *y]}\n",
            {"a": {"k": 1}, "b": {"k": 2, "l": 3}, "c": {"k": 1, "l": 3}},
        ),
        ("'<<': 1\n", {"<<": 1}),
        ("[!!str 1, ! 1, !!int '1', !!float 1, !!float 1.5]", ["1", "1", 1, 1.0, 1.5]),
        ("[!!bool 'true', !!null '', !!seq [], !!map {}]", [True, None, [], {}]),
        (f"[{'9' * 400}]", ["9" * 400]),
    ],
    ids=range(22),
)
def test_values_are_those_of_yaml_1_2_and_numbers_no_machine_holds_stay_text(text, value):
    assert read(text) == value


def test_not_a_number_is_a_float():
    (value,) = read("[.nan]")
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: !!python/object/apply:os.system [secret]\n", 2, "a tag hubctl does not construct"),
        ("b: !secret {a: 1}\n", 1, "a tag hubctl does not construct"),
        ("b: !secret a\n", 1, "a tag hubctl does not construct"),
        ("b: !!binary aGk=\n", 1, "a tag hubctl does not construct"),
        ("b: !!int secret\n", 1, "a value that is no int under the tag `!!int`"),
        ("? [secret]\n: 1\n", 1, "a key that is a list or a mapping"),
        ("a: 1\n<<: secret\n", 2, "`<<` takes a mapping or a list of mappings"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_line_and_none_of_its_text(text, line, message):
    with pytest.raises(Unparseable) as refused:
        read(text)
    assert (refused.value.message, refused.value.line, refused.value.file) == (message, line, "x.yaml")
