import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.secrets.ciphertext import is_base64, is_ciphertext, is_mac, resembles_ciphertext
from tests.secrets.genuine import ciphertext

ONE = ciphertext(random.Random(3))


@pytest.mark.parametrize("kind", ["str", "int", "float", "bool", "bytes", "time", "comment"])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 70_000])
def test_ciphertext_of_every_type_and_length(kind, length):
    assert is_ciphertext(ciphertext(random.Random(length), kind, length))


def test_an_iv_of_twelve_bytes_is_tolerated():
    assert is_ciphertext("ENC[AES256_GCM,data:QUI=,iv:QUJDREVGR0hJSktM,tag:QUJDREVGR0hJSktMTU5PUA==,type:str]")


@pytest.mark.parametrize("length", [0, 1, 11, 13, 16, 31, 33])
def test_an_iv_of_another_length_is_none(length):
    iv = base64.b64encode(bytes(length)).decode()
    assert not is_ciphertext(f"ENC[AES256_GCM,data:QUI=,iv:{iv},tag:QUJDREVGR0hJSktMTU5PUA==,type:str]")


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_tag_of_another_length_is_none(length):
    tag = base64.b64encode(bytes(length)).decode()
    assert not is_ciphertext(f"ENC[AES256_GCM,data:QUI=,iv:QUJDREVGR0hJSktM,tag:{tag},type:str]")


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", ONE[1:], ONE[:-1], f"{ONE}\n", f" {ONE}", ONE.replace("type:", "type:x"), ONE.upper(), ONE * 2],
)
def test_anything_else_is_none(text):
    assert not is_ciphertext(text)


def test_a_mac_is_the_ciphertext_of_a_sha512_in_hexadecimal():
    assert is_mac(ciphertext(random.Random(4), length=128))


@pytest.mark.parametrize(("kind", "length"), [("str", 127), ("str", 129), ("str", 1), ("int", 128), ("bytes", 128)])
def test_ciphertext_of_another_length_or_type_is_no_mac(kind, length):
    assert not is_mac(ciphertext(random.Random(5), kind, length))


@given(st.binary(min_size=1))
def test_base64_is_what_the_standard_writes_and_nothing_else(data):
    text = base64.b64encode(data).decode()
    assert is_base64(text)
    assert not is_base64(text.rstrip("=") if text.endswith("=") else f"{text}=")
    last = text.rstrip("=")[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    if text.endswith("="):  # a bit that no byte uses
        other = alphabet[alphabet.index(last) + 1]
        assert not is_base64(text.rstrip("=")[:-1] + other + "=" * text.count("="))


def test_nothing_is_no_base64():
    assert not is_base64("")


@pytest.mark.parametrize(("text", "alike"), [("enc[", True), ("x AES256_GCM x", True), ("encoded", False), ("", False)])
def test_what_resembles_ciphertext(text, alike):
    assert resembles_ciphertext(text) is alike
