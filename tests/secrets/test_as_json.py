import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import Unparseable
from hubctl.secrets.as_json import read_json
from hubctl.text.data import data as data_of
from hubctl.text.tree import Mapping, Node, Scalar, Sequence

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def plain(node: Node):
    if isinstance(node, Mapping):
        return {data_of(key): plain(value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value if node.style == "double" else json.loads(node.value)


@given(ANY, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_it_reads_what_the_standard_library_writes(value, indent, escaped):
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    assert plain(read_json(text)) == value
    assert plain(read_json(f"\r\n\t {text} \n")) == value


@given(st.text(st.sampled_from('{}[],:"\\ntru efals1.-+0eE \t\n'), max_size=12))
def test_it_refuses_what_the_standard_library_refuses(text):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(Unparseable):
            read_json(text)
    else:
        assert plain(read_json(text)) == expected


def test_positions_are_those_of_the_text():
    text = '{\n  "a": [1,\n    {"b": "x\\ny"}]\n}\n'
    root = read_json(text)
    assert isinstance(root, Mapping)
    key, items = root.pairs[0]
    assert isinstance(items, Sequence)
    inner = items.items[1]
    assert isinstance(inner, Mapping)
    value = inner.pairs[0][1]
    assert isinstance(value, Scalar)
    assert [root.line, key.line, items.line, inner.line] == [1, 2, 2, 3]
    assert (value.value, text[value.start : value.end], value.line) == ("x\ny", '"x\\ny"', 3)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("{\n", 2),
        ('{"a": NaN}', 1),
        ('{"a":\n -Infinity}', 2),
        ('{"a": 01}', 1),
        ('{"a": "\t"}', 1),
        ('{"a": "\\x"}', 1),
        ("{a: 1}", 1),
        ('{"a" 1}', 1),
        ('{"a": 1,}', 1),
        ("[1\n2]", 2),
        ("{} {}", 1),
        ("\ufeff{}", 1),
        ("[" * 65 + "]" * 65, 1),
    ],
)
def test_what_is_no_strict_json_is_refused_with_its_line(text, line):
    with pytest.raises(Unparseable) as raised:
        read_json(text, "a.json")
    assert (raised.value.file, raised.value.line) == ("a.json", line)


def test_duplicate_keys_are_kept_for_who_looks():
    root = read_json('{"a": 1, "a": 2}')
    assert isinstance(root, Mapping)
    assert len(root.pairs) == 2
