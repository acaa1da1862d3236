"""Rules about values of any hub: each broken once, and nearly broken once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet.trees import cluster, hub
from tests.rules.fleets import BASEHUB, DASKHUB, FOLDER, SOPS, judged, told

FILE = "prod.values.yaml"


def found(root: Path, values: str, rule: str) -> list[tuple[int, int, str]]:
    """What one rule says of the only file of the only hub; nothing else may be wrong with it."""
    problems = judged(root, {FILE: values}, {"prod": FILE})
    assert {one.rule for one in problems} <= {rule}
    return [(line, column, path) for _, line, column, path in told(problems, rule)]


def singleuser(text: str) -> str:
    return "jupyterhub:\n  singleuser:\n" + "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize("tag", ["1.10", "20240318", "0123", "1e3", "0x1f", "1_000", "yes", "on", "3.", "-1"])
def test_a_tag_that_helm_reads_otherwise_is_an_error(tmp_path: Path, tag: str) -> None:
    values = singleuser(f"image:\n  name: quay.io/a/b\n  tag: {tag}")
    assert found(tmp_path, values, "number-tag") == [(5, 12, "jupyterhub.singleuser.image.tag")]


@pytest.mark.parametrize(
    "tag", ["'20240318'", '"20240318"', "2024-03-18", "1.10.0", "fa26_2a", "2i2c", "''", "", "null"]
)
def test_a_tag_that_helm_reads_as_text_or_another_file_gives_is_none(tmp_path: Path, tag: str) -> None:
    assert found(tmp_path, singleuser(f"image:\n  name: quay.io/a/b\n  tag: {tag}"), "number-tag") == []


@pytest.mark.parametrize(
    ("tag", "read"), [("1.10", "a number, `1.1`"), ("0123", "a number, `83`"), ("yes", "`true`"), ("off", "`false`")]
)
def test_what_helm_reads_is_told_as_yaml_writes_it(tmp_path: Path, tag: str, read: str) -> None:
    files = {FILE: singleuser(f"image:\n  name: quay.io/a/b\n  tag: {tag}")}
    problems = judged(tmp_path, files, {"prod": FILE})
    assert [one.message for one in problems] == [f"Helm reads this tag as {read}"]


def test_a_number_in_extra_images_and_in_a_list_is_found_there(tmp_path: Path) -> None:
    extra = "jupyterhub:\n  prePuller:\n    extraImages:\n      x: {name: quay.io/a/b, tag: 1.5}\n"
    assert found(tmp_path, extra, "number-tag") == [(4, 35, "jupyterhub.prePuller.extraImages.x.tag")]


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ("image: {name: quay.io/a/b, tag: 'a b'}", (3, 37, "jupyterhub.singleuser.image.tag")),
        ("image: {name: quay.io/a/b, tag: [x]}", (3, 32, "jupyterhub.singleuser.image.tag")),
        (
            "profileList:\n- kubespawner_override: {image: 'quay.io/a b:1.0.0'}",
            (4, 37, "jupyterhub.singleuser.profileList[0].kubespawner_override.image"),
        ),
        ("initContainers:\n- image: 7", (4, 14, "jupyterhub.singleuser.initContainers[0].image")),
    ],
)
def test_what_is_no_image_is_an_error(tmp_path: Path, values: str, place: tuple[int, int, str]) -> None:
    assert found(tmp_path, singleuser(values), "image-value") == [place]


@pytest.mark.parametrize(
    "values",
    [
        "image: {name: quay.io/a/b}",
        "image: {name: quay.io/a/b, tag: set-by-chartpress}",
        "profileList:\n- kubespawner_override: {image: '{value}'}",
        "initContainers:\n- image: $(IMAGE)",
        "extraEnv: {image: 'https://example.org/logo of us.png'}",
        "custom: {image: {tag: {a: 1}}}",
    ],
)
def test_placeholders_and_other_things_called_image_are_left_alone(tmp_path: Path, values: str) -> None:
    assert found(tmp_path, singleuser(values), "image-value") == []


@pytest.mark.parametrize("tag", ["latest", "main", "develop", "'4.4'", "v4.4"])
def test_a_tag_that_moves_is_a_warning(tmp_path: Path, tag: str) -> None:
    values = singleuser(f"image:\n  name: quay.io/a/b\n  tag: {tag}")
    assert found(tmp_path, values, "mutable-tag") == [(5, 12, "jupyterhub.singleuser.image.tag")]


@pytest.mark.parametrize(
    "tag", ["v13", "4.4.1", "latest # hubctl: pin because of drivers", f"latest@sha256:{'a' * 64}"]
)
def test_a_tag_that_stays_or_is_meant_is_none(tmp_path: Path, tag: str) -> None:
    assert found(tmp_path, singleuser(f"image:\n  name: quay.io/a/b\n  tag: {tag}"), "mutable-tag") == []


def profile(name: str, tag: str) -> str:
    return singleuser(
        f"profileList:\n- display_name: {name}\n  slug: small\n  kubespawner_override:\n    image: quay.io/a/b:{tag}"
    )


@pytest.mark.parametrize(("name", "tag"), [("Python 2025.01.10", "2025.08.14"), ("Version 1.2.3", "1.2.4")])
def test_a_name_that_tells_another_version_is_a_warning(tmp_path: Path, name: str, tag: str) -> None:
    place = (4, 21, "jupyterhub.singleuser.profileList[slug=small].display_name")
    assert found(tmp_path, profile(name, tag), "stale-text") == [place]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Python 2025.08.14", "2025.08.14"),
        ("Python 3.11.4 of 2025.08.14", "2025.08.14"),
        ("R 4.4.1 on Ubuntu", "2025.08.14"),
        ("3.7 GB, 0.5 CPU", "1.2.3"),
        ("Python", "2025.08.14"),
    ],
)
def test_a_name_that_tells_the_tag_or_other_things_is_none(tmp_path: Path, name: str, tag: str) -> None:
    assert found(tmp_path, profile(name, tag), "stale-text") == []


def test_another_tag_pulled_in_advance_than_servers_use_is_a_warning(tmp_path: Path) -> None:
    def values(tag: str) -> str:
        pulled = f"  prePuller:\n    extraImages:\n      x: {{name: quay.io/a/b, tag: {tag}}}\n"
        return singleuser("image: {name: quay.io/a/b, tag: 1.0.1}") + pulled

    assert found(tmp_path / "one", values("1.0.0"), "pulled-tag") == [(6, 35, "jupyterhub.prePuller.extraImages.x.tag")]
    assert found(tmp_path / "two", values("1.0.1"), "pulled-tag") == []


def test_a_tag_unlike_all_others_of_its_image_is_a_warning(tmp_path: Path) -> None:
    def values(last: str, count: int = 3) -> str:
        tags = [*(f"2025.01.0{day + 1}" for day in range(count)), last]
        return singleuser("initContainers:\n" + "\n".join(f"- image: quay.io/a/b:{tag}" for tag in tags))

    place = (7, 14, "jupyterhub.singleuser.initContainers[3].image")
    assert found(tmp_path / "one", values("2025-01-09"), "odd-tag") == [place]
    assert found(tmp_path / "two", values("2025.01.09"), "odd-tag") == []
    assert found(tmp_path / "few", values("2025-01-09", 2), "odd-tag") == []


OWN = "- {display_name: A, kubespawner_override: {image: 'quay.io/a/c:1.0.0'}}"
CHOICE = "{kubespawner_override: {image: 'quay.io/a/d:1.0.0'}}"
CHOOSES = f"- {{display_name: B, profile_options: {{image: {{choices: {{x: {CHOICE}}}}}}}}}"
PLAIN = "- {display_name: C}"


@pytest.mark.parametrize(
    ("profiles", "dead"), [((OWN,), True), ((OWN, CHOOSES), True), ((OWN, PLAIN), False), ((), False)]
)
def test_an_image_that_no_profile_starts_is_a_warning(tmp_path: Path, profiles: tuple[str, ...], *, dead: bool) -> None:
    listed = "\n".join(["profileList:", *profiles]) if profiles else "profileList: []"
    values = singleuser(f"image: {{name: quay.io/a/b, tag: 1.0.0}}\n{listed}")
    places = [(3, 37, "jupyterhub.singleuser.image.tag")] if dead else []
    assert found(tmp_path, values, "shadowed-image") == places


def test_an_image_that_one_hub_of_several_starts_is_none(tmp_path: Path) -> None:
    files = {
        "common.values.yaml": singleuser("image: {name: quay.io/a/b, tag: 1.0.0}"),
        "own.values.yaml": singleuser(f"profileList:\n{OWN}"),
    }
    one = judged(tmp_path / "one", files, {"prod": ("common.values.yaml", "own.values.yaml")})
    two = judged(
        tmp_path / "two", files, {"prod": ("common.values.yaml", "own.values.yaml"), "b": "common.values.yaml"}
    )
    assert told(one, "shadowed-image") == [("common.values.yaml", 3, 37, "jupyterhub.singleuser.image.tag")]
    assert two == ()


def test_the_old_name_of_an_image_in_an_override_is_a_warning(tmp_path: Path) -> None:
    values = singleuser("profileList:\n- slug: a\n  kubespawner_override:\n    image_spec: quay.io/a/b:1.0.0")
    place = (6, 21, "jupyterhub.singleuser.profileList[slug=a].kubespawner_override.image_spec")
    assert found(tmp_path, values, "image-spec") == [place]


@pytest.mark.parametrize(
    ("key", "on", "breaks"), [("Small_1", True, True), ("small-1", True, False), ("S", False, False)]
)
def test_a_choice_that_no_container_can_be_called_after_is_a_warning(
    tmp_path: Path, key: str, *, on: bool, breaks: bool
) -> None:
    chosen = f"{{choices: {{{key}: {{kubespawner_override: {{image: 'quay.io/a/d:1.0.0'}}}}}}}}"
    values = singleuser(f"profileList:\n- slug: a\n  profile_options: {{image: {chosen}}}")
    values += f"  prePuller: {{hook: {{enabled: {str(on).lower()}}}}}\n"
    assert bool(found(tmp_path, values, "pre-puller-key")) is breaks


@pytest.mark.parametrize(
    "path",
    [
        "jupyterhub: {hub: {config: {GitHubOAuthenticator: {client_secret: VALUE}}}}",
        "jupyterhub: {proxy: {secretToken: VALUE}}",
        "jupyterhub: {hub: {services: {binder: {apiToken: VALUE}}}}",
        "binderhub-service: {config: {DockerRegistry: {password: VALUE}}}",
        "grafana: {adminPassword: VALUE}",
    ],
)
def test_a_secret_in_a_plain_file_is_named_and_never_shown(tmp_path: Path, path: str) -> None:
    problems = judged(tmp_path, {FILE: path.replace("VALUE", "canary-f00d") + "\n"}, {"prod": FILE})
    assert [one.rule for one in problems] == ["plain-secret"]
    assert "canary" not in repr(problems)
    for open_value in ("<set-in-encrypted-values>", "''", "null"):
        assert judged(tmp_path / open_value[1:4], {FILE: path.replace("VALUE", open_value)}, {"prod": FILE}) == ()


def test_keys_that_a_wrapper_ignores_are_errors_in_plain_and_encrypted_files(tmp_path: Path) -> None:
    files = {
        **DASKHUB,
        FILE: "basehub: {a: 1}\nglobal: {}\njupyterhub: {b: 2}\n",
        "enc-prod.secret.values.yaml": f"jupyterhub: {{c: x}}\n{SOPS}",
    }
    problems = judged(tmp_path, files, {"prod-dask": (FILE, "enc-prod.secret.values.yaml")})
    assert [(one.rule, one.file, one.line, one.column, one.path) for one in problems] == [
        ("ignored-key", f"{FOLDER}enc-prod.secret.values.yaml", 1, 1, "jupyterhub"),
        ("ignored-key", f"{FOLDER}{FILE}", 3, 1, "jupyterhub"),
    ]


def test_the_key_of_a_wrapper_is_ignored_by_the_chart_itself(tmp_path: Path) -> None:
    problems = judged(tmp_path, {**BASEHUB, FILE: "basehub: {jupyterhub: {a: 1}}\n"}, {"prod": FILE})
    assert told(problems, "ignored-key") == [(FILE, 1, 1, "basehub")]


def test_a_wrapper_with_templates_of_its_own_may_read_any_key(tmp_path: Path) -> None:
    files = {**DASKHUB, "helm-charts/daskhub/templates/x.yaml": "a", FILE: "other: 1\n"}
    assert judged(tmp_path, files, {"prod-dask": FILE}) == ()


def test_a_key_that_stands_twice_is_named_where_it_stands_again(tmp_path: Path) -> None:
    values = "jupyterhub:\n  a: 1\n  b:\n  - {x: 1, x: 2}\n  a: 2\n"
    assert found(tmp_path, values, "duplicate-key") == [(4, 12, "jupyterhub.b[0].x"), (5, 3, "jupyterhub.a")]


def test_two_hubs_of_one_name_in_two_clusters_are_no_problem_and_one_domain_is(tmp_path: Path) -> None:
    other = cluster("ridge", hub("prod", "a.values.yaml")).replace("ridge\n", "ridge\nprovider: aws\n", 1)

    def problems(name: str, domain: str) -> list[tuple[str, str, int]]:
        files = {
            FILE: "a: 1\n",
            "config/clusters/ridge/cluster.yaml": other.replace("prod.example.org", domain),
            "config/clusters/ridge/a.values.yaml": "",
        }
        return [(one.rule, one.file, one.line) for one in judged(tmp_path / name, files, {"prod": FILE})]

    assert problems("one", "elsewhere.example.org") == []
    assert problems("two", "Prod.Example.org") == [
        ("shared-domain", f"{FOLDER}cluster.yaml", 5),
        ("shared-domain", "config/clusters/ridge/cluster.yaml", 5),
    ]
