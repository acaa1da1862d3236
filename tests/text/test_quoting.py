"""Quoting against PyYAML and ruamel.yaml as installed, and against what Go's parsers were seen to do."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hubctl.text.parse import parse
from hubctl.text.quoting import House, detect_house, quote_majority, stands_plain, written
from hubctl.text.walk import resolve

# What Helm (sigs.k8s.io/yaml over yaml.v2 2.4.0) and yaml.v3 3.0.1 make of the unquoted text.
RECORDED = [
    ("2025.10", "float", "float"),
    ("3.10", "float", "float"),
    ("1.", "float", "float"),
    ("20250101", "float", "int"),
    ("12345678", "float", "int"),
    ("0123", "int", "int"),
    ("0123459", "number", "number"),
    ("08976300", "number", "number"),
    ("1e3", "float", "float"),
    ("1e10", "float", "float"),
    ("1234567e8", "float", "float"),
    ("9446e02", "float", "float"),
    ("0e12345", "float", "float"),
    ("0o17", "int", "int"),
    ("0x1F", "number", "int"),
    ("0x1f", "number", "int"),
    ("0b11", "number", "int"),
    ("0b-1", "number", "int"),
    ("1_000", "number", "int"),
    ("2024_01", "number", "int"),
    ("yes", "bool", "bool"),
    ("no", "bool", "bool"),
    ("On", "bool", "bool"),
    ("OFF", "bool", "bool"),
    ("y", "bool", "str"),
    ("N", "bool", "str"),
    ("true", "bool", "bool"),
    ("null", "null", "null"),
    ("~", "null", "null"),
    (".nan", "error", "float"),
    (".inf", "float", "float"),
    ("2026-06-29", "str", "time"),
    ("2026-6-9", "str", "time"),
    ("2025.01.24", "str", "str"),
    ("2026.06.29", "str", "str"),
    ("v13", "str", "str"),
    ("2i2c", "str", "str"),
    ("fa26_2a", "str", "str"),
    ("3.11.4", "str", "str"),
    ("0.0.1-0.dev.git.16666.h2707c010b", "str", "str"),
    ("NaN", "str", "str"),
    ("inf", "str", "str"),
    ("latest", "str", "str"),
    ("ed76dadfea20", "str", "str"),
    ("0b12345", "str", "str"),
    ("2024-06", "str", "str"),
    ("_", "str", "str"),
    ("_1", "str", "str"),
    ("12e", "str", "str"),
    ("0x", "str", "str"),
    ("main@sha256:" + "0" * 64, "str", "str"),
    ("quay.io/org/image:2025.10", "str", "str"),
    ("localhost:5000/image", "str", "str"),
]
# To PyYAML or ruamel alone, Go reads text.
ONLY_HERE = [
    ("0b_", False),
    ("-_", False),
    ("1:30", False),
    ("12:30:45", False),
    ("=", False),
    ("<<", False),
    ("5e3123", False),
    ("12e4567890", False),
    ("190:20:30.5", False),
]


@pytest.mark.parametrize(("text", "helm", "yaml_v3"), RECORDED)
def test_text_is_quoted_if_and_only_if_some_reader_takes_it_for_something_else(text, helm, yaml_v3):
    go = helm == yaml_v3 == "str"
    assert stands_plain(text, flow=False) == (go and read_as_text_here(text))


@pytest.mark.parametrize(("text", "plain"), ONLY_HERE)
def test_text_that_only_python_readers_take_for_something_else_is_quoted(text, plain):
    assert (stands_plain(text, flow=False), read_as_text_here(text)) == (plain, plain)


NOT_LEGAL = [
    "",
    " a",
    "a ",
    "a: b",
    "a #b",
    "a:",
    "- a",
    "-",
    "?",
    ": a",
    "#a",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "'a",
    '"a',
    "%a",
    "@a",
    "`a",
]
NOT_LEGAL += [
    "[a",
    "]a",
    "{a",
    "}a",
    ",a",
    "---",
    "--- a",
    "...",
    "a\nb",
    "a\tb",
    "\x07",
    "a\u2028b",
    "a\u200bb",
    "\ufeffa",
    "a:\tb",
    "a\t#b",
]


@pytest.mark.parametrize("text", NOT_LEGAL)
def test_text_that_yaml_would_not_read_back_is_quoted(text):
    assert (stands_plain(text, flow=False), stands_plain(text, flow=True)) == (False, False)


@pytest.mark.parametrize("text", ["a, b", "a[0]", "a]", "{{x}}"[1:], "a{b}", "?a", "x:[y", ":a", "a:?"])
def test_flow_context_is_stricter(text):
    assert (stands_plain(text, flow=False), stands_plain(text, flow=True)) == (not text.startswith("{"), False)


@pytest.mark.parametrize(
    "text",
    [
        "a:b",
        "a#b",
        "-a",
        ":a",
        "?a",
        "a-b",
        "--a",
        "it's",
        'say "a"',
        "a b",
        "\u00e9",
        "\U0001f600",
        "a|b",
        "http://x/#y",
    ],
)
def test_text_with_marks_in_harmless_places_stands_plain(text):
    assert stands_plain(text, flow=False)
    assert read_as_text_here(text)


def read_as_text_here(text: str) -> bool:
    """Tell whether PyYAML and ruamel, in YAML 1.2 and 1.1, read `k: text` and `[text]` back as this text."""
    loads = [lambda source: yaml.load(source, Loader=yaml.CSafeLoader)]  # safe
    for version in (None, (1, 1)):
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        loads.append(reader.load)
    for load in loads:
        try:
            found = load(f"k: {text}\n")
        except Exception:  # noqa: BLE001  # whatever a reader raises, it did not read the text
            return False
        if found != {"k": text} or type(found["k"]) is not str:
            return False
    return True


TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,12}", fullmatch=True)
HEX = st.from_regex(r"[0-9a-f]{7,12}", fullmatch=True)
NUMBERISH = st.text("0123456789.eE+-_xobXOBfa:yn", min_size=1, max_size=9)


@settings(max_examples=250, deadline=None)
@given(st.one_of(TAGS, HEX, NUMBERISH))
def test_no_text_left_plain_is_read_otherwise(text):
    if stands_plain(text, flow=False):
        assert read_as_text_here(text)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=12), st.text("ab:#'\"\\ -,[]{}?!&*%@|>\t\n\r", max_size=8)))
def test_every_spelling_is_read_back_by_both_parsers_in_both_contexts(text):
    for source, path in (
        ("k: old\n", ("k",)),
        ("{k: old, z: 1}\n", ("k",)),
        ("- 'old'\n", (0,)),
        ('[k: "old"]\n', (0, "k")),
    ):
        stream = parse(source.encode())
        old = resolve(stream.documents[0], path)
        try:
            text.encode()
        except UnicodeEncodeError:
            return
        new = source.replace(source[old.start : old.end], written(text, old, house=House()))
        for root in (yaml.load(new, Loader=yaml.CSafeLoader), YAML(typ="safe", pure=True).load(new)):
            for step in path:
                root = root[step]  # noqa: PLW2901  # walking down
            assert root == text


HOOKS = b"""
exclude: ^vendored/
repos:
- repo: https://github.com/yuvipanda/ruamelfmt
  rev: v1.0.0
  hooks:
  - id: ruamelfmt
    exclude: helm-charts/.*|config/clusters/templates/.*
- repo: https://github.com/pre-commit/mirrors-prettier
  hooks:
  - id: prettier
    files: ^helm-charts/
"""


@pytest.mark.parametrize(
    ("hooks", "file", "house"),
    [
        (HOOKS, "config/clusters/a/b.values.yaml", House("ruamelfmt", "single")),
        (HOOKS, "helm-charts/basehub/values.yaml", House("prettier", "double")),
        (HOOKS, "config/clusters/templates/x.yaml", House(None, "single")),
        (HOOKS, "vendored/helm-charts/x.yaml", House(None, "single")),
        (None, "x.yaml", House(None, "single")),
        (b"", "x.yaml", House(None, "single")),
        (b"- a\n", "x.yaml", House(None, "single")),
        (b"repos: 1\n", "x.yaml", House(None, "single")),
        (b"repos: [1, {hooks: [{id: black}]}]\n", "x.yaml", House(None, "single")),
        (b"repos: [{hooks: [{id: prettier, files: '['}]}]\n", "x.yaml", House(None, "single")),
        (b"repos: !!python/name:x []\n", "x.yaml", House(None, "single")),
        (b"repos: [\n", "x.yaml", House(None, "single")),
    ],
)
def test_the_house_is_the_formatter_that_the_hooks_run_on_this_file(hooks, file, house):
    assert detect_house(hooks, file) == house


@pytest.mark.parametrize(
    ("neighbours", "house"),
    [
        ([b'a: "x"\nb: \'y\'\nc: "z"\n'], House(None, "double")),
        ([b'a: "x"\n', b"a: 'x'\nb: 'y'\n"], House(None, "single")),
        ([b'a: "it\'s"\nb: "\\n"\nc: \'y\'\n'], House(None, "single")),
        ([b"a: [\n", b'a: "x"\n'], House(None, "double")),
        ([b"a: \"x\"\nb: 'y'\n"], House(None, "single")),
    ],
)
def test_without_a_formatter_the_neighbours_majority_counts(neighbours, house):
    assert detect_house(None, "x.yaml", neighbours) == house


def test_no_majority_is_none():
    assert quote_majority([parse(b"a: 1\n")]) is None
