from __future__ import annotations

import pytest

from hubctl.text.parse import parse
from hubctl.text.walk import key_path, resolve, trailing_comment


def root(text: str):
    return parse(text.encode()).documents[0]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a:\n  b: 1\n", ("a", "b"), "a.b"),
        ("a:\n  k.ey: 1\n", ("a", "k.ey"), 'a["k.ey"]'),
        ('a:\n  k"\\e: 1\n', ("a", 'k"\\e'), 'a["k\\"\\\\e"]'),
        ("x/y:\n  a: 1\n", ("x/y", "a"), '["x/y"].a'),
        ("l:\n- slug: one\n  image: x\n", ("l", 0, "image"), "l[slug=one].image"),
        ("l:\n- name: one\n  image: x\n", ("l", 0, "image"), "l[name=one].image"),
        ("l:\n- {slug: s, name: a}\n- {slug: s, name: b}\n", ("l", 1, "name"), "l[name=b].name"),
        ("l:\n- slug: s\n  image: x\n- slug: s\n", ("l", 0, "image"), "l[0].image"),
        ("l:\n- image: x\n", ("l", 0, "image"), "l[0].image"),
        ("l:\n- slug:\n  image: x\n", ("l", 0, "image"), "l[0].image"),
        ("l:\n- slug: null\n  name: a\n  image: x\n", ("l", 0, "image"), "l[name=a].image"),
        ("l:\n- slug: 'null'\n  image: x\n", ("l", 0, "image"), "l[slug=null].image"),
        ("l:\n- slug: [s]\n  image: x\n", ("l", 0, "image"), "l[0].image"),
        ("l:\n- name: Small server\n", ("l", 0, "name"), "l[name=Small server].name"),
        ("l:\n- name: a]b\n", ("l", 0, "name"), 'l[name="a]b"].name'),
        ("a: &a {slug: s, image: x}\nl:\n- *a\n", ("l", 0, "image"), "l[slug=s].image"),
        ("- image: x\n", (0, "image"), "[0].image"),
        ("a: 1\n", ("a", "missing", 3), "a.missing[3]"),
    ],
)
def test_a_path_is_named_by_keys_and_by_what_identifies_list_items(text, path, expected):
    assert key_path(root(text), path) == expected


def test_a_path_ends_at_an_alias_or_goes_through_it_when_asked():
    tree = root("a: &x {k: [v]}\nb: *x\nc: {<<: *x}\n&y d: *x\n*y : 1\n")
    anchored = resolve(tree, ("a",))
    alias = resolve(tree, ("b",))
    assert (alias.name, alias.line, alias.target) == ("x", 2, anchored)
    assert resolve(tree, ("b", "k")) is None
    assert resolve(tree, ("b",), through_aliases=True) == anchored
    assert resolve(tree, ("b", "k", 0), through_aliases=True) == anchored.pairs[0][1].items[0]
    assert resolve(tree, ("c", "k"), through_aliases=True) is None
    assert resolve(tree, ("d",)).value == "1"
    assert resolve(tree, ()) == tree
    assert resolve(None, ("a",)) is None


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("tag: x # hubctl: pin\n", ("tag",), "hubctl: pin"),
        ("tag: x #c", ("tag",), "c"),
        ("tag: x\n# below\n", ("tag",), None),
        ("tag: x#y\n", ("tag",), None),
        ("tag: 'x # y'\n", ("tag",), None),
        ("a: {name: x, tag: y} # hubctl: pin\n", ("a", "tag"), "hubctl: pin"),
        ("a: {tag: y, name: 'x # no'} # yes\n", ("a", "tag"), "yes"),
        ("a: {tag: y, name: 'x # no'}\n", ("a", "tag"), None),
        ("a: {tag: y, name: 'x # no\n  too'} # other line\n", ("a", "tag"), None),
        ("a: {tag: y, # first\n  name: x} # second\n", ("a", "tag"), "first"),
        ("a: | # c\n  x # text\n", ("a",), "c"),
        ("a: |\n  x # text\n", ("a",), None),
        ("a: x\n  y # c\n", ("a",), "c"),
        ("a: x # é ☃\r\nb: 1\r\n", ("a",), "é ☃"),
    ],
)
def test_the_comment_beside_a_scalar_is_the_one_on_its_own_line(text, path, expected):
    stream = parse(text.encode())
    scalar = resolve(stream.documents[0], path)
    assert trailing_comment(stream, scalar) == expected
