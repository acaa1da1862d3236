"""Patterns of `.sops.yaml` mean what they mean to sops, and never hang."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import HubctlError
from hubctl.secrets.patterns import accepted, found_in, matches_all, matches_none
from tests.secrets.parts import some_fast, tool

RECIPIENT = "age1wfv4tx0cy254rs9p8djk2ptrxcynssmsr8m979s7ygqdshhfwszqqt25tt"
PROD = "config/clusters/leap/enc-prod.secret.values.yaml"

# A pattern, a path, and whether sops finds it there: None where it refuses the pattern.
TABLE = [
    (r".*secret.*", PROD, True),
    (r"secret", PROD, True),
    (r"^enc-", PROD, False),
    (r"/enc-[^/]*\.yaml$", PROD, True),
    (r"\.ya?ml$", "a.yml", True),
    (r"a$", "a\n", False),
    (r"a\z", "a", True),
    (r"a\Z", "a", None),
    (r"(?m)a$", "a\nb", True),
    (r"^a.b$", "a\nb", False),
    (r"(?s)^a.b$", "a\nb", True),
    (r"^\d$", "3", True),
    (r"^\d$", "\u0663", False),
    (r"^\w$", "\u00e9", False),
    (r"^\s$", "\v", False),
    (r"\bprod\b", PROD, True),
    (r"^[[:alpha:]]+/", PROD, True),
    (r"^[[:^alpha:]]", PROD, False),
    (r"[[:letter:]]", PROD, None),
    (r"^\pN$", "\u0663", True),
    (r"\p{Greek}", "\u03a9.yaml", True),
    (r"\p{Hubs}", PROD, None),
    (r"\Q.*\E", PROD, False),
    (r"\Qenc-prod.secret\E\.values", PROD, True),
    (r"\Q\C", r"\C", True),
    (r"\C", PROD, None),
    (r"\\C", r"\C", True),
    (r"[\C]", PROD, None),
    (r"\Qa\E\C", "ab", None),
    (r"\\Q\C", PROD, None),
    (r"(?U)^(c.*)$", PROD, True),
    (r"(?i)LEAP/ENC", PROD, True),
    (r"(?i)^k$", "\u212a", True),
    (r"(?x)a", "a", None),
    (r"(?P<hub>prod)", PROD, True),
    (r"(?<hub>prod)", PROD, True),
    (r"(?P=hub)", PROD, None),
    (r"(?=enc)", PROD, None),
    (r"(?!enc)", PROD, None),
    (r"(?<=/)enc", PROD, None),
    (r"(?>enc)", PROD, None),
    (r"(a)\1", "aa", None),
    (r"a{2,3}$", "baaa", True),
    (r"a{1001}", "a", None),
    (r"(a{100}){100}", "a", None),
    (r"a{,2}", "a{,2}", True),
    (r"a**", "a", None),
    (r"a*+", "a", None),
    (r"*", PROD, None),
    (r"(", PROD, None),
    (r")", PROD, None),
    (r"[", PROD, None),
    (r"[z-a]", PROD, None),
    (r"[]a]", "]", True),
    (r"\x{e9}", "\u00e9", True),
    (r"\u00e9", "\u00e9", None),
    (r"\141", "a", True),
    (r"^.$", "\u00e9", True),
    pytest.param("(" * 1001 + ")" * 1001, PROD, None, id="deep"),
]


@pytest.mark.parametrize(("pattern", "path", "found"), some_fast(TABLE[:-1], 8) + TABLE[-1:])
def test_a_pattern_matches_where_sops_matches_it(pattern, path, found, tmp_path: Path):
    ours = found_in(pattern, path) if accepted(pattern) else None
    assert ours is found

    quoted = pattern.replace("'", "''")
    (tmp_path / ".sops.yaml").write_text(f"creation_rules:\n- path_regex: '{quoted}'\n  age: {RECIPIENT}\n", "utf-8")
    words = ["--config", ".sops.yaml", "encrypt", "--input-type", "json", "--filename-override", path]
    done = subprocess.run([tool("sops"), *words], cwd=tmp_path, input=b'{"a":"b"}', capture_output=True, check=False)
    refused = b"can not compile regexp" in done.stderr
    assert (None if refused else done.returncode == 0) is found


def test_a_name_of_unicode_that_only_new_sops_knows_is_refused():
    assert not accepted(r"\p{Letter}")


@pytest.mark.parametrize(("depth", "taken"), [(200, True), (201, False)])
def test_brackets_in_each_other_are_counted(depth, taken):
    assert accepted("(" * depth + ")" * depth) is taken
    assert accepted(r"\(" * 500 + "()" * 500)


def test_a_byte_that_is_no_utf_8_is_one_replacement_character():
    path = b"a\xff\xfe".decode("utf-8", "surrogateescape")
    assert (found_in("^a..$", path), found_in("^a\ufffd{2}$", path)) == (True, True)


def test_a_pattern_that_is_no_text_or_too_long_is_refused():
    assert (accepted("\udcff"), accepted("a" * 10_000), accepted("a" * 10_001)) == (False, True, False)


def test_a_refused_pattern_is_matched_nowhere():
    with pytest.raises(HubctlError, match="not a regular expression of Go"):
        found_in("(", "a")


def test_refusals_are_not_printed(capfd: pytest.CaptureFixture[str]):
    assert not accepted("(canary")
    assert capfd.readouterr() == ("", "")


def test_matching_takes_linear_time():
    began = time.monotonic()
    assert not found_in("^(a|aa|a?)*(.*.*)*b$", "a" * 50_000)
    assert time.monotonic() - began < 5


@given(st.text(max_size=12), st.text(max_size=12))
def test_what_is_accepted_can_be_matched(pattern, text):
    if accepted(pattern):
        assert found_in(pattern, text) in {True, False}


@pytest.mark.parametrize("pattern", [".*", "", "^", "(?s).*", "a*", "x?|y", ".", "^.+$"])
def test_a_pattern_that_matches_all_is_known(pattern):
    assert (matches_all(pattern), matches_none(pattern)) == (True, False)


@pytest.mark.parametrize("pattern", ["^$", "$^", r"\A\z", "(^$)"])
def test_a_pattern_of_places_alone_that_matches_none_is_known(pattern):
    assert (matches_all(pattern), matches_none(pattern)) == (False, True)


@pytest.mark.parametrize("pattern", ["^(data|stringData)$", "^data$", "password", r"\w", r"\d", "^.*_clear$"])
def test_a_pattern_that_chooses_is_neither(pattern):
    assert (matches_all(pattern), matches_none(pattern)) == (False, False)
