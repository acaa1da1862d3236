"""Registries nobody has seen before, asked through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.playground import COMMON, COMMON_FILE, IMAGES, Outcome, Playground
from tests.servers.distribution import distribution
from tests.servers.dockerhub import start_dockerhub
from tests.servers.faults import Answer, Asked, Server, serve
from tests.servers.quay import start_quay

OPEN = distribution(IMAGES)
NOTEBOOK = IMAGES["quay.io/leap/notebook"]


def settings(folder: Path, **entries: dict[str, object]) -> str:
    path = folder / "registries.yaml"
    path.write_text(json.dumps({"registries": entries}))
    return str(path)


def asked_of(server: Server, playground: Playground, **more: object) -> Outcome:
    """Bump the one image of `common` against a mirror of quay.io."""
    entry = {"mirror": f"{server.base}/{{host}}", "insecure": True} | more
    given = settings(playground.root.parent, **{"quay.io": entry})
    return playground.run("--settings", given, "bump-image", "--json", "--image", "quay.io/leap/notebook")


@pytest.mark.parametrize(
    ("body", "code", "exit_code", "found"),
    [
        (b"<html>log in</html>", "no-answer", 9, "unknown"),
        (b"{}", "no-answer", 9, "unknown"),
        (b'{"schemaVersion": 1, "fsLayers": []}', "unconfirmed", 0, "skips"),
    ],
)
def test_what_is_no_image_is_never_taken_for_the_image_that_runs(
    playground: Playground, body, code, exit_code, found
) -> None:
    with serve(lambda asked: Answer(200, body) if "/manifests/" in asked.url else OPEN(asked)) as server:
        done = asked_of(server, playground)
        assert (done.code, [each["code"] for each in done.json[found]]) == (exit_code, [code])
        assert playground.read(COMMON_FILE) == COMMON


def test_a_token_address_inside_the_network_is_a_refusal(playground: Playground) -> None:
    def answer(_: Asked) -> Answer:
        challenge = 'Bearer realm="https://169.254.169.254/token",service="x"'
        return Answer(401, headers=(("WWW-Authenticate", challenge),))

    with serve(answer) as server:
        done = asked_of(server, playground)
        assert (done.code, [each["code"] for each in done.json["unknown"]]) == (4, ["denied"])
        assert len(server.log) == 1


@pytest.mark.parametrize("kind", ["quay", "dockerhub"])
def test_dates_come_from_an_api_beside_the_mirror_that_confirms(playground: Playground, kind) -> None:
    starting = start_quay if kind == "quay" else start_dockerhub
    with serve(OPEN) as mirror, starting({"leap/notebook": NOTEBOOK}) as api:
        done = asked_of(mirror, playground, kind=kind, api=api.base)
        (change,) = done.json["changes"]
        assert (done.code, change["new"], change["evidence"]) == (
            0,
            "2026.06.04",
            {"source": kind, "pushed": "2026-06-03T00:00:00Z", "digest": change["digest"]},
        )
        assert len(api.log) == 1
        assert all("/v2/quay.io/leap/notebook/" in asked.url for asked in mirror.log)
