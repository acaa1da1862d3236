"""Random values into random places of mutated texts, checked with ruamel's and PyYAML's own loaders."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hubctl.errors import UnsafeEdit
from hubctl.text.edit import ScalarEdit, set_scalars
from hubctl.text.parse import parse
from hubctl.text.quoting import House
from hubctl.text.tree import Alias, Mapping, Scalar, Sequence
from hubctl.text.walk import scalar_at

VALUES = """\
# chart values
jupyterhub:
  singleuser:
    image: &image
      name: quay.io/org/image   # the image
      tag: "2025.10.01" # hubctl: pin
    extraEnv: {IMAGE: "org/image:1", DEBUG: 'it''s on', EMPTY: }
    profileList:
    - display_name: Small (v1)
      slug: small

      kubespawner_override:
        image: org/image:v1
    -   display_name: >-
          Large
          (v1)

          server
        default: yes
        'n': [a, b: c, {d: "e\\u00e9\\
          f"}]
  hub:
    extraConfig:
      # python
      10-image: |
        image = "org/image:v1"

        def on():
          pass
      20-more: |+
        # text

    null:
    list:
    -
    - ~
    - - nested
      - one
        two

        three
    extra: *image
last: '2026-06-29'
"""


def mutations() -> list[str]:
    spaced = re.sub(r"(?m)^( *[\w]+:) (?=[\w\"'])", r"\1   ", VALUES)
    return [
        VALUES,
        VALUES.replace("\n", "\r\n"),
        "\ufeff" + VALUES,
        VALUES.removesuffix("\n"),
        "# \U0001f600 \u2603 \U0001f680\n" + VALUES,
        spaced,
        f"---\n{VALUES}...\n",
        f"--- # first\n{VALUES}---\na: 1\n",
    ]


NASTY = [
    *[
        "",
        " ",
        "new",
        "org/image:2026.06.29",
        "2025.10",
        "1e3",
        "0123",
        "yes",
        "y",
        "null",
        "~",
        "=",
        "<<",
        "1:30",
        "2026-06-29",
    ],
    *[
        "a: b",
        "a #b",
        "- a",
        "'",
        '"',
        "it's",
        'say "it\'s"',
        "\\",
        "a, b",
        "[x]",
        "{x}",
        "*a",
        "&a",
        "!t",
        "%a",
        "@a",
        "`a`",
        "|",
        ">",
    ],
    *[
        "a\nb",
        "a\n",
        "\n",
        "a\n\nb\n",
        "a\tb",
        "\x07",
        "\x85",
        "\u2028",
        "\ufeff",
        "\u00a0",
        "\U0001f600",
        "---",
        "...",
        "#",
        ": ",
        "{{ x }}",
    ],
]


def places(text: str) -> list[tuple[int, tuple[str | int, ...]]]:
    """Return every address of a scalar that may be edited."""
    found = []

    def walk(document, node, path):
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                walk(document, value, (*path, key.value))
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                walk(document, item, (*path, index))
        elif not isinstance(node, Alias) and path:
            found.append((document, path))

    for document, root in enumerate(parse(text.encode()).documents):
        walk(document, root, ())
    return found


def loaded(text: bytes) -> list[list[object]]:
    reader = YAML(typ="safe", pure=True)
    return [list(reader.load_all(text)), list(yaml.load_all(text, Loader=yaml.CSafeLoader))]


def put(root, path, value):
    """Set a value in loaded data; keys of the data may be no strings, so they match by what they were."""
    *way, last = [{"null": None}.get(step, step) if isinstance(step, str) else step for step in path]
    for step in way:
        root = root[step]
    root[last] = value


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_only_the_wanted_value_changes_for_two_other_loaders_and_all_other_bytes_stay(data):
    text = data.draw(st.sampled_from(mutations()))
    document, path = data.draw(st.sampled_from(places(text)))
    value = data.draw(st.one_of(st.sampled_from(NASTY), st.text(st.characters(codec="utf-8"), max_size=20)))
    house = data.draw(st.sampled_from([House(), House(None, "double"), House("ruamelfmt", "single")]))
    before = text.encode()
    try:
        after = set_scalars(before, [ScalarEdit(document, path, value)], house=house)
    except UnsafeEdit as refused:
        assert (refused.code, house.formatter) == ("formatter", "ruamelfmt")  # noqa: PT017  # one refusal is legal
        return
    scalar = scalar_at(parse(before), document, path)
    start = len(text[: text.startswith("\ufeff")].encode()) + len(parse(before).text[: scalar.start].encode())
    behind = len(parse(before).text[scalar.end :].encode())
    assert (after[:start], after[len(after) - behind :]) == (before[:start], before[len(before) - behind :])
    expected = loaded(before)
    for documents in expected:
        put(documents[document], path, value)
    assert loaded(after) == expected


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_an_edit_and_its_way_back_give_the_first_bytes(data):
    text = data.draw(st.sampled_from(mutations())).encode()
    path = ("jupyterhub", "singleuser", "profileList", 0, "kubespawner_override", "image")
    tag = data.draw(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True))
    edited = set_scalars(text, [ScalarEdit(0, path, f"org/image:{tag}")])
    assert set_scalars(edited, [ScalarEdit(0, path, "org/image:v1")]) == text


@pytest.mark.parametrize("text", mutations(), ids=range(8))
def test_every_value_can_be_set_to_what_it_is(text):
    stream = parse(text.encode())
    for document, path in places(text):
        scalar = scalar_at(stream, document, path)
        assert isinstance(scalar, Scalar)
        if scalar.style != "plain":
            assert set_scalars(text.encode(), [ScalarEdit(document, path, scalar.value)]) == text.encode()
