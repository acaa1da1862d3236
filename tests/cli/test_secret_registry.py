"""`hubctl secret registry`, run as a user runs it, with real sops and age."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.secrets.parts import (
    CLUSTERS,
    DASK_VALUES,
    PROD,
    Fleet,
    Identity,
    fleet_repository,
    identity,
)

CANARY = "canary-7f3a9d"
KEY_FILE = '{\n  "type": "service_account",\n  "private_key": "-----BEGIN\\nx",\n  "client_email": "a@b"\n}\n'
CLUSTER = "config/clusters/leap/cluster.yaml"
PROD_PLAIN = "config/clusters/leap/prod.values.yaml"
STAGING = "config/clusters/leap/enc-staging.secret.values.yaml"
STAGING_PLAIN = "config/clusters/leap/staging.values.yaml"
COMMON = "config/clusters/leap/common.values.yaml"
REEF = "config/clusters/reef/enc-main.secret.values.yaml"
REEF_PLAIN = "config/clusters/reef/main.values.yaml"
REEF_CLUSTER = "config/clusters/reef/cluster.yaml"
QUAY = ("--registry", "quay.io", "--username", "leap+robot")
GOOGLE = ("--registry", "us-central1-docker.pkg.dev", "--username", "_json_key")


SHARED = "config/clusters/leap/enc-common.secret.values.yaml"
NAMED = """\
    DockerRegistry: {url: https://quay.io, username: leap+robot}
  buildPodsRegistryCredentials: {server: https://quay.io, username: leap+robot}
"""


def building(prefix: str, *, below: str = "") -> str:
    lines = (
        "binderhub-service:",
        "  enabled: true",
        "  config:",
        "    BinderHub:",
        f"      image_prefix: {prefix}",
    )
    return "".join(f"{below}{line}\n" for line in lines)


@pytest.fixture
def engineer(tmp_path: Path) -> Identity:
    """The identity that opens the fleet's secrets."""
    return identity(tmp_path / "engineer")


@pytest.fixture
def fleet(tmp_path: Path, engineer: Identity) -> Fleet:
    """A fleet in which no hub builds images."""
    return fleet_repository(tmp_path / "fleet", engineer)


@pytest.fixture
def builders(tmp_path: Path, engineer: Identity) -> Fleet:
    """A fleet in which every hub builds images: two push to quay.io, the one of a wrapper to Artifact Registry."""
    return fleet_repository(
        tmp_path / "fleet",
        engineer,
        files={
            **CLUSTERS,
            PROD_PLAIN: building("quay.io/leap/leap-prod-"),
            STAGING_PLAIN: building("quay.io/leap/leap-staging-"),
            REEF_PLAIN: DASK_VALUES + building("us-central1-docker.pkg.dev/reef/main-registry/", below="  "),
        },
    )


def login(username: str = "leap+robot", password: str = CANARY, registry: str = "quay.io") -> dict[str, object]:
    """The decrypted file of a hub that builds images."""
    return {
        "jupyterhub": {
            "imagePullSecret": {"create": True, "registry": registry, "username": username, "password": password}
        },
        "binderhub-service": {
            "buildPodsRegistryCredentials": {"password": password},
            "config": {"DockerRegistry": {"password": password}},
        },
    }


def set_login(fleet: Fleet, cluster: str, hub: str, *words: str, password: str = CANARY):
    return fleet.run("secret", "registry", "set", cluster, hub, *words, stdin=password)


def check(fleet: Fleet, *words: str, env: dict[str, str] | None = None):
    """The exit code, and where each problem is and of which rule."""
    done = fleet.run("secret", "registry", "check", *words, "--json", env=env)
    return done.code, sorted({(each["file"], each["line"], each["rule"]) for each in done.json["problems"]})


def nobody_says(outcome, *values: str) -> None:
    for value in values or (CANARY,):
        assert value not in outcome.out
        assert value not in outcome.err


# Storing


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


# Rotating


def with_login(fleet: Fleet, hub: str, password: str = CANARY) -> None:
    """Give a hub of leap its login, as `set` does."""
    plain, secret = f"config/clusters/leap/{hub}.values.yaml", f"enc-{hub}.secret.values.yaml"
    said = "    DockerRegistry:\n      url: https://quay.io\n      username: leap+robot\n"
    said += "  buildPodsRegistryCredentials:\n    server: https://quay.io\n    username: leap+robot\n"
    listed = fleet.read(CLUSTER).decode().replace(f"  - {hub}.values.yaml\n", f"  - {hub}.values.yaml\n  - {secret}\n")
    fleet.write({plain: fleet.read(plain).decode() + said, CLUSTER: listed})
    fleet.encrypt(login(password=password), f"config/clusters/leap/{secret}")


def fleet_with_copies(builders: Fleet) -> Fleet:
    for hub in ("prod", "staging"):
        with_login(builders, hub, "old")
    builders.commit()
    return builders


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
def test_the_same_password_where_nobody_is_named_is_rotated_too(fleet_of_one):
    plain = fleet_of_one.read(PROD_PLAIN).decode()
    fleet_of_one.write({PROD_PLAIN: plain.replace("    DockerRegistry:\n", "    Docker:\n")})
    service = {"buildPodsRegistryCredentials": {"password": "old"}, "config": {"DockerRegistry": {"password": "old"}}}
    other = {"imagePullSecret": {"password": "another"}, "DockerRegistry": {"password": "old", "note": "old"}}
    fleet_of_one.encrypt({"binderhub-service": service, **other})
    done = fleet_of_one.run("secret", "registry", "rotate", *QUAY, "--json", stdin=CANARY)
    assert [one["path"] for one in done.json["changes"]] == [
        "DockerRegistry.password",
        "binderhub-service.buildPodsRegistryCredentials.password",
        "binderhub-service.config.DockerRegistry.password",
    ]
    assert fleet_of_one.decrypt() == {
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


# Checking


def test_copies_that_differ_are_told_on_each_with_every_file(builders):
    fleet = fleet_with_copies(builders)
    fleet.encrypt(login(password=CANARY), STAGING)
    done = fleet.run("secret", "registry", "check", "--json")
    assert done.code == 1
    assert {each["file"] for each in done.json["problems"]} == {PROD, STAGING}
    for each in done.json["problems"]:
        assert each["rule"] == "registry-copies"
        assert PROD in each["message"]
        assert STAGING in each["message"]
    nobody_says(done, CANARY, "old")


@pytest.mark.slow
def test_copies_that_differ_within_one_file_are_told(fleet_of_one):
    values = login()
    values["binderhub-service"]["config"]["DockerRegistry"]["password"] = "stale"  # type: ignore[index]  # a mapping
    fleet_of_one.encrypt(values)
    code, found = check(fleet_of_one)
    assert (code, {(file, rule) for file, _, rule in found}) == (1, {(PROD, "registry-copies")})


@pytest.fixture
def fleet_of_one(builders: Fleet) -> Fleet:
    """A fleet in which leap/prod has its login."""
    with_login(builders, "prod")
    builders.commit()
    return builders


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        ("jupyterhub", "imagePullSecret", "password"),
        ("binderhub-service", "buildPodsRegistryCredentials", "password"),
        ("binderhub-service", "config", "DockerRegistry", "password"),
    ],
)
def test_a_user_name_without_password_is_told_on_the_encrypted_file(fleet_of_one, path):
    values = login()
    entries = values
    for key in path[:-1]:
        entries = entries[key]  # type: ignore[assignment]  # mappings all the way
    del entries[path[-1]]
    fleet_of_one.encrypt(values)
    code, found = check(fleet_of_one)
    assert (code, [(file, rule) for file, _, rule in found]) == (1, [(PROD, "registry-password")])
    assert check(fleet_of_one, env={"SOPS_AGE_KEY_FILE": "/nowhere"})[1] == found


@pytest.mark.slow
@pytest.mark.parametrize("value", ["", None, "<set-me>", True, {}])
def test_a_password_that_is_none_is_told(fleet_of_one, value):
    values = login()
    values["binderhub-service"]["config"]["DockerRegistry"]["password"] = value  # type: ignore[index]  # a mapping
    fleet_of_one.encrypt(values)
    code, found = check(fleet_of_one)
    assert code == 1
    assert (PROD, "registry-password") in {(file, rule) for file, _, rule in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "binderhub-service.DockerRegistry.password",
        "binderhub-service.config.buildPodsRegistryCredentials.password",
        "imagePullSecret.password",
        "jupyterhub.singleuser.imagePullSecret.password",
        "basehub.binderhub-service.config.DockerRegistry.password",
    ],
)
def test_a_password_where_nothing_reads_it_is_told_with_its_line(fleet_of_one, path):
    values: dict[str, object] = login()
    entries = values
    *above, last = path.split(".")
    for key in above:
        entries = entries.setdefault(key, {})  # type: ignore[assignment]  # mappings all the way
    entries[last] = CANARY
    data = fleet_of_one.encrypt(values)
    code, found = check(fleet_of_one)
    assert (code, [(file, rule) for file, _, rule in found]) == (1, [(PROD, "registry-place")])
    assert b"password: ENC" in data.splitlines()[found[0][1] - 1]


def test_a_password_without_user_name_is_told(fleet_of_one):
    plain = fleet_of_one.read(PROD_PLAIN).decode()
    fleet_of_one.write({PROD_PLAIN: plain.replace("      username: leap+robot\n", "", 1)})
    code, found = check(fleet_of_one)
    assert (code, [(file, rule) for file, _, rule in found]) == (1, [(PROD, "registry-place")])


@pytest.fixture
def fleet_of_a_shared_file(builders: Fleet) -> Fleet:
    """A fleet in which leap/prod and leap/staging have their login in one encrypted file, before their own files."""
    builders.encrypt(login(), SHARED)
    builders.write(
        {
            CLUSTER: builders.read(CLUSTER)
            .decode()
            .replace("common.values.yaml", "common.values.yaml\n  - enc-common.secret.values.yaml"),
            **{file: builders.read(file).decode() + NAMED for file in (PROD_PLAIN, STAGING_PLAIN)},
        }
    )
    return builders


@pytest.mark.slow
def test_a_password_that_another_hub_uses_with_another_user_is_not_replaced(fleet_of_a_shared_file):
    fleet = fleet_of_a_shared_file
    fleet.commit()
    done = set_login(fleet, "leap", "prod", "--registry", "quay.io", "--username", "leap+other")
    assert (done.code, "leap/staging" in done.err, "leap+robot" in done.err) == (1, True, True)
    assert fleet.git("status", "--porcelain") == ""
    fleet.write({STAGING_PLAIN: "binderhub-service:\n  enabled: false\n"})
    assert set_login(fleet, "leap", "prod", "--registry", "quay.io", "--username", "leap+other").code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "jupyterhub: {}\n",
        "binderhub-service:\n  enabled: false\n",
        building("quay.io/leap/leap-prod-"),
    ],
)
def test_a_password_without_user_name_is_none_where_another_hub_of_the_file_has_one(fleet_of_a_shared_file, text):
    fleet_of_a_shared_file.write({PROD_PLAIN: text})
    assert check(fleet_of_a_shared_file) == (0, [])
    assert check(fleet_of_a_shared_file, "leap", "prod") == (0, [])
    fleet_of_a_shared_file.write({STAGING_PLAIN: building("quay.io/leap/leap-staging-")})
    code, found = check(fleet_of_a_shared_file)
    assert (code, {(file, rule) for file, _, rule in found}) == (1, {(SHARED, "registry-place")})


@pytest.mark.slow
def test_a_missing_password_is_told_on_the_file_with_the_rest_of_the_login(fleet_of_a_shared_file):
    fleet_of_a_shared_file.encrypt({"jupyterhub": {"hub": {"config": {"X": {"key": CANARY}}}}})
    text = fleet_of_a_shared_file.read(CLUSTER).decode()
    fleet_of_a_shared_file.write(
        {CLUSTER: text.replace("- prod.values.yaml", "- prod.values.yaml\n  - enc-prod.secret.values.yaml")}
    )
    values = login()
    del values["jupyterhub"]["imagePullSecret"]["password"]  # type: ignore[attr-defined]  # a mapping
    fleet_of_a_shared_file.encrypt(values, SHARED)
    assert check(fleet_of_a_shared_file) == (1, [(SHARED, 2, "registry-password")])


@pytest.mark.slow
def test_an_unlisted_file_is_told_on_cluster_yaml(fleet_of_one):
    text = fleet_of_one.read(CLUSTER).decode().replace("  - enc-prod.secret.values.yaml\n", "")
    fleet_of_one.write({CLUSTER: text})
    code, found = check(fleet_of_one)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith("- name: prod"))
    assert (code, found) == (1, [(CLUSTER, line, "registry-unlisted")])
    assert check(fleet_of_one, "leap", "prod") == (1, found)
    assert check(fleet_of_one, "leap", "staging") == (0, [])


@pytest.mark.slow
def test_an_unlisted_file_of_no_hub_is_told_at_the_top_of_cluster_yaml(fleet_of_one):
    fleet_of_one.encrypt(login(), "config/clusters/leap/enc-robot.secret.values.yaml")
    fleet_of_one.encrypt({"a": "b"}, "config/clusters/leap/enc-other.secret.values.yaml")
    assert check(fleet_of_one) == (1, [(CLUSTER, 1, "registry-unlisted")])
    assert check(fleet_of_one, "leap", "prod") == (1, [(CLUSTER, 1, "registry-unlisted")])
    assert check(fleet_of_one, "reef") == (0, [])
    rotated = fleet_of_one.run("secret", "registry", "rotate", *QUAY, stdin="new")
    assert "note: not looked into, for no hub lists it: `config/clusters/leap/enc-robot" in rotated.err


@pytest.mark.slow
def test_a_hub_of_an_unknown_chart_is_told_and_stops_a_rotation(fleet_of_one):
    text = fleet_of_one.read(CLUSTER).decode()
    fleet_of_one.write({CLUSTER: text[::-1].replace("basehub"[::-1], "otherhub"[::-1], 1)[::-1]})
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith("- name: prod"))
    assert check(fleet_of_one) == (1, [(CLUSTER, line, "registry-chart")])
    for words in (("set", "leap", "prod"), ("rotate",)):
        done = fleet_of_one.run("secret", "registry", *words, *QUAY, stdin="new")
        assert (done.code, "nobody knows how the chart `otherhub`" in done.err) == (1, True)


@pytest.mark.slow
def test_what_cannot_be_read_stops_a_rotation_and_is_told(fleet_of_one):
    fleet_of_one.write({STAGING_PLAIN: "a: [\n"})
    code, found = check(fleet_of_one)
    assert (code, [(file, rule) for file, _, rule in found]) == (1, [(STAGING_PLAIN, "unreadable")])
    done = fleet_of_one.run("secret", "registry", "rotate", *QUAY, stdin="new")
    assert (done.code, STAGING_PLAIN in done.err) == (1, True)
    assert fleet_of_one.decrypt() == login()


@pytest.mark.slow
def test_a_listed_file_that_is_not_there_stops_a_rotation_and_is_told(fleet_of_one):
    text = fleet_of_one.read(CLUSTER).decode()
    fleet_of_one.write({CLUSTER: text + "  - enc-late.secret.values.yaml\n"})
    done = fleet_of_one.run("secret", "registry", "rotate", *QUAY, stdin="new")
    assert (done.code, "enc-late.secret.values.yaml` is listed for `leap/prod` and not there" in done.err) == (1, True)
    (fleet_of_one.root / PROD).unlink()
    fleet_of_one.write({CLUSTER: text})
    code, found = check(fleet_of_one)
    assert (code, {(file, rule) for file, _, rule in found}) == (1, {(PROD, "registry-password")})


@pytest.mark.slow
def test_one_copy_of_two_users_is_not_rotated(builders):
    shared = "config/clusters/leap/enc-common.secret.values.yaml"
    builders.encrypt({"binderhub-service": {"config": {"DockerRegistry": {"password": CANARY}}}}, shared)
    said = "    DockerRegistry: {url: https://quay.io, username: leap+%s}\n"
    builders.write(
        {
            CLUSTER: builders.read(CLUSTER)
            .decode()
            .replace("common.values.yaml", "common.values.yaml\n  - enc-common.secret.values.yaml"),
            PROD_PLAIN: builders.read(PROD_PLAIN).decode() + said % "robot",
            STAGING_PLAIN: builders.read(STAGING_PLAIN).decode() + said % "other",
        }
    )
    done = builders.run("secret", "registry", "rotate", *QUAY, stdin="new")
    assert (done.code, f"`{shared}` gives one password to hubs with different logins" in done.err) == (1, True)


@pytest.mark.slow
def test_a_login_in_a_docker_config_is_left_and_named(fleet_of_one):
    values = login()
    values["binderhub-service"]["buildPodsDockerConfig"] = {"auths": {"https://quay.io": {"auth": CANARY}}}  # type: ignore[index]  # a mapping
    fleet_of_one.encrypt(values)
    done = fleet_of_one.run("secret", "registry", "rotate", *QUAY, stdin="new")
    assert done.code == 0
    assert f"note: `{PROD}` has a login in `buildPodsDockerConfig`, too" in done.err


@pytest.mark.slow
def test_without_sops_what_needs_no_key_is_told(fleet_of_one, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(shutil.which("git"))
    fleet_of_one.write({STAGING_PLAIN: f"jupyterhub:\n  imagePullSecret:\n    password: {CANARY}\n"})
    done = fleet_of_one.run("secret", "registry", "check", "--json", env={"PATH": str(tmp_path / "bin")})
    assert (done.code, done.json["error"]["code"]) == (1, "tool-missing")
    assert [each["file"] for each in done.json["problems"]] == [STAGING_PLAIN]


def test_an_encrypted_file_before_the_plain_one_is_told_with_its_line(fleet_of_one):
    text = fleet_of_one.read(CLUSTER).decode().replace("  - enc-prod.secret.values.yaml\n", "")
    moved = text.replace("  - prod.values.yaml\n", "  - enc-prod.secret.values.yaml\n  - prod.values.yaml\n")
    fleet_of_one.write({CLUSTER: moved})
    line = moved.splitlines().index("  - enc-prod.secret.values.yaml") + 1
    assert check(fleet_of_one) == (1, [(CLUSTER, line, "registry-order")])
    assert check(fleet_of_one, env={"SOPS_AGE_KEY_FILE": "/nowhere"}) == (4, [(CLUSTER, line, "registry-order")])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"jupyterhub:\n  imagePullSecret:\n    password: {CANARY}\n", 3),
        (f"binderhub-service:\n  buildPodsDockerConfig:\n    auths:\n      quay.io:\n        auth: {CANARY}\n", 5),
        (f"binderhub-service:\n  extraCredentials:\n    googleServiceAccountKey: |\n      {CANARY}\n", 3),
        (f"binderhub-service:\n  config:\n    GitHubRepoProvider:\n      client_secret: {CANARY}\n", 4),
        ("jupyterhub:\n  imagePullSecret:\n    password: <set-in-encrypted-values>\n", None),
    ],
)
def test_clear_text_is_told_on_the_plain_file(fleet, text, found):
    fleet.write({COMMON: text})
    done = fleet.run("secret", "registry", "check", "--json")
    told = [(each["file"], each["line"], each["rule"]) for each in done.json["problems"]]
    assert (done.code, told) == ((0, []) if found is None else (1, [(COMMON, found, "registry-clear")]))
    nobody_says(done)


@pytest.mark.slow
def test_clear_text_after_an_encrypted_file_is_no_matter_of_their_order(fleet_of_a_shared_file):
    text = fleet_of_a_shared_file.read(PROD_PLAIN).decode()
    fleet_of_a_shared_file.write({PROD_PLAIN: f"{text}jupyterhub:\n  imagePullSecret:\n    password: {CANARY}\n"})
    line = len(text.splitlines()) + 3
    assert check(fleet_of_a_shared_file) == (1, [(PROD_PLAIN, line, "registry-clear")])


@pytest.mark.slow
def test_a_shared_common_file_may_come_before_a_hubs_own_plain_file(fleet_of_a_shared_file):
    assert check(fleet_of_a_shared_file) == (0, [])
    assert check(fleet_of_a_shared_file, "leap", "prod") == (0, [])


@pytest.mark.slow
def test_a_file_that_is_not_wholly_encrypted_is_not_opened(fleet_of_one):
    fleet_of_one.write({PROD: fleet_of_one.read(PROD) + f"clear: {CANARY}\n".encode()})
    done = fleet_of_one.run("secret", "registry", "check", "--json")
    assert (done.code, {each["rule"] for each in done.json["problems"]}) == (1, {"clear-value"})
    nobody_says(done)


@pytest.mark.slow
def test_a_selection_looks_at_its_own_files_alone(fleet_of_one):
    fleet_of_one.write({STAGING_PLAIN: f"jupyterhub:\n  imagePullSecret:\n    password: {CANARY}\n"})
    assert check(fleet_of_one, "leap", "prod") == (0, [])
    assert check(fleet_of_one, "reef") == (0, [])
    assert check(fleet_of_one, "leap") == (1, [(STAGING_PLAIN, 3, "registry-clear")])
    assert fleet_of_one.run("secret", "registry", "check", "nowhere").code == 1


def test_the_check_is_told_in_lines_with_where_to_read_more(fleet):
    fleet.write({COMMON: f"jupyterhub:\n  imagePullSecret:\n    password: {CANARY}\n"})
    done = fleet.run("secret", "registry", "check")
    assert done.code == 1
    assert done.out.startswith(f"{COMMON}:3: registry-clear: a secret in a plain file, at `jupyterhub.imagePullSecret")
    assert "1 problem in" in done.err
    assert "docs/registry-credentials.md#registry-clear" in done.err
