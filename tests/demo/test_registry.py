"""The demo's registry speaks the read half of the distribution API, for every host at once."""

from __future__ import annotations

import hashlib
import json

from hubctl.demo.images import PUBLISHED, Build
from hubctl.demo.registry import INDEX, MANIFEST, Registry, fill
from hubctl.demo.serving import Asked, serving
from tests.demo.asking import ask

NOTEBOOK = "/v2/quay.io/lagoon-institute/python-notebook"


def test_tags_are_listed_in_order_under_the_name_of_their_host():
    with serving(Registry(PUBLISHED).answer) as address:
        found = ask(f"{address}{NOTEBOOK}/tags/list")

    assert found.json() == {
        "name": "quay.io/lagoon-institute/python-notebook",
        "tags": ["2026-06-12", "2026.03.05", "2026.04.22", "2026.06.04", "dev-2026.06.11", "latest"],
    }


def test_a_manifest_is_what_its_digest_says_by_tag_and_by_digest():
    with serving(Registry(PUBLISHED).answer) as address:
        by_tag = ask(f"{address}{NOTEBOOK}/manifests/2026.06.04")
        digest = by_tag.headers["Docker-Content-Digest"]
        by_digest = ask(f"{address}{NOTEBOOK}/manifests/{digest}")
        head = ask(f"{address}{NOTEBOOK}/manifests/latest", method="HEAD")

    assert (by_tag.status, by_tag.headers["Content-Type"]) == (200, INDEX)
    assert digest == f"sha256:{hashlib.sha256(by_tag.body).hexdigest()}"
    assert by_digest.body == by_tag.body
    assert (head.status, head.headers["Docker-Content-Digest"], head.body) == (200, digest, b"")


def test_an_index_leads_to_a_manifest_and_that_to_a_config():
    with serving(Registry(PUBLISHED).answer) as address:
        index = ask(f"{address}{NOTEBOOK}/manifests/2026.06.04").json()
        child = ask(f"{address}{NOTEBOOK}/manifests/{index['manifests'][0]['digest']}").json()
        config = ask(f"{address}{NOTEBOOK}/blobs/{child['config']['digest']}").json()

    assert [entry["platform"]["architecture"] for entry in index["manifests"]] == ["amd64", "arm64"]
    assert child["mediaType"] == MANIFEST
    assert (config["os"], config["architecture"], config["created"]) == ("linux", "amd64", "2026-06-04T04:00:00Z")


def test_what_it_does_not_serve_is_not_found_with_the_code_of_the_protocol():
    registry = Registry({"quay.io/a/b": (Build("2026-01-02", ("1.0",)),)})

    def code(*path: str) -> tuple[int, str]:
        answered = registry.answer(Asked("GET", path, {}, {}, b""))
        return answered.status, json.loads(answered.body)["errors"][0]["code"]

    assert code("v2", "quay.io", "a", "c", "tags", "list") == (404, "NAME_UNKNOWN")
    assert code("v2", "quay.io", "a", "b", "manifests", "2.0") == (404, "MANIFEST_UNKNOWN")
    assert code("v2", "quay.io", "a", "b", "blobs", "sha256:0") == (404, "BLOB_UNKNOWN")


def test_the_root_of_the_api_answers():
    assert Registry({}).answer(Asked("GET", ("v2",), {}, {}, b"")).status == 200


def test_a_commit_tag_is_the_beginning_of_the_revision_its_image_names():
    shelf = fill("quay.io/a/b", (Build("2026-01-02", ("9f3c2a71b6d4", "latest")),))

    configs = [json.loads(part.content) for part in shelf.stored.values() if b'"created"' in part.content]

    (labels,) = [config["config"]["Labels"] for config in configs]
    assert labels["org.opencontainers.image.source"] == "https://github.com/a/b"
    assert labels["org.opencontainers.image.revision"][:12] == "9f3c2a71b6d4"
    assert len(labels["org.opencontainers.image.revision"]) == 40
