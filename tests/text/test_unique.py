"""A key that stands twice is refused at its second place."""

from __future__ import annotations

import pytest

from hubctl.errors import Unparseable
from hubctl.text.parse import parse
from hubctl.text.unique import refuse_duplicate_keys


@pytest.mark.parametrize("text", ["", "a", "a: 1\nb: {a: 1}\n", "- a: 1\n- a: 1\n", "a: &x {b: 1}\nc: *x\nd: *x\n"])
def test_a_text_without_repeated_keys_passes(text: str) -> None:
    documents = parse(text.encode()).documents
    refuse_duplicate_keys(documents[0] if documents else None, "x.yaml")


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a"),
        ("a:\n- b: 1\n  'b': 2\n", 3, "b"),
        ('a: {"\\u001b": 1, "\\u001b": 2}\n', 1, "\\u001b"),
    ],
)
def test_a_repeated_key_is_named_with_its_line(text: str, line: int, key: str) -> None:
    with pytest.raises(Unparseable) as caught:
        refuse_duplicate_keys(parse(text.encode()).documents[0], "x.yaml")
    assert (caught.value.message, caught.value.file, caught.value.line) == (
        f"the key `{key}` occurs twice",
        "x.yaml",
        line,
    )
