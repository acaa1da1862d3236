"""Each case adds keys beside one construct of YAML; the whole text is compared."""

from __future__ import annotations

import pytest

from hubctl.errors import UnsafeEdit
from hubctl.text.inserting import Addition, insert_scalars
from hubctl.text.quoting import House
from hubctl.text.removing import remove_entry


def inserted(text: str, path: tuple[str, ...], value: str = "x", before: str | None = None, document: int = 0) -> str:
    return insert_scalars(text.encode(), [Addition(document, path, value)], before=before).decode()


# A key `new` in the root; taking it out again gives the text as it was.
AT_THE_END = [
    ("a: 1\n", "a: 1\nnew: x\n"),
    ("a: 1", "a: 1\nnew: x"),
    ("\ufeffa: 1\n", "\ufeffa: 1\nnew: x\n"),
    ("a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\nnew: x\r\n"),
    ("a: 1\r\nb: 2", "a: 1\r\nb: 2\r\nnew: x"),
    ("a: 1\nb: 2\r\n", "a: 1\nb: 2\r\nnew: x\r\n"),
    ("a: 1\r\nb: 2\n", "a: 1\r\nb: 2\nnew: x\n"),
    ("a: 1 # c\n", "a: 1 # c\nnew: x\n"),
    ("a: 1\n# c\n  # d\n\n# e\n", "a: 1\n# c\n  # d\nnew: x\n\n# e\n"),
    ("a: 1\n# c", "a: 1\n# c\nnew: x"),
    ("a: 1\n\n\n", "a: 1\nnew: x\n\n\n"),
    ("a:\n", "a:\nnew: x\n"),
    ("a: {}", "a: {}\nnew: x"),
    ("a:\n  - []", "a:\n  - []\nnew: x"),
    ("a: # c\n", "a: # c\nnew: x\n"),
    ("a:\n# c\n\n# d\n", "a:\n# c\nnew: x\n\n# d\n"),
    ("a: ~\n", "a: ~\nnew: x\n"),
    ("a: &x\n", "a: &x\nnew: x\n"),
    ("a: !!str\n", "a: !!str\nnew: x\n"),
    ("a: !custom {b: 1}\n", "a: !custom {b: 1}\nnew: x\n"),
    ("&x a: 1\n", "&x a: 1\nnew: x\n"),
    ("a: &x 1\nb: *x\n", "a: &x 1\nb: *x\nnew: x\n"),
    ("a: 1\na: 2\n", "a: 1\na: 2\nnew: x\n"),
    ("? a\n: 1\nb: 2\n", "? a\n: 1\nb: 2\nnew: x\n"),
    ("  a: 1\n  b:\n     c: 2\n", "  a: 1\n  b:\n     c: 2\n  new: x\n"),
    ("a: 1\n  2\n\n  3\n", "a: 1\n  2\n\n  3\nnew: x\n"),
    ("a: '1\n\n  2'\n", "a: '1\n\n  2'\nnew: x\n"),
    ('a: "1\\\n  2" # c\n', 'a: "1\\\n  2" # c\nnew: x\n'),
    ("a: |\n  x\n\n\n# c\n...\n", "a: |\n  x\nnew: x\n\n\n# c\n...\n"),
    ("a: |\n  x\n# c\n", "a: |\n  x\n# c\nnew: x\n"),
    ("a: |+\n  x\n\n\n", "a: |+\n  x\n\n\nnew: x\n"),
    ("a: |+\n  x\n\n\n# c\n", "a: |+\n  x\n\n\n# c\nnew: x\n"),
    ("a: |2-\n    x\n   y\n", "a: |2-\n    x\n   y\nnew: x\n"),
    ("a: |-\n  x", "a: |-\n  x\nnew: x"),
    ("a: >- # c\n  x", "a: >- # c\n  x\nnew: x"),
    ("a: | # -\n", "a: | # -\nnew: x\n"),
    ("a:\n  b:\n  - 1\n  - c: 2\n  # e\n", "a:\n  b:\n  - 1\n  - c: 2\n  # e\nnew: x\n"),
    ("a:\n- b\n-\n", "a:\n- b\n-\nnew: x\n"),
    ("a: [b, {c: d}, ] # c\n", "a: [b, {c: d}, ] # c\nnew: x\n"),
    ("a: [b: c]\n", "a: [b: c]\nnew: x\n"),
    ("a: [{b: 1}: c]\n", "a: [{b: 1}: c]\nnew: x\n"),
    ("a: {\n  b: 1 # }\n} # c\n", "a: {\n  b: 1 # }\n} # c\nnew: x\n"),
    ("---\na: 1\n...\n", "---\na: 1\nnew: x\n...\n"),
    ("--- # c\na: 1\n---\nb: 1\n", "--- # c\na: 1\nnew: x\n---\nb: 1\n"),
    ("{a: 1}\n", "{a: 1, new: x}\n"),
    ("{a: 1,}\n", "{a: 1, new: x,}\n"),
    ("{ a: 1 }\n", "{ a: 1, new: x }\n"),
    ("{a: }\n", "{a: , new: x}\n"),
    ("{a: , }\n", "{a: , new: x, }\n"),
    ("{a}\n", "{a, new: x}\n"),
    ("{a: !!str }\n", "{a: !!str , new: x}\n"),
    ("{a: &x 1, b: *x}\n", "{a: &x 1, b: *x, new: x}\n"),
    ("{? a : 1}\n", "{? a : 1, new: x}\n"),
    ("? {a: 1}\n: 2\nb: 3\n", "? {a: 1}\n: 2\nb: 3\nnew: x\n"),
    ("&a k: 1\n*a : 2\n", "&a k: 1\n*a : 2\nnew: x\n"),
    ("{a: 1 # c\n}\n", "{a: 1, new: x # c\n}\n"),
    ("{a: [b, c], d: {e: f}}\n", "{a: [b, c], d: {e: f}, new: x}\n"),
    ("{a: 1,\n b: 2}\n", "{a: 1,\n b: 2,\n new: x}\n"),
    ("{\n  a: 1, b: 2,\n}\n", "{\n  a: 1, b: 2, new: x,\n}\n"),
    ("{\n  a: 1, # c\n  b: 2 # d\n}\n", "{\n  a: 1, # c\n  b: 2, # d\n  new: x\n}\n"),
    ("{\n  a: 1, # c\n  b: 2, # d\n}\n", "{\n  a: 1, # c\n  b: 2, # d\n  new: x,\n}\n"),
    ("{\r\n  a: 1\r\n}\r\n", "{\r\n  a: 1,\r\n  new: x\r\n}\r\n"),
    ("{\n  a: 1, }\n", "{\n  a: 1, new: x, }\n"),
    ('{"a": "b"}\n', '{"a": "b", "new": "x"}\n'),
    ('{\n    "a": "b"\n}\n', '{\n    "a": "b",\n    "new": "x"\n}\n'),
    ("{'a': 1}", "{'a': 1, new: x}"),
    ("a: &m {b: 1}\n<<: *m\n", "a: &m {b: 1}\n<<: *m\nnew: x\n"),
    ("'<<': {new: 1}\n", "'<<': {new: 1}\nnew: x\n"),
    ("<<: 1\n", "<<: 1\nnew: x\n"),
    ("a: \U0001f600\n# \U0001f680\n", "a: \U0001f600\n# \U0001f680\nnew: x\n"),
]


@pytest.mark.parametrize(("before", "after"), AT_THE_END)
def test_a_key_goes_behind_the_last_one_and_comes_out_again(before, after):
    assert inserted(before, ("new",)) == after
    assert remove_entry(after.encode(), 0, ("new",)) == before.encode()


def test_a_comma_never_stands_right_behind_a_colon():
    assert inserted("{\n a: 1,\n b:\n}\n", ("new",)) == "{\n a: 1,\n b: ,\n new: x\n}\n"
    assert inserted("{\n a: 1,\n b: # c\n}\n", ("new",)) == "{\n a: 1,\n b: , # c\n new: x\n}\n"
    assert inserted("{'a':}\n", ("new",)) == "{'a': , new: x}\n"


DEEPER = [
    ("a:\n  b: 1\n  # c\n# d\ne: 1\n", ("a", "new"), "a:\n  b: 1\n  # c\n  new: x\n# d\ne: 1\n"),
    ("a:\n  b: 1\n\n  # c\ne: 1\n", ("a", "new"), "a:\n  b: 1\n  new: x\n\n  # c\ne: 1\n"),
    ("a:\n  b:\n  - 1\n  - 2\n", ("a", "new"), "a:\n  b:\n  - 1\n  - 2\n  new: x\n"),
    ("a:\n  b: |+\n    c\n\n# d\n", ("a", "new"), "a:\n  b: |+\n    c\n\n  new: x\n# d\n"),
    (
        "a:\n    b:\n        c: d\n          e\n        # f\n    # g\n# h\n",
        ("a", "b", "new"),
        "a:\n    b:\n        c: d\n          e\n        # f\n        new: x\n    # g\n# h\n",
    ),
    (
        "a:\n    b:\n        c: d\n        # f\n    # g\n# h\n",
        ("a", "new"),
        "a:\n    b:\n        c: d\n        # f\n    # g\n    new: x\n# h\n",
    ),
    ("a:\n  # c\n  b: 1\n", ("a", "new"), "a:\n  # c\n  b: 1\n  new: x\n"),
    ("a: &x\n  b: 1\n", ("a", "new"), "a: &x\n  b: 1\n  new: x\n"),
    ("a: &x # c\n  b: 1\n", ("a", "new"), "a: &x # c\n  b: 1\n  new: x\n"),
    ("a: &x {b: 1}\nc: &x\n  d: 1\ne: *x\nf: &x\n  g: 1\n", ("f", "new"), None),
    ("m: &m {n: 1}\na:\n  <<: *m\n  b: 1\n", ("a", "new"), "m: &m {n: 1}\na:\n  <<: *m\n  b: 1\n  new: x\n"),
    ("a: {b: {}}\n", ("a", "new"), "a: {b: {}, new: x}\n"),
    ("a: {b: {c: 1}}\n", ("a", "b", "new"), "a: {b: {c: 1, new: x}}\n"),
    ("a: {b: {c: 1}}\n", ("a", "new"), "a: {b: {c: 1}, new: x}\n"),
    ("k.e/y: {on: {2025.10: 1}}\n", ("k.e/y", "on", "new"), "k.e/y: {on: {2025.10: 1, new: x}}\n"),
]


@pytest.mark.parametrize(("before", "path", "after"), DEEPER)
def test_a_key_goes_behind_the_last_one_of_the_mapping_that_is_meant(before, path, after):
    after = after or f"{before}  new: x\n"
    assert inserted(before, path) == after
    assert remove_entry(after.encode(), 0, path) == before.encode()


MADE = [
    ("", "new:\n  m: x\n"),
    ("\ufeff", "\ufeffnew:\n  m: x\n"),
    ("# c\n", "# c\nnew:\n  m: x\n"),
    ("# c\n\n", "# c\n\nnew:\n  m: x\n"),
    ("# c", "# c\nnew:\n  m: x"),
    ("# c\r\n", "# c\r\nnew:\r\n  m: x\r\n"),
    ("\n", "\nnew:\n  m: x\n"),
    ("---\n", "---\nnew:\n  m: x\n"),
    ("--- # c", "--- # c\nnew:\n  m: x"),
    ("# c\n---\n...\n", "# c\n---\nnew:\n  m: x\n...\n"),
    ("---\n# c\n\n---\nb: 1\n", "---\n# c\n\nnew:\n  m: x\n---\nb: 1\n"),
    ("{}\n", "new:\n  m: x\n"),
    ("{}", "new:\n  m: x"),
    ("{ \n}\n", "new:\n  m: x\n"),
    ("# c\n  {}\n", "# c\n  new:\n    m: x\n"),
    ("--- {} # c\n", "--- # c\nnew:\n  m: x\n"),
    ("--- {}", "---\nnew:\n  m: x"),
    ("a: 1\n", "a: 1\nnew:\n  m: x\n"),
    ("a: 1", "a: 1\nnew:\n  m: x"),
    ("a:\n    b: 1\n", "a:\n    b: 1\nnew:\n    m: x\n"),
    ("- a:\n     b: 1\n", None),
    ("{a: 1}\n", "{a: 1, new: {m: x}}\n"),
    ("{a: 1,}\n", "{a: 1, new: {m: x},}\n"),
    ('{\n  "a": "b"\n}\n', '{\n  "a": "b",\n  "new": {"m": "x"}\n}\n'),
    ("new: {}\n", "new:\n  m: x\n"),
    ("new: {} # c\na: {b: 1}\n", "new: # c\n  m: x\na: {b: 1}\n"),
    ("new: {}\nb:\n    c: 1\n", "new:\n    m: x\nb:\n    c: 1\n"),
    ("new: &x {}\n", "new: &x\n  m: x\n"),
    ("new: { }\r\n", "new:\r\n  m: x\r\n"),
    ("new:\n  {}\n", "new:\n  m: x\n"),
    ("new:\n  {} # c\n", "new:\n  m: x # c\n"),
    ("{new: {}}\n", "{new: {m: x}}\n"),
    ("{a: 1, 'new': { }, b: 2}\n", "{a: 1, 'new': {m: x}, b: 2}\n"),
    ('{"new": {}}\n', '{"new": {"m": "x"}}\n'),
]


@pytest.mark.parametrize(("before", "after"), MADE)
def test_parents_that_are_not_there_are_made(before, after):
    if after is None:
        with pytest.raises(UnsafeEdit, match="no mapping stands at line 1"):
            inserted(before, ("new", "m"))
    else:
        assert inserted(before, ("new", "m")) == after


STEPS = [
    ("a:\n   b:\n    c: 1\n", ("a", "b", "k", "m"), "a:\n   b:\n    c: 1\n    k:\n     m: x\n"),
    ("a:\n    b: 1\nc:\n  - d: {}\n", ("a", "k", "m"), "a:\n    b: 1\n    k:\n        m: x\nc:\n  - d: {}\n"),
    ("a:\n  b: 1\n  c:\n      d: 1\n", ("a", "k", "m"), "a:\n  b: 1\n  c:\n      d: 1\n  k:\n      m: x\n"),
    ("l:\n- a:\n     b: 1\nc: {d: 1}\n", ("k", "m"), "l:\n- a:\n     b: 1\nc: {d: 1}\nk:\n   m: x\n"),
    ("a: 1\n---\nb:\n    c: 1\n", ("k", "m"), "a: 1\nk:\n  m: x\n---\nb:\n    c: 1\n"),
]


@pytest.mark.parametrize(("before", "path", "after"), STEPS)
def test_new_mappings_are_indented_as_those_beside_them_else_as_those_above_else_as_most(before, path, after):
    assert inserted(before, path) == after


BEFORE = [
    ("a: 1\n\nsops:\n    mac: x\n", "a: 1\nnew:\n    m: x\n\nsops:\n    mac: x\n"),
    ("a: 1\n# c\nsops:\n    mac: x\n", "a: 1\n# c\nnew:\n    m: x\nsops:\n    mac: x\n"),
    ("sops:\n    mac: x\n", "new:\n    m: x\nsops:\n    mac: x\n"),
    ("# c\r\nsops:\r\n  mac: x\r\n", "# c\r\nnew:\r\n  m: x\r\nsops:\r\n  mac: x\r\n"),
    ("sops: {}\nb: 1\n", "new:\n  m: x\nsops: {}\nb: 1\n"),
    ("a: 1\nb: 2\n", "a: 1\nb: 2\nnew:\n  m: x\n"),
    ("{a: 1, sops: {}}\n", "{a: 1, new: {m: x}, sops: {}}\n"),
    ("{sops: {mac: 1}}\n", "{new: {m: x}, sops: {mac: 1}}\n"),
    ('{\n  "a": 1,\n  "sops": {"mac": 1}}\n', '{\n  "a": 1,\n  "new": {"m": "x"},\n  "sops": {"mac": 1}}\n'),
    ('{\n  "sops": {}\n}\n', '{\n  "new": {"m": "x"},\n  "sops": {}\n}\n'),
    ("", "new:\n  m: x\n"),
]


@pytest.mark.parametrize(("before", "after"), BEFORE)
def test_in_the_root_a_key_goes_before_the_one_that_is_to_stay_last(before, after):
    assert inserted(before, ("new", "m"), before="sops") == after


def test_a_key_that_is_to_stay_last_counts_in_the_root_alone():
    before = "a:\n  sops: 1\n  b: 2\nsops: 3\n"
    assert inserted(before, ("a", "new"), before="sops") == "a:\n  sops: 1\n  b: 2\n  new: x\nsops: 3\n"


def test_several_keys_share_the_parents_that_are_made():
    additions = [Addition(0, path, "x") for path in [("a", "b", "c"), ("a", "b", "d"), ("e",), ("a", "f"), ("e",)]]
    after = b"z: 1\na:\n  b:\n    c: x\n    d: x\n  f: x\ne: x\nsops: 1\n"
    assert insert_scalars(b"z: 1\nsops: 1\n", additions, before="sops") == after


def test_the_document_is_part_of_the_address():
    additions = [Addition(2, ("k",), "x"), Addition(1, ("k",), "z")]
    after = b"a: 1\n---\n# c\nk: z\n---\nb: 1\nk: x\n"
    assert insert_scalars(b"a: 1\n---\n# c\n---\nb: 1\n", additions) == after


def test_nothing_added_gives_the_same_bytes():
    assert insert_scalars(b"a:   1", []) == b"a:   1"


def test_one_key_cannot_get_two_values():
    with pytest.raises(ValueError, match="two additions give one key different values"):
        insert_scalars(b"", [Addition(0, ("a",), "x"), Addition(0, ("a",), "y")])


CIPHERTEXT = "ENC[AES256_GCM,data:aGk=,iv:aGk=,tag:aGk=,type:str]"
SPELLED = [
    ("a: 1\n", "yes", "yes", House(), "a: 1\n'yes': 'yes'\n"),
    ("a: 1\n", "2025.10", "1e3", House(quote="double"), 'a: 1\n"2025.10": "1e3"\n'),
    ('a: "1"\n', "1", "", House(), 'a: "1"\n"1": ""\n'),
    ("a: 1\n", "b c: d", "x\ny", House(), "a: 1\n'b c: d': \"x\\ny\"\n"),
    ("a: 1\n", "", "#", House(), "a: 1\n'': '#'\n"),
    ("a: 1\n", "<<", "<<", House(), "a: 1\n'<<': '<<'\n"),
    ("a: 1\n", "- b", "it's: x", House(), "a: 1\n'- b': \"it's: x\"\n"),
    ("a: 1\n", "b.c/d", CIPHERTEXT, House(), f"a: 1\nb.c/d: {CIPHERTEXT}\n"),
    ("{a: 1}\n", "b,c", CIPHERTEXT, House(), f"{{a: 1, 'b,c': '{CIPHERTEXT}'}}\n"),
    ("{'a': 1}\n", "b", "1", House(quote="double"), "{'a': 1, b: '1'}\n"),
    ('{"a": 1}\n', "b", 'say "x"', House("ruamelfmt"), '{"a": 1, "b": "say \\"x\\""}\n'),
    ("a: 1\n", "b", "\ufeff\x07", House(), 'a: 1\nb: "\\ufeff\\a"\n'),
    ('a: "b"\n', "b", "1", House("ruamelfmt"), "a: \"b\"\nb: '1'\n"),
]


@pytest.mark.parametrize(("before", "key", "value", "house", "after"), SPELLED)
def test_keys_and_values_are_quoted_where_they_would_be_read_as_something_else(before, key, value, house, after):
    assert insert_scalars(before.encode(), [Addition(0, (key,), value)], house=house) == after.encode()


BY_HAND = "edit it by hand"
WITH_BREAK = "end the file with a line break"
REFUSALS = [
    ("a: [b\n", ("n",), ("parse", "cannot be edited: not valid YAML, line 2", BY_HAND)),
    (
        "%YAML 1.2\n---\na: 1\n",
        ("n",),
        ("parse", "cannot be edited: a `%` directive is not supported, line 1", BY_HAND),
    ),
    ("a:\t1\n", ("n",), ("parse", "cannot be edited: not valid YAML, line 1", BY_HAND)),
    ("? a\n: b: 1\n", ("a", "n"), ("layout", "the key at line 2 does not begin its line", BY_HAND)),
    ("a: 1\n", (), ("root", "the whole document is not a value that can be added", None)),
    ("a: 1\n", ("a",), ("duplicate-key", "the key at line 1 is there already", None)),
    ("\na: {b: }\n", ("a", "b"), ("duplicate-key", "the key at line 2 is there already", None)),
    ("a: {}\na: {}\n", ("a", "n"), ("duplicate-key", "a key occurs twice in the mapping at line 1", BY_HAND)),
    ("a:\n", ("a", "n"), ("collection", "no mapping stands at line 1, so no key can be added", BY_HAND)),
    ("a: ~\n", ("a", "n"), ("collection", "no mapping stands at line 1, so no key can be added", BY_HAND)),
    ("\na: 1\n", ("a", "b", "n"), ("collection", "no mapping stands at line 2, so no key can be added", BY_HAND)),
    ("a:\n- b\n", ("a", "n"), ("collection", "no mapping stands at line 2, so no key can be added", BY_HAND)),
    ("- a\n", ("n",), ("collection", "no mapping stands at line 1, so no key can be added", BY_HAND)),
    ("null\n", ("n",), ("collection", "no mapping stands at line 1, so no key can be added", BY_HAND)),
    ("a: &x {b: 1}\nc: *x\n", ("c", "n"), ("alias", "the value at line 2 is an alias", "edit the anchor at line 1")),
    (
        "a: &x {b: {c: 1}}\nd: [*x]\n",
        ("a", "b", "n"),
        ("alias", "the value at line 1 has an anchor that line 2 uses", BY_HAND),
    ),
    (
        "m: &m {n: 1}\na:\n  <<: *m\n  b: 1\n",
        ("a", "n"),
        ("alias", "`<<` in the mapping at line 3 brings that key, too", BY_HAND),
    ),
    (
        "m: &m {n: 1}\nl: &l {<<: *m}\na: {<<: [{b: 1}, *l]}\n",
        ("a", "n", "m"),
        ("alias", "`<<` in the mapping at line 3 brings that key, too", BY_HAND),
    ),
    ("a: !!map\n  b: 1\n", ("a", "n"), ("tagged", "the value at line 2 has a tag", BY_HAND)),
    ("a: !t {}\n", ("a", "n"), ("tagged", "the value at line 1 has a tag", BY_HAND)),
    ("? a\n: 1\n", ("n",), ("layout", "the key at line 1 does not begin its line", BY_HAND)),
    ("a: { # c\n}\n", ("a", "n"), ("layout", "a comment stands in the brackets at line 1", BY_HAND)),
    (
        "a: 1\nb: |\n  x",
        ("n",),
        (
            "layout",
            "the block scalar up to line 3 ends the file without a line break",
            "end the file with a line break",
        ),
    ),
    (
        "a:\n- >+\n  x",
        ("n",),
        (
            "layout",
            "the block scalar up to line 3 ends the file without a line break",
            "end the file with a line break",
        ),
    ),
]


@pytest.mark.parametrize(("text", "path", "refusal"), REFUSALS)
def test_a_key_that_cannot_be_added_safely_is_refused_with_its_code_and_the_mend(text, path, refusal):
    with pytest.raises(UnsafeEdit) as refused:
        inserted(text, path)
    assert (refused.value.code, refused.value.message, refused.value.hint) == refusal


@pytest.mark.parametrize(("text", "document"), [("a: 1\n", 1), ("a: 1\n", -1), ("", 1)])
def test_a_document_that_is_not_there_is_missing(text, document):
    with pytest.raises(UnsafeEdit) as refused:
        inserted(text, ("n",), document=document)
    assert (refused.value.code, refused.value.message) == ("missing", "no such document in the file")


def test_quotes_that_ruamelfmt_would_remove_are_refused_there():
    for key, value in [("on", "x"), ("x", "1:30")]:
        with pytest.raises(UnsafeEdit) as refused:
            insert_scalars(b"a: 1\n", [Addition(0, (key,), value)], house=House("ruamelfmt"))
        assert refused.value.code == "formatter"


@pytest.mark.parametrize(("key", "value"), [("k", "\ud800"), ("k" * 2000, "x")])
def test_what_no_parser_takes_is_refused(key, value):
    with pytest.raises(UnsafeEdit) as refused:
        inserted("a: 1\n", (key,), value)
    assert (refused.value.code, refused.value.message) == (
        "verify",
        "the edited text would not parse; nothing was written",
    )
