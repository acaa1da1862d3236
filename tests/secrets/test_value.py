"""What may be stored as a secret, and that no message tells anything of it."""

from __future__ import annotations

import pytest

from hubctl.errors import HubctlError
from hubctl.secret import Secret
from hubctl.secrets.value import MOST_BYTES, refuse_value, value_of


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b" ",
        b"\t",
        b"line\n",
        b"line\r\nother\r\n",
        b"\nline",
        "påsswörd 🔑".encode(),
        b"=x",
        b"<<\n",
        b'{"private_key": "-----BEGIN PRIVATE KEY-----\\n"}',
        b"x" * MOST_BYTES,
    ],
)
def test_a_text_is_a_value_byte_for_byte(data):
    assert value_of(data).reveal().encode() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the value is empty"),
        (b"\n", "the value is empty"),
        (b"\r\n\n\r\n", "the value is empty"),
        (b"\xff\xfe", "the value is not UTF-8"),
        (b"\xed\xa0\x80", "the value is not UTF-8"),
        (b"a\x00b", "the value has a control character"),
        (b"a\x1b[2Jb", "the value has a control character"),
        (b"a\x7fb", "the value has a control character"),
        (b"a\xc2\x85b", "the value has a control character"),
        (b"a\rb", "the value has a control character"),
        (b"a\r", "the value has a control character"),
        (b"a\x0bb", "the value has a control character"),
        (b"<<", "the value is one that YAML reads as something else"),
        (b"=", "the value is one that YAML reads as something else"),
        (b"x" * (MOST_BYTES + 1), "the value is larger than 1 MB"),
        ("ä".encode() * (MOST_BYTES // 2 + 1), "the value is larger than 1 MB"),
    ],
)
def test_what_is_no_value_is_refused_without_a_word_of_it(data, message):
    with pytest.raises(HubctlError) as refused:
        value_of(data)

    assert (refused.value.message, refused.value.code, refused.value.exit_code) == (message, "bad-value", 1)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(("text", "message"), [("\n", "the value is empty"), ("a\ud800", "the value is not UTF-8")])
def test_a_value_that_was_made_elsewhere_is_held_to_the_same(text, message):
    with pytest.raises(HubctlError, match=message):
        refuse_value(Secret(text))
