"""Files made to stop, slow down or blow up whoever reads them."""

import time
from itertools import pairwise

import pytest

from hubctl.secrets.encrypted import looks_encrypted
from hubctl.secrets.verifier import verify
from tests.secrets.genuine import sample_rules
from tests.secrets.parts import some_fast

RULES = sample_rules()
LETTERS = "abcdefghijklmnopqrst"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in pairwise(LETTERS)
)
HOSTILE = {
    "too large": b"a: " + b"x" * 2_000_001,
    "one long value": b"a: " + b"x" * 1_900_000,
    "one long ciphertext": b"a: ENC[AES256_GCM,data:" + b"A" * 1_900_000 + b",iv:",
    "100,000 keys": b"".join(b"k%d: v\n" % number for number in range(100_001)),
    "as many comments": b"# x\n" * 200_000 + b"a: b\n",
    "deep blocks": b"".join(b" " * number + b"a:\n" for number in range(1500)),
    "deep brackets": b"a: " + b"[" * 100_000,
    "deep brackets with words": b"a: " + b"[a, " * 100_000,
    "deep JSON": b'{"a":' * 100_000,
    "deep lists in JSON": b'{"a":' + b"[1," * 300_000,
    "many values in JSON": b'{"a": [' + b"1," * 300_000 + b"1]}",
    "a string of escapes": b'{"a": "' + b"\\u0041" * 300_000 + b'"',
    "a string without end": b'{"a": "' + b"\\\\" * 900_000,
    "a bomb": BOMB.encode(),
    "an alias inside its anchor": b"a: &a [*a]\n",
    "many documents": b"---\n" * 250_000,
    "armor without end": b"a: b\nsops:\n  age:\n  - enc: |\n" + (b"      " + b"A" * 64 + b"\n") * 25_000,
    "fields nobody knows": b"sops:\n" + b"".join(b"  k%d: x\n" % number for number in range(90_000)),
    "dashes": b"- " * 900_000,
    "questions": b"? " * 900_000,
    "a pattern of another kind": b"%" * 1_000_000,
    "zeros": b"\0" * 1_000_000,
    "half a character": b"a: \xf0\x9f",
}


LONG = ("100,000 keys", "as many comments", "many values in JSON", "many documents", "fields nobody knows")
CASES = [pytest.param(what, marks=pytest.mark.slow) if what in LONG else what for what in HOSTILE]


@pytest.mark.parametrize("what", CASES)
@pytest.mark.parametrize("file", some_fast(["3.13.2/enc-x.yaml", "3.13.2/comments.yaml", "3.13.2/enc-x.json"], 3))
def test_a_hostile_file_is_a_finding_within_seconds(what, file):
    began = time.perf_counter()
    found = verify(HOSTILE[what], file, RULES)
    looks_encrypted(HOSTILE[what], file)
    assert time.perf_counter() - began < 30  # 1 s on a machine that has nothing else to do
    assert 1 <= len(found) <= 90


def test_of_a_rule_that_is_broken_often_the_rest_is_one_finding():
    text = "".join(f"k{number}: v\n" for number in range(1000)) + "sops: {}\n"
    values = [problem for problem in verify(text.encode(), "3.13.2/enc-a.yaml", RULES) if problem.rule == "clear-value"]
    assert len(values) == 41
    assert (values[-1].line, values[-1].message) == (41, "960 more of the kind from this line on")


def test_of_a_file_without_any_encryption_one_finding_counts_the_values():
    text = "".join(f"k{number}: v\n" for number in range(1000))
    found = verify(text.encode(), "3.13.2/enc-a.yaml", RULES)
    assert [(problem.line, problem.rule, problem.message) for problem in found] == [
        (1, "clear-value", "1000 values in clear"),
        (1, "no-metadata", "has no `sops` block: it is not encrypted"),
    ]
