"""What was stable under the house's formatter stays stable: ruamelfmt is ruamel's round trip without folding."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hubctl.errors import UnsafeEdit
from hubctl.text.edit import ScalarEdit, set_scalars
from hubctl.text.parse import parse
from hubctl.text.quoting import House, reads_as_text, unquoted_by_ruamelfmt
from hubctl.text.tree import Alias, Mapping, Scalar, Sequence

RUAMELFMT = House("ruamelfmt", "single")


def ruamelfmt(text: bytes) -> bytes:
    formatter = YAML(typ="rt")
    formatter.width = sys.maxsize
    out = io.BytesIO()
    formatter.dump(formatter.load(text), out)
    return out.getvalue()


STABLE = [
    "k: v1\n",
    "k: v1 # hubctl: pin\nz: 1\n",
    "k: '2025.10'\n",
    "k: '1e3'\nz:\n- a\n- b: c\n",
    "a:\n  # comment\n  k: org/image:v1\n\n  z: {x: y}\n",
    "a: &a\n  k: v1\nb: *a\n",
    "a: {name: x, k: v1}\n",
    "a:\n- name: x\n  k: v1\n- z: |\n    text\n",
    "k: 'a: v1'\n",
]


def address(text: str) -> tuple[str | int, ...]:
    return {"a:\n-": ("a", 0, "k"), "k": ("k",)}.get(text[:4], ("k",) if text[0] == "k" else ("a", "k"))


TAGS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,12}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{7}", fullmatch=True),
    st.sampled_from(
        [
            "1e3",
            "2026-06-29",
            "3.10",
            "y",
            "on",
            "No",
            "null",
            "0x1f",
            "0o17",
            "0123",
            "1_000",
            "true",
            "a: b",
            "it's: x",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STABLE), TAGS)
def test_a_stable_text_stays_stable_or_the_edit_is_refused(text, tag):
    before = text.encode()
    assert ruamelfmt(before) == before
    try:
        after = set_scalars(before, [ScalarEdit(0, address(text), tag)], house=RUAMELFMT)
    except UnsafeEdit as refused:
        assert refused.code == "formatter"  # noqa: PT017  # one refusal is legal
        return
    assert ruamelfmt(after) == after


NUMBERS = st.one_of(
    st.text("0123456789abxof_.-+eE", min_size=1, max_size=8),
    st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}(:[0-9]{1,2}){0,2})?", fullmatch=True),
    st.sampled_from(["y", "On", "NO", "True", "null", "~", "1:30", "2001-1-1", "1e_5", "0_b1", "1_000", ".inf", "="]),
).filter(lambda text: not text.startswith(("-", "+")) and not reads_as_text(text))


@settings(max_examples=300, deadline=None)
@given(NUMBERS)
def test_it_is_known_whose_quotes_ruamelfmt_drops(text):
    before = f"k: '{text}'\n".encode()
    assert unquoted_by_ruamelfmt(text) == (ruamelfmt(before) != before)


def image_scalars(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Scalar]]:
    """Return the scalars under a key `image` or `tag` with their paths."""
    if isinstance(node, Mapping):
        return [
            found for key, value in node.pairs for found in image_scalars(value, (*path, getattr(key, "value", "")))
        ]
    if isinstance(node, Sequence):
        return [found for at, item in enumerate(node.items) for found in image_scalars(item, (*path, at))]
    named = path and path[-1] in ("image", "tag") and not isinstance(node, Alias)
    return [(path, node)] if named and isinstance(node, Scalar) and "{" not in node.value else []


@pytest.mark.slow
def test_every_image_of_the_real_tree_is_set_and_nothing_else_moves(corpus):
    edited = 0
    for file in sorted(corpus.glob("config/clusters/*/*.values.yaml")):
        before = file.read_bytes()
        stream = parse(before)
        images = [] if file.name.startswith("enc-") else image_scalars(stream.documents[0])
        if not images:
            continue
        edits = [ScalarEdit(0, path, f"{scalar.value}-x") for path, scalar in images]
        after = set_scalars(before, edits, house=RUAMELFMT)
        back = set_scalars(after, [ScalarEdit(0, path, scalar.value) for path, scalar in images], house=RUAMELFMT)
        text = stream.text
        for _, scalar in reversed(images):
            text = f"{text[: scalar.start]}{scalar.value}-x{text[scalar.end :]}"  # quotes no longer needed are dropped
        assert (after, back) == (text.encode(), before)
        assert ruamelfmt(after) == after
        edited += len(edits)
    assert edited > 300
