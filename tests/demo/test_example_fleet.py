"""The example fleet: every shape a fleet has, in three clusters and eight hubs, and nothing that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hubctl.adapters.files import WorkTree
from hubctl.demo.images import PUBLISHED
from hubctl.demo.registry import Registry
from hubctl.fleet.index import Index
from hubctl.fleet.model import Fleet
from hubctl.fleet.names import image_names
from hubctl.fleet.read import read_fleet
from hubctl.images import Site, find_sites

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return read_fleet(WorkTree(ROOT))


@pytest.fixture(scope="module")
def sites(fleet: Fleet) -> list[Site]:
    return [site for file, text in sorted(fleet.texts.items()) for site in find_sites(text, file)]


def _named(fleet: Fleet, sites: list[Site]) -> Iterator[tuple[str, Site]]:
    """Give each site with its image's name in full, the host included."""
    index = Index(fleet)
    for site in sites:
        (name,) = [site.image] if site.image else image_names(index, site)
        yield name if "." in name.split("/")[0] else f"docker.io/{name}", site


def test_it_has_three_clusters_and_eight_hubs_of_both_charts(fleet):
    hubs = [f"{hub.id} {hub.chart} {hub.stage}" for cluster in fleet.clusters for hub in cluster.hubs]

    assert hubs == [
        "lagoon/staging basehub staging",
        "lagoon/prod basehub prod",
        "lagoon/workshop basehub prod",
        "meadow/staging basehub staging",
        "meadow/prod basehub prod",
        "ridge/staging daskhub staging",
        "ridge/prod daskhub prod",
        "ridge/teaching basehub prod",
    ]


def test_every_image_is_published_and_every_published_image_is_used(fleet, sites):
    shelves = Registry(PUBLISHED).shelves
    named = list(_named(fleet, sites))

    assert {name for name, _ in named} == PUBLISHED.keys()
    assert [site.tag for name, site in named if site.tag not in shelves[name].tags] == []
    pinned = [(shelves[name].tags[site.tag], site.digest) for name, site in named if site.digest]
    assert [digest for _, digest in pinned] == [published for published, _ in pinned] != []


def test_it_shows_every_form_role_and_shape(sites):
    tags = [site.tag for site in sites]
    shapes = {
        "dotted date": r"\d{4}\.\d\d\.\d\d",
        "dashed date": r"\d{4}-\d\d-\d\d",
        "date with a suffix": r"\d{4}\.\d\d\.\d\d-v\d",
        "date without separators": r"20\d{6}",
        "version": r"v\d+\.\d+\.\d+",
        "release line": r"\d+\.\d+",
        "chartpress": r"0\.0\.1-0\.dev\.git\.\d+\.h[0-9a-f]+",
        "git describe": r"\d+\.\d+\.\d+-\d+-g[0-9a-f]+",
        "moving": r"latest|main",
        "free": r"fa26_2a",
        "7-digit commit": r"[0-9a-f]{7}",
        "12-digit commit": r"[0-9a-f]{12}",
        "40-digit commit": r"[0-9a-f]{40}",
    }

    assert [name for name, shape in shapes.items() if not any(re.fullmatch(shape, tag) for tag in tags)] == []
    assert {site.role for site in sites} == {"user", "hub", "sidecar", "service"}
    assert {site.form for site in sites} == {"inline", "split"}
    assert [site.key_path for site in sites if site.image is None] == ["jupyterhub.singleuser.image.tag"] * 2
    assert [site.comment for site in sites if site.comment] == [
        "pin because the GPU drivers of these nodes are older",
        r"pattern=spring-\d+ order=number",
    ]
    assert {site.tag for site in sites if site.aliases} == {
        "5b7d0c9e1f2a3b4c5d6e7f8091a2b3c4d5e6f708",
        "2026.04.16",
        "2026-03-02",
        "7d41e0c",
    }


def test_what_only_looks_like_an_image_is_no_place(fleet, sites):
    texts = b"".join(fleet.texts.values()).decode()

    for other in ("image: '{value}'", "image_prefix:", "$(JUPYTER_IMAGE)", "imagePullSecrets:", "image_pull_policy:"):
        assert other in texts
    assert len(sites) == 29


def test_encrypted_and_jsonnet_files_are_listed_as_they_are_in_real_fleets(fleet):
    (prod,) = [hub for cluster in fleet.clusters for hub in cluster.hubs if hub.id == "lagoon/prod"]
    (meadow,) = [hub for cluster in fleet.clusters for hub in cluster.hubs if hub.id == "meadow/prod"]

    assert prod.encrypted == ("config/clusters/lagoon/enc-prod.secret.values.yaml",)
    assert meadow.jsonnet == ("config/clusters/meadow/prod.values.jsonnet",)
    secret = yaml.safe_load((ROOT / prod.encrypted[0]).read_text("utf-8"))
    assert secret["jupyterhub"]["hub"]["config"]["GitHubOAuthenticator"]["client_secret"].startswith("ENC[AES256_GCM,")
