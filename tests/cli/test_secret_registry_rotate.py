"""`hubctl secret registry rotate`, run as a user runs it, with real sops and age."""

from __future__ import annotations

import pytest

from tests.cli.logins import (
    CANARY,
    CLUSTER,
    GOOGLE,
    KEY_FILE,
    PROD_PLAIN,
    QUAY,
    STAGING,
    building,
    check,
    fleet_with_copies,
    login,
    nobody_says,
    set_login,
    with_login,
)
from tests.secrets.parts import (
    PROD,
    identity,
)


def test_every_copy_in_the_fleet_is_rotated_at_once_and_no_other(builders):
    fleet = fleet_with_copies(builders)
    assert set_login(fleet, "reef", "main", *GOOGLE, password=KEY_FILE).code == 0
    fleet.commit()
    done = fleet.run("secret", "registry", "rotate", *QUAY, "--json", stdin=CANARY)
    assert done.code == 0
    assert done.json == {
        "changes": [
            {"file": file, "path": path}
            for file in (PROD, STAGING)
            for path in (
                "binderhub-service.buildPodsRegistryCredentials.password",
                "binderhub-service.config.DockerRegistry.password",
                "jupyterhub.imagePullSecret.password",
            )
        ]
    }
    nobody_says(done)
    assert "revoke the old password of leap+robot at quay.io" in done.err
    assert [fleet.decrypt(file) for file in (PROD, STAGING)] == [login()] * 2
    assert fleet.git("diff", "--name-only").split() == [PROD, STAGING]
    assert fleet.run("secret", "registry", "rotate", *QUAY, stdin=CANARY).err == "nothing to do\n"
    assert check(fleet) == (0, [])


@pytest.mark.slow
def test_the_same_password_where_nobody_is_named_is_rotated_too(builders):
    with_login(builders, "prod")
    builders.commit()
    plain = builders.read(PROD_PLAIN).decode()
    builders.write({PROD_PLAIN: plain.replace("    DockerRegistry:\n", "    Docker:\n")})
    service = {"buildPodsRegistryCredentials": {"password": "old"}, "config": {"DockerRegistry": {"password": "old"}}}
    other = {"imagePullSecret": {"password": "another"}, "DockerRegistry": {"password": "old", "note": "old"}}
    builders.encrypt({"binderhub-service": service, **other})
    done = builders.run("secret", "registry", "rotate", *QUAY, "--json", stdin=CANARY)
    assert [one["path"] for one in done.json["changes"]] == [
        "DockerRegistry.password",
        "binderhub-service.buildPodsRegistryCredentials.password",
        "binderhub-service.config.DockerRegistry.password",
    ]
    assert builders.decrypt() == {
        "binderhub-service": {
            "buildPodsRegistryCredentials": {"password": CANARY},
            "config": {"DockerRegistry": {"password": CANARY}},
        },
        "imagePullSecret": {"password": "another"},
        "DockerRegistry": {"password": CANARY, "note": "old"},
    }


@pytest.mark.slow
def test_an_encrypted_user_name_is_read_in_memory(fleet):
    fleet.encrypt({"jupyterhub": {"imagePullSecret": {"create": True, "username": "me", "password": "old"}}})
    fleet.write({CLUSTER: fleet.read(CLUSTER).decode() + "  - enc-prod.secret.values.yaml\n"})
    done = fleet.run("secret", "registry", "rotate", "--registry", "docker.io", "--username", "me", stdin=CANARY)
    assert done.code == 0
    assert fleet.decrypt()["jupyterhub"]["imagePullSecret"]["password"] == CANARY


def test_one_file_that_cannot_be_opened_stops_all(builders, engineer, tmp_path):
    fleet = fleet_with_copies(builders)
    other = identity(tmp_path / "other")
    rules = (
        f"creation_rules:\n- path_regex: leap/enc-staging\n  age: {other.recipient}\n"
        f"- path_regex: .*secret.*\n  age: {engineer.recipient}\n"
    )
    fleet.write({".sops.yaml": rules})
    fleet.encrypt(login(password="old"), STAGING)
    fleet.commit()
    done = fleet.run("secret", "registry", "rotate", *QUAY, stdin=CANARY)
    assert (done.code, STAGING in done.err) == (4, True)
    assert fleet.git("status", "--porcelain") == ""
    problems = fleet.run("secret", "registry", "check", "--json")
    assert (problems.code, problems.json["problems"], problems.json["error"]["code"]) == (4, [], "credentials")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--registry", "quay.io", "--username", "leap+robto"), "did you mean `--username leap+robot`"),
        (("--registry", "ghcr.io", "--username", "leap+robot"), "did you mean `--registry quay.io`"),
        (("--registry", "ghcr.io", "--username", "nobody-at-all"), "looked at 3 hubs"),
    ],
)
def test_where_nobody_has_the_login_near_ones_are_named(builders, words, hint):
    fleet = fleet_with_copies(builders)
    done = fleet.run("secret", "registry", "rotate", *words, stdin=CANARY)
    assert done.code == 1
    assert "no encrypted file of a hub has a password of" in done.err
    assert hint in done.err


@pytest.mark.slow
def test_of_several_service_accounts_the_one_of_the_key_file_is_rotated(builders):
    set_login(builders, "reef", "main", *GOOGLE, password=KEY_FILE)
    prefix = building("us-central1-docker.pkg.dev/leap/prod-registry/")
    builders.write({PROD_PLAIN: prefix})
    other = KEY_FILE.replace("a@b", "c@d")
    set_login(builders, "leap", "prod", *GOOGLE, password=other)
    builders.commit()
    assert check(builders) == (0, [])
    newer = other.replace("BEGIN", "AGAIN")
    done = builders.run("secret", "registry", "rotate", *GOOGLE, stdin=newer)
    assert done.code == 0
    assert builders.git("diff", "--name-only").split() == [PROD]
    third = builders.run("secret", "registry", "rotate", *GOOGLE, stdin=KEY_FILE.replace("a@b", "e@f"))
    assert (third.code, "several service accounts" in third.err) == (1, True)
    nobody_says(third, "a@b", "c@d", "e@f", "private_key")
