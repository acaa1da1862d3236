"""Hubs that build images: each rule broken once, and nearly broken once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.fleets import SOPS, judged, told

HUB = """jupyterhub:
  hub:
    loadRoles:
      user:
        scopes: [self, 'access:services!service=binder']
binderhub-service:
  enabled: true
  dockerApi:
    nodeSelector: {size: small}
  config:
    KubernetesBuildExecutor:
      node_selector: {size: small}
    BinderHub:
      image_prefix: quay.io/org/leap-prod-
    DockerRegistry:
      url: https://quay.io
      username: org+robot
  buildPodsRegistryCredentials:
    server: https://quay.io
    username: org+robot
"""
SECRET = (
    """jupyterhub:
  imagePullSecret: {create: x, registry: x, username: x, password: x}
binderhub-service:
  config:
    DockerRegistry:
      password: x
  buildPodsRegistryCredentials:
    password: x
"""
    + SOPS
)
BACKEND = "gateway: {backend: {imagePullSecrets: [name: image-pull-secret]}}"
FILES = ("prod.values.yaml", "enc-prod.secret.values.yaml")


def changed(old: str, new: str, *, text: str = HUB) -> str:
    assert old in text
    return text.replace(old, new, 1)


def found(root: Path, values: str = HUB, secret: str = SECRET) -> set[str]:
    problems = judged(root, {FILES[0]: values, FILES[1]: secret}, {"prod": FILES})
    return {problem.rule for problem in problems}


def test_a_hub_that_builds_images_in_order_has_no_problem(tmp_path: Path) -> None:
    assert judged(tmp_path, {FILES[0]: HUB, FILES[1]: SECRET}, {"prod": FILES}) == ()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("      image_prefix: quay.io/org/leap-prod-\n", "      x: 1\n", "binderhub-incomplete"),
        ("      url: https://quay.io\n", "", "binderhub-incomplete"),
        ("      username: org+robot\n", "      username: ''\n", "binderhub-incomplete"),
        ("    server: https://quay.io\n", "", "binderhub-incomplete"),
        ("'access:services!service=binder'", "'access:services!service=dask'", "service-scope"),
        ("node_selector: {size: small}", "node_selector: {size: large}", "node-selectors"),
        ("quay.io/org/leap-prod-\n", "quay.io/org/leap-prod\n", "image-prefix"),
        ("quay.io/org/leap-prod-\n", "quay.io/org/leap-prod_x-\n", "image-prefix"),
        ("quay.io/org/leap-prod-\n", "quay.io/org/Xleap-prod-\n", "image-prefix"),
        ("quay.io/org/leap-prod-\n", "https://quay.io/org/leap-prod-\n", "image-prefix"),
        ("url: https://quay.io\n", "url: https://ghcr.io\n", "registry-host"),
        ("server: https://quay.io\n", "server: https://quay.example.org\n", "registry-host"),
        ("url: https://quay.io\n", "url: quay.io\n", "registry-url"),
        ("quay.io/org/leap-prod-\n", "quay.io/org/leap-staging-\n", "foreign-prefix"),
        ("quay.io/org/leap-prod-\n", "quay.io/org/prod-\n", "foreign-prefix"),
        ("binderhub-service:\n", "dask-gateway: {enabled: true}\nbinderhub-service:\n", "dask-pull-secret"),
    ],
)
def test_each_departure_breaks_its_rule_and_no_other(tmp_path: Path, old: str, new: str, rule: str) -> None:
    assert found(tmp_path, changed(old, new)) == {rule}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("enabled: true\n  dockerApi", "enabled: false\n  dockerApi"),
        ("    BinderHub:\n", "    BinderHub:\n      use_registry: false\n"),
        ("'access:services!service=binder'", "'access:services'"),
        ("binderhub-service:\n", "dask-gateway: {enabled: false}\nbinderhub-service:\n"),
        (
            "binderhub-service:\n",
            f"dask-gateway: {{enabled: true, {BACKEND}}}\nbinderhub-service:\n",
        ),
    ],
)
def test_what_nearly_breaks_a_rule_does_not(tmp_path: Path, old: str, new: str) -> None:
    assert found(tmp_path, changed(old, new)) == set()


@pytest.mark.parametrize(
    ("old", "new", "rule", "path"),
    [
        (
            "    DockerRegistry:\n      password: x\n",
            "    X: {y: x}\n",
            "binderhub-password",
            "binderhub-service.config.DockerRegistry.password",
        ),
        (", password: x}", "}", "pull-secret", "jupyterhub.imagePullSecret.password"),
        (
            "jupyterhub:\n  imagePullSecret: {create: x, registry: x, username: x, password: x}\n",
            "",
            "pull-secret",
            "jupyterhub.imagePullSecret",
        ),
    ],
)
def test_a_secret_that_is_nowhere_is_missed_where_the_hub_says_the_rest(
    tmp_path: Path, old: str, new: str, rule: str, path: str
) -> None:
    secret = changed(old, new, text=SECRET)
    problems = judged(tmp_path, {FILES[0]: HUB, FILES[1]: secret}, {"prod": FILES})
    assert [(one.rule, one.file.rpartition("/")[2], one.path) for one in problems] == [(rule, FILES[0], path)]


def test_a_pull_secret_that_is_not_created_is_named_where_that_is_said(tmp_path: Path) -> None:
    plain = changed("jupyterhub:\n", "jupyterhub:\n  imagePullSecret: {create: false}\n")
    secret = changed("create: x, ", "", text=SECRET)
    problems = judged(tmp_path, {FILES[0]: plain, FILES[1]: secret}, {"prod": FILES})
    assert told(problems, "pull-secret") == [(FILES[0], 2, 29, "jupyterhub.imagePullSecret.create")]


@pytest.mark.parametrize("unseen", [("gone.secret.values.yaml",), ("x.values.jsonnet",)])
def test_nothing_is_missed_where_a_file_of_the_hub_cannot_be_seen(tmp_path: Path, unseen: tuple[str, ...]) -> None:
    files = {FILES[0]: "binderhub-service: {enabled: true}\n", "x.values.jsonnet": "{}"}
    problems = judged(tmp_path, files, {"prod": (FILES[0], *unseen)})
    assert {one.rule for one in problems} <= {"missing-file", "jsonnet-not-read"}


def test_builders_on_artifact_registry_need_no_pull_secret(tmp_path: Path) -> None:
    google = HUB.replace("quay.io/org/leap-prod-", "us-central1-docker.pkg.dev/leap/builds-registry/")
    google = google.replace("https://quay.io", "https://us-central1-docker.pkg.dev")
    secret = "binderhub-service:\n" + SECRET.partition("binderhub-service:\n")[2]
    assert found(tmp_path, google, secret) == set()


@pytest.mark.parametrize(
    "prefix",
    [
        "us-central1-docker.pkg.dev/leap/builds-registry",
        "us-central1-docker.pkg.dev/leap/builds/",
        "us-central1-docker.pkg.dev/leap/a-name-of-19-letter-registry/",
    ],
)
def test_a_prefix_on_artifact_registry_has_its_own_form(tmp_path: Path, prefix: str) -> None:
    google = HUB.replace("quay.io/org/leap-prod-", prefix).replace("//quay.io", "//us-central1-docker.pkg.dev")
    assert found(tmp_path, google) == {"image-prefix"}


def test_docker_hub_is_one_host_under_all_its_names(tmp_path: Path) -> None:
    docker = HUB.replace("quay.io/org/leap-prod-", "docker.io/org/leap-prod-")
    docker = docker.replace("url: https://quay.io", "url: https://index.docker.io/v1/")
    docker = docker.replace("server: https://quay.io", "server: https://registry-1.docker.io")
    assert found(tmp_path, docker) == set()


def test_a_shared_prefix_is_named_for_each_hub_once_a_place(tmp_path: Path) -> None:
    files = {FILES[0]: HUB, FILES[1]: SECRET, "own.values.yaml": HUB}
    problems = judged(tmp_path, files, {"prod": FILES, "prod-2": FILES, "leap-prod-3": ("own.values.yaml", FILES[1])})
    assert told(problems, "shared-prefix") == [
        ("own.values.yaml", 14, 21, "binderhub-service.config.BinderHub.image_prefix"),
        (FILES[0], 14, 21, "binderhub-service.config.BinderHub.image_prefix"),
    ]


def test_a_plain_file_behind_the_encrypted_one_takes_its_secret_away(tmp_path: Path) -> None:
    plain = changed("      username: org", "      password: <set-in-encrypted-values>\n      username: org")
    files = {FILES[0]: plain, FILES[1]: SECRET}
    problems = judged(tmp_path, files, {"prod": FILES, "prod-2": tuple(reversed(FILES))})
    assert told(problems, "secret-overridden") == [
        (FILES[0], 17, 17, "binderhub-service.config.DockerRegistry.password")
    ]
    assert [one.message.endswith("(leap/prod-2)") for one in problems if one.rule == "secret-overridden"] == [True]


GOOGLE = HUB.replace("quay.io/org/leap-prod-", "us-docker.pkg.dev/project/images-registry/").replace(
    "https://quay.io", "https://us-docker.pkg.dev"
)


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ('container_repos = [\n  "other", # "images"\n]\n', True),
        ("container_repos = []\n", True),
        ("project_id = 1\n", True),
        ('# container_repos = ["images"]\n', True),
        ('container_repos = [\n  "other", // one\n  "images",\n]\n', False),
        ('/* x\n*/ container_repos=["images"]\n', False),
        ("container_repos = var.names\n", False),
        ("container_repos = [for x in y : x]\n", False),
        ('container_repos = ["images"', False),
    ],
)
def test_a_repository_on_google_is_one_that_terraform_makes(tmp_path: Path, variables: str, *, found: bool) -> None:
    files = {FILES[0]: GOOGLE, FILES[1]: SECRET, "terraform/gcp/projects/leap.tfvars": variables}
    problems = judged(tmp_path, files, {"prod": FILES})
    assert told(problems, "container-repos") == (
        [(FILES[0], 14, 21, "binderhub-service.config.BinderHub.image_prefix")] if found else []
    )
    assert {one.rule for one in problems} <= {"container-repos"}


def test_nothing_is_said_of_repositories_where_no_variables_are_here(tmp_path: Path) -> None:
    assert judged(tmp_path, {FILES[0]: GOOGLE, FILES[1]: SECRET}, {"prod": FILES}) == ()
