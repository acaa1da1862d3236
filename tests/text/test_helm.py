"""Scalars and keys as Helm reads them; each row was seen from Helm 3.17 (sigs.k8s.io/yaml 1.4 over yaml.v2)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import Unparseable
from hubctl.text.helm import helm_key, helm_scalar, is_merge
from hubctl.text.parse import parse
from hubctl.text.quoting import stands_plain
from hubctl.text.tree import Mapping, Scalar

VALUES = [
    ("1.10", 1.1),
    ("4.0", 4.0),
    ("1.", 1.0),
    ("0123", 83),
    ("08", 8.0),
    ("0o17", 15),
    ("0O17", 15),
    ("0x1f", 31),
    ("0XFF", 255),
    ("0x_ff", 255),
    ("0b11", 3),
    ("-0b11", -3),
    ("0b-11", -3),
    ("0b+11", 3),
    ("+5", 5),
    ("-17", -17),
    ("1_000", 1000),
    ("1__0", 10),
    ("5_", 5),
    ("+_5", 5),
    ("0_x1", 1),
    ("1e3", 1000.0),
    ("12_34.5_6e1_0", 12345600000000.0),
    ("+.5", 0.5),
    (".5_0", 0.5),
    (".5e1_0", 5000000000.0),
    ("1e-400", 0.0),
    ("0777777777777777777777777777777", 7.777777777777778e29),
    ("9007199254740993", 9007199254740992),
    ("18446744073709551615", 18446744073709551616),
    ("99999999999999999999", 1e20),
    ("1e400", "1e400"),
    ("0x1ffffffffffffffff", "0x1ffffffffffffffff"),
    ("0x-ff", "0x-ff"),
    ("0o8", "0o8"),
    ("._5", "._5"),
    (".", "."),
    ("+", "+"),
    ("_1", "_1"),
    ("1:30", "1:30"),
    ("=", "="),
    ("2026-06-29", "2026-06-29"),
    ("2026-6-2 10:10:10", "2026-6-2 10:10:10"),
    ("2026.06.29", "2026.06.29"),
    ("yes", True),
    ("On", True),
    ("y", True),
    ("no", False),
    ("OFF", False),
    ("tRUE", "tRUE"),
    ("null", None),
    ("~", None),
    ("", None),
    ("''", ""),
    ("'1'", "1"),
    ('"yes"', "yes"),
    ("|\n  1\n", "1\n"),
    ("!!str 12", "12"),
    ("!!str", ""),
    ("!!str ~", "~"),
    ("!custom 12", "12"),
    ("! 12", "12"),
    ('!!int "12"', 12),
    ("!<tag:yaml.org,2002:int> 5", 5),
    ("!!float 1", 1.0),
    ("!!float 0x10", 16.0),
    ('!!bool "yes"', True),
    ('!!null ""', None),
    ("!!timestamp 2020-01-01", "2020-01-01"),
    ("!!binary aGVsbG8=", "hello"),
    ("!!binary /w==", "\ufffd"),
    ("!!merge x", "x"),
]


def scalar(text: str) -> Scalar:
    root = parse(f"a: {text}\n".encode()).documents[0]
    assert isinstance(root, Mapping)
    value = root.pairs[0][1]
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_scalar_is_what_helm_makes_of_it(text, value):
    read = helm_scalar(scalar(text))

    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".inf", "a number that JSON cannot hold"),
        ("-.Inf", "a number that JSON cannot hold"),
        (".NaN", "a number that JSON cannot hold"),
        ("!!float .inf", "a number that JSON cannot hold"),
        ("!!int 3.5", "a value that is no int under the tag `!!int`"),
        ("!!null x", "a value that is no null under the tag `!!null`"),
        ("!!timestamp foo", "a value that is no timestamp under the tag `!!timestamp`"),
        ('!!binary "aGVsbG8"', "no base64 under the tag `!!binary`"),
    ],
)
def test_what_helm_refuses_is_refused_with_file_and_line(text, message):
    with pytest.raises(Unparseable) as refused:
        helm_scalar(scalar(text), file="x.yaml")

    assert (refused.value.message, refused.value.file, refused.value.line) == (message, "x.yaml", 1)


def first_key(text):
    return parse(text.encode()).documents[0].pairs[0][0]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("a", "a"),
        ("1", "1"),
        ("1_000", "1000"),
        ("0x1f", "31"),
        ("yes", "true"),
        ("y", "true"),
        ("off", "false"),
        ("'yes'", "yes"),
        ("''", ""),
        ("!!str 1", "1"),
        ('!!int "7"', "7"),
        ("2026-06-29", "2026-06-29"),
        ("2025.10", "2025.1"),
        (".5", "0.5"),
        ("123456.5", "123456.5"),
        ("1234567.0", "1.234567e+06"),
        ("0.0001", "0.0001"),
        ("0.00001234", "1.234e-05"),
        ("-1.5", "-1.5"),
        ("16777217.0", "1.6777216e+07"),
        ("99999999999999999999", "1e+20"),
        ("9223372036854775807", "9223372036854775807"),
        ("1e100", ".inf"),
        ("-.inf", "-.inf"),
        (".nan", ".nan"),
    ],
)
def test_a_key_is_the_text_helm_makes_of_it(written, key):
    assert helm_key(first_key(f"{written}: x\n")) == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~: x\n", "a key that is null"),
        ("? [a]\n: x\n", "a key that is a list or a mapping"),
        ("? {a: 1}\n: x\n", "a key that is a list or a mapping"),
        ("18446744073709551615: x\n", "a key that is a number out of range"),
    ],
)
def test_a_key_helm_refuses_is_refused(text, message):
    with pytest.raises(Unparseable, match=message):
        helm_key(first_key(text))


@pytest.mark.parametrize(
    ("text", "merges"),
    [("<<: {}\n", True), ("!!merge <<: {}\n", True), ("'<<': {}\n", False), ("a: {}\n", False), ("? []\n: 1\n", False)],
)
def test_only_a_plain_merge_key_merges(text, merges):
    assert is_merge(first_key(text)) is merges


@given(st.text("0123456789_.eE+-xbo:~yn", min_size=1, max_size=12))
def test_what_stands_plain_is_the_same_text_to_helm(text):
    if stands_plain(text, flow=False):
        assert helm_scalar(scalar(text)) == text


@given(st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False).map(abs))
def test_numbers_written_as_json_are_read_as_json_reads_them(number):
    assert helm_scalar(scalar(json.dumps(number))) == json.loads(json.dumps(number))
