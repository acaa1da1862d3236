from __future__ import annotations

import pytest

from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.text.build import build
from hubctl.text.parse import locate, parse
from hubctl.text.reference import reference_events
from hubctl.text.verify import check, readings

TEXT = "# c\na: &x {k: v, l: 'w'}\nb: [*x, 1]\n---\na: z\n"


def read(text: str):
    return readings(text, locate(text))


WRONG = [
    ("l: 'w'", "l: w"),
    ("l: 'w'", "l: 'u'"),
    ("l: 'w'", "&y l: 'w'"),
    ("l: ", "m: "),
    (", l: 'w'", ""),
    ("1]", "1, 2]"),
    ("1]", "[1]]"),
    ("1]", "1.0]"),
    ("*x", "x"),
    ("x", "y"),
    ("a: z", "a: !t z"),
    ("---\n", "---\n---\n"),
    ("k: new, l: 'w'", "l: 'w', k: new"),
]


@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_a_splice_that_went_wrong_is_noticed(right, wrong):
    after = TEXT.replace("k: v", "k: new").replace(right, wrong)
    with pytest.raises(UnsafeEdit) as refused:
        check(read(TEXT), read(after), {(0, ("a", "k")): "new"})
    assert (refused.value.code, refused.value.message) == (
        "verify",
        "the edit would change more than the value; nothing was written",
    )


@pytest.mark.parametrize("spelling", ["1", "neu", "[new]", "new 1", "!!str new", "&a new", "''"])
def test_a_value_that_did_not_become_the_wanted_text_is_noticed(spelling):
    with pytest.raises(UnsafeEdit) as refused:
        check(read("k: v\n"), read(f"k: {spelling}\n"), {(0, ("k",)): "new" if spelling != "1" else "1"})
    assert refused.value.code == "verify"


def test_a_target_that_is_nowhere_is_noticed():
    with pytest.raises(UnsafeEdit) as refused:
        check(read("k: v\n"), read("k: v\n"), {(0, ("other",)): "v"})
    assert (refused.value.code, refused.value.message) == (
        "verify",
        "a value was not found again after the edit; nothing was written",
    )


def test_the_wanted_change_passes():
    check(read(TEXT), read(TEXT.replace("k: v", "k: 'new'")), {(0, ("a", "k")): "new"})


def test_layout_and_comments_are_not_what_a_text_means():
    assert read("a: {b: 1}\n") == read("# c\na:\n  b:   1 # d\n")


def test_a_text_that_two_parsers_read_differently_is_refused():
    with pytest.raises(Unparseable) as refused:
        readings("a: 1\n", locate("a: 2\n"))
    assert refused.value.message == "two YAML parsers read this text differently"


@pytest.mark.slow
def test_both_parsers_give_the_same_spans_for_the_real_tree(corpus):
    files = [file for file in sorted(corpus.glob("config/clusters/*/*.yaml")) if "templates" not in file.parts]
    assert len(files) > 200
    for file in files:
        stream = parse(file.read_bytes(), file.name)
        assert build(reference_events(stream.text), stream.text) == stream.documents
