"""Each case takes one key out beside one construct of YAML; the whole text is compared."""

from __future__ import annotations

import pytest

from hubctl.errors import UnsafeEdit
from hubctl.text.removing import remove_entry, replace_entry

REMOVED = [
    ("k: 1\nz: 2\n", "z: 2\n"),
    ("a: 1\nk: 2\nz: 3\n", "a: 1\nz: 3\n"),
    ("a: 1\nk: 2\n", "a: 1\n"),
    ("a: 1\nk: 2", "a: 1"),
    ("a: 1\r\nk: 2", "a: 1"),
    ("a: 1\n\nk: 2", "a: 1\n"),
    ("a: |\n  b\nk: 2", "a: |\n  b\n"),
    ("a: |-\n  b\nk: 2", "a: |-\n  b"),
    ("k: 1\nz: 2", "z: 2"),
    ("\ufeffk: 1\r\nz: 2\r\n", "\ufeffz: 2\r\n"),
    ("# a\nk: 1 # b\n# c\nz: 2\n", "# a\n# c\nz: 2\n"),
    ("k: 1\n  # part of k\n# z\n\nz: 2\n", "# z\n\nz: 2\n"),
    ("k:\n  - 1\n  # b\n\n  # c\nz: 2\n", "\n  # c\nz: 2\n"),
    ("k:\n- 1\n# b\nz: 2\n", "# b\nz: 2\n"),
    ("k:\nz: 2\n", "z: 2\n"),
    ("k: # b\nz: 2\n", "z: 2\n"),
    ("k:\n# b\nz: 2\n", "# b\nz: 2\n"),
    ("k: |\n  a\n\n  # b\n\n\nz: 2\n", "\n\nz: 2\n"),
    ("k: |+\n  a\n\n\nz: 2\n", "z: 2\n"),
    ("a: 1\nk: >-\n  a\n  b\n...\n", "a: 1\n...\n"),
    ("k: a\n  b\n\n  c\nz: 2\n", "z: 2\n"),
    ("k: 'a\n\n  b' # c\nz: 2\n", "z: 2\n"),
    ("k: {\n  a: 1\n} # c\nz: 2\n", "z: 2\n"),
    ("k: [a: 1]\nz: 2\n", "z: 2\n"),
    ("k:\n  a:\n    b: 1\n  c:\n  - d\nz: 2\n", "z: 2\n"),
    ("'k': 1\nz: 2\n", "z: 2\n"),
    ("&a k: 1\nz: 2\n", "z: 2\n"),
    ("k: &a {b: *c}\nz: 2\n", None),
    ("k: !t 1\nz: 2\n", "z: 2\n"),
    ("z: &a 1\nk: *a\n", "z: &a 1\n"),
    ("k: &a 1\nz: &a 2\ny: *a\n", "z: &a 2\ny: *a\n"),
    ("z: 1\nz: 2\nk: 3\n", "z: 1\nz: 2\n"),
    ("? z\n: 1\nk: 3\n", "? z\n: 1\n"),
    ("  k: 1\n  z: 2\n", "  z: 2\n"),
    ("--- # a\nk: 1\nz: 2\n---\nk: 3\n", "--- # a\nz: 2\n---\nk: 3\n"),
    ("{k: 1, z: 2}\n", "{z: 2}\n"),
    ("{ k: 1 , z: 2 }\n", "{ z: 2 }\n"),
    ("{a: 1, k: 2, z: 3}\n", "{a: 1, z: 3}\n"),
    ("{a: 1, k: 2}\n", "{a: 1}\n"),
    ("{a: 1 , k: 2,}\n", "{a: 1,}\n"),
    ("{a: , k: 2}\n", "{a: }\n"),
    ("{k, z}\n", "{z}\n"),
    ("{k: {a: [b, c]}, z: 2}\n", "{z: 2}\n"),
    ("{a: 1,\n k: 2,\n z: 3}\n", "{a: 1,\n z: 3}\n"),
    ("{a: 1,\n k: 2}\n", "{a: 1}\n"),
    ("{k: 2,\n z: 3}\n", "{z: 3}\n"),
    ("{\n  k: 1, # b\n  z: 2 # c\n}\n", "{\n  z: 2 # c\n}\n"),
    ("{\n  # b\n  a: 1, # c\n  k: 2 # d\n}\n", "{\n  # b\n  a: 1, # c\n}\n"),
    ("{\n  a: 1, # c\n  k: 2, # d\n}\n", "{\n  a: 1, # c\n}\n"),
    ("{\n  a: 1, # c\n  k: [\n    2\n  ],\n  z: 3\n}\n", "{\n  a: 1, # c\n  z: 3\n}\n"),
    ("{\n  a: 1,\n  # z\n  k: 2\n}\n", "{\n  a: 1\n  # z\n}\n"),
    ("{\n  a: 1, k: 2,\n  z: 3\n}\n", "{\n  a: 1,\n  z: 3\n}\n"),
    ("{\n  k: 1, a: 2,\n  z: 3\n}\n", "{\n  a: 2,\n  z: 3\n}\n"),
    ('{\n    "a": 1,\n    "k": {"b": 2}\n}\n', '{\n    "a": 1\n}\n'),
]


@pytest.mark.parametrize(("before", "after"), REMOVED)
def test_a_key_goes_with_all_its_lines_and_no_other(before, after):
    if after is None:
        before, after = f"c: &c 1\n{before}", "c: &c 1\nz: 2\n"
    if after == "{\n  # b\n  a: 1, # c\n}\n":
        after = after.replace("1,", "1")
    assert remove_entry(before.encode(), 0, ("k",)).decode() == after


def test_a_deeper_key_is_found_by_its_path():
    before = b"a:\n  b: {on: 1, k.e/y: 2}\n  c:\n    k: 1\n    l: 2\n# d\n---\na: {b: 1, c: 2}\n"
    assert remove_entry(before, 0, ("a", "c")) == b"a:\n  b: {on: 1, k.e/y: 2}\n# d\n---\na: {b: 1, c: 2}\n"
    assert remove_entry(before, 0, ("a", "c", "l")) == before.replace(b"    l: 2\n", b"")
    assert remove_entry(before, 0, ("a", "b", "k.e/y")) == before.replace(b", k.e/y: 2", b"")
    assert remove_entry(before, 1, ("a", "b")) == before.replace(b"b: 1, ", b"")


BY_HAND = "edit it by hand"
IN_BRACES = "a comment stands beside the entry in the braces at line 1"
ITSELF = "remove the mapping itself"
REFUSALS = [
    ("k: [b\n", ("k",), ("parse", "cannot be edited: not valid YAML, line 2", BY_HAND)),
    ("k: 1\n", (), ("root", "the whole document is not an entry", None)),
    ("k: 1\n", ("z",), ("missing", "no such key below line 1", None)),
    ("\nk: 1\n", ("k", "z"), ("missing", "no such key below line 2", None)),
    ("- k: 1\n", ("k",), ("missing", "no such key below line 1", None)),
    ("", ("k",), ("missing", "no such key below line 1", None)),
    ("k: 1\n", ("k",), ("layout", "the mapping at line 1 has no other key", ITSELF)),
    ("a: {k: 1}\nb: 1\n", ("a", "k"), ("layout", "the mapping at line 1 has no other key", ITSELF)),
    ("? k\n: 1\nz: 2\n", ("k",), ("layout", "the key at line 1 does not begin its line", BY_HAND)),
    ("{a: 1, # b\n k: 2}\n", ("k",), ("layout", IN_BRACES, BY_HAND)),
    ("{k: 1, # b\n z: 2}\n", ("k",), ("layout", IN_BRACES, BY_HAND)),
    ("k: 1\nk: 2\n", ("k",), ("duplicate-key", "a key occurs twice in the mapping at line 1", BY_HAND)),
    (
        "a: &x {k: 1, z: 2}\nb: *x\n",
        ("b", "k"),
        ("alias", "the value at line 2 is an alias", "edit the anchor at line 1"),
    ),
    (
        "a: &x {k: 1, z: 2}\nb: *x\n",
        ("a", "k"),
        ("alias", "the value at line 1 has an anchor that line 2 uses", BY_HAND),
    ),
    ("z: 1\nk: [&x 1]\nb: *x\n", ("k",), ("alias", "an anchor in the entry at line 2 is used at line 3", BY_HAND)),
    ("z: 1\n&x k: 1\nb: *x\n", ("k",), ("alias", "an anchor in the entry at line 2 is used at line 3", BY_HAND)),
    (
        "a: &x {k: 1}\nb: {<<: *x, k: 2}\n",
        ("b", "k"),
        ("alias", "`<<` in the mapping at line 2 brings that key, too", BY_HAND),
    ),
    ("a: !!map {k: 1, z: 2}\n", ("a", "k"), ("tagged", "the value at line 1 has a tag", BY_HAND)),
]


@pytest.mark.parametrize(("text", "path", "refusal"), REFUSALS)
def test_a_key_that_cannot_be_taken_out_safely_is_refused_with_its_code_and_the_mend(text, path, refusal):
    with pytest.raises(UnsafeEdit) as refused:
        remove_entry(text.encode(), 0, path)
    assert (refused.value.code, refused.value.message, refused.value.hint) == refusal


BLOCK = "sops:\n    mac: new\n    enc: |\n        a\n        b\n"
REPLACED = [
    ("a: 1\nsops:\n  mac: old\n  age: []\n", f"a: 1\n{BLOCK}"),
    ("sops: {}\na: 1\n", f"{BLOCK}a: 1\n"),
    ("sops: # c\n  mac: |+\n    old\n\n\n  # d\n# e\n\na: 1\n", f"{BLOCK}  # d\n# e\n\na: 1\n"),
    ("'sops':\n    - old\n...\n", f"{BLOCK}...\n"),
    ("\ufeffa: 1\r\nsops:\r\n  mac: old\r\n", "\ufeff" + f"a: 1\n{BLOCK}".replace("\n", "\r\n")),
    ("sops:\r\n  mac: old\r\n# c\n", BLOCK.replace("\n", "\r\n") + "# c\n"),
    ("  sops: old\n  a: 1\n", "".join(f"  {line}\n" for line in BLOCK.splitlines()) + "  a: 1\n"),
    ("a: 1\n---\nsops: 1\n", "a: 1\n---\nsops: 1\n"),
    (BLOCK, BLOCK),
]


@pytest.mark.parametrize(("before", "after"), REPLACED)
def test_the_whole_block_of_a_root_key_is_replaced_and_nothing_beside_it(before, after):
    if "---" in before:
        assert replace_entry(before.encode(), 1, "sops", BLOCK) == f"a: 1\n---\n{BLOCK}".encode()
    else:
        assert replace_entry(before.encode(), 0, "sops", BLOCK).decode() == after
        assert replace_entry(before.encode(), 0, "sops", BLOCK.removesuffix("\n")).decode() == after


def test_a_file_without_a_line_break_at_its_end_stays_so():
    assert replace_entry(b"a: 1\nk: 1", 0, "k", "k:\n\n  b: 2\n") == b"a: 1\nk:\n\n  b: 2"


NOT_THE_ENTRY = ["", "z: 1\n", "k: 1\nz: 2\n", "- k\n", "k: [\n", "k: *a\n", "k: 1\n---\nk: 2\n", "{k: 1}\n..."]


@pytest.mark.parametrize("block", NOT_THE_ENTRY[:6])
def test_a_block_that_is_not_that_key_is_refused(block):
    with pytest.raises(UnsafeEdit) as refused:
        replace_entry(b"a: &a 1\nk: 1\n", 0, "k", block)
    assert (refused.value.code, refused.value.message) == (
        "verify",
        "the new text is not an entry of that key; nothing was written",
    )


@pytest.mark.parametrize("block", NOT_THE_ENTRY[6:])
def test_a_block_that_means_something_else_in_its_place_is_refused(block):
    with pytest.raises(UnsafeEdit) as refused:
        replace_entry(b"a: 1\nk: 1\n", 0, "k", block)
    assert refused.value.code == "verify"


NOT_REPLACED = [
    ("{sops: 1}\n", ("layout", "the mapping at line 1 stands in braces")),
    ("? sops\n: 1\n", ("layout", "the key at line 1 does not begin its line")),
    ("a: 1\n", ("missing", "no such key below line 1")),
    ("sops: 1\nsops: 2\n", ("duplicate-key", "a key occurs twice in the mapping at line 1")),
    ("sops: &x 1\na: *x\n", ("alias", "an anchor in the entry at line 1 is used at line 2")),
    ("!t\nsops: 1\n", ("tagged", "the value at line 2 has a tag")),
    ("a: 1\nsops: 1", ("verify", "the edit would change more than the entry; nothing was written")),
]


@pytest.mark.parametrize(("text", "refusal"), NOT_REPLACED)
def test_a_block_that_cannot_be_replaced_safely_is_refused(text, refusal):
    with pytest.raises(UnsafeEdit) as refused:
        replace_entry(text.encode(), 0, "sops", BLOCK)
    assert (refused.value.code, refused.value.message) == refusal
