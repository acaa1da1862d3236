"""Logins to registries as pull requests, with real sops and a forge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge.double import TOKEN, Forge, start_forge
from tests.secrets.parts import CLUSTERS, NOW, PROD, Fleet, Outcome, identity, rules_for

pytestmark = pytest.mark.slow

CANARY = "canary-51c0de"
PLAIN = "config/clusters/leap/prod.values.yaml"
CLUSTER = "config/clusters/leap/cluster.yaml"
BUILDING = (
    "binderhub-service:\n  enabled: true\n  config:\n    BinderHub:\n      image_prefix: quay.io/leap/leap-prod-\n"
)
QUAY = ("--registry", "quay.io", "--username", "leap+robot")
BRANCH = "hubctl/secret-registry-set/hub-leap-prod-quay.io"


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    engineer = identity(tmp_path / "engineer")
    files = {**CLUSTERS, PLAIN: BUILDING, ".sops.yaml": rules_for(engineer.recipient)}
    with start_forge(tmp_path, "acme", "fleet", files) as started:
        yield started


@pytest.fixture
def clone(tmp_path: Path, forge: Forge) -> Fleet:
    environment = {
        "SOPS_AGE_KEY_FILE": str(tmp_path / "engineer" / "keys.txt"),
        "SOURCE_DATE_EPOCH": NOW,
        "GITHUB_API_URL": forge.url,
        "GH_TOKEN": TOKEN,
    }
    fleet = Fleet(tmp_path / "clone", environment)
    fleet.root.mkdir()
    fleet.git("clone", "--quiet", forge.remote_url, str(fleet.root))
    return fleet


def proposed(fleet: Fleet, *words: str, password: str = CANARY) -> Outcome:
    done = fleet.run("secret", "registry", *words, *QUAY, "--open-pr", "--json", stdin=password)
    assert done.code == 0, done.err
    assert CANARY not in done.out + done.err
    return done


def test_a_login_is_one_pull_request_with_all_its_files(clone, forge):
    done = proposed(clone, "set", "leap", "prod")
    assert [each["operation"] for each in done.json["pull_requests"]] == ["created"]
    clone.git("fetch", "--quiet", "origin", BRANCH)
    assert clone.git("diff", "--name-only", "origin/main", "FETCH_HEAD").split() == [CLUSTER, PROD, PLAIN]
    values = clone.decrypted(clone.git("show", f"FETCH_HEAD:{PROD}").encode())
    assert values["jupyterhub"]["imagePullSecret"] == {
        "create": True,
        "registry": "quay.io",
        "username": "leap+robot",
        "password": CANARY,
    }
    assert clone.git("status", "--porcelain") == ""
    (pull,) = forge.pulls
    assert pull.title == "[leap, prod] store the login to quay.io"
    assert "`binderhub-service.config.DockerRegistry.password`" in pull.body
    assert [call for call in forge.log if CANARY in str(vars(call))] == []


@pytest.mark.parametrize("words", [("registry", "set", "leap", "prod", *QUAY), ("set", "leap", "prod", "a.b")])
def test_nobody_is_asked_for_a_secret_where_no_pull_request_could_be_opened(clone, words):
    clone.environment["GH_TOKEN"] = ""
    done = clone.run("secret", *words, "--open-pr", "--from-file", "no-such-file")
    assert (done.code, done.err.startswith("error: no token for ")) == (4, True)


def test_the_second_run_pushes_nothing(clone, forge):
    proposed(clone, "set", "leap", "prod")
    tip = forge.bare.tip(BRANCH)
    again = proposed(clone, "set", "leap", "prod")
    assert [each["operation"] for each in again.json["pull_requests"]] == ["unchanged"]
    assert forge.bare.tip(BRANCH) == tip
