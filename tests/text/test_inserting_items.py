"""Each case adds an item beside one construct of YAML; the whole text is compared."""

from __future__ import annotations

import pytest

from hubctl.errors import UnsafeEdit
from hubctl.text.inserting import insert_item
from hubctl.text.parse import parse
from hubctl.text.tree import Sequence
from hubctl.text.walk import resolve


def inserted(text: str, path: tuple[str | int, ...] = ("a",), value: str = "x", after: int | None = None) -> str:
    return insert_item(text.encode(), 0, path, value, after=after).decode()


AT_THE_END = [
    ("a:\n- b\n", "a:\n- b\n- x\n"),
    ("a:\n- b", "a:\n- b\n- x"),
    ("\ufeffa:\r\n- b\r\n", "\ufeffa:\r\n- b\r\n- x\r\n"),
    ("a:\n- b # c\n\nd: 1\n", "a:\n- b # c\n- x\n\nd: 1\n"),
    ("a:\n  - b\n# c\n", "a:\n  - b\n  - x\n# c\n"),
    ("a:\n  - b\n  # c\n\n  # d\n", "a:\n  - b\n  # c\n  - x\n\n  # d\n"),
    ("a:\n- b\n  # c\n# about d\nd: 1\n", "a:\n- b\n  # c\n- x\n# about d\nd: 1\n"),
    ("a:\n    -   b # c\n    -   'd'\n", "a:\n    -   b # c\n    -   'd'\n    -   'x'\n"),
    ('a:\n- "b"\n- c: d\n  e: f\n', 'a:\n- "b"\n- c: d\n  e: f\n- "x"\n'),
    ("a:\n- b\n  c\n\n  d\n", "a:\n- b\n  c\n\n  d\n- x\n"),
    ("a:\n- |\n  b\n\n\n# c\n", "a:\n- |\n  b\n- x\n\n\n# c\n"),
    ("a:\n- |+\n  b\n\n\n", "a:\n- |+\n  b\n\n\n- x\n"),
    ("a:\n- >-\n  b", "a:\n- >-\n  b\n- x"),
    ("a:\n-\n", "a:\n-\n- x\n"),
    ("a:\n- # c\n  b: 1\n", "a:\n- # c\n  b: 1\n- x\n"),
    ("a:\n-\n    b: 1\n", "a:\n-\n    b: 1\n- x\n"),
    ("a:\n- - b\n  - c\n", "a:\n- - b\n  - c\n- x\n"),
    ("a:\n- b:\n  - c\n", "a:\n- b:\n  - c\n- x\n"),
    ("a:\n- &b c\n- *b\n", "a:\n- &b c\n- *b\n- x\n"),
    ("a:\n- !!int 1\n", "a:\n- !!int 1\n- x\n"),
    ("a: &b\n- c\n", "a: &b\n- c\n- x\n"),
    ("a: &b\n- c\nd: &b {e: 1}\nf: *b\n", "a: &b\n- c\n- x\nd: &b {e: 1}\nf: *b\n"),
    ("? a\n: - b\n", "? a\n: - b\n  - x\n"),
    ("a: []\n", "a:\n- x\n"),
    ("a: []", "a:\n- x"),
    ("a: [ ] # c\n", "a: # c\n- x\n"),
    ("a: []\nb:\n    - c\n", "a:\n    - x\nb:\n    - c\n"),
    ("a: []\nb:\n- c\nd:\n- e\nf:\n  - g\n", "a:\n- x\nb:\n- c\nd:\n- e\nf:\n  - g\n"),
    ("a:\n  []\n", "a:\n  - x\n"),
    ("a: &b []\n", "a: &b\n- x\n"),
    ("{a: []}\n", "{a: [x]}\n"),
    ("a: [b]\n", "a: [b, x]\n"),
    ("a: [b,]\n", "a: [b, x,]\n"),
    ("a: [ b, 'c' ]\n", "a: [ b, 'c', 'x' ]\n"),
    ("a: [b: c]\n", "a: [b: c, x]\n"),
    ("a: [b,\n    c]\n", "a: [b,\n    c,\n    x]\n"),
    ("a: [\n  b, # c\n  'd' # e\n]\n", "a: [\n  b, # c\n  'd', # e\n  'x'\n]\n"),
    ("a: [\n  b, # c\n  d, # e\n]\n", "a: [\n  b, # c\n  d, # e\n  x,\n]\n"),
    ("a: [\n  b # c\n  , d]\n", "a: [\n  b # c\n  , d, x]\n"),
    ("{a: [b, {c: d}]}\n", "{a: [b, {c: d}, x]}\n"),
]


@pytest.mark.parametrize(("before", "after"), AT_THE_END)
def test_an_item_goes_behind_the_last_one(before, after):
    assert inserted(before) == after


BETWEEN = [
    ("a:\n- b\n- c\n", "a:\n- b\n- x\n- c\n"),
    ("a:\n- b # c\n# d\n- e\n", "a:\n- b # c\n- x\n# d\n- e\n"),
    ("a:\n  - b\n    # c\n  # d\n  - e\n", "a:\n  - b\n    # c\n  - x\n  # d\n  - e\n"),
    ("a:\n- b: |\n    c\n\n- d\n", "a:\n- b: |\n    c\n- x\n\n- d\n"),
    ("a:\n-   'b'\n- c\n", "a:\n-   'b'\n-   'x'\n- c\n"),
    ("a:\n- *b\n", None),
    ("a: [b, c]\n", "a: [b, x, c]\n"),
    ("a: ['b' , c]\n", "a: ['b', 'x' , c]\n"),
    ("a: [\n  b, # c\n  d # e\n]\n", "a: [\n  b, # c\n  x,\n  d # e\n]\n"),
    ("a: [\n  b # c\n  , d]\n", "a: [\n  b, # c\n  x\n  , d]\n"),
    ("a: [\n  b, c,\n  d\n]\n", "a: [\n  b, x, c,\n  d\n]\n"),
]


@pytest.mark.parametrize(("before", "after"), BETWEEN)
def test_an_item_goes_behind_the_one_that_is_named(before, after):
    if after is None:
        before, after = f"z: &b 1\n{before}- c\n", f"z: &b 1\n{before}- x\n- c\n"
    assert inserted(before, after=0) == after


DEEPER = [
    ("- a\n", (), "- a\n- x\n"),
    ("[]", (), "- x"),
    ("--- []\n", (), "---\n- x\n"),
    ("[a]\n", (), "[a, x]\n"),
    ("- []\n- [a]\n", (0,), "- - x\n- [a]\n"),
    ("- - a\n- b\n", (0,), "- - a\n  - x\n- b\n"),
    ("[[], a]\n", (0,), "[[x], a]\n"),
    ("a:\n  - b:\n      - c\n    d: 1\n", ("a", 0, "b"), "a:\n  - b:\n      - c\n      - x\n    d: 1\n"),
    ("a:\n- b: []\n  d: 1\n", ("a", 0, "b"), "a:\n- b:\n  - x\n  d: 1\n"),
    (
        "hubs:\n- name: a\n  files:\n  - b\n  # about prod\n- name: prod\n",
        ("hubs", 0, "files"),
        "hubs:\n- name: a\n  files:\n  - b\n  - x\n  # about prod\n- name: prod\n",
    ),
]


@pytest.mark.parametrize(("before", "path", "after"), DEEPER)
def test_a_sequence_is_found_by_its_path(before, path, after):
    assert inserted(before, path) == after


SPELLED = [
    ("a:\n- b\n", "yes", "a:\n- b\n- 'yes'\n"),
    ('a:\n- b\n- c: "d"\n', "1e3", 'a:\n- b\n- c: "d"\n- "1e3"\n'),
    ('a:\n- "b"\n', 'say "x"', 'a:\n- "b"\n- \'say "x"\'\n'),
    ("a:\n- 'b'\n", "x\ny", "a:\n- 'b'\n- \"x\\ny\"\n"),
    ("a:\n- '1'\n- '2'\n", "x", "a:\n- '1'\n- '2'\n- x\n"),
    ("a:\n- 'b'\n- '2'\n", "x", "a:\n- 'b'\n- '2'\n- 'x'\n"),
    ('a:\n- "1"\n', "2", 'a:\n- "1"\n- "2"\n'),
    ('a: ["1"]\n', "x", 'a: ["1", "x"]\n'),
    ("a:\n- b\n", "- c", "a:\n- b\n- '- c'\n"),
    ("a:\n- b\n", "c: d", "a:\n- b\n- 'c: d'\n"),
    ("a:\n- b\n", "", "a:\n- b\n- ''\n"),
    ("a: [b]\n", "c, d", "a: [b, 'c, d']\n"),
    ("a: []\n", "c, d", "a:\n- c, d\n"),
    ("b: [{a: []}]\n", "c, d", None),
]


@pytest.mark.parametrize(("before", "value", "after"), SPELLED)
def test_an_item_is_quoted_as_its_neighbours_are_and_where_it_would_be_read_as_something_else(before, value, after):
    path = ("a",) if after else ("b", 0, "a")
    assert inserted(before, path, value) == (after or "b: [{a: ['c, d']}]\n")


def test_the_document_is_part_of_the_address():
    assert insert_item(b"a: [b]\n---\na: [c]\n", 1, ("a",), "x", after=0) == b"a: [b]\n---\na: [c, x]\n"


BY_HAND = "edit it by hand"
WITH_BREAK = "end the file with a line break"
REFUSALS = [
    ("a: [b\n", ("a",), None, ("parse", "cannot be edited: not valid YAML, line 2", BY_HAND)),
    ("a: 1\n", ("b",), None, ("missing", "no such key or item below line 1", None)),
    ("", ("b",), None, ("missing", "no such key or item below line 1", None)),
    ("", (), None, ("missing", "no such key or item below line 1", None)),
    ("a: [b]\n", ("a",), 1, ("missing", "no such item in the list at line 1", None)),
    ("a: [b]\n", ("a",), -1, ("missing", "no such item in the list at line 1", None)),
    ("\na: []\n", ("a",), 0, ("missing", "no such item in the list at line 2", None)),
    ("a:\n", ("a",), None, ("collection", "no list stands at line 1", BY_HAND)),
    ("a: b\n", ("a",), None, ("collection", "no list stands at line 1", BY_HAND)),
    ("a: {b: 1}\n", ("a",), None, ("collection", "no list stands at line 1", BY_HAND)),
    ("a: [1]\na: [2]\n", ("a",), None, ("duplicate-key", "a key occurs twice in the mapping at line 1", BY_HAND)),
    ("a: &b [c]\nd: *b\n", ("d",), None, ("alias", "the value at line 2 is an alias", "edit the anchor at line 1")),
    ("a: &b [c]\nd: *b\n", ("a",), None, ("alias", "the value at line 1 has an anchor that line 2 uses", BY_HAND)),
    (
        "a: &b {c: [d]}\ne: {<<: *b}\n",
        ("a", "c"),
        None,
        ("alias", "the value at line 1 has an anchor that line 2 uses", BY_HAND),
    ),
    ("a: !!seq [c]\n", ("a",), None, ("tagged", "the value at line 1 has a tag", BY_HAND)),
    ("a: !!set {c: [d]}\n", ("a", "c"), None, ("tagged", "the value at line 1 has a tag", BY_HAND)),
    ("a: [ # c\n]\n", ("a",), None, ("layout", "a comment stands in the brackets at line 1", BY_HAND)),
    (
        "a:\n- |\n  x",
        ("a",),
        0,
        ("layout", "the block scalar up to line 3 ends the file without a line break", WITH_BREAK),
    ),
]


@pytest.mark.parametrize(("text", "path", "after", "refusal"), REFUSALS)
def test_an_item_that_cannot_be_added_safely_is_refused_with_its_code_and_the_mend(text, path, after, refusal):
    with pytest.raises(UnsafeEdit) as refused:
        inserted(text, path, after=after)
    assert (refused.value.code, refused.value.message, refused.value.hint) == refusal


@pytest.mark.slow
def test_every_hub_of_the_real_tree_gets_one_more_file_behind_each_and_one_line_is_added(corpus):
    added = 0
    for file in sorted(corpus.glob("config/clusters/*/cluster.yaml")):
        before = file.read_bytes()
        hubs = resolve(parse(before).documents[0], ("hubs",))
        assert isinstance(hubs, Sequence)
        for index in range(len(hubs.items)):
            path = ("hubs", index, "helm_chart_values_files")
            listed = resolve(hubs, path[1:])
            assert isinstance(listed, Sequence)
            for at, item in enumerate(listed.items):
                place = before.index(b"\n", item.end) + 1
                start = before.rindex(b"\n", 0, item.start) + 1
                line = before[start : item.start] + b"enc-x.secret.values.yaml\n"
                after = insert_item(before, 0, path, "enc-x.secret.values.yaml", after=at)
                assert after == before[:place] + line + before[place:]
                added += 1
    assert added > 200
