"""The schemas hold for what hubctl reads and writes, and refuse what Helm would misread."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubctl.adapters.schema import problems
from hubctl.images import find_sites
from hubctl.images.reference import tagged
from hubctl.text.data import data
from hubctl.text.parse import parse
from hubctl.text.tree import Scalar
from hubctl.text.walk import resolve

EXAMPLE = Path(__file__).parents[2] / "config/clusters"
DIGEST = "sha256:" + "a" * 64


def written_images(folder: Path) -> list[object]:
    """Each image as it is written below a folder: the whole reference, or a map with its tag."""
    images: list[object] = []
    for path in sorted(folder.rglob("*.values.yaml")):
        text = path.read_bytes()
        documents = parse(text).documents
        for site in find_sites(text, path.name):
            scalar = resolve(documents[site.document], site.path)
            assert isinstance(scalar, Scalar)
            images.append(scalar.value if site.form == "inline" else {"tag": tagged(site.tag or "", site.digest)})
    return images


@pytest.mark.parametrize("path", sorted(EXAMPLE.glob("*/cluster.yaml")), ids=lambda path: path.parent.name)
def test_each_cluster_of_the_example_fleet_keeps_to_the_schema(path: Path) -> None:
    assert problems(data(parse(path.read_bytes()).documents[0]), "cluster") == []


def test_every_image_of_the_example_fleet_keeps_to_the_schema() -> None:
    images = written_images(EXAMPLE)

    assert len(images) == 29
    assert [(image, problems(image, "hub-values")) for image in images if problems(image, "hub-values")] == []


@pytest.mark.slow
def test_every_image_of_the_real_fleet_keeps_to_the_schema(corpus: Path) -> None:
    images = written_images(corpus / "config/clusters")

    assert len(images) == 334
    assert [(image, problems(image, "hub-values")) for image in images if problems(image, "hub-values")] == []


@pytest.mark.parametrize(
    "image",
    [
        "localhost:5000/a/b:v1",
        f"quay.io/a/b:v1@{DIGEST}",
        f"quay.io/a/b@{DIGEST}",
        {"name": "a", "tag": f"v1@{DIGEST}"},
    ],
)
def test_ports_and_digests_are_images(image: object) -> None:
    assert problems(image, "hub-values") == []


@pytest.mark.parametrize(
    "image", [{"name": "a", "tag": 4.4}, {"name": "a"}, {"tag": "no tag"}, "{value}", "$(IMAGE)", 7]
)
def test_numbers_and_placeholders_are_none(image: object) -> None:
    assert problems(image, "hub-values") != []
