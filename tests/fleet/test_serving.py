"""Which places people get who choose nothing, and which of them a configurator may replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubctl.fleet.index import Index
from hubctl.fleet.serving import configured_elsewhere, serves_default
from hubctl.fleet.shadow import overriding_hubs
from hubctl.images.sites import find_sites
from hubctl.text.parse import parse
from tests.fleet.trees import hub, indexed, leap

PLAIN = """\
- slug: a
  kubespawner_override: {image: 'q.io/o/a:1'}
- slug: b
  kubespawner_override: {image: 'q.io/o/b:1'}
"""
OPTIONS = """\
- slug: a
  profile_options:
    image:
      choices:
        one: {kubespawner_override: {image: 'q.io/o/a:1'}}
        two: {default: true, kubespawner_override: {image: 'q.io/o/b:1'}}
      unlisted_choice: {kubespawner_override: {image: 'q.io/o/c:1'}}
- slug: d
  profile_options:
    image:
      choices:
        one: {kubespawner_override: {image: 'q.io/o/d:1'}}
"""
DEFAULTS = PLAIN.replace("slug: b", "slug: b\n  default: true")


def profiles(text: str) -> str:
    return "jupyterhub:\n  singleuser:\n    profileList:\n" + "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("text", "everybody", "profile"),
    [
        (profiles(PLAIN), ["q.io/o/a"], []),
        (profiles(DEFAULTS), ["q.io/o/b"], []),
        (profiles(DEFAULTS.replace("true", "false")), ["q.io/o/a"], []),
        (profiles(DEFAULTS.replace("true", "'true'")), ["q.io/o/a"], []),
        (profiles(OPTIONS), ["q.io/o/b"], ["q.io/o/d"]),
        (profiles(OPTIONS.replace("default: true, ", "")), ["q.io/o/a"], ["q.io/o/d"]),
        (profiles(OPTIONS.replace("slug: d", "slug: d\n  default: true")), ["q.io/o/d"], ["q.io/o/b"]),
        ("jupyterhub: {singleuser: {image: {name: q.io/o/a, tag: '1'}}}", [], []),
        ("x: {}\n---\n" + profiles(PLAIN), [], []),
        (
            profiles("- kubespawner_override: {init_containers: [{name: x, image: 'q.io/o/a:1'}]}\n"),
            [],
            [],
        ),
        (profiles(PLAIN + "- {slug: x}\n" * 1_000), [], []),
    ],
)
def test_the_default_choice_of_the_default_profile_is_what_people_get(
    text: str, everybody: list[str], profile: list[str]
) -> None:
    root = parse(text.encode()).documents[0]
    sites = find_sites(text.encode(), "x.values.yaml")
    assert sites
    found = {site.image: serves_default(root, site) for site in sites}
    assert [image for image, default in found.items() if default == "everybody"] == everybody
    assert [image for image, default in found.items() if default == "profile"] == profile


def test_an_anchored_profile_is_found_where_it_is_written() -> None:
    text = "a: &a {kubespawner_override: {image: 'q.io/o/a:1'}}\nprofileList: [*a]\n"
    (site,) = find_sites(text.encode(), "x.values.yaml")
    assert not serves_default(parse(text.encode()).documents[0], site)


ON = "jupyterhub: {custom: {jupyterhubConfigurator: {enabled: true}}}\n"
OFF = ON.replace("true", "false")
IMAGE = "jupyterhub: {singleuser: {image: {name: q.io/o/a, tag: '1'}}}\n"
INLINE = "jupyterhub: {singleuser: {image: 'q.io/o/a:1'}}\n"
INIT = "jupyterhub: {singleuser: {initContainers: [{name: x, image: 'q.io/o/a:1'}]}}\n"


@pytest.mark.parametrize(
    ("image", "common", "own", "found"),
    [
        (IMAGE, ON, "", ["leap/a"]),
        (INLINE, ON, "", ["leap/a"]),
        (IMAGE, OFF, ON, ["leap/a"]),
        (IMAGE, ON, OFF, []),
        (IMAGE, "", "", []),
        (INIT, ON, "", []),
    ],
)
def test_a_hub_with_a_configurator_may_replace_its_image(
    tmp_path: Path, image: str, common: str, own: str, found: list[str]
) -> None:
    files = {"image.yaml": image, "common.yaml": common, "own.yaml": own}
    read = leap(tmp_path, files, hub("a", "image.yaml", "common.yaml", "own.yaml"), hub("b", "image.yaml"))
    index, site = indexed(read, "image.yaml")
    assert [hub.id for hub in configured_elsewhere(index, site)] == found


def test_on_daskhub_the_configurator_stands_below_the_prefix(tmp_path: Path) -> None:
    def nested(text: str) -> str:
        return f"basehub: {{{text.strip()}}}\n"

    read = leap(
        tmp_path,
        {"image.yaml": nested(IMAGE), "own.yaml": nested(ON)},
        hub("a", "image.yaml", "own.yaml", chart="daskhub"),
        charts=True,
    )
    index, site = indexed(read, "leap/image.yaml")
    assert [hub.id for hub in configured_elsewhere(index, site)] == ["leap/a"]


def test_hubs_in_which_a_later_file_takes_a_place_are_named(tmp_path: Path) -> None:
    read = leap(tmp_path, {"x.yaml": IMAGE, "y.yaml": IMAGE}, hub("a", "x.yaml", "y.yaml"), hub("b", "x.yaml"))
    index, site = indexed(read, "x.yaml")
    assert [hub.id for hub in overriding_hubs(index, site)] == ["leap/a"]


def test_a_place_in_a_second_document_reaches_no_hub_and_is_overridden_in_none(tmp_path: Path) -> None:
    read = leap(tmp_path, {"x.yaml": "a: 1\n---\n" + IMAGE, "y.yaml": IMAGE}, hub("a", "x.yaml", "y.yaml"))
    (site,) = find_sites(read.texts["config/clusters/leap/x.yaml"], "config/clusters/leap/x.yaml")
    assert overriding_hubs(Index(read), site) == ()
