"""Groups, fixed twins and dead images, as a user meets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.playground import CLUSTER, DAY, NOW, Playground, settings_for, tags
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, serve
from tests.servers.tags import Tag

OLD, NEW, NEWER = "2026.05.01", "2026.05.20", "2026.06.04"
FILE = "config/clusters/leap/common.values.yaml"
IMAGES = {
    "quay.io/leap/base": tags(OLD, NEW, NEWER),
    "quay.io/leap/r": tags(OLD, NEW),
    "quay.io/leap/geo": tags(OLD, NEW, NEWER),
    "quay.io/leap/moving": [Tag("latest", "x", DAY), Tag(NEW, "x", DAY), Tag("4.4", "y", DAY), Tag("4.4.2", "y", DAY)],
}
COMMON = f"""\
jupyterhub:
  singleuser:
    image:
      name: quay.io/leap/base
      tag: {OLD}
    profileList:
    - display_name: R
      slug: r
      kubespawner_override:
        image: quay.io/leap/r:{OLD}
    - display_name: Moving
      slug: moving
      kubespawner_override:
        image: quay.io/leap/moving:latest
    - display_name: Line
      slug: line
      kubespawner_override:
        image: quay.io/leap/moving:4.4
"""
GROUP = "groups:\n  stack: [quay.io/leap/base, 'quay.io/leap/[rg]*']\n"


def answer(asked: Asked) -> Answer:
    return Answer(503) if "/leap/down/" in asked.path else distribution(IMAGES)(asked)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Playground]:
    with serve(answer) as registry:
        settings = settings_for(registry, tmp_path)
        fleet = Playground(tmp_path / "fleet", registry, {"HUBCTL_SETTINGS": str(settings), "SOURCE_DATE_EPOCH": NOW})
        fleet.write({"config/clusters/leap/cluster.yaml": CLUSTER, FILE: COMMON, "hubctl.yaml": GROUP})
        for name in ("staging", "prod", "support"):
            fleet.write({f"config/clusters/leap/{name}.values.yaml": "{}\n"})
        yield fleet


def moved(report: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {each["image"]: f"{each['old']} → {each['new']}" for each in report["changes"]}


def test_the_images_of_a_group_move_to_the_newest_tag_all_have(stack: Playground) -> None:
    done = stack.run("bump-image", "leap", "--json")

    assert done.code == 0
    assert moved(done.json) == {"quay.io/leap/base": f"{OLD} → {NEW}", "quay.io/leap/r": f"{OLD} → {NEW}"}
    assert stack.read(FILE) == COMMON.replace(OLD, NEW)
    again = stack.run("bump-image", "leap", "--explain")
    missing = f"`{NEWER}`: not in every image of the group `stack`: missing in `quay.io/leap/r`"
    assert f"group: {missing}" in again.out


def test_a_member_that_was_not_selected_is_said(stack: Playground) -> None:
    done = stack.run("bump-image", "--image", "quay.io/leap/base", "--dry-run", "--json")

    assert moved(done.json) == {"quay.io/leap/base": f"{OLD} → {NEW}"}
    assert f"warning: {FILE}:5: group `stack`: `quay.io/leap/r` is not selected and stays" in done.err.splitlines()


def test_a_member_that_is_pinned_is_said(stack: Playground) -> None:
    stack.write({"hubctl.yaml": stack.read("hubctl.yaml") + "policies:\n- {image: quay.io/leap/r, pin: drivers}\n"})
    done = stack.run("bump-image", "leap", "--dry-run", "--json")

    assert moved(done.json) == {"quay.io/leap/base": f"{OLD} → {NEW}"}
    assert f"warning: {FILE}:5: group `stack`: `quay.io/leap/r` is pinned and stays" in done.err.splitlines()


def test_a_named_tag_that_a_member_lacks_is_refused(stack: Playground) -> None:
    done = stack.run("bump-image", "--image", "quay.io/leap/base", "--to", NEWER, "--json")

    assert (done.code, moved(done.json)) == (0, {})
    assert [skip["code"] for skip in done.json["skips"]] == ["group"]
    assert stack.read(FILE) == COMMON


def test_a_member_that_cannot_be_asked_leaves_the_whole_group_unknown(stack: Playground) -> None:
    stack.write({"hubctl.yaml": "groups:\n  stack: [quay.io/leap/base, quay.io/leap/r, quay.io/leap/down]\n"})
    done = stack.run("bump-image", "leap", "--json", "--max-wait", "0")

    assert (done.code, moved(done.json)) == (9, {})
    assert {unknown["image"] for unknown in done.json["unknown"]} == {"quay.io/leap/base", "quay.io/leap/r"}
    assert stack.read(FILE) == COMMON


def test_a_group_with_what_is_no_image_is_one_error(stack: Playground) -> None:
    stack.write({"hubctl.yaml": "groups:\n  stack:\n  - quay.io/leap/r\n  - quay.io/leap/base:1\n"})
    done = stack.run("bump-image", "leap")

    assert (done.code, done.out) == (1, "")
    assert "hubctl.yaml:4: not an image name in the group `stack`: `quay.io/leap/base:1`" in done.err


def test_pin_writes_the_fixed_twins_of_tags_that_move(stack: Playground) -> None:
    plain = stack.run("bump-image", "leap", "--image", "quay.io/leap/moving", "--json")
    assert [skip["code"] for skip in plain.json["skips"]] == ["moving", "line"]
    assert all("; now sha256:" in skip["why"] for skip in plain.json["skips"])

    done = stack.run("bump-image", "leap", "--image", "quay.io/leap/moving", "--pin", "--json")

    assert [(each["old"], each["new"], each["why"]) for each in done.json["changes"]] == [
        ("latest", NEW, "twin of `latest`"),
        ("4.4", "4.4.2", "twin of `4.4`"),
    ]
    assert [each["evidence"]["twin_of"] for each in done.json["changes"]] == ["latest", "4.4"]
    assert stack.read(FILE) == COMMON.replace("moving:latest", f"moving:{NEW}").replace("moving:4.4", "moving:4.4.2")


def test_an_odd_tag_is_a_problem_that_fails_nothing(stack: Playground) -> None:
    places = "".join(
        f"    - slug: p{number}\n      kubespawner_override:\n        image: quay.io/leap/geo:{tag}\n"
        for number, tag in enumerate([OLD, OLD, NEW, "2026-05-01"])
    )
    stack.write({FILE: f"jupyterhub:\n  singleuser:\n    profileList:\n{places}", "hubctl.yaml": "{}\n"})
    done = stack.run("bump-image", "leap", "--dry-run", "--json")

    assert done.code == 0
    assert [(each["rule"], each["line"], each["message"]) for each in done.json["problems"]] == [
        (
            "odd-tag",
            15,
            "`2026-05-01` is a tag of the shape YYYY-MM-DD, all 3 other uses of `quay.io/leap/geo` have YYYY.MM.DD",
        )
    ]
    assert json.dumps(done.json["problems"]).count("odd-tag") == 1
