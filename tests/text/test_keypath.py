"""Key paths as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import UsageError
from hubctl.text.keypath import Named, parse_key_path
from hubctl.text.walk import key_path


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a", ("a",)),
        ("a.b-c.d_e", ("a", "b-c", "d_e")),
        ("a.1.true", ("a", "1", "true")),
        ("a/b.c", ("a/b", "c")),
        ('["k.ey"]', ("k.ey",)),
        ('a["x/y"].b', ("a", "x/y", "b")),
        (r'a["\"\\\u00e9"]', ("a", '"\\é')),
        ('a[""]', ("a", "")),
        ("a[0][12].b", ("a", 0, 12, "b")),
        ("p[slug=small].image", ("p", Named("slug", "small"), "image")),
        ("p[name=a b]", ("p", Named("name", "a b"))),
        ('p[name="]"]', ("p", Named("name", "]"))),
    ],
)
def test_a_path_is_read_step_by_step(text, steps):
    assert parse_key_path(text) == steps


@pytest.mark.parametrize(
    "text", ["", ".", ".a", "a.", "a..b", "a b", "a[", "a[]", "a[x]", "a[id=1]", 'a["\\x"]', '["a"]b', "a" * 2001, "a]"]
)
def test_what_is_no_path_is_refused(text):
    with pytest.raises(UsageError, match="not a key path"):
        parse_key_path(text)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=5).map(tuple))
def test_every_path_of_keys_reads_back_as_it_was(path):
    assert parse_key_path(key_path(None, path)) == path
