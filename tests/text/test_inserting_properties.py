"""Random trees in random layouts, keys and items in and out, checked with ruamel's and PyYAML's own loaders."""

from __future__ import annotations

import copy
import random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hubctl.errors import UnsafeEdit
from hubctl.text.inserting import Addition, insert_item, insert_scalars
from hubctl.text.parse import parse
from hubctl.text.quoting import House
from hubctl.text.removing import remove_entry, replace_entry
from hubctl.text.tree import Mapping, Sequence
from hubctl.text.walk import resolve
from tests.text.test_house_formatter import RUAMELFMT, ruamelfmt

BOM = b"\xef\xbb\xbf"
KEYS = ["a", "b", "hub", "k.e/y", "it's", "10-x", "on", "1", "", "sops", "a b", "#c", "{d}", "- e"]
TEXTS = [
    "",
    "x",
    "x y",
    "it's",
    "1",
    "yes",
    "~",
    "2025.10",
    "a: b",
    "a #b",
    "[c]",
    "*d",
    "e\nf\n",
    "e\n\n f",
    "\x07",
    "g\n",
]
SCALARS = st.sampled_from([*TEXTS, None, True, 7])
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
ROOTS = st.dictionaries(st.sampled_from(KEYS), TREES, min_size=1, max_size=5)

Tree = dict[str, object] | list[object]


class Writer:
    """Writes a tree as YAML in one of countless layouts."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # layouts are no secrets
        self.step = self.chance.choice([1, 2, 2, 4])
        self.dash = self.chance.choice([0, 0, 1, 2, 4])
        self.width = self.chance.choice([1, 1, 3])

    def often(self, one_in: int) -> bool:
        return self.chance.randrange(one_in) == 0

    def text(self, root: dict[str, object]) -> str:
        indent = self.chance.choice([0, 0, 0, 2])
        lines = self.lines_in_braces("", root, 0, "  # c") if self.often(8) else self.block(root, indent)
        text = "\n".join([*self.noise(indent), *lines, *self.noise(0)]) + "\n"
        if self.often(4):
            text = f"---\n{text}" + ("...\n" if self.often(2) else "---\nother: 1\n")
        if self.often(4):
            text = text.replace("\n", "\r\n")
        if self.often(4):
            text = text.removesuffix("\n").removesuffix("\r")
        return f"\ufeff{text}" if self.often(6) else text

    def noise(self, indent: int) -> list[str]:
        lines = [[""], [" " * indent + "# comment: x"], [" " * (indent + 3) + "# - deeper"], ["", "# outer", ""]]
        return self.chance.choice(lines) if self.often(4) else []

    def block(self, node: Tree, indent: int) -> list[str]:
        lines: list[str] = []
        entries = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in entries:
            start = f"{self.spelled(key)}:" if isinstance(node, dict) else "-"
            lines += self.noise(indent) + self.entry(" " * indent + start, value, indent, listed=isinstance(node, list))
        return lines

    def entry(self, start: str, value: object, indent: int, *, listed: bool) -> list[str]:
        comment = "  # it's: a comment" if self.often(5) else ""
        gap = " " * (self.width if listed else 1)
        if isinstance(value, dict | list) and value and not self.often(4):
            inner = indent + (self.dash if isinstance(value, list) and not listed else self.step)
            if not listed or self.often(3) or comment:
                return [start + comment, *self.block(value, max(inner, indent + 1) if listed else inner)]
            lines = self.block(value, len(start + gap))
            while not lines[0].strip() or lines[0].lstrip().startswith("#"):
                lines.pop(0)
            return [start + gap + lines[0].lstrip(), *lines[1:]]
        if isinstance(value, str) and value.strip() and "\n" in value and value[0] not in " \n" and self.often(2):
            header = {"\n": "|"}.get(value[-1], "|-")
            body = [
                f"{' ' * (indent + self.step)}{line}" if line else "" for line in value.removesuffix("\n").split("\n")
            ]
            return [f"{start}{gap}{header}{comment}", *body]
        if isinstance(value, dict | list) and value and self.often(2):
            return self.lines_in_braces(start + gap, value, indent, comment)
        return [f"{start}{gap}{self.flow(value)}{comment}"]

    def lines_in_braces(
        self, start: str, value: dict[str, object] | list[object], indent: int, comment: str
    ) -> list[str]:
        mapping = isinstance(value, dict)
        entries = [f"{self.spelled(k)}: {self.flow(v)}" for k, v in value.items()] if mapping else map(self.flow, value)
        opening, closing = "{}" if mapping else "[]"
        body = [f"{' ' * (indent + 2)}{entry},{comment}" for entry in entries]
        if self.often(2):
            body[-1] = body[-1].replace(f",{comment}", comment) if comment else body[-1].removesuffix(",")
        return [start + opening + comment, *body, " " * (indent + 1) + closing]

    def flow(self, value: object) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.spelled(key)}: {self.flow(inner)}" for key, inner in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + (",]" if value and self.often(3) else "]")
        return self.spelled(value) if isinstance(value, str) else {None: "~", True: "true"}.get(value, "7")

    def spelled(self, text: str) -> str:
        if text.isalpha() and text not in ("yes", "on") and self.often(2):
            return text
        single = text.isprintable() and self.often(2)
        quoted = text.replace("'", "''") if single else text.replace("\n", "\\n").replace("\x07", "\\a")
        return f"'{quoted}'" if single else f'"{quoted}"'


def loaded(text: bytes) -> list[object]:
    reader = YAML(typ="safe", pure=True)
    return [next(iter(reader.load_all(text))), next(iter(yaml.load_all(text, yaml.CSafeLoader)))]


def laid_out(tree: dict[str, object], seed: int) -> tuple[bytes, dict[str, object]]:
    """Return a text of the tree and what it holds: a comment may have become a part of a literal above it."""
    text = Writer(seed).text(tree).encode()
    root, other = loaded(text)
    assert root == other
    assert isinstance(root, dict)
    return text, root


def paths(node: object, kind: type, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    below = [found for step, inner in entries for found in paths(inner, kind, (*path, step))]
    return [path, *below] if isinstance(node, kind) else below


def at(root, path):
    for step in path:
        root = root[step]
    return root


def within(lines: bytes, others: bytes) -> bool:
    """Tell whether all lines are among the others, in their order."""
    rest = iter(others.removeprefix(BOM).splitlines())
    return all(line in rest for line in lines.removeprefix(BOM).splitlines())


@given(ROOTS, st.integers(0, 10**9), st.data())
def test_a_key_is_added_for_two_other_loaders_all_lines_stay_and_it_comes_out_again(tree, seed, data):
    text, root = laid_out(tree, seed)
    parent = data.draw(st.sampled_from([path for path in paths(root, dict) if all(isinstance(s, str) for s in path)]))
    there = at(root, parent)
    fresh = st.sampled_from([key for key in [*KEYS, "new", "\n", "<<"] if key not in there])
    keys = (data.draw(fresh), *data.draw(st.lists(st.sampled_from(KEYS), max_size=2)))
    value = data.draw(st.one_of(st.sampled_from(TEXTS), st.text(st.characters(codec="utf-8"), max_size=20)))
    before = data.draw(st.sampled_from([None, "sops"]))
    house = data.draw(st.sampled_from([House(), House(quote="double")]))
    try:
        after = insert_scalars(text, [Addition(0, (*parent, *keys), value)], before=before, house=house)
    except UnsafeEdit as refused:
        assert (refused.code, text.endswith(b"\n")) == ("layout", False)  # noqa: PT017  # one refusal is legal
        return
    wanted = copy.deepcopy(root)
    node = at(wanted, parent)
    for key in keys[:-1]:
        node = node.setdefault(key, {})
    node[keys[-1]] = value
    assert loaded(after) == [wanted, wanted]
    order = list(at(loaded(after)[0], parent))
    assert order == (last_before_sops if parent == () and before else list)([*there, keys[0]])
    mapping = resolve(parse(text).documents[0], parent)
    assert isinstance(mapping, Mapping)
    if there and not mapping.flow:
        assert within(text, after)
    if there:
        assert remove_entry(after, 0, (*parent, keys[0])) == text


def last_before_sops(keys: list[str]) -> list[str]:
    *others, new = keys
    place = others.index("sops") if "sops" in others else len(others)
    return [*others[:place], new, *others[place:]]


@given(ROOTS.filter(lambda tree: paths(tree, list)), st.integers(0, 10**9), st.data())
def test_an_item_is_added_for_two_other_loaders_and_all_lines_stay(tree, seed, data):
    text, root = laid_out(tree, seed)
    path = data.draw(st.sampled_from(paths(root, list)))
    there = at(root, path)
    after = data.draw(st.sampled_from([None, *range(len(there))]))
    value = data.draw(st.one_of(st.sampled_from(TEXTS), st.text(st.characters(codec="utf-8"), max_size=20)))
    try:
        edited = insert_item(text, 0, path, value, after=after)
    except UnsafeEdit as refused:
        assert (refused.code, text.endswith(b"\n")) == ("layout", False)  # noqa: PT017  # one refusal is legal
        return
    wanted = copy.deepcopy(root)
    at(wanted, path).insert(len(there) if after is None else after + 1, value)
    assert loaded(edited) == [wanted, wanted]
    sequence = resolve(parse(text).documents[0], path)
    assert isinstance(sequence, Sequence)
    if there and not sequence.flow:
        assert within(text, edited)
        assert len(edited.splitlines()) == len(text.splitlines()) + 1


@given(ROOTS, st.integers(0, 10**9), st.data())
def test_a_key_is_taken_out_for_two_other_loaders_and_no_line_is_new(tree, seed, data):
    text, root = laid_out(tree, seed)
    mappings = [path for path in paths(root, dict) if all(isinstance(step, str) for step in path)]
    entries = [(*path, key) for path in mappings if len(at(root, path)) > 1 for key in at(root, path)]
    if not entries:
        return
    path = data.draw(st.sampled_from(entries))
    try:
        after = remove_entry(text, 0, path)
    except UnsafeEdit as refused:
        assert refused.code == "layout" or b"|" in text  # noqa: PT017  # a comment may fall into a literal above
        return
    wanted = copy.deepcopy(root)
    del at(wanted, path[:-1])[path[-1]]
    assert loaded(after) == [wanted, wanted]
    mapping = resolve(parse(text).documents[0], path[:-1])
    assert isinstance(mapping, Mapping)
    if not mapping.flow:
        assert within(after, text)


@given(ROOTS, st.integers(0, 10**9), st.data())
def test_a_root_key_is_replaced_for_two_other_loaders(tree, seed, data):
    text, root = laid_out(tree, seed)
    key = data.draw(st.sampled_from(list(root)))
    value = {"mac": "x", "enc": "a\nb\n", "age": ["c", "d"], "version": "3"}
    spelled = Writer(1).spelled(key)
    block = f"{spelled}:\n    mac: x\n    enc: |\n        a\n        b\n    age:\n    - c\n    - d\n    version: '3'\n"
    try:
        after = replace_entry(text, 0, key, block)
    except UnsafeEdit as refused:
        assert refused.code == "layout"  # noqa: PT017  # a root in braces
        return
    wanted = {**root, key: value}
    assert loaded(after) == [wanted, wanted]
    assert list(loaded(after)[0]) == list(root)


@pytest.mark.slow
def test_a_key_goes_into_plain_mappings_of_the_real_tree_keeps_the_house_style_and_comes_out_again(corpus):
    added = 0
    for file in sorted(corpus.glob("config/clusters/*/*.yaml"))[::8]:
        text = file.read_bytes()
        stable = ruamelfmt(text) == text
        for path in mappings_of(parse(text).documents[0])[::7]:
            after = insert_scalars(text, [Addition(0, (*path, "new-key", "inner"), "x")], house=RUAMELFMT)
            assert within(text, after)
            assert remove_entry(after, 0, (*path, "new-key")) == text
            assert (ruamelfmt(after) == after) == stable
            added += 1
    assert added > 50


def mappings_of(node: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(node, Mapping) or node.flow or node.anchor:
        return []
    below = [found for key, value in node.pairs for found in mappings_of(value, (*path, getattr(key, "value", "")))]
    return [path, *below]
