"""Finding over real repositories, counted by a second reader that knows nothing of spans."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from hubctl.images import Site, find_sites
from hubctl.text.parse import parse
from hubctl.text.walk import key_path

REFERENCE = re.compile(r"[a-z0-9][\w./-]*:[A-Za-z0-9_][\w.-]*")


@pytest.fixture(scope="module")
def texts(corpus: Path) -> dict[str, bytes]:
    paths = sorted(corpus.glob("config/clusters/*/*.values.yaml"))
    return {str(path.relative_to(corpus)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def sites(texts) -> list[Site]:
    return [site for file, data in texts.items() for site in find_sites(data, file)]


def test_the_fleet_holds_334_places_in_80_of_234_files(texts, sites):
    assert (len(texts), len(sites), len({site.file for site in sites})) == (234, 334, 80)
    assert Counter(site.form for site in sites) == {"inline": 293, "split": 41}
    assert Counter(site.role for site in sites) == {"user": 312, "sidecar": 11, "hub": 11}
    environment = [site.path[-1] for site in sites if site.path[-1] not in ("image", "tag")]
    assert environment == ["DOCKERIMAGE_PATH_DEFAULT", "DOCKERIMAGE_PATH_DEFAULT"]


def test_no_place_of_the_fleet_is_written_twice_in_the_result(sites):
    assert len({(site.file, site.document, site.path) for site in sites}) == len(sites)


def test_places_with_the_lines_of_their_aliases_are_as_many_as_the_loaded_data_holds(texts, sites):
    loaded = sum(images_in(yaml.load(data, Loader=yaml.CSafeLoader), "") for data in texts.values())
    assert sum(1 + len(site.aliases) for site in sites) == loaded


def images_in(value: object, key: str) -> int:
    """Count images in loaded data, where every alias has become a value of its own."""
    if isinstance(value, dict):
        below = sum(images_in(child, str(name)) for name, child in value.items())
        return below + ("tag" in value and ("name" in value or "repository" in value))
    if isinstance(value, list):
        return sum(images_in(child, "") for child in value)
    named = key in ("image", "build_image") or "IMAGE" in key
    return int(named and isinstance(value, str) and REFERENCE.fullmatch(value) is not None)


def test_key_paths_are_those_of_the_text_room(texts, sites):
    roots = {file: parse(texts[file]).documents for file in {site.file for site in sites}}
    wrong = [site for site in sites if site.key_path != key_path(roots[site.file][site.document], site.path)]
    assert wrong == []


def test_the_charts_defaults_are_places(corpus):
    found = [
        f"{site.role} {site.form} {site.key_path} {site.image} {site.tag}"
        for chart in ("basehub", "support")
        for site in find_sites((corpus / "helm-charts" / chart / "values.yaml").read_bytes(), chart)
    ]
    assert found == [
        (
            "sidecar inline binderhub-service.dockerApi.initContainers[name=block-nfs-access].image"
            " quay.io/jupyterhub/k8s-network-tools 4.1.0"
        ),
        (
            "service inline binderhub-service.config.KubernetesBuildExecutor.build_image"
            " quay.io/jupyterhub/repo2docker 2025.12.1.dev94-gd3893dba2"
        ),
        "service inline nodePlaceholder.pauseContainer.image registry.k8s.io/pause 3.10.1",
        "user split jupyterhub.singleuser.image.tag quay.io/jupyter/scipy-notebook 2024-03-18",
        "sidecar inline jupyterhub.hub.initContainers[name=templates-clone].image alpine/git 2.40.1",
        "sidecar inline jupyterhub.hub.extraContainers[name=templates-sync].image alpine/git 2.40.1",
        "hub split jupyterhub.hub.image.tag quay.io/2i2c/pilot-hub 0.0.1-0.dev.git.16609.hb23fbd448",
        "service split copyfail.image.tag quay.io/2i2c/copyfail-mitigation main",
        "service split dirtyfrag.image.tag quay.io/2i2c/dirtyfrag-mitigation main",
        "service inline disableCoredumps.initContainer.image busybox 1.36.1",
        "service inline disableCoredumps.pauseContainer.image registry.k8s.io/pause 3.10.1",
    ]


@pytest.mark.parametrize(
    ("folder", "tags"),
    [
        ("chart-z2jh", {"5.3.0", "v3.7.8", "v1.35.7", "3.10.2"}),
        ("chart-binderhub", {"28.3.3-dind", "v5.8.1", "1.0.0-beta.3"}),
        ("chart-binderhub-service", {"27.5.1-dind"}),
        ("chart-dask-gateway", {"3.3.5"}),
        ("mybinder-deploy", {"28.3.3-dind", "2026.4.1.dev44-g97bb4e45a", "27.5.1-dind", "0.0.1"}),
    ],
)
def test_other_charts_hold_these_places_and_no_other(corpus_root, folder, tags):
    files = (corpus_root / "corpus" / folder / "files").rglob("values.yaml")
    assert {site.tag for file in files for site in find_sites(file.read_bytes(), file.name)} == tags


def test_what_a_chart_depends_on_is_no_place(corpus_root):
    charts = (corpus_root / "corpus").rglob("Chart.yaml")
    assert [site for file in charts for site in find_sites(file.read_bytes(), file.name)] == []
