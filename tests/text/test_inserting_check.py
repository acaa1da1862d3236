"""The check that stands behind every insertion and removal, given splices that went wrong."""

from __future__ import annotations

import pytest

from hubctl.errors import UnsafeEdit
from hubctl.text.expected import Outline, expected_of, proven, with_entry, with_item, without_entry
from hubctl.text.parse import parse

TEXT = "# c\na: &x {k: v, l: 'w'}\nb: [*x, 1]\n---\na: z\n"
RIGHT = TEXT.replace("v, l: 'w'", "v, l: 'w', m: {key: new}")


def added() -> Outline:
    return with_entry(expected_of(TEXT), 0, ("a",), (("m", "key"), "new"), None)


@pytest.mark.parametrize("spelling", ["{key: new}", "{'key': 'new'}", '{"key": new} # d\n '])
def test_the_wanted_entry_passes_however_it_is_laid_out(spelling):
    text = RIGHT.replace("{key: new}", spelling)
    assert proven(parse(TEXT.encode()), text, added()) == text.encode()


WRONG = [
    ("new", "other"),
    ("new", "[new]"),
    ("new", "&y new"),
    ("new", "!!str new"),
    ("{key: new}", "new"),
    ("{key: new}", "&y {key: new}"),
    (", m: {key: new}", ""),
    ("l: 'w', m: {key: new}", "m: {key: new}, l: 'w'"),
    ("l: 'w'", "l: w"),
    ("k: v", "k: u"),
    ("&x ", "&x !t "),
    ("1]", "1, 2]"),
    ("*x", "{k: v, l: 'w', m: {key: new}}"),
    ("a: z", "a: {z: 1}"),
    ("a: z", "a: z\nm: {key: new}"),
    ("---\n", "---\n---\n"),
]


@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_a_text_that_means_anything_else_is_refused(right, wrong):
    with pytest.raises(UnsafeEdit) as refused:
        proven(parse(TEXT.encode()), RIGHT.replace(right, wrong), added())
    assert (refused.value.code, refused.value.message, refused.value.hint) == (
        "verify",
        "the edit would change more than the entry; nothing was written",
        "edit it by hand",
    )


@pytest.mark.parametrize("value", ["1", "yes", "~", "2025-01-01"])
def test_a_new_value_that_some_reader_takes_for_no_text_is_refused(value):
    stream = parse(b"a: [b]\n")
    wanted = with_item(expected_of(stream.text), 0, ("a",), 0, value)
    assert proven(stream, f"a: ['{value}', b]\n", wanted) == f"a: ['{value}', b]\n".encode()
    with pytest.raises(UnsafeEdit):
        proven(stream, f"a: [{value}, b]\n", wanted)


def test_an_entry_that_is_still_there_or_took_another_along_is_refused():
    wanted = without_entry(expected_of(TEXT), 0, ("a", "k"), [])
    right = TEXT.replace("k: v, ", "")
    assert proven(parse(TEXT.encode()), right, wanted) == right.encode()
    for wrong in (TEXT, TEXT.replace("k: v, l: 'w'", ""), right.replace("a: z", "{}")):
        with pytest.raises(UnsafeEdit):
            proven(parse(TEXT.encode()), wrong, wanted)
