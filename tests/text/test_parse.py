from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise

import pytest

from hubctl.errors import Unparseable
from hubctl.text.build import build
from hubctl.text.parse import parse
from hubctl.text.reference import reference_events
from hubctl.text.walk import leaves

# Each text with the source of all its scalars and aliases, keys too, in order.
SPANS = [
    ("a: b\n", ["a", "b"]),
    ("a: 'b c' # d\n", ["a", "'b c'"]),
    ('"a": "b\\"c"\n', ['"a"', '"b\\"c"']),
    ("a: first\n  second\n\n  third\n", ["a", "first\n  second\n\n  third"]),
    ("\U0001f600: \U0001f680 x\n", ["\U0001f600", "\U0001f680 x"]),
    ("a: &x b\nc: *x\n", ["a", "b", "c", "*x"]),
    ("a: &x !!str 'b'\n", ["a", "'b'"]),
    ("a: !!str &x\n  # comment\n  b\n", ["a", "b"]),
    ("a: !<tag:x,2000:y> b\n", ["a", "b"]),
    ("&k a: b\n", ["a", "b"]),
    ("a:\n# comment\nb:\n", ["a", "", "b", ""]),
    ("a: &x\nb: !!str\n", ["a", "", "b", ""]),
    ("- a\n-\n# c\n- - \n  - b\n", ["a", "", "", "b"]),
    ("{a: , b, c: d}\n", ["a", "", "b", "", "c", "d"]),
    ("[a, {b: c}, ]\n", ["a", "b", "c"]),
    ("[a: b]\n", ["a", "b"]),
    ("? a\n: b\n? c\n", ["a", "b", "c", ""]),
    ("?\n: b\n", ["", "b"]),
    ("{? : b}\n", ["", "b"]),
    ("a: |\n  x\n  y\n\n# c\nb: 1\n", ["a", "|\n  x\n  y", "b", "1"]),
    ("a: >-\n  x\n\n  y\n\n\nb: 1\n", ["a", ">-\n  x\n\n  y", "b", "1"]),
    ("a: |+ # c\n  x\n\n\nb: 1\n", ["a", "|+ # c\n  x\n\n", "b", "1"]),
    ("a: |2-\n    x\n   y\n \nb: 1\n", ["a", "|2-\n    x\n   y", "b", "1"]),
    ("a: |\n  x\n     \n\nb: 1\n", ["a", "|\n  x\n     ", "b", "1"]),
    ("a: |\n  x", ["a", "|\n  x"]),
    ("a: |\n  x\n ", ["a", "|\n  x"]),
    ("a: |\r\n  x\r\n\r\nb: 1\r\n", ["a", "|\r\n  x", "b", "1"]),
    ("a: |\nb: 1\n", ["a", "|", "b", "1"]),
    ("a: |\n\n\nb: 1\n", ["a", "|", "b", "1"]),
    ("a:\n  b: |\n    x\n  # c\n  d: 1\n", ["a", "b", "|\n    x", "d", "1"]),
    ("a: | # c+\n  x\n\n", ["a", "| # c+\n  x"]),
]


@pytest.mark.parametrize(("text", "sources"), SPANS)
def test_spans_are_exact_whatever_the_marks_of_the_parsers_say(text, sources):
    stream = parse(text.encode())
    assert [text[leaf.start : leaf.end] for root in stream.documents for leaf in leaves(root)] == sources
    assert build(reference_events(text), text) == stream.documents


def test_lines_are_those_of_the_nodes_and_columns_do_not_matter():
    stream = parse("# \u2603\r\n\na: &x\n  # c\n  b: [1,\n  2]\nc: *x\n".encode())
    (root,) = stream.documents
    assert [leaf.line for leaf in leaves(root)] == [3, 5, 5, 6, 7, 7]
    assert (root.line, root.pairs[0][1].line, root.pairs[1][1].target.line) == (3, 5, 5)


def test_flow_is_known_of_every_scalar():
    (root,) = parse(b"a: b\nc: {d: e, f: [g]}\n").documents
    assert [(leaf.value, leaf.flow) for leaf in leaves(root)] == [
        ("a", False),
        ("b", False),
        ("c", False),
        ("d", True),
        ("e", True),
        ("f", True),
        ("g", True),
    ]


def test_a_byte_order_mark_is_remembered_and_stripped():
    stream = parse("\ufeffa: 1\n".encode())
    assert (stream.bom, stream.text) == (True, "a: 1\n")
    assert parse(b"a: 1\n").bom is False


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("", []),
        ("# c\n", []),
        ("---\n", [True]),
        ("a: 1\n---\n---\nb\n", [False, True, False]),
        ("&a\n", [False]),
        ("~\n", [False]),
    ],
)
def test_an_empty_document_is_none(text, empty):
    assert [root is None for root in parse(text.encode()).documents] == empty


def test_duplicate_keys_and_foreign_tags_are_ordinary():
    (root,) = parse(b"a: 1\na: !!python/object:os.system x\n").documents
    assert [(key.value, value.tag) for key, value in root.pairs] == [
        ("a", None),
        ("a", "tag:yaml.org,2002:python/object:os.system"),
    ]


def bomb() -> str:
    names = "abcdefghijklm"
    lines = [f"{name}: &{name} [{', '.join(['*' + below] * 9)}]" for below, name in pairwise(names)]
    return "\n".join(["a: &a [x, x, x, x, x, x, x, x, x]", *lines, ""])


def tower() -> str:
    """Return anchors of thirty levels each, every one around an alias of the one before."""
    inner = ["x", *(f"*k{at}" for at in range(49))]
    return "\n".join(f"k{at}: &k{at} {'[' * 30}{inner[at]}{']' * 30}" for at in range(50))


NODES = "more than 200,000 values with its aliases expanded"
DEEP = "nested more than 64 levels deep"
REFUSED = [
    ("caf\u00e9: \u00e9\n".encode("latin-1"), 1, "not UTF-8"),
    (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
    ("a: 1\n".encode("utf-16"), 1, "not UTF-8"),
    (b"a: 1\nb: \x00\n", 2, "a control character"),
    (b"a: 1\r\nb: \x1b[0m\r\n", 2, "a control character"),
    (b"a: 1\rb: 2\n", 1, "a carriage return without a line feed"),
    ("# c\u2028z: 1\n".encode(), 1, "an unusual line separator, U+2028"),
    ("# c\n# c\u2029z: 1\n".encode(), 2, "an unusual line separator, U+2029"),
    ("# c\x85z: 1\n".encode(), 1, "an unusual line separator, U+0085"),
    ("\ufeff\ufeffa: 1\n".encode(), 1, "a byte order mark inside the text"),
    ("a: 1\n\ufeffb: 1\n".encode(), 2, "a byte order mark inside the text"),
    (b"# c\n%YAML 1.1\n---\na: 1\n", 2, "a `%` directive is not supported"),
    (b"%TAG ! tag:secret,2000:\n---\na: 1\n", 1, "a `%` directive is not supported"),
    (b"a: 1\nb: [secret\n", 3, "not valid YAML"),
    (b"a: 1\n- secret\n", 2, "not valid YAML"),
    (b"a: 'secret\n", 2, "not valid YAML"),
    (b"a: *secret\n", 1, "an alias without its anchor"),
    (b"a: &x 1\n---\nb: *x\n", 3, "an alias without its anchor"),
    (b"a: 1\nb: &x {c: [*x]}\n", 2, "an alias inside its own anchor"),
    (b"\n\na: " + b"[" * 3000 + b"]" * 3000, 3, DEEP),
    (b"\n" + b"{a: " * 3000, 2, DEEP),
    ("".join(" " * level + "a:\n" for level in range(1200)).encode(), 65, DEEP),
    (b"- " * 1200 + b"x", 1, DEEP),
    (tower().encode(), 3, DEEP),
    (bomb().encode(), 6, NODES),
    (b"a: 1\n" + b"#" * 2_000_000, 1, "larger than 2 MB"),
]


@pytest.mark.parametrize(("data", "line", "message"), REFUSED, ids=range(len(REFUSED)))
def test_a_text_over_a_limit_or_read_differently_by_parsers_is_refused_quickly(data, line, message):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        with pytest.raises(Unparseable) as refused:
            parse(data, "config/x.yaml")
        times.append(time.perf_counter() - start)
    assert (refused.value.message, refused.value.line, refused.value.file) == (message, line, "config/x.yaml")
    assert min(times) < 0.05
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("# c\n%YAML 1.1\n---\na: 1\n", 3, "a `%` directive is not supported"),
        ("%TAG ! tag:secret,2000:\n---\na: 1\n", 2, "a `%` directive is not supported"),
        ("a: 1\nb: [secret\n", 3, "not valid YAML"),
        ('a: "\\Uffffffff"\n', 1, "not valid YAML"),
        ("a: *secret\n", 1, "an alias without its anchor"),
        ("a: 1\nb: &x {c: [*x]}\n", 2, "an alias inside its own anchor"),
        ("\n" + "{a: " * 3000, 2, DEEP),
        ("- " * 1200 + "x", 1, DEEP),
        (bomb(), 6, NODES),
    ],
    ids=range(9),
)
def test_the_reference_parser_refuses_the_same_in_the_same_words(text, line, message):
    with pytest.raises(Unparseable) as refused:
        build(reference_events(text, "x.yaml"), text, "x.yaml")
    assert (refused.value.message, refused.value.line, refused.value.file) == (message, line, "x.yaml")


@pytest.mark.slow
def test_many_values_are_refused_before_they_are_all_read():
    with pytest.raises(Unparseable) as refused:
        parse(b"- x\n" * 450_000)
    assert refused.value.message == NODES


def test_many_brackets_that_are_not_nested_are_ordinary():
    text = "a: [" + "[], " * 100 + "]\nb: '" + "[ " * 60 + "'\n"
    assert len(parse(text.encode()).documents) == 1


def test_without_libyaml_the_reference_parser_takes_its_place():
    program = (
        "import sys; sys.modules['yaml._yaml'] = None\n"
        "from hubctl.text.edit import ScalarEdit, set_scalars\n"
        "from hubctl.text.events import WITH_LIBYAML\n"
        "after = set_scalars(b'a: [v1, 2] # c\\n', [ScalarEdit(0, ('a', 0), 'v2')])\n"
        "print(WITH_LIBYAML, after.decode(), end='')\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("False a: [v2, 2] # c\n", "")


def test_reading_does_not_import_the_reference_parser():
    program = "import sys, hubctl.text.edit, hubctl.text.data; print('ruamel.yaml' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
