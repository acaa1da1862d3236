"""`hubctl secret registry set`, run as a user runs it, with real sops and age."""

from __future__ import annotations

import pytest

from tests.cli.logins import (
    CANARY,
    CLUSTER,
    GOOGLE,
    KEY_FILE,
    PROD_PLAIN,
    QUAY,
    REEF,
    REEF_CLUSTER,
    REEF_PLAIN,
    STAGING,
    building,
    check,
    login,
    nobody_says,
    set_login,
    with_login,
)
from tests.secrets.parts import (
    DASK_VALUES,
    PROD,
)


@pytest.mark.parametrize("verb", [("set", "leap", "prod"), ("rotate",)])
def test_nobody_is_asked_for_a_password_that_could_not_be_stored(builders, verb):
    unusable = ""
    builders.encrypt(login(), PROD)
    no_sops = builders.run("secret", "registry", *verb, *QUAY, stdin=unusable, env={"PATH": "/usr/bin:/bin"})
    builders.write({".git/MERGE_HEAD": builders.git("rev-parse", "HEAD")})
    merging = builders.run("secret", "registry", *verb, *QUAY, stdin=unusable)

    assert (no_sops.code, no_sops.err.partition("\n")[0]) == (1, "error: `sops` is not installed")
    assert (merging.code, merging.err.partition("\n")[0]) == (1, "error: the repository is in the middle of a merge")


def test_one_password_goes_to_every_place_that_needs_it(builders):
    before = builders.read(CLUSTER)
    done = set_login(builders, "leap", "prod", *QUAY, "--json")
    assert done.code == 0
    service = "binderhub-service"
    assert done.json == {
        "changes": [
            {"file": PROD, "path": "jupyterhub.imagePullSecret.create"},
            {"file": PROD, "path": "jupyterhub.imagePullSecret.registry"},
            {"file": PROD, "path": "jupyterhub.imagePullSecret.username"},
            {"file": PROD, "path": "jupyterhub.imagePullSecret.password"},
            {"file": PROD, "path": f"{service}.buildPodsRegistryCredentials.password"},
            {"file": PROD, "path": f"{service}.config.DockerRegistry.password"},
            {"file": CLUSTER, "path": "hubs[name=prod].helm_chart_values_files"},
            {"file": PROD_PLAIN, "path": f"{service}.buildPodsRegistryCredentials.server"},
            {"file": PROD_PLAIN, "path": f"{service}.buildPodsRegistryCredentials.username"},
            {"file": PROD_PLAIN, "path": f"{service}.config.DockerRegistry.url"},
            {"file": PROD_PLAIN, "path": f"{service}.config.DockerRegistry.username"},
        ]
    }
    nobody_says(done)
    assert builders.decrypt() == login()
    assert builders.read(PROD_PLAIN).decode() == building("quay.io/leap/leap-prod-") + (
        "    DockerRegistry:\n      url: https://quay.io\n      username: leap+robot\n"
        "  buildPodsRegistryCredentials:\n    server: https://quay.io\n    username: leap+robot\n"
    )
    assert builders.read(CLUSTER) == before + b"  - enc-prod.secret.values.yaml\n"
    assert check(builders) == (0, [])
    assert builders.run("secret", "check").code == 0


def test_the_second_run_has_nothing_to_do(builders):
    with_login(builders, "prod")
    builders.commit()
    again = set_login(builders, "leap", "prod", *QUAY)
    assert (again.code, again.out, again.err.splitlines()[-1]) == (0, "", "nothing to do")
    assert builders.git("status", "--porcelain") == ""


@pytest.mark.slow
def test_another_password_changes_the_passwords_alone(builders):
    with_login(builders, "prod")
    builders.commit()
    done = set_login(builders, "leap", "prod", *QUAY, password="other-" + CANARY)
    assert [line.split("  ")[1:] for line in done.out.splitlines()] == [
        ["jupyterhub.imagePullSecret.password", "changed"],
        ["binderhub-service.buildPodsRegistryCredentials.password", "changed"],
        ["binderhub-service.config.DockerRegistry.password", "changed"],
    ]
    assert "note: revoke the old password of leap+robot at quay.io after the merge" in done.err
    assert builders.decrypt() == login(password="other-" + CANARY)
    lines = [line[1:].strip() for line in builders.git("diff", "--unified=0", "--", PROD).splitlines()[4:]]
    keys = {line.partition(":")[0] for line in lines if not line.startswith("@")}
    assert keys - {"lastmodified"} == {"password", "mac"}


def test_a_key_file_is_stored_as_it_is_below_the_prefix_of_a_wrapper(builders, tmp_path):
    key = tmp_path / "key.json"
    key.write_text(KEY_FILE)
    key.chmod(0o600)
    done = builders.run("secret", "registry", "set", "reef", "main", *GOOGLE, "--from-file", str(key))
    assert done.code == 0
    nobody_says(done, "private_key", "BEGIN")
    assert builders.decrypt(REEF) == {
        "basehub": {
            "binderhub-service": {
                "buildPodsRegistryCredentials": {"password": KEY_FILE},
                "config": {"DockerRegistry": {"password": KEY_FILE}},
            }
        }
    }
    assert (
        builders.read(REEF_PLAIN)
        .decode()
        .endswith(
            "      DockerRegistry:\n        url: https://us-central1-docker.pkg.dev\n        username: _json_key\n"
            "    buildPodsRegistryCredentials:\n      server: https://us-central1-docker.pkg.dev\n"
            "      username: _json_key\n"
        )
    )
    assert check(builders) == (0, [])


def test_another_text_is_no_password_of_json_key(builders):
    done = set_login(builders, "reef", "main", *GOOGLE)
    assert (done.code, done.out) == (1, "")
    assert "is the JSON of a service account" in done.err
    nobody_says(done)
    assert builders.git("status", "--porcelain") == ""


@pytest.mark.slow
def test_a_hub_that_builds_nothing_gets_the_pull_secret_alone(fleet):
    done = set_login(fleet, "leap", "staging", "--registry", "docker.io", "--username", "me")
    assert done.code == 0
    assert fleet.decrypt(STAGING) == {
        "jupyterhub": {
            "imagePullSecret": {
                "create": True,
                "registry": "https://index.docker.io/v1/",
                "username": "me",
                "password": CANARY,
            }
        }
    }
    assert fleet.git("diff", "--name-only").split() == [CLUSTER]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prefix", "registry", "addresses"),
    [
        ("leap/leap-prod-", "docker.io", ("https://registry-1.docker.io", "https://index.docker.io/v1/")),
        ("ghcr.io/leap/leap-prod-", "GHCR.io", ("https://ghcr.io", "https://ghcr.io")),
        ("r.example.org:5000/leap/", "https://r.example.org:5000/", ("https://r.example.org:5000",) * 2),
    ],
)
def test_a_login_to_any_registry_is_found_again(builders, prefix, registry, addresses):
    builders.write({PROD_PLAIN: building(prefix)})
    words = ("--registry", registry, "--username", "me")
    assert set_login(builders, "leap", "prod", *words).code == 0
    plain = builders.read(PROD_PLAIN).decode()
    assert [f"url: {addresses[0]}\n" in plain, f"server: {addresses[1]}\n" in plain] == [True, True]
    assert check(builders) == (0, [])
    done = builders.run("secret", "registry", "rotate", *words, stdin="new", env={"NO_COLOR": "1"})
    assert (done.code, len(done.out.splitlines())) == (0, 3)


@pytest.mark.slow
def test_a_wrapped_hub_has_its_pull_secret_below_the_prefix(builders):
    builders.write({REEF_PLAIN: DASK_VALUES + building("quay.io/leap/reef-main-", below="  ")})
    assert set_login(builders, "reef", "main", *QUAY).code == 0
    assert builders.decrypt(REEF) == {"basehub": login()}
    assert check(builders) == (0, [])
    values = {**login(), "basehub": {"a": "b"}}
    builders.encrypt(values, REEF)
    assert {(file, rule) for file, _, rule in check(builders)[1]} == {(REEF, "registry-place")}


@pytest.mark.slow
def test_a_plain_file_that_cannot_be_edited_is_named_before_anything_is_asked(builders):
    text = "x: &login {username: old}\n" + building("quay.io/leap/leap-prod-") + "    DockerRegistry: *login\n"
    builders.write({PROD_PLAIN: text})
    done = set_login(builders, "leap", "prod", *QUAY)
    assert (done.code, f"error: `{PROD_PLAIN}`: the value at line 7 is an alias" in done.err) == (1, True)
    assert not (builders.root / PROD).exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hub", "words", "code", "said"),
    [
        (("leap", "prod"), ("--registry", "ghcr.io", "--username", "u"), 1, "images to `quay.io`, not to `ghcr.io`"),
        (("reef", "main"), QUAY, 1, "pushes its images to `us-central1-docker.pkg.dev`, not to `quay.io`"),
        (("leap", "prod"), ("--registry", "quay.io/leap", "--username", "u"), 2, "without a path"),
        (("leap", "prod"), ("--registry", "http://quay.io", "--username", "u"), 2, "by `https://`"),
        (("leap", "prod"), ("--registry", "quay.io", "--username", "a\x1bb"), 2, "not printable"),
        (("leap", "prod"), ("--registry", "quay.io", "--username", "+b"), 2, "not a robot"),
        (("leap", "prd"), QUAY, 1, "no such hub"),
        (("lep", "prod"), QUAY, 1, "no such cluster"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(builders, hub, words, code, said):
    done = set_login(builders, *hub, *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert builders.git("status", "--porcelain") == ""


def test_a_hub_that_needs_no_login_is_refused_with_the_reason(fleet):
    done = set_login(fleet, "leap", "prod", *GOOGLE, password=KEY_FILE)
    assert done.code == 1
    assert "builds no images, and nodes log in to Artifact Registry by themselves" in done.err


@pytest.mark.slow
def test_a_dry_run_shows_ciphertext_and_writes_nothing(builders):
    done = set_login(builders, "leap", "prod", *QUAY, "--dry-run")
    assert done.code == 0
    assert f"+++ b/{PROD}" in done.out
    assert "+      url: https://quay.io" in done.out
    nobody_says(done)
    assert builders.git("status", "--porcelain") == ""


def test_a_password_in_clear_is_refused_until_it_is_gone(builders):
    builders.write(
        {PROD_PLAIN: building("quay.io/leap/leap-prod-") + f"    DockerRegistry:\n      password: {CANARY}\n"}
    )
    done = set_login(builders, "leap", "prod", *QUAY, password="new-one")
    assert done.code == 1
    assert (
        f"`{PROD_PLAIN}` holds a password in clear, at `binderhub-service.config.DockerRegistry.password`" in done.err
    )
    assert "revoke" in done.err
    nobody_says(done)


@pytest.mark.slow
def test_a_placeholder_that_would_win_is_refused(builders):
    with_login(builders, "prod")
    text = builders.read(CLUSTER).decode()
    moved = text.replace("  - enc-prod.secret.values.yaml\n", "").replace(
        "  - prod.values.yaml\n", "  - enc-prod.secret.values.yaml\n  - prod.values.yaml\n"
    )
    plain = builders.read(PROD_PLAIN).decode().replace("url: https", "password: <set-elsewhere>\n      url: https")
    builders.write({CLUSTER: moved, PROD_PLAIN: plain})
    builders.commit()
    done = set_login(builders, "leap", "prod", *QUAY, password="new-one")
    assert done.code == 1
    assert f"`{PROD_PLAIN}` is listed after `{PROD}` and would replace" in done.err
    line = moved.splitlines().index("  - enc-prod.secret.values.yaml") + 1
    assert check(builders) == (1, [(CLUSTER, line, "registry-order")])


@pytest.mark.slow
def test_a_copy_in_a_shared_file_is_changed_there_and_every_hub_is_named(builders):
    shared = "config/clusters/leap/enc-common.secret.values.yaml"
    builders.encrypt(login(password="old"), shared)
    listed = (
        builders.read(CLUSTER)
        .decode()
        .replace("common.values.yaml", "common.values.yaml\n  - enc-common.secret.values.yaml")
    )
    builders.write({CLUSTER: listed})
    done = set_login(builders, "leap", "prod", *QUAY)
    assert done.code == 0
    assert f"`{shared}` feeds leap/staging, leap/prod" in done.err
    assert builders.decrypt(shared) == login()
    assert not (builders.root / PROD).exists()


@pytest.mark.slow
def test_a_file_of_hubs_of_both_charts_is_refused(builders):
    builders.encrypt({"a": "b"}, PROD)
    builders.write(
        {
            CLUSTER: builders.read(CLUSTER).decode() + "  - enc-prod.secret.values.yaml\n",
            REEF_CLUSTER: builders.read(REEF_CLUSTER).decode() + "  - ../leap/enc-prod.secret.values.yaml\n",
        }
    )
    done = set_login(builders, "leap", "prod", *QUAY)
    assert done.code == 1
    assert "which read different keys" in done.err


@pytest.mark.slow
def test_without_a_key_a_file_that_is_there_cannot_be_changed(builders):
    with_login(builders, "prod")
    builders.commit()
    done = builders.run(
        "secret", "registry", "set", "leap", "prod", *QUAY, stdin="new", env={"SOPS_AGE_KEY_FILE": "/nowhere"}
    )
    assert (done.code, PROD in done.err) == (4, True)
    assert builders.git("status", "--porcelain") == ""
