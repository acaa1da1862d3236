"""Each case edits one value beside one construct of YAML; the whole text is compared."""

from __future__ import annotations

import pytest

from hubctl.errors import UnsafeEdit
from hubctl.text.edit import ScalarEdit, set_scalars
from hubctl.text.quoting import House
from hubctl.text.splice import Splice, inner_splices, spliced
from hubctl.text.tree import Scalar

RUAMELFMT = House("ruamelfmt", "single")
DOUBLE = House(None, "double")

# One value `old` each, at key `k` unless a path is given; after the edit exactly `old` is `new`.
BESIDE = [
    "k: old\n",
    "k: old",
    "k:   old   \n",
    "k: old # comment\n",
    "k: old   # hubctl: pin because old\n",
    "# above old\nk: old\n# below old\n",
    "k: old\n\n\n",
    "k: 'old'\n",
    'k: "old"\n',
    "k: 'old' # it's\n",
    "\"k\": 'old'\n",
    "'k': old\n",
    "? k\n: old\n",
    "k: &a old\nz: *a\n",
    "k: &a 'old'\n",
    "k: &a\n  old\n",
    "k: &a # comment\n  old\n",
    "k:\n  old\n",
    "k:\n  # comment\n  old\n",
    "k: # comment\n  old # other\n",
    "{k: old}\n",
    "{k: old, z: 1}\n",
    "{ k : old , z : 1 , }\n",
    "{z: 1, k: old} # comment\n",
    "{\n  k: old, # comment\n  z: 1\n}\n",
    '{"k": old}\n',
    "{'k': 'old', }\n",
    "---\nk: old\n",
    "--- # comment\nk: old\n",
    "---\nk: old\n...\n",
    "---\nk: old\n---\nk: other\n",
    "k: old\n---\n---\n# nothing\n",
    "k: old\r\nz: 1\r\n",
    "k: old\r\nz: 1\n",
    "z: |\r\n  text\r\nk: old\r\n",
    "\ufeffk: old\n",
    "\ufeff# \N{WHITE SMILING FACE}\r\nk: old",
    "# \U0001f600 \U0001f680\nk: old\n",
    "\U0001f600: \U0001f680\nk: old\n",
    "z: |\n  a: b\n  # c\nk: old\n",
    "z: |2\n    a\n   b\nk: old\n",
    "z: |+\n  a\n\n\nk: old\n",
    "z: >-\n  a\n  b\n\n  c\nk: old\n",
    "z: |-\nk: old\n",
    "k: old\nz: |\n  last",
    "k: old\nz: |+\n  last\n\n",
    "k: old\nz: first\n  second\n\n  third\n",
    "k: old\nz: 'first\n\n  it''s'\n",
    'k: old\nz: "first\\\n  \\u00e9 second"\n',
    "k: old\nz:\n",
    "k: old\nz: ~\ny: null\n",
    "k: old\nz: &a\ny: !!str\n",
    "k: old\nz: !custom {a: 1}\ny: !!binary aGk=\n",
    "k: old\nz: 1\nz: 2\n",
    "z: &m {a: 1}\ny:\n  <<: *m\n  b: 2\nk: old\n",
    "k: old\nz: '{{ value }}'\n",
    "k: old\nz: [name: x]\n",
    "k: old\nz: [a, [b, {c: d}], ]\n",
    "k: old\nz:\n- a\n-\n- - b\n  - c\n",
    "k: old\nz:\n  -   a\n  -   b: 1\n      c: 2\n",
    "k: old\nz:\n    deep: 1\ny:\n  two: 2\n",
    "k: old\nz: 0x10\ny: 1_000\nx: 1e3\nw: 0o17\nv: 2026-06-29\nu: 12:30:45\n",
    "k: old\nz: {a: , b}\n",
    "k: old\n? [complex, key]\n: value\n",
    "k: old\n? |\n  block key\n: value\n",
    "z: &z name\nk: old\n*z : 1\n",
    "k: old\nurl: https://example.org/#fragment\n",
    "k: old\nz: a#b 'c' \"d\"\n",
    "k: old\non: 1\nn: 2\n1: 3\n2025.10: 4\n",
    "   \nk: old\n",
    " k: old\n z: 1\n",
    "k: old\nz: é\N{NO-BREAK SPACE}e\n",
]


@pytest.mark.parametrize("text", BESIDE)
def test_a_value_changes_and_nothing_beside_it(text):
    assert set_scalars(text.encode(), [ScalarEdit(0, ("k",), "new")]) == after_key(text).encode()


def after_key(text: str) -> str:
    """Return the text with the value that is exactly `old`, the first after a key `k`, replaced."""
    place = text.index("old", text.index("k", text.index("k")))
    if text.startswith("# above"):
        place = text.index("old", text.index("k: "))
    return f"{text[:place]}new{text[place + 3 :]}"


DEEPER = [
    ("a:\n- k: old\n  z: 1\n", ("a", 0, "k"), "a:\n- k: new\n  z: 1\n"),
    ("a:\n- old\n- x\n", ("a", 0), "a:\n- new\n- x\n"),
    ("a:\n- - x\n  - old\n", ("a", 0, 1), "a:\n- - x\n  - new\n"),
    ("a:\n- # comment\n  k: old\n", ("a", 0, "k"), "a:\n- # comment\n  k: new\n"),
    ("a: [x, old]\n", ("a", 1), "a: [x, new]\n"),
    ("a: [k: old]\n", ("a", 0, "k"), "a: [k: new]\n"),
    ("a: &x\n  k: old\nb: *x\n", ("a", "k"), "a: &x\n  k: new\nb: *x\n"),
    ("a:\n  <<: {k: x}\n  k: old\n", ("a", "k"), "a:\n  <<: {k: x}\n  k: new\n"),
    ("k.e/y: {on: old}\n", ("k.e/y", "on"), "k.e/y: {on: new}\n"),
    ("1: {2025.10: old}\n", ("1", "2025.10"), "1: {2025.10: new}\n"),
    ("- old\n- x\n", (0,), "- new\n- x\n"),
]


@pytest.mark.parametrize(("before", "path", "after"), DEEPER)
def test_a_value_is_found_by_its_path(before, path, after):
    assert set_scalars(before.encode(), [ScalarEdit(0, path, "new")]) == after.encode()


def test_the_document_is_part_of_the_address():
    text = b"k: old\n---\n\n---\nk: old # c\n"
    assert set_scalars(text, [ScalarEdit(2, ("k",), "new")]) == b"k: old\n---\n\n---\nk: new # c\n"


def test_several_values_are_set_at_once():
    text = b"b: {x: 1a, y: 2b}\na: 3c\n"
    edits = [ScalarEdit(0, ("a",), "long value"), ScalarEdit(0, ("b", "y"), "x"), ScalarEdit(0, ("b", "x"), "yy")]
    assert set_scalars(text, edits) == b"b: {x: yy, y: x}\na: long value\n"


# Only the tag's own characters move, in every style.
INSIDE = [
    ("k: repo/name:old # c\n", "repo/name:new", "k: repo/name:new # c\n"),
    ("k: first\n  repo:old\n  last\n", "first repo:new last", "k: first\n  repo:new\n  last\n"),
    ("k: one old\n\n  two old\n", "one new\ntwo new", "k: one new\n\n  two new\n"),
    ("k: 'it''s\n  repo:old'\n", "it's repo:new", "k: 'it''s\n  repo:new'\n"),
    ("k: 'a  old '\n", "a  new ", "k: 'a  new '\n"),
    (
        'k: "\\u00e9 \\"q\\"\\\n  \\x20repo:old\\n"\n',
        'é "q" repo:new\n',
        'k: "\\u00e9 \\"q\\"\\\n  \\x20repo:new\\n"\n',
    ),
    ('k: "\\U0001F600\\_old\\tx"\n', "\U0001f600\xa0new\tx", 'k: "\\U0001F600\\_new\\tx"\n'),
    ("k: |\n  repo:old\n", "repo:new\n", "k: |\n  repo:new\n"),
    ("k: |-\n\n    a: 1\n      old\n\nz: 1\n", "\na: 1\n  new", "k: |-\n\n    a: 1\n      new\n\nz: 1\n"),
    ("k: |+2 # c\n  x\n    old\n\n\n", "x\n  new\n\n\n", "k: |+2 # c\n  x\n    new\n\n\n"),
    ("k: >\n  folded old\n  text\n\n  end\n", "folded new text\nend\n", "k: >\n  folded new\n  text\n\n  end\n"),
    ("k: |\r\n  repo:old\r\n  x\r\n", "repo:new\nx\n", "k: |\r\n  repo:new\r\n  x\r\n"),
    ("k: Env (v2025.10.01)\n", "Env (v2026.06.29)", "k: Env (v2026.06.29)\n"),
    (
        "k: Env 2025\N{NO-BREAK SPACE}\U0001f469\u200d\U0001f52c\n",
        None,
        "k: Env 2026\N{NO-BREAK SPACE}\U0001f469\u200d\U0001f52c\n",
    ),
    ("k: repo:v1\n", "repo:v1.2", "k: repo:v1.2\n"),
    ("k: repo:v1.2\n", "repo:v1", "k: repo:v1\n"),
    ("k: |\n  1.0\n", "v1.0\n", "k: |\n  v1.0\n"),
    ("k: |\n  1.0 x\n", "1.0.1 x\n", "k: |\n  1.0.1 x\n"),
]


@pytest.mark.parametrize(("before", "value", "after"), INSIDE)
def test_only_the_differing_characters_change_inside_a_scalar(before, value, after):
    wanted = "Env 2026\N{NO-BREAK SPACE}\U0001f469\u200d\U0001f52c" if value is None else value
    assert set_scalars(before.encode(), [ScalarEdit(0, ("k",), wanted)]) == after.encode()


# A value that its spelling cannot take is written anew, on one line.
ANEW = [
    ("k:\nz: 1\n", "new", "k: new\nz: 1\n"),
    ("k:   # c\n", "new", "k: new   # c\n"),
    ("k:", "new", "k: new"),
    ("{k: , z: 1}\n", "new", "{k: new , z: 1}\n"),
    ("? k\n:\n", "new", "? k\n: new\n"),
    ("k: ~\n", "new", "k: new\n"),
    ("k: null # c\n", "new", "k: new # c\n"),
    ("k: 2025.10\n", "2025.10", "k: '2025.10'\n"),
    ("k: first\n  second\nz: 1\n", "other", "k: other\nz: 1\n"),
    ("k: |\n  one\n  two\nz: 1\n", "three", "k: three\nz: 1\n"),
    ("k: |\n  one\n  two\nz: 1\n", "a\nb c\nd\n", 'k: "a\\nb c\\nd\\n"\nz: 1\n'),
    ("k: |\n  one", "2025.10", "k: |\n  2025.10"),
    ("k: |\n  one two", "2025.10", "k: '2025.10'"),
    ("k: |\n  one\n\nz: 1\n", "one two\n", 'k: "one two\\n"\n\nz: 1\n'),
    ("k: |\n  one\n", "o\x07ne\n", 'k: "o\\ane\\n"\n'),
    ("k: ''\n", "new", "k: 'new'\n"),
    ("k: new\n", "", "k: ''\n"),
    ("k: 'a b'\n", " b", "k: ' b'\n"),
    ("k: 'a b'\n", "a ", "k: 'a '\n"),
    ('k: v1\nz: "a"\n', "1.10", 'k: "1.10"\nz: "a"\n'),
    ("k: v1\nz: 'a'\n", "1.10", "k: '1.10'\nz: 'a'\n"),
    ("k: v\n", "it's: x", 'k: "it\'s: x"\n'),
    ("k: 'v'\n", "it's", 'k: "it\'s"\n'),
    ("k: 'v'\n", 'it\'s "x"', "k: 'it''s \"x\"'\n"),
    ('k: "v"\n', 'say "x"', "k: 'say \"x\"'\n"),
    ('k: "v"\n', "C:\\x", 'k: "C:\\\\x"\n'),
    ("k: 'v'\n", "a\tb\u2028c\u202ed\U000e0001", 'k: "a\\tb\\Lc\\u202ed\\U000e0001"\n'),
    ("k: v\n", "\x01\x7f\ufeff", 'k: "\\x01\\x7f\\ufeff"\n'),
    ("k: 1.5\n", "v2", "k: v2\n"),
    ("k: '1.5'\n", "v2", "k: 'v2'\n"),
    ("[k: v]\n", "a, b", None),
    ("{k: v}\n", "a, b", "{k: 'a, b'}\n"),
]


@pytest.mark.parametrize(("before", "value", "after"), ANEW)
def test_a_value_that_its_spelling_cannot_take_is_written_anew_on_one_line(before, value, after):
    path = ("k",) if after else (0, "k")
    expected = after or "[k: 'a, b']\n"
    assert set_scalars(before.encode(), [ScalarEdit(0, path, value)]) == expected.encode()


@pytest.mark.parametrize(
    "text",
    ["k: v1 # c\n", "k: '2025.10'\r\n", 'k: "\\u00761"\n', "k: |\n  v1\n", "\ufeffk:    v1", "k: &a v1\nz: *a\n"],
)
def test_setting_what_is_there_gives_the_same_bytes(text):
    value = "2025.10" if "2025" in text else "v1\n" if "|" in text else "v1"
    assert set_scalars(text.encode(), [ScalarEdit(0, ("k",), value)]) is not None
    assert set_scalars(text.encode(), [ScalarEdit(0, ("k",), value)]) == text.encode()
    assert set_scalars(text.encode(), []) == text.encode()


HOUSES = [
    ("k: '2025.10'\n", "v1", RUAMELFMT, "k: v1\n"),
    ("k: '2025.10'\n", "2025.11", RUAMELFMT, "k: '2025.11'\n"),
    ("k: v1\n", "1e3", RUAMELFMT, "k: '1e3'\n"),
    ("k: v1\n", "2026-06-29", RUAMELFMT, "k: '2026-06-29'\n"),
    ('k: v1\nz: "a"\n', "1e3", RUAMELFMT, "k: '1e3'\nz: \"a\"\n"),
    ("k: v1\n", "it's: x", RUAMELFMT, 'k: "it\'s: x"\n'),
    ("k: v1\n", 'it\'s "x": y', RUAMELFMT, 'k: "it\'s \\"x\\": y"\n'),
    ('k: "it\'s: x"\n', "1e3", RUAMELFMT, "k: '1e3'\n"),
    ('k: "v1"\n', "v2", RUAMELFMT, 'k: "v2"\n'),
    ("k: 'v1'\n", "v2", RUAMELFMT, "k: 'v2'\n"),
    ("k: v1\nz: 'say \"x\"'\n", "1e3", House("prettier", "double"), 'k: "1e3"\nz: \'say "x"\'\n'),
    ("k: '1e3'\n", "v1", House("prettier", "double"), "k: 'v1'\n"),
    ("k: v1\n", "on", DOUBLE, 'k: "on"\n'),
    ("k: v1\n", "y", DOUBLE, 'k: "y"\n'),
    ("k: v1\nz: 'a'\n", "y", DOUBLE, "k: 'y'\nz: 'a'\n"),
    ("k: 'y'\n", "y", RUAMELFMT, "k: 'y'\n"),
]


@pytest.mark.parametrize(("before", "value", "house", "after"), HOUSES)
def test_quotes_follow_the_old_value_the_file_and_the_house(before, value, house, after):
    assert set_scalars(before.encode(), [ScalarEdit(0, ("k",), value)], house=house) == after.encode()


BY_HAND = "edit it by hand"
AT_THE_ANCHOR = "edit the anchor at line 1"
NOT_YAML = "cannot be edited: not valid YAML, line 1"
REFUSALS = [
    ("a: &x {k: v}\nb: *x\n", ("b",), ("alias", "the value at line 2 is an alias", AT_THE_ANCHOR)),
    ("a: &x {k: v}\nb: *x\n", ("b", "k"), ("alias", "the value at line 2 is an alias", AT_THE_ANCHOR)),
    (
        "z: 1\na: &x\n  # c\n  k: v\nb: *x\n",
        ("b",),
        ("alias", "the value at line 5 is an alias", "edit the anchor at line 2"),
    ),
    ("a:\n  k: 1\n  k: 2\n", ("a", "k"), ("duplicate-key", "a key occurs twice in the mapping at line 2", BY_HAND)),
    ("a: {k: 1}\na: {k: 2}\n", ("a", "k"), ("duplicate-key", "a key occurs twice in the mapping at line 1", BY_HAND)),
    ("k: !!str v\n", ("k",), ("tagged", "the value at line 1 has a tag", BY_HAND)),
    ("k: ! v\n", ("k",), ("tagged", "the value at line 1 has a tag", BY_HAND)),
    ("\nk: &a\n", ("k",), ("tagged", "the value at line 2 has an anchor and no text", BY_HAND)),
    ("a: {b: 1}\n", ("a", "c"), ("missing", "no such key or item below line 1", None)),
    ("a: [b]\n", ("a", 1), ("missing", "no such key or item below line 1", None)),
    ("a: [b]\n", ("a", -1), ("missing", "no such key or item below line 1", None)),
    ("\na: b\n", ("a", "c"), ("missing", "no such key or item below line 2", None)),
    ("a: [b]\n", ("a", "b"), ("missing", "no such key or item below line 1", None)),
    ("a: &m {k: 1}\nb: {<<: *m}\n", ("b", "k"), ("missing", "no such key or item below line 2", None)),
    ("", ("a",), ("missing", "no such key or item below line 1", None)),
    ("a: {b: 1}\n", ("a",), ("collection", "a mapping or list stands at line 1", BY_HAND)),
    ("a: [b]\n", ("a",), ("collection", "a mapping or list stands at line 1", BY_HAND)),
    ("a: 1\n", (), ("root", "the whole document is not a value that can be set", None)),
    ("{k}\n", ("k",), ("layout", "no value is written at line 1", BY_HAND)),
    ("z: 1\n? k\n", ("k",), ("layout", "no value is written at line 2", BY_HAND)),
    ("k: [v\n", ("k",), ("parse", "cannot be edited: not valid YAML, line 2", BY_HAND)),
    ("k:\tv\n", ("k",), ("parse", NOT_YAML, BY_HAND)),
    ("k: v\t\n", ("k",), ("parse", NOT_YAML, BY_HAND)),
    ("a: 1\n...\nk: 1\n", ("a",), ("parse", "cannot be edited: not valid YAML, line 3", BY_HAND)),
]


@pytest.mark.parametrize(("text", "path", "refusal"), REFUSALS)
def test_an_edit_that_is_not_safe_is_refused_with_its_code_and_the_mend(text, path, refusal):
    with pytest.raises(UnsafeEdit) as refused:
        set_scalars(text.encode(), [ScalarEdit(0, path, "new")])
    assert (refused.value.code, refused.value.message, refused.value.hint) == refusal


def test_a_text_no_parser_takes_is_refused():
    with pytest.raises(UnsafeEdit) as refused:
        set_scalars(b"k: v\n", [ScalarEdit(0, ("k",), "\ud800")])
    assert (refused.value.code, refused.value.message) == (
        "verify",
        "the edited text would not parse; nothing was written",
    )


@pytest.mark.parametrize("value", ["y", "N", "on", "OFF", "yes", "No", "1:30"])
def test_quotes_that_ruamelfmt_would_remove_are_refused_there(value):
    with pytest.raises(UnsafeEdit) as refused:
        set_scalars(b"z: 1\nk: v\n", [ScalarEdit(0, ("k",), value)], house=RUAMELFMT)
    assert (refused.value.code, refused.value.message) == (
        "formatter",
        "the value at line 2 needs quotes that ruamelfmt would remove",
    )


def test_a_document_that_is_not_there_is_missing():
    with pytest.raises(UnsafeEdit) as refused:
        set_scalars(b"a: 1\n", [ScalarEdit(1, ("a",), "x")])
    assert refused.value.code == "missing"


def test_one_value_cannot_be_set_to_two_texts():
    with pytest.raises(ValueError, match="two edits set one scalar"):
        set_scalars(b"a: v\n", [ScalarEdit(0, ("a",), "x"), ScalarEdit(0, ("a",), "y")])


def test_a_spelling_that_is_not_the_values_gives_no_splices():
    old = Scalar(0, 3, 1, "old", "plain", None, None, flow=False)
    assert inner_splices("odd", old, "new") is None


def test_overlapping_splices_are_a_bug():
    with pytest.raises(ValueError, match="overlap"):
        spliced("abc", [Splice(0, 2, "x"), Splice(1, 3, "y")])
