"""`hubctl image tags`: what a registry has under one name, the newest first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.adapters.schema import problems
from tests.cli.playground import DAY, IMAGES, NOW, Outcome, Playground, settings_for, tags
from tests.cli.test_image_newest import answer
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, as_json, serve
from tests.servers.quay import start_quay
from tests.servers.tags import Tag, many_tags

NOTEBOOK = "quay.io/leap/notebook"
DIGESTS = {tag.name: tag.digest for tag in IMAGES[NOTEBOOK]}
MANY = {**IMAGES, "quay.io/leap/many": many_tags(251)}


def listed(asked: Asked) -> Answer:
    """Many tags, and one list in which no name is a tag but the last."""
    if asked.path == "/v2/quay.io/leap/hostile/tags/list":
        return as_json({"tags": ["\x1b[31mred", "a b", "sha256-" + "a" * 64 + ".sig", "sha256:" + "a" * 64, "1.0.0"]})
    return distribution(MANY)(asked) if "/leap/many/" in asked.path else answer(asked)


@pytest.fixture
def anywhere(tmp_path: Path) -> Iterator[Playground]:
    folder = tmp_path / "anywhere"
    folder.mkdir()
    with serve(listed) as registry:
        settings = settings_for(registry, tmp_path)
        yield Playground(folder, registry, {"HUBCTL_SETTINGS": str(settings), "SOURCE_DATE_EPOCH": NOW})


def tags_of(playground: Playground, *words: str) -> Outcome:
    return playground.run("image", "tags", *words)


def test_a_line_for_each_tag_in_columns(anywhere: Playground) -> None:
    done = tags_of(anywhere, NOTEBOOK)

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"latest      no date             {DIGESTS['latest']}  moving",
        f"2026.06.04  no date             {DIGESTS['2026.06.04']}  YYYY.MM.DD",
        f"2026.05.20  no date             {DIGESTS['2026.05.20']}  YYYY.MM.DD",
        f"2026.05.01  no date             {DIGESTS['2026.05.01']}  YYYY.MM.DD",
    ]


def test_dates_of_push_order_what_has_them_and_nothing_more_is_asked(anywhere: Playground, tmp_path: Path) -> None:
    published = [*tags("zzz", "1.0.0"), Tag("old", "old", DAY.replace(year=2025), DAY.replace(year=2027))]
    with start_quay({"leap/notebook": published}) as quay:
        path = tmp_path / "quay.yaml"
        entry = {"mirror": f"{quay.base}/{{host}}", "insecure": True, "kind": "quay", "api": quay.base}
        path.write_text(json.dumps({"registries": {"quay.io": entry}}))
        shape = anywhere.run("--settings", str(path), "image", "tags", NOTEBOOK, "--json").json
        asked = len(quay.log)

    found = [(tag["tag"], tag["pushed"], tag["expires"], tag["shape"]) for tag in shape["tags"]]
    assert (shape["source"], asked, found) == (
        "quay",
        1,
        [
            ("1.0.0", "2026-06-02T00:00:00Z", None, "X.Y.Z"),
            ("zzz", "2026-06-01T00:00:00Z", None, "free-form"),
            ("old", "2025-06-01T00:00:00Z", "2027-06-01T00:00:00Z", "free-form"),
        ],
    )
    assert problems(shape, "image-tags") == []


def test_only_the_20_newest_of_a_list_without_digests_are_looked_into(anywhere: Playground) -> None:
    shape = tags_of(anywhere, "quay.io/leap/many", "--json").json

    known = [tag["tag"] for tag in shape["tags"] if tag["digest"]]
    dates = sorted((tag.name for tag in MANY["quay.io/leap/many"] if tag.name[4:5] == "."), reverse=True)
    assert (len(shape["tags"]), known, shape["notes"]) == (
        251,
        ["latest", *dates[:19]],
        ["the list has no dates or no digests: the 20 newest were looked into, 231 others were not"],
    )
    assert problems(shape, "image-tags") == []


def test_one_tag_is_one_line_with_its_platforms(anywhere: Playground) -> None:
    done = tags_of(anywhere, f"{NOTEBOOK}:2026.05.20")

    assert (done.code, done.out, done.err) == (
        0,
        f"2026.05.20  no date             {DIGESTS['2026.05.20']}  YYYY.MM.DD\n",
        "note: platforms: linux/amd64\n",
    )


@pytest.mark.slow
def test_a_tag_that_moved_from_the_written_digest_is_noted(anywhere: Playground) -> None:
    shape = tags_of(anywhere, f"{NOTEBOOK}:latest@{DIGESTS['2026.05.20']}", "--json").json

    assert [tag["digest"] for tag in shape["tags"]] == [DIGESTS["latest"]]
    assert shape["notes"] == ["`latest` points at another digest than the written one"]


def test_a_tag_that_does_not_exist_is_an_error_with_near_names(anywhere: Playground) -> None:
    done = tags_of(anywhere, f"{NOTEBOOK}:2026.05.2", "--json")

    assert (done.code, done.json["tags"], done.json["error"]) == (
        1,
        [],
        {
            "code": "no-such-tag",
            "message": f"no tag `2026.05.2` of `{NOTEBOOK}`",
            "hint": "did you mean `2026.05.20`, `2026.05.01`, `2026.06.04`?",
        },
    )
    assert problems(done.json, "image-tags") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reference", "code", "failed"),
    [
        ("quay.io/leap/nothing", 1, "no-such-image"),
        ("quay.io/leap/nothing:1", 1, "no-such-image"),
        ("quay.io/leap/denied", 4, "denied"),
        ("quay.io/leap/down:1", 9, "no-answer"),
    ],
)
def test_what_gets_no_answer_is_an_error_in_the_shape(anywhere, reference, code, failed) -> None:
    done = tags_of(anywhere, reference, "--json")

    assert (done.code, done.json["image"], done.json["tags"]) == (code, reference.partition(":")[0], [])
    assert done.json["error"]["code"] == failed
    assert problems(done.json, "image-tags") == []


@pytest.mark.slow
@pytest.mark.parametrize("reference", ["quay.io/Leap/notebook", "", f"{NOTEBOOK}@sha256:{'a' * 64}", "a\x1b[31m"])
def test_what_is_no_reference_is_a_usage_error(anywhere, reference) -> None:
    done = tags_of(anywhere, reference)

    assert (done.code, done.out, "\x1b" in done.err) == (2, "", False)


@pytest.mark.slow
def test_names_that_are_no_tags_reach_nobody(anywhere: Playground) -> None:
    done = tags_of(anywhere, "quay.io/leap/hostile")

    assert (done.code, [line.split()[0] for line in done.out.splitlines()], "\x1b" in done.err) == (0, ["1.0.0"], False)


@pytest.mark.slow
@pytest.mark.parametrize("listed", [None, [], ["sha256-" + "a" * 64]])
def test_an_empty_list_is_an_answer_and_said(tmp_path: Path, listed) -> None:
    with serve(lambda _: as_json({"name": "leap/notebook", "tags": listed})) as registry:
        settings = settings_for(registry, tmp_path)
        done = Playground(tmp_path, registry, {"HUBCTL_SETTINGS": str(settings)}).run("image", "tags", NOTEBOOK)

    assert (done.code, done.out, done.err) == (0, "", "note: the registry's list of tags is empty\n")


@pytest.mark.slow
def test_a_limit_beyond_what_may_be_waited_tells_when_to_come_back(tmp_path: Path) -> None:
    with serve(lambda _: Answer(429, headers=(("Retry-After", "3600"),))) as registry:
        settings = settings_for(registry, tmp_path)
        fleet = Playground(tmp_path, registry, {"HUBCTL_SETTINGS": str(settings)})
        done = fleet.run("image", "tags", NOTEBOOK, "--max-wait", "5", "--json")

    assert (done.code, len(registry.log), done.json["error"]["code"]) == (9, 1, "no-answer")
    assert re.search(r"come back at \d{4}-\d\d-\d\dT", done.json["error"]["message"])


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["tags", "newest"])
def test_an_image_nobody_pushes_is_noted(anywhere: Playground, tmp_path: Path, verb: str) -> None:
    old = [replace(tag, pushed=DAY.replace(year=2024)) for tag in IMAGES[NOTEBOOK]]
    with start_quay({"leap/notebook": old}, otherwise=answer) as quay:
        path = tmp_path / "quay.yaml"
        entry = {"mirror": f"{quay.base}/{{host}}", "insecure": True, "kind": "quay", "api": quay.base}
        path.write_text(json.dumps({"registries": {"quay.io": entry}}))
        done = anywhere.run("--settings", str(path), "image", verb, f"{NOTEBOOK}:2026.05.01")

    note = f"note: the last push of `{NOTEBOOK}` was on 2024-06-01, 750 days ago"
    assert (done.code, note in done.err.splitlines()) == (0, True)


@pytest.mark.slow
def test_a_reader_that_closes_early_is_no_failure(anywhere: Playground) -> None:
    line = f'("{sys.executable}" -m hubctl image tags quay.io/leap/many --json; echo "code $?" >&2) | true'
    environment = {**os.environ, **anywhere.environment}
    done = subprocess.run(["sh", "-c", line], cwd=anywhere.root, env=environment, capture_output=True, check=False)

    assert done.stderr.decode().splitlines()[-1] == "code 0"
