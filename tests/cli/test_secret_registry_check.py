"""`hubctl secret registry check`, run as a user runs it, with real sops and age."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.logins import (
    CANARY,
    CLUSTER,
    COMMON,
    NAMED,
    PROD_PLAIN,
    QUAY,
    SHARED,
    STAGING,
    STAGING_PLAIN,
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
    Fleet,
)


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
