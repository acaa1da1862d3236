"""Kinds of tampering: each is found, and no finding holds a word of what stands in clear."""

import json
import re
import string
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubctl.secrets.creation_rules import Rules
from hubctl.secrets.verifier import is_clear, verify, verify_form
from tests.secrets import genuine
from tests.secrets.genuine import CANARY
from tests.secrets.parts import some_fast

NAME = "3.13.2/enc-whole.yaml"
TEXT = genuine.sample(NAME)
JSON = "3.13.2/enc-whole.json"
GROUPS = "3.13.2/enc-groups.yaml"
RULES = genuine.sample_rules()
LEAF = re.search(r"password: (ENC\[.*\])\n", TEXT)[1]
LAST = "version: 3.13.2\n"


def above_password(lines):
    """The text with more lines, at the indentation of a key, above the password."""
    return TEXT.replace("        password:", f"        {lines}\n        password:")


def rules_broken(text, name=NAME):
    data = text if isinstance(text, bytes) else text.encode()
    found = verify(data, name, RULES)
    assert CANARY not in repr(found)
    assert CANARY not in repr(verify_form(data, name))
    assert all(problem.file == name and problem.line >= 1 and problem.mend for problem in found)
    return sorted({problem.rule for problem in found})


@pytest.mark.parametrize(
    "value",
    [
        CANARY,
        f"'{CANARY}'",
        f'"{CANARY}"',
        f"|\n            {CANARY}",
        f">-\n            {CANARY}",
        f"{CANARY}\n            {CANARY}",
        f"[{CANARY}]",
        f"{{a: {CANARY}}}",
        f"\n            - {CANARY}",
        "42",
        "-1.5",
        "0x1F",
        "0o17",
        "1e3",
        ".inf",
        ".nan",
        "true",
        "no",
        "2024-05-01",
        "2024-05-01T10:00:00Z",
        "'null'",
        '"~"',
        "nUll",
        "' '",
        r'"\x00"',
        "-",
    ],
)
def test_a_value_in_clear(value):
    text = TEXT.replace(LEAF, value)
    assert rules_broken(text) in (["clear-value"], ["unreadable"])
    assert is_clear(verify(text.encode(), NAME, RULES))


def altered(pattern, new):
    return re.sub(pattern, new, LEAF)


@pytest.mark.parametrize(
    "value",
    [
        f"{LEAF}{CANARY}",
        f"{LEAF} {CANARY}",
        f"{CANARY}{LEAF}",
        f"{LEAF}{LEAF}",
        f"|-\n            {LEAF}",
        f"|\n            {LEAF}",
        f">-\n            {LEAF}",
        f'"{LEAF}\\n"',
        f"'{LEAF} '",
        f'"\\x45{LEAF[1:]}"',
        LEAF.replace(",iv", ",\n             iv"),
        LEAF.lower(),
        LEAF.replace("ENC[", "ENC ["),
        LEAF[:-1],
        altered("AES256_GCM", "AES128_GCM"),
        altered("data:[^,]*", "data:"),
        altered("data:[^,]*", f"data:{CANARY}"),
        altered("data:[^,]*", "data:QUI"),
        altered("data:[^,]*", "data:QUJ="),
        altered("data:[^,]*", "data:QR=="),
        altered("data:[^,]*", "data:QU-_"),
        altered("iv:[^,]*", "iv:"),
        altered("iv:[^,]*", "iv:QUJD"),
        altered("tag:[^,]*", "tag:QUJD"),
        altered("tag:[^,]*,", ""),
        altered("type:str", "type:"),
        altered("type:str", "type:string"),
        altered("type:str", f"type:{CANARY}"),
        altered("type:str", f"type:str,x:{CANARY}"),
        altered("data:", "x:1,data:"),
        f'"ENC[{CANARY}]"',
        "ENC[AES256_GCM]",
        "|-\n",
    ],
)
def test_a_value_that_resembles_ciphertext(value):
    broken = rules_broken(TEXT.replace(LEAF, value))
    assert broken == ["look-alike"]


@pytest.mark.parametrize(
    "value", [LEAF, f"'{LEAF}'", f'"{LEAF}"', '""', "''", "null", "~", "", "{}", "[]", f"[{LEAF}, '']"]
)
def test_ciphertext_and_what_sops_leaves_empty_in_any_form_is_none(value):
    text = TEXT.replace(f"password: {LEAF}", f"password: {value}" if "[" not in value[:1] else "password: []")
    assert rules_broken(text) == []


ODD_KEYS = [
    *("1", "0x1f", "1_000", "1.5", ".inf", "true", "NULL", "~", "2024-01-01", "2024-01-01T10:00:00Z"),
    *("=", '"="', '"<<"', '"a\\nb"', '"\\t"', '"\\u200b"'),
]
COMMENT = re.search(r"#ENC\[.*\]\n", TEXT)[0]


@pytest.mark.parametrize(
    "text",
    [
        f"# {CANARY}\n{TEXT}",
        f"{TEXT}# {CANARY}\n",
        f"{TEXT}#{CANARY}",
        TEXT.replace("    hub:\n", f"    hub: # {CANARY}\n"),
        TEXT.replace("    hub:\n", f"    # {CANARY}\n    hub:\n"),
        TEXT.replace(LEAF, f"{LEAF} # {CANARY}"),
        TEXT.replace(LEAF, f"{LEAF}\t#{CANARY}"),
        TEXT.replace("enc: |\n", f"enc: | # {CANARY}\n", 1),
        TEXT.replace(LAST, f"{LAST}    # {CANARY}\n"),
        TEXT.replace(LEAF, f"[ # {CANARY}\n            ]"),
        TEXT.replace(LEAF, f"{{ # {CANARY}\n            }}"),
        f"--- # {CANARY}\n{TEXT}",
        f"{TEXT}... # {CANARY}\n",
        TEXT.replace(COMMENT, COMMENT[:-1] + f" {CANARY}\n", 1),
        TEXT.replace(COMMENT, f"# {COMMENT[1:]}", 1),
        TEXT.replace(COMMENT, f"##{COMMENT[1:]}", 1),
        TEXT.replace(COMMENT, "#ENC[AES256_GCM]\n", 1),
        TEXT.replace(COMMENT, "# \n", 1),
    ],
)
def test_a_comment_in_clear(text):
    assert rules_broken(text) == ["clear-comment"]
    assert is_clear(verify(text.encode(), NAME, RULES))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (TEXT.replace(LEAF, f"&a {LEAF}"), ["yaml-feature"]),
        (TEXT.replace("    hub:\n", "    hub: &a\n"), ["yaml-feature"]),
        (TEXT.replace(LEAF, f"&a {LEAF}\n        again: *a"), ["yaml-feature"]),
        (TEXT.replace(LEAF, f"!!str {LEAF}"), ["yaml-feature"]),
        (TEXT.replace(LEAF, f"! {LEAF}"), ["yaml-feature"]),
        (TEXT.replace(LEAF, f"!!binary {CANARY}"), ["clear-value", "yaml-feature"]),
        (TEXT.replace(LEAF, f"!{CANARY} {LEAF}"), ["yaml-feature"]),
        (TEXT.replace("    hub:\n", "    hub: !!map\n"), ["yaml-feature"]),
        (TEXT.replace(LEAF, "!!null null"), ["yaml-feature"]),
        (TEXT.replace("        password:", "        !!str password:"), ["yaml-feature"]),
        (TEXT.replace("        password:", "        &a password:"), ["yaml-feature"]),
        (above_password("<<: {}"), ["yaml-feature"]),
        (above_password(f"<<: {{b: {CANARY}}}"), ["clear-value", "yaml-feature"]),
        (TEXT.replace("Secret:\n", "Secret: &a\n").replace("count:", "<<: *a\n        count:"), ["yaml-feature"]),
        (above_password(f"&a b: {LEAF}\n        *a : {LEAF}"), ["yaml-feature"]),
        (TEXT.replace(LAST, f"{LAST}    extra: *a\n"), ["unreadable"]),
        (TEXT.replace("    lastmodified: ", "    lastmodified: &a "), ["yaml-feature"]),
        (f"%YAML 1.1\n---\n{TEXT}", ["unreadable"]),
        (f"%TAG ! tag:{CANARY},2000:\n---\n{TEXT}", ["unreadable"]),
        (TEXT.replace(LEAF, f"{LEAF}\n        password: {LEAF}"), ["duplicate-key"]),
        (TEXT.replace(LEAF, f"{LEAF}\n        'password': {CANARY}"), ["clear-value", "duplicate-key"]),
        (TEXT.replace(LEAF, f'{LEAF}\n        "pass\\x77ord": {LEAF}'), ["duplicate-key"]),
        (f"{TEXT}sops: {{}}\n", ["duplicate-key"]),
        (f"sops: {CANARY}\n{TEXT}", ["duplicate-key", "metadata"]),
        (TEXT.replace(LAST, f"{LAST}    {LAST}"), ["duplicate-key"]),
        (above_password(f"? [{CANARY}]\n        : {LEAF}"), ["odd-key"]),
        (above_password(f"? {{{CANARY}: x}}\n        : {LEAF}"), ["odd-key"]),
        (above_password(f"? {CANARY}"), ["clear-value"]),
        (TEXT.replace(LEAF, f"{{{CANARY}}}"), ["clear-value"]),
        (TEXT.replace(LEAF, f"{{{CANARY}, b: {LEAF!r}}}"), ["clear-value"]),
        (above_password(f"? |\n          {CANARY}\n        : {LEAF}"), ["odd-key"]),
        (above_password(f"list:\n        - {LEAF.removesuffix('str]')}"), ["look-alike"]),
        (above_password(f"'{LEAF}': {LEAF}"), ["look-alike"]),
        (above_password(f"'enc[{CANARY}]': ''"), ["look-alike"]),
        *(
            (above_password(f"{key}: {LEAF}"), ["odd-key"])
            for key in ODD_KEYS
        ),
    ],
)  # fmt: skip
def test_a_feature_of_yaml_by_which_two_readers_disagree(text, broken):
    assert rules_broken(text) == broken


@pytest.mark.parametrize(
    "key", ['"1"', "'true'", "n", "yes", "off", '"2024-01-01"', '""', "k.ey", "a b", '"a: b"', "ü", "12:30"]
)
def test_a_key_that_is_text_for_every_reader_is_no_finding(key):
    assert rules_broken(above_password(f"{key}: {LEAF}")) == []


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (b"", ["not-a-mapping"]),
        (b"\n\n", ["not-a-mapping"]),
        (b"\xef\xbb\xbf", ["not-a-mapping"]),
        (b"---\n", ["not-a-mapping"]),
        (b"null\n", ["clear-value", "not-a-mapping"][1:]),
        (CANARY.encode(), ["clear-value", "not-a-mapping"]),
        (f"- {CANARY}\n- {CANARY}\n".encode(), ["clear-value", "not-a-mapping"]),
        (f"# {CANARY}\n".encode(), ["clear-comment", "not-a-mapping"]),
        (LEAF.encode(), ["not-a-mapping"]),
        (b"{}", ["no-metadata"]),
        (f"a: {LEAF}\n".encode(), ["no-metadata"]),
        (f"a: {CANARY}\nb: {{c: {CANARY}}}\n".encode(), ["clear-value", "no-metadata"]),
        (f"a: '{CANARY}\n".encode(), ["unreadable"]),
        (f"a: b: {CANARY}\n".encode(), ["unreadable"]),
        (f"a: *{CANARY}\n".encode(), ["unreadable"]),
        (f"a: @{CANARY}\n".encode(), ["unreadable"]),
        (f"\t{CANARY}: x\n".encode(), ["unreadable"]),
        (CANARY.encode("utf-16"), ["unreadable"]),
        (b"a: \xff" + CANARY.encode(), ["unreadable"]),
        (b"a: \x00" + CANARY.encode(), ["unreadable"]),
        (b"\x1f\x8b\x08" + CANARY.encode(), ["unreadable"]),
        (f"PASSWORD={CANARY}\nsops_version=3.13.2\n".encode(), ["unreadable"]),
        (f"[a]\nb = {CANARY}\n[sops]\nversion = 3.13.2\n".encode(), ["unreadable"]),
        (f"{TEXT}---\na: {CANARY}\n".encode(), ["clear-value", "several-documents"]),
        (f"{TEXT}---\n".encode(), ["several-documents"]),
        (f"a: {CANARY}\n---\n{TEXT}".encode(), ["clear-value", "no-metadata", "several-documents"]),
        (f"{TEXT}---\n{TEXT}".encode(), ["several-documents"]),
    ],
)  # fmt: skip
def test_a_file_of_another_shape(text, broken):
    assert rules_broken(text) == broken


@pytest.mark.parametrize("name", ["3.13.2/enc-a.env", "3.13.2/enc-a.INI"])
def test_a_file_of_a_store_of_lines(name):
    assert rules_broken(f"PASSWORD={LEAF}\n", name) == ["unreadable"]


@pytest.mark.parametrize("name", some_fast(["3.13.2/enc-pgp.yaml", "3.13.2/enc-binary.bin"], 2))
def test_a_file_that_is_cut_off_anywhere(name):
    text = genuine.sample(name).rstrip("\n")
    assert rules_broken(text, name) == []
    assert [end for end in range(len(text)) if not rules_broken(text[:end], name)] == []


@pytest.mark.parametrize(
    "key",
    [
        "password_unencrypted",
        "'password_unencrypted'",
        '"password_unencrypt\\x65d"',
        "_unencrypted",
        "? password_unencrypted\n        ",
    ],
)
@pytest.mark.parametrize("value", [LEAF, CANARY, "", "{}", "[]", f"{{a: {CANARY}}}"])
def test_a_key_under_which_sops_stores_in_clear(key, value):
    broken = rules_broken(above_password(f"{key}: {value}"))
    assert broken == (["clear-value"] if CANARY in value else ["clear-key"])


def test_what_a_rule_leaves_in_clear_is_found_in_a_file_whose_name_promises_all():
    text = genuine.sample("3.13.2/flux.yaml").encode()
    rules = Rules((replace(RULES.rules[0], path_regex=None),), (), there=True)
    assert verify(text, "x/flux.yaml", rules) == ()
    found = verify(text, "x/enc-flux.yaml", rules)
    assert [(problem.line, problem.rule, problem.path) for problem in found] == [
        (1, "clear-comment", ""),
        (2, "clear-value", "apiVersion"),
        (3, "clear-value", "kind"),
        (5, "clear-comment", ""),
        (5, "clear-value", "metadata.name"),
        (10, "clear-value", "type"),
    ]


JSON_TEXT = genuine.sample(JSON)
JSON_LEAF = re.search(r'"a": ("ENC.*")', JSON_TEXT)[1]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (JSON_TEXT.replace(JSON_LEAF, f'"{CANARY}"'), ["clear-value"]),
        (JSON_TEXT.replace(JSON_LEAF, "1"), ["clear-value"]),
        (JSON_TEXT.replace(JSON_LEAF, "true"), ["clear-value"]),
        (JSON_TEXT.replace(JSON_LEAF, '"null"'), ["clear-value"]),
        (JSON_TEXT.replace(JSON_LEAF, f'["{CANARY}"]'), ["clear-value"]),
        (JSON_TEXT.replace(JSON_LEAF, f'{JSON_LEAF[:-1]} {CANARY}"'), ["look-alike"]),
        (JSON_TEXT.replace(JSON_LEAF, JSON_LEAF.replace("ENC", "\\u0045NC")), ["look-alike"]),
        (JSON_TEXT.replace(JSON_LEAF, "NaN"), ["unreadable"]),
        (JSON_TEXT.replace(JSON_LEAF, f"{JSON_LEAF}, // {CANARY}"), ["unreadable"]),
        (JSON_TEXT.replace(JSON_LEAF, f"{JSON_LEAF},"), ["unreadable"]),
        (JSON_TEXT.replace('"a"', "'a'"), ["unreadable"]),
        (JSON_TEXT + "{}", ["unreadable"]),
        (JSON_TEXT + CANARY, ["unreadable"]),
        ("\ufeff" + JSON_TEXT, ["unreadable"]),
        (JSON_TEXT.replace('"a":', f'"a": "{CANARY}", "a":'), ["clear-value", "duplicate-key"]),
        (JSON_TEXT.replace('"version"', '"version": "3.8.1", "version"'), ["duplicate-key"]),
        (JSON_TEXT.replace('"version"', f'"extra": "{CANARY}", "version"'), ["metadata"]),
        (JSON_TEXT.replace('"3.13.2"', "3"), ["metadata"]),
        (JSON_TEXT.replace('"a"', '"a_unencrypted"'), ["clear-key"]),
        (TEXT, ["unreadable"]),
        (f'["{CANARY}"]', ["clear-value", "not-a-mapping"]),
        (f'"{CANARY}"', ["clear-value", "not-a-mapping"]),
        (f'{{"a": "{CANARY}"}}', ["clear-value", "no-metadata"]),
        (CANARY, ["unreadable"]),
        ("", ["unreadable"]),
    ],
)
def test_the_same_in_json(text, broken):
    assert rules_broken(text, JSON) == broken


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        (r'"data": "ENC.*"', f'"data": "{CANARY}"', ["clear-value"]),
        (r'"data": "ENC.*"', f'"data": {json.dumps(JSON_LEAF + CANARY)}', ["look-alike"]),
        (r'"data"', f'"more": "{CANARY}", "data"', ["clear-value", "metadata-rule"]),
        (r'"sops"', '"pops"', ["clear-value", "no-metadata"]),
    ],
)
def test_the_same_in_the_binary_store(old, new, broken):
    name = "3.13.2/enc-binary.bin"
    text = genuine.sample(name)
    changed = re.sub(old, lambda _: new, text, count=1)
    assert rules_broken(changed, name) == broken


PLAIN = st.text(string.printable, max_size=12).map(lambda text: CANARY + text)
QUOTING = st.sampled_from(
    [json.dumps, lambda text: "'" + text.replace("'", "''").replace("\n", " ") + "'", lambda text: text]
)
LEAVES = [found.span() for found in re.finditer(r"ENC\[[^\]]*\]", TEXT)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LEAVES), PLAIN, QUOTING)
@example(LEAVES[0], CANARY + "\n", lambda text: text)
def test_clear_text_in_the_place_of_any_ciphertext_is_found_and_not_told(span, text, quoted):
    start, end = span
    assert rules_broken(TEXT[:start] + quoted(text) + TEXT[end:])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LEAVES), st.data())
def test_a_change_of_one_character_of_the_form_of_ciphertext_is_found(span, data):
    start, end = span
    ends = [
        start + found.start() for found in re.finditer(r"[\[\],:=]|ENC|AES256_GCM|data|iv|tag|type", TEXT[start:end])
    ]
    place = data.draw(st.sampled_from(ends))
    new = data.draw(st.sampled_from(" x~\"'\n"))
    assert rules_broken(TEXT[:place] + new + TEXT[place + 1 :])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, TEXT.count("\n")),
    st.integers(0, 14),
    st.sampled_from(["# {}", "#{}", "{}", "- {}", "x: {}", "? {}", "'{}'", "{}:{}"]),
)
def test_a_line_in_clear_anywhere_is_found_and_not_told(number, indent, form):
    lines = TEXT.splitlines(keepends=True)
    lines.insert(number, " " * indent + form.format(CANARY, CANARY) + "\n")
    assert rules_broken("".join(lines))
