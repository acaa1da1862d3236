"""What a file says of itself against what `.sops.yaml` says of it."""

import re

import pytest

from hubctl.problem import Problem
from hubctl.secrets.catalogue import RULES
from hubctl.secrets.creation_rules import Rules, read_rules
from hubctl.secrets.findings import MENDS
from hubctl.secrets.verifier import is_clear, verify, verify_form
from tests.secrets import genuine
from tests.secrets.genuine import CANARY

AGE = "age1gsc038pgeyw3gnpyg45f74crsrggl3ngmwk7fngz80579yjn4cdq3j88f5"
NAME = "3.13.2/enc-whole.yaml"
TEXT = genuine.sample(NAME)
OURS = re.findall(r"recipient: (age1\w+)", TEXT)


def rules_of(text):
    return read_rules(f"creation_rules:\n- {text}\n".encode())


def told(text, rules, name=NAME):
    found = verify(text.encode(), name, rules)
    assert CANARY not in repr(found)
    return [(problem.line, problem.rule, problem.message) for problem in found]


BLOCK = TEXT[: TEXT.index("\nsops:\n")].count("\n") + 3


def test_recipients_may_stand_in_any_order():
    assert told(TEXT, rules_of(f"age: '{OURS[1]}, {OURS[0]}'")) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (f"age: {OURS[0]}", f"gone: age {OURS[1]}"),
        (f"age: {','.join([*OURS, AGE])}", f"new: age {AGE}"),
        (f"age: {OURS[0]},{AGE}", f"gone: age {OURS[1]}; new: age {AGE}"),
        (f"gcp_kms: {genuine.GCP}", f"gone: age {', age '.join(sorted(OURS))}; new: gcp_kms {genuine.GCP}"),
    ],
)
def test_other_recipients_are_listed(rule, message):
    expected = f"`sops`: other recipients than `.sops.yaml` names ({message})"
    assert told(TEXT, rules_of(rule)) == [(BLOCK, "recipients", expected)]


def test_key_groups_count():
    name = "3.13.2/enc-groups.yaml"
    groups = [re.findall(r"recipient: (age1\w+)", part) for part in genuine.sample(name).split("- age:")[1:]]

    def rules(first, second):
        return rules_of(f"shamir_threshold: 2\n  key_groups: [{{age: {first}}}, {{age: {second}}}]")

    assert told(genuine.sample(name), rules(*groups), name) == []
    (mixed,) = told(genuine.sample(name), rules(groups[0][:1], [*groups[0][1:], *groups[1]]), name)
    assert mixed[1] == "recipients"
    (flat,) = told(genuine.sample(name), rules_of(f"age: {','.join(groups[0] + groups[1])}"), name)
    assert flat[1] == "recipients"


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (
            "unencrypted_regex: ^x$",
            "`sops`: has `unencrypted_regex` where `.sops.yaml` gives `unencrypted_suffix`",
        ),
        (
            f"unencrypted_suffix: {CANARY}",
            "`sops`: has `unencrypted_suffix` where `.sops.yaml` gives another `unencrypted_suffix`",
        ),
        (
            "unencrypted_suffix: _unencrypted\n    mac_only_encrypted: true",
            "`sops`: differs from `.sops.yaml` in `mac_only_encrypted`",
        ),
        (None, "`sops`: does not say what is encrypted, `.sops.yaml` gives `unencrypted_suffix`"),
    ],
)
def test_a_file_that_says_another_rule_of_itself(new, message):
    old = "    unencrypted_suffix: _unencrypted\n"
    changed = TEXT.replace(old, f"    {new}\n" if new else "")
    assert told(changed, genuine.sample_rules()) == [(BLOCK, "metadata-rule", message)]


@pytest.mark.parametrize("version", ["3.10.2", "3.13.2"])
def test_the_binary_store_may_leave_the_rule_out_and_may_say_it(version):
    name = f"{version}/enc-binary.bin"
    text = genuine.sample(name)
    assert ("unencrypted_suffix" in text) is (version == "3.10.2")
    assert told(text, genuine.sample_rules(), name) == []


@pytest.mark.parametrize("version", ["3.10.2", "3.13.2"])
def test_the_binary_store_may_leave_out_which_values_the_mac_covers(version):
    name = f"{version}/enc-binary.bin"
    rules = rules_of(f"age: {','.join(OURS)}\n  mac_only_encrypted: true")
    said = genuine.sample(name).replace('"version"', '"mac_only_encrypted": true, "version"')
    assert told(genuine.sample(name), rules, name) == []
    assert told(said, rules, name) == []
    assert [rule for _, rule, _ in told(said, genuine.sample_rules(), name)] == ["metadata-rule"]


def test_a_rule_that_the_file_forgot_is_told_for_a_file_of_another_name_too():
    name = "3.13.2/flux.yaml"
    text = genuine.sample(name).replace("encrypted_regex: ^(data|stringData)$", "encrypted_regex: ^data$")
    assert [rule for _, rule, _ in told(text, genuine.sample_rules(), name)] == ["metadata-rule"]
    assert verify_form(text.encode(), name) == ()


def test_without_a_rule_for_the_file_all_of_it_has_to_be_encrypted():
    rules = rules_of(f"path_regex: ^nowhere$\n  age: {AGE}")
    assert told(TEXT, rules) == [(1, "no-rule", "no rule of `.sops.yaml` matches it")]
    assert {rule for _, rule, _ in told(genuine.sample("3.13.2/flux.yaml"), rules, "x.yaml")} == {
        "clear-comment",
        "clear-value",
        "no-rule",
    }


def test_what_is_wrong_with_the_rules_is_told_once_and_no_file_is_clean_then():
    absent = read_rules(None)
    assert verify(TEXT.encode(), NAME, absent) == absent.problems
    broken = read_rules(f"creation_rules:\n- path_regex: '('\n  age: {AGE}\n".encode())
    assert set(verify(TEXT.encode(), NAME, broken)) > set(broken.problems)
    assert told(TEXT, Rules((), (), there=False)) == [(1, "no-rule", "no rule of `.sops.yaml` matches it")]


@pytest.mark.parametrize(
    ("rule", "clear"),
    [("clear-value", True), ("look-alike", True), ("clear-comment", True), ("unreadable", True), ("recipients", False)],
)
def test_some_rules_say_that_something_stands_in_clear(rule, clear):
    assert is_clear([Problem("a", 1, "metadata", "", ""), Problem("a", 1, rule, "", "")]) is clear


@pytest.mark.parametrize("rule", ["", "elsewhere"])
def test_nothing_stands_in_clear_without_a_finding_that_says_so(rule):
    assert not is_clear([Problem("a", 1, rule, "", "")] if rule else [])


FLUX = "3.13.2/flux.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "broken"),
    [
        (FLUX, "kind: Secret", "kind: Other # in clear", []),
        (FLUX, "type: Opaque", "type: Opaque\n# in clear", []),
        (FLUX, r"other: ENC.*", f"other: {CANARY}", ["clear-value"]),
        (FLUX, r"other: ENC.*", f"other: [{{a: {CANARY}}}]", ["clear-value"]),
        (FLUX, r"(other: ENC.*)", rf"\1 # {CANARY}", ["clear-comment"]),
        (FLUX, r"stringData:\n", f"stringData:\n    # {CANARY}\n", ["clear-comment"]),
        (FLUX, r"stringData:\n", f"stringData:\n# {CANARY}\n", ["clear-comment"]),
        (FLUX, r"stringData:\n", "# in clear\nstringData:\n", []),
        (FLUX, r"stringData:\n", "stringData: # in clear\n", []),
        (FLUX, r"type: Opaque", f"    # {CANARY}\ntype: Opaque", ["clear-comment"]),
        (FLUX, r"type: Opaque", "# in clear\ntype: Opaque", []),
        (FLUX, r"type: Opaque", f"data: {{a: '', # {CANARY}\n  b: ''}}", ["clear-comment"]),
        (FLUX, r"type: Opaque", "data: {}\n# in clear\ntype: Opaque", []),
        (FLUX, r"type: Opaque", f"data: {{\n  # {CANARY}\n  }}", ["clear-comment"]),
        (FLUX, r"type: Opaque", "other: {\n  # in clear\n  }", []),
        (FLUX, r"type: Opaque", "data: []\n# in clear\ntype: Opaque", []),
        (FLUX, r"type: Opaque", f"data:\n- ''\n# {CANARY}\n- ''\ntype: Opaque", ["clear-comment"]),
        (FLUX, r"type: Opaque", f"data:\n- ''\n  # {CANARY}\ntype: Opaque", ["clear-comment"]),
        (FLUX, r"type: Opaque", "data:\n- ''\n# in clear\ntype: Opaque", []),
        (FLUX, r"type: Opaque", f"data:\n- a: ''\n  # {CANARY}\n- ''\ntype: Opaque", ["clear-comment"]),
        (FLUX, r"kind: Secret", f"kind: &a Secret\nother: !x {CANARY}", ["yaml-feature"]),
        (FLUX, r"kind: Secret", "kind: Secret\nkind: Secret", ["duplicate-key"]),
        (FLUX, r"(?s)sops:.*", "", ["clear-comment", "clear-value", "no-metadata"]),
        ("3.13.2/suffix.yaml", "name: open", "name: other", []),
        ("3.13.2/suffix.yaml", r"token_secret: ENC.*", f"token_secret: {CANARY}", ["clear-value"]),
        ("3.13.2/comments.yaml", "# sops:clear\nb: open", "b: open", ["clear-value"]),
        ("3.13.2/comments.yaml", "b: open", "b: other", []),
        ("3.13.2/comments.yaml", r"b: open\n", f"b: open\nnew: {CANARY}\n", ["clear-value"]),
        ("3.13.2/comments.yaml", "# sops:clear\nb: open", f"# {CANARY}\n# sops:clear\nb: open", ["clear-comment"]),
        ("3.13.2/comments.yaml", "# sops:clear\nb: open", "# sops:clear\n# in clear\nb: open", []),
        ("3.13.2/comments.yaml", "h: ENC.*", f"h: {CANARY}", ["clear-value"]),
        ("3.13.2/comments.yaml", r"(h: ENC.*)", rf"\1\n    # {CANARY}", ["clear-comment"]),
        ("3.13.2/comments.yaml", r"h: (ENC.*)", "h: open # sops:clear", []),
        ("3.13.2/comments.yaml", r"h: (ENC.*)", "h: open\n    # sops:clear", ["clear-value"]),
        ("3.13.2/commented.yaml", "a: secret", "a: other", []),
        ("3.13.2/commented.yaml", "b: ENC.*", f"b: {CANARY}", ["clear-value"]),
        ("3.13.2/commented.yaml", "a: secret", f"# sops:encrypt\na: {CANARY}", ["clear-value"]),
        ("3.13.2/commented.yaml", "# sops:encrypt\nb:", f"# sops:encrypt\n# {CANARY}\nb:", ["clear-comment"]),
    ],
)
def test_a_file_of_another_name_may_leave_in_clear_what_its_rule_leaves_so(name, old, new, broken):
    text = re.sub(old, new, genuine.sample(name), count=1)
    assert text != genuine.sample(name)
    assert sorted({rule for _, rule, _ in told(text, genuine.sample_rules(), name)}) == broken


def test_each_rule_has_its_page_and_its_way_to_mend():
    assert {rule.page for rule in RULES} == {f"docs/secret-check.md#{rule.name}" for rule in RULES}
    assert {rule.name for rule in RULES} - {*MENDS} <= {"history", "link", "sops-rules"}
