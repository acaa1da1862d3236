from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import UsageError
from hubctl.images.choice import Policy
from hubctl.images.pattern import compile_pattern
from hubctl.images.policy import parse_policy, policy_for, resolve_policy
from hubctl.settings import PolicyRule

DAY = dt.timedelta(days=1)


def pattern(regex, order=None, reason=""):
    return Policy(kind="pattern", pattern=regex, order=order, reason=reason, origin="comment")


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("pin", Policy(kind="pin", origin="comment")),
        ("pin because GPU drivers", Policy(kind="pin", reason="GPU drivers", origin="comment")),
        ("  pin  because  CUDA 12: see #4 ", Policy(kind="pin", reason="CUDA 12: see #4", origin="comment")),
        ("newest", Policy(origin="comment")),
        ("newest because the course is over", Policy(reason="the course is over", origin="comment")),
        (r"pattern=v\d+", pattern(r"v\d+")),
        (r"pattern=v\d+ order=number", pattern(r"v\d+", "number")),
        (r"order=created pattern=[a-z]+-gpu", pattern("[a-z]+-gpu", "created")),
        (r'pattern="fa\d+" order=date', pattern(r"fa\d+", "date")),
        (r"pattern='a b' order='version'", pattern("a b", "version")),
        (r"pattern=a=b", pattern("a=b")),
        ("pattern=fa.* because one semester a year", pattern("fa.*", reason="one semester a year")),
    ],
)
def test_a_policy_is_read_from_a_comment(text, policy):
    assert parse_policy(text) == policy


def test_a_flag_is_read_alike_and_says_where_it_comes_from():
    assert parse_policy("newest", origin="--policy") == Policy(origin="--policy")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "not a policy: ``", "write `pin because REASON`"),
        ("pinned", "not a policy: `pinned`", "write `pin because REASON`"),
        ("pin GPU drivers", "not a policy: `pin GPU drivers`", "write `pin because REASON`"),
        ("pattern=", "not a policy: `pattern=`", "write `pin because REASON`"),
        ('pattern="a', 'not a policy: `pattern="a`', "write `pin because REASON`"),
        ("pattern=a order", "not a policy: `pattern=a order`", "write `pin because REASON`"),
        ("pattern=a because", "not a policy: `pattern=a because`", "write `pin because REASON`"),
        ("order=date", "a policy with an order needs a pattern: `order=date`", "write `pin because REASON`"),
        ("pattern=a pattern=b", "a policy has one `pattern`, not two: `pattern=a pattern=b`", None),
        ("patern=a", "a policy has no `patern`", "use `pattern`"),
        ("colour=a", "a policy has no `colour`", "use `pattern` or `order`"),
        ("pattern=a order=dates", "not an order: `dates`", "use `date`"),
        ("pattern=a order=", "not a policy: `pattern=a order=`", "write `pin because REASON`"),
        ("pattern=a order=x", "not an order: `x`", "use `date` or `version` or `number` or `created`"),
        ("pattern=(", "not a regular expression: `(`: missing ), unterminated subpattern at position 0", None),
        ("pin because " + "x" * 1000, "a policy has at most 1000 characters, not 1012", None),
        ("\x1b[31mred", "not a policy: `\\u001b[31mred`", "write `pin because REASON`"),
    ],
)
def test_an_unreadable_policy_is_one_clear_error(text, message, hint):
    with pytest.raises(UsageError) as caught:
        parse_policy(text)

    assert caught.value.message == message
    assert (caught.value.hint or "").startswith(hint or "")


@given(st.text(max_size=60))
def test_any_text_is_a_policy_or_a_usage_error(text):
    try:
        policy = parse_policy(text)
    except UsageError:
        return
    assert policy.kind in ("pin", "inferred", "pattern")


@pytest.mark.parametrize(
    "regex",
    [
        r"v?\d+\.\d+\.\d+",
        r"\d{4}\.\d{2}\.\d{2}(-v\d+)?",
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})",
        r".*",
        r".*-gpu",
        r"[^-]+-[^-]+-[^-]+",
        r"(?!.*rc).*",
        r"(?<!x)fa\d+_(?:1|2)a",
        r"(?i)release-\d+",
        r"(?>[a-z]+)-\d+",
        r"[a-z]++\d",
        r"\w+?-\D\S\W?",
        r"^2i2c-\d+$",
        r"(?:ab)*c",
        r"(?:alpha|beta|rc)?\d+",
        r"[^\d]+\d+",
        r"(\d{3}){2}",
        r"",
    ],
)
def test_patterns_people_write_are_taken_as_python_reads_them(regex):
    assert compile_pattern(regex) == re.compile(regex)


@pytest.mark.parametrize(
    ("regex", "reason"),
    [
        (r"(a+)+$", "a repeat inside a repeat"),
        (r"(a*)*b", "a repeat inside a repeat"),
        (r"(a|a)*b", "a repeat inside a repeat"),
        (r"(a|ab)*c", "a repeat inside a repeat"),
        (r"(.*a){12}", "a repeat inside a repeat"),
        (r"(a?){50}a{50}", "a repeat inside a repeat"),
        (r"((?=.*a)b)*", "a repeat inside a repeat"),
        (r".*a.*b", "too many repeats that could each stop anywhere"),
        (r"a*a*a*a*b", "too many repeats that could each stop anywhere"),
        (r"[a-m]+[c-z]+[b-x]+-", "too many repeats that could each stop anywhere"),
        (r"\w+[^-]+.", "too many repeats that could each stop anywhere"),
        (r"(?:a|ab)?" * 11 + "c", "too many repeats that could each stop anywhere"),
        (r"(?=.*a.*b)x", "too many repeats that could each stop anywhere"),
        (r"(?i)a+A+a+-", "too many repeats that could each stop anywhere"),
    ],
)
def test_a_pattern_that_could_run_for_ever_is_refused(regex, reason):
    with pytest.raises(UsageError) as caught:
        compile_pattern(regex)

    assert caught.value.message == f"the pattern could take for ever on some tag: {reason}"


@pytest.mark.parametrize(
    ("regex", "message"),
    [
        (r"(a)\1", "a policy's pattern may not refer back to its own groups"),
        (r"(a)?(?(1)b|c)", "a policy's pattern may not refer back to its own groups"),
        ("é+", "a tag is plain ASCII, so a policy's pattern is, too"),
        ("(?i)[s-\u017f]+", "a tag is plain ASCII, so a policy's pattern is, too"),
        ("a{99999999999}", "not a regular expression: `a{99999999999}`: the repetition number is too large"),
        ("[[a]", "not a regular expression: `[[a]`: Possible nested set at position 1"),
        ("a" * 257, "the pattern is longer than 256 characters: `" + "a" * 59 + "…`"),
    ],
)
def test_a_pattern_that_is_none_is_refused(regex, message):
    with pytest.raises(UsageError) as caught:
        compile_pattern(regex)

    assert caught.value.message == message


PIECES = ("a+", "a*", "[ab]+", "b", ".*", "(a|b)?", "-", "(?:ab)*", r"\w+", "(?=a.*)", "a{2,9}", "(a|ab)")


@given(
    st.lists(
        st.sampled_from(
            ["a+", "a*", "[ab]+", "b", ".*", "(a|b)?", "-", "(?:ab)*", r"\w+", "(?=a.*)", "a{2,9}", "(a|ab)"]
        ),
        max_size=6,
    )
)
def test_what_is_not_refused_answers_at_once_on_the_longest_tag(parts):
    try:
        compiled = compile_pattern("".join(parts) + "!")
    except UsageError:
        return
    started = time.perf_counter()
    for tag in ("a" * 128, "ab" * 64, "a-" * 64):
        compiled.fullmatch(tag)
    assert time.perf_counter() - started < 0.5


RULES = (
    PolicyRule(image="quay.io/acme/*", path="config/clusters/leap/*", pin="frozen"),
    PolicyRule(image="docker.io/pangeo/*", pattern=r"\d{4}\.\d{2}\.\d{2}"),
    PolicyRule(path="config/**/common.values.yaml", ignore=("*-rc*",)),
    PolicyRule(path="*.profileList[slug=gpu].*"),
    PolicyRule(path="jupyterhub.singleuser.image", minimum_age=DAY),
    PolicyRule(image="ghcr.io/*"),
)


@pytest.mark.parametrize(
    ("image", "key", "file", "key_path", "rule"),
    [
        ("quay.io/acme/base", "quay.io/acme/base", "config/clusters/leap/a.yaml", "", 0),
        ("quay.io/acme/base", "quay.io/acme/base", "config/clusters/other/a.yaml", "", None),
        ("pangeo/base", "docker.io/pangeo/base", "a.yaml", "", 1),
        ("quay.io/x/y", "quay.io/x/y", "config/clusters/leap/common.values.yaml", "", 2),
        ("quay.io/x/y", "quay.io/x/y", "config/common.values.yaml", "", 2),
        ("quay.io/x/y", "quay.io/x/y", "a.yaml", "jupyterhub.singleuser.image", 4),
        ("GHCR.io/x/y", "ghcr.io/x/y", "a.yaml", "b", 5),
        ("GHCR.io/x/y", "quay.io/x/y", "a.yaml", "b", None),
    ],
)
def test_the_first_rule_whose_globs_match_speaks_of_a_site(image, key, file, key_path, rule):
    found = policy_for(RULES, image=image, key=key, file=file, key_path=key_path)

    assert found == (None if rule is None else RULES[rule])


def test_a_key_path_with_brackets_may_be_written_out():
    rule = PolicyRule(path="jupyterhub.singleuser.profileList[slug=gpu].kubespawner_override.image")

    assert policy_for((rule,), image="a/b", key="docker.io/a/b", file="f.yaml", key_path=rule.path or "") == rule


PINNED = parse_policy("pin because GPU drivers")
PINNING = PolicyRule(pin="frozen", ignore=("2025*",), minimum_age=3 * DAY)
BY_RULE = PolicyRule(pattern="v.*", order="version")


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        ({}, Policy()),
        ({"rule": PolicyRule(ignore=("x",))}, Policy(ignore=("x",))),
        (
            {"rule": PINNING},
            Policy(kind="pin", reason="frozen", ignore=("2025*",), minimum_age=3 * DAY, origin="hubctl.yaml"),
        ),
        ({"rule": BY_RULE}, Policy(kind="pattern", pattern="v.*", order="version", origin="hubctl.yaml")),
        ({"comment": PINNED, "rule": BY_RULE}, PINNED),
        (
            {"comment": parse_policy("newest"), "rule": PINNING},
            Policy(ignore=("2025*",), minimum_age=3 * DAY, origin="comment"),
        ),
        ({"comment": PINNED, "flag": parse_policy("newest", origin="--policy")}, Policy(origin="--policy")),
        (
            {"comment": PINNED, "rule": PINNING, "to": "2026.01.01"},
            Policy(kind="to", tag="2026.01.01", origin="--to"),
        ),
        (
            {"to": "a", "minimum_age": DAY, "settings_age": 3 * DAY, "allow_downgrade": True},
            Policy(kind="to", tag="a", minimum_age=DAY, allow_downgrade=True, origin="--to"),
        ),
        ({"settings_age": DAY}, Policy(minimum_age=DAY)),
        ({"settings_age": DAY, "rule": PolicyRule(minimum_age=0 * DAY)}, Policy()),
        ({"settings_age": DAY, "rule": PINNING, "comment": PINNED, "minimum_age": 0 * DAY}, None),
        ({"allow_downgrade": True}, Policy(allow_downgrade=True)),
    ],
)
def test_the_strongest_source_decides(given, policy):
    expected = policy or Policy(kind="pin", reason="GPU drivers", ignore=("2025*",), origin="comment")

    assert resolve_policy(**given) == expected


def test_a_rule_with_a_hostile_pattern_is_refused():
    with pytest.raises(UsageError):
        resolve_policy(rule=PolicyRule(pattern="(a+)+$"))
