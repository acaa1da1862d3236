"""`hub list`, `image list` and `doctor`, from the outside: they look and change nothing."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from tests.cli.playground import CLUSTER, FLEET, Playground

CANARY = "canary-f00d"


def valid(shape: object, name: str) -> None:
    jsonschema.validate(shape, json.loads(files("hubctl.schemas").joinpath(f"{name}.schema.json").read_text()))


def test_hubs_are_listed_with_the_files_that_feed_them(playground: Playground) -> None:
    done = playground.run("hub", "list", "leap", "--json")
    folder = "config/clusters/leap"

    assert done.code == 0
    valid(done.json, "hub-list")
    assert done.json["hubs"] == [
        {
            "cluster": "leap",
            "hub": name,
            "domain": domain,
            "chart": "basehub",
            "stage": name,
            "files": [f"{folder}/common.values.yaml", f"{folder}/{name}.values.yaml"],
            "encrypted": [],
        }
        for name, domain in (("staging", "staging.leap.example.org"), ("prod", "leap.example.org"))
    ]


def test_hubs_are_listed_a_line_each(playground: Playground) -> None:
    done = playground.run("hub", "list")

    assert done.code == 0
    assert done.out == (
        "leap/staging  staging  basehub  staging.leap.example.org  common.values.yaml, staging.values.yaml\n"
        "leap/prod  prod  basehub  leap.example.org  common.values.yaml, prod.values.yaml\n"
    )


def test_the_settings_of_the_repository_say_which_hubs_are_staging(playground: Playground) -> None:
    def stages() -> list[str]:
        return [hub["stage"] for hub in playground.run("hub", "list", "--json").json["hubs"]]

    assert stages() == ["staging", "prod"]
    playground.write({"hubctl.yaml": "staging: [leap/p*]\n"})
    assert stages() == ["prod", "staging"]
    playground.write({"hubctl.yaml": "staging: []\n"})
    assert stages() == ["prod", "prod"]


def test_an_encrypted_file_is_named_and_absent_ones_are_a_problem(playground: Playground) -> None:
    listed = CLUSTER.replace("  - prod.values.yaml\n", "  - prod.values.yaml\n  - enc-prod.secret.values.yaml\n")
    playground.write({"config/clusters/leap/cluster.yaml": listed})

    absent = playground.run("hub", "list", "--json").json
    playground.write({"config/clusters/leap/enc-prod.secret.values.yaml": "sops: {mac: x}\n"})
    there = playground.run("hub", "list", "--json").json

    assert [problem["rule"] for problem in absent["problems"]] == ["missing-file"]
    assert there["problems"] == []
    assert there["hubs"][1]["encrypted"] == ["config/clusters/leap/enc-prod.secret.values.yaml"]


def test_sites_are_selected_by_cluster_hub_role_and_image(playground: Playground) -> None:
    def images(*words: str) -> list[str]:
        return [site["image"] for site in playground.run("image", "list", *words, "--json").json["sites"]]

    assert images("leap", "prod") == ["quay.io/leap/notebook", "quay.io/leap/volume", "quay.io/leap/hub"]
    assert images("--role", "sidecar", "--role", "hub") == ["quay.io/leap/volume", "quay.io/leap/hub"]
    assert images("--image", "https://quay.io/repository/leap/small") == ["quay.io/leap/small"]


def test_the_doctor_tells_layout_tools_and_logins_but_no_value(playground: Playground) -> None:
    playground.committed()
    (playground.root / ".git/MERGE_HEAD").write_text(playground.git("rev-parse", "HEAD"))
    auth = playground.root.parent / "auth.json"
    auth.write_text('{"auths": {"quay.io": {"auth": "cm9ib3Q6Y2FuYXJ5LWYwMGQ="}}}')

    done = playground.run("doctor", "--json", REGISTRY_AUTH_FILE=str(auth), GH_TOKEN=CANARY)

    assert done.code == 0
    valid(done.json, "doctor")
    checks = {(check["topic"], check["state"]): check["detail"] for check in done.json["checks"]}
    assert checks["layout", "ok"] == "1 cluster, 2 hubs, 4 values files by `config/clusters/*/cluster.yaml`"
    assert checks["repository", "ok"] == str(playground.root)
    assert checks["repository", "note"] == "in the middle of a merge: the work tree is not edited"
    assert checks["github token", "ok"] == "`GH_TOKEN` is set"
    assert "auth.json" in checks["registry quay.io", "ok"]
    assert CANARY not in done.out + done.err


def test_the_doctor_says_what_is_missing(playground: Playground) -> None:
    for name in FLEET:
        (playground.root / name).unlink()

    done = playground.run("doctor", PATH="/nowhere")

    assert done.code == 1
    assert "missing layout: no `cluster.yaml` in this repository\n" in done.out
    assert "missing git: needed to propose pull requests\n" in done.out
    assert "note    github token: none in `GH_TOKEN` or `GITHUB_TOKEN`; `gh auth token` is asked\n" in done.out


@pytest.mark.slow
def test_the_demo_is_one_object_too(playground: Playground) -> None:
    done = playground.run("demo", "--json")

    assert done.code == 0
    valid(done.json, "demo")
    assert {step["exit_code"] for step in done.json["steps"]} == {0}
