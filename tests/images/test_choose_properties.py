"""What holds for every registry: the end is reached, the answer is stable, and nothing older or odd is taken."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubctl.images.choice import Keep, Policy, Take, Unknown
from hubctl.images.shape import order_key, shape_of
from tests.images.simulated import DENIED, DOWN, GONE, NOW, Pushed, Simulated, outcome, tags

DAY = dt.timedelta(days=1)
NAMES = [
    *("latest", "main", "master", "develop", "gui-demo", "fa26_2a", "4.4", "v6", "python-3.13"),
    *(f"2026.{month:02}.{day:02}" for month in (1, 6, 8, 12) for day in (1, 19, 20, 21)),
    *("2026.06.01-v1", "2026.06.01-v2", "2025-01-01", "2026-01-01", "2026-08-20", "20250101", "20260101"),
    *("2025.01.012025.01.01", "9999.99.99", "1.2.3", "1.10.0", "v1.2.3", "v1.3.0", "python-3.13.1", "python-3.13.2"),
    *("0.0.1-0.dev.git.9.habcdef0", "0.0.1-0.dev.git.10.habcdef0", "1.2.3-94-gd3893dba2", "1.2.3-95-gd3893dba2"),
    *("a" * 7, "b" * 7, "a" * 12, "b" * 12, "c" * 12, "d" * 12, "a" * 40, "a" * 64),
    *("sha256-" + "a" * 64 + ".sig", "sha256:" + "a" * 64, "", "-dash", "x" * 129),
]
DAYS = st.none() | st.sampled_from(["1979-01-01", "2026-01-01", "2026-02-01", "2026-08-01", "2026-08-19"])
FAILURES = st.none() | st.none() | st.none() | st.sampled_from([GONE, DOWN, DENIED])


@st.composite
def pushed(draw, name):
    return Pushed(
        name,
        content=draw(st.sampled_from(["", "", "", "x", "y"])),
        pushed=draw(DAYS),
        created=draw(DAYS),
        branch=draw(st.sampled_from([None, "refs/heads/main", "refs/heads/main", "refs/heads/try"])),
        platforms=draw(st.sampled_from([("linux/amd64",), ("linux/amd64", "linux/arm64"), ("linux/arm64",)])),
        expires=draw(st.none() | st.none() | st.just("2026-09-01")),
        head=draw(FAILURES),
        inspect=draw(FAILURES),
    )


@st.composite
def registries(draw):
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=14))
    return Simulated([draw(pushed(name)) for name in names], source=draw(st.sampled_from(["oci", "quay"])))


CURRENT = st.sampled_from([name for name in NAMES if name and name[0] != "-" and ":" not in name and len(name) < 129])
AGES = st.sampled_from([0 * DAY, 0 * DAY, 7 * DAY])
IMAGES = st.sampled_from(["quay.io/acme/base", "quay.io/jupyter/base-notebook"])


@settings(max_examples=100)
@given(registries(), CURRENT, AGES, IMAGES, st.booleans())
def test_whatever_is_taken_is_newer_of_the_same_shape_and_can_be_run(registry, current, age, image, written):
    digest = "sha256:" + "0" * 64 if written else None
    answer = registry.decide(current, image=image, policy=Policy(minimum_age=age), digest=digest)

    assert isinstance(answer, Take | Keep | Unknown)
    if not isinstance(answer, Take):
        return
    fact = next(each for each in registry.pushed if each.tag == answer.tag)
    assert "linux/amd64" in fact.platforms
    assert answer.digest == fact.digest
    assert shape_of(answer.tag) == shape_of(current)
    if answer.tag == current:
        assert shape_of(current).cls in ("moving", "line")
        assert answer.digest != digest
        return
    assert fact.expires is None
    assert shape_of(answer.tag).cls not in ("moving", "line", "free")
    if shape_of(current).ordered:
        assert order_key(answer.tag) > order_key(current)
    assert [each.tag for each in answer.candidates if each.lost is None] == [answer.tag]


@settings(max_examples=50)
@given(registries(), CURRENT, AGES)
def test_the_chosen_tag_is_up_to_date_the_next_time(registry, current, age):
    policy = Policy(minimum_age=age)
    answer = registry.decide(current, policy=policy)
    if not isinstance(answer, Take):
        return

    assert not isinstance(registry.decide(answer.tag, policy=policy), Take)


@settings(max_examples=50)
@given(registries(), CURRENT, AGES, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(registry, current, age, random):
    # Where a registry lists no digests, the search for a twin ends with the first: any name of that image is right.
    rich = replace(registry, source="quay")
    shuffled = replace(rich, pushed=random.sample(rich.pushed, len(rich.pushed)))
    policy = Policy(minimum_age=age)

    first, second = rich.decide(current, policy=policy), shuffled.decide(current, policy=policy)

    assert (outcome(first), first.why) == (outcome(second), second.why)
    assert first == rich.decide(current, policy=policy)


@settings(max_examples=50)
@given(registries(), CURRENT, st.sampled_from(["date", "version", "number", "created", None]))
def test_a_pattern_ends_too_and_takes_no_moving_tag(registry, current, order):
    policy = Policy(kind="pattern", pattern=r"[a-z0-9.]+(?:-v\d+)?", order=order)
    answer = registry.decide(current, policy=policy)

    if isinstance(answer, Take):
        assert shape_of(answer.tag).cls != "moving"
        assert next(each for each in registry.pushed if each.tag == answer.tag).expires is None


@settings(max_examples=50)
@given(registries(), CURRENT, CURRENT, st.booleans())
def test_a_named_tag_is_taken_or_refused_and_no_other(registry, current, named, allow):
    answer = registry.decide(current, policy=Policy(kind="to", tag=named, allow_downgrade=allow))

    if isinstance(answer, Take):
        assert answer.tag == named
    elif isinstance(answer, Keep):
        assert answer.code in {"up-to-date", "no-such-tag", "unconfirmed", "same-digest", "downgrade"}


THOUSAND = [(dt.date(2023, 11, 24) + number * DAY).strftime("%Y-%m-%d") for number in range(1000)]


@pytest.mark.slow
@pytest.mark.parametrize("source", ["oci", "quay"])
@pytest.mark.parametrize(
    ("current", "chosen"),
    [
        (THOUSAND[0], "2026-08-19"),
        ("2026-08-19", "up-to-date"),
        ("x86_64-" + THOUSAND[0], "x86_64-2026-08-19"),
        ("f" * 12, "0" * 11 + "7"),
        ("python-3.13.0", "python-3.13.999"),
        ("latest", "moving"),
    ],
)
def test_a_thousand_tags_of_each_shape_are_told_apart(source, current, chosen):
    names = [prefix + day for day in THOUSAND for prefix in ("", "x86_64-")]
    commits = [Pushed(f"{number:012x}") for number in range(999)]
    versions = [f"python-3.13.{number}" for number in range(1000)]
    twins = [Pushed("f" * 12), Pushed("latest", "0" * 11 + "7")]
    registry = Simulated([*tags(*names, *versions), *commits, *twins], source=source)

    answer = registry.decide(current, image="quay.io/jupyter/base-notebook", now=NOW)

    assert outcome(answer) == chosen
    assert len(registry.asked) <= 12
