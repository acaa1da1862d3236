"""What a login to a registry may be, where it belongs, and whose a copy is: without sops and without a key."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import HubctlError, UnsafeEdit, UsageError
from hubctl.fleet.read import read_fleet
from hubctl.fleet.values import values_of
from hubctl.secret import Secret
from hubctl.secrets.registry_checks import clear_paths, is_secret_text
from hubctl.secrets.registry_copies import copies_of, equal, files_to_open
from hubctl.secrets.registry_hubs import HubReader, RegistryHub
from hubctl.secrets.registry_logins import (
    LOOK,
    PULL,
    PUSH,
    Account,
    Login,
    address_for,
    host_of_address,
    host_of_prefix,
    needs_pull_secret,
    password_advice,
    refuse_wrong_password,
    robot_advice,
    same_address,
    typed_account,
)
from hubctl.secrets.registry_places import RegistryPlaces, places_for, refuse_wrong_order
from hubctl.secrets.registry_plain import with_values
from hubctl.text.quoting import House
from tests.fleet.trees import CHARTS, cluster, hub, tree

CANARY = "canary-Tr0ub4dor"
KEY_FILE = json.dumps({"type": "service_account", "private_key": "-----BEGIN…", "client_email": "a@b"})
FOLDER = "config/clusters/leap"
QUAY = Account("quay.io", "leap+robot")
SERVICE = {"enabled": True, "config": {"BinderHub": {"image_prefix": "quay.io/leap/leap-prod-"}}}


def hubs_of(root: Path, files: Mapping[str, object], *hubs: str) -> tuple[RegistryHub, ...]:
    """The hubs of one cluster; a file is a mapping of values, or text."""
    texts = {f"{FOLDER}/{name}": text if isinstance(text, str) else json.dumps(text) for name, text in files.items()}
    found = tree(root, {**CHARTS, f"{FOLDER}/cluster.yaml": cluster("leap", *hubs), **texts})
    return HubReader(found, read_fleet(found)).hubs()


def prod(root: Path, files: Mapping[str, object], *listed: str, chart: str = "basehub") -> RegistryHub:
    return hubs_of(root, files, hub("prod", *(listed or files), chart=chart))[0]


def places(found: RegistryHub, account: Account = QUAY) -> RegistryPlaces:
    return places_for(found, account)


def sealed(*paths: str) -> dict[str, object]:
    """Values as sops leaves them readable: the keys of these paths."""
    root: dict[str, object] = {"sops": {}}
    for path in paths:
        *above, last = path.split(".")
        entries = root
        for key in above:
            entries = entries.setdefault(key, {})  # type: ignore[assignment]  # mappings all the way
        entries[last] = "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]"
    return root


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("quay.io", "quay.io"),
        ("Quay.IO", "quay.io"),
        ("https://quay.io", "quay.io"),
        ("HTTPS://quay.io/", "quay.io"),
        (" ghcr.io ", "ghcr.io"),
        ("registry.example.org:5000", "registry.example.org:5000"),
        ("docker.io", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("https://registry-1.docker.io", "docker.io"),
        ("us-central1-docker.pkg.dev", "us-central1-docker.pkg.dev"),
    ],
)
def test_a_registry_is_one_host_however_it_is_typed(typed, host):
    assert typed_account(typed, "u") == Account(host, "u")


@pytest.mark.parametrize(
    "typed",
    ["", " ", "*", "http://quay.io", "ftp://quay.io", "quay.io/org", "https://quay.io/v2/x", "u:p@quay.io", "quay.io:",
     "quay.io:port", "quay io", "-quay.io", "https://", "quay.io?x", "квай.io"],
)  # fmt: skip
def test_what_is_no_registry_host_is_refused(typed):
    with pytest.raises(UsageError):
        typed_account(typed, "u")


@pytest.mark.parametrize("name", ["leap+robot", "_json_key", "$oauthtoken", "user@example.org", "AWS", "a.b-c_d", "é"])
def test_a_user_name_is_taken_as_it_is(name):
    assert typed_account("ghcr.io", name).username == name


@pytest.mark.parametrize("name", ["", "a b", "a\tb", "a\n", "a\x00", "a\x1b[1m", "a:b", "a\u202eb", "x" * 256])
def test_what_is_no_user_name_is_refused(name):
    with pytest.raises(UsageError) as refused:
        typed_account("quay.io", name)
    assert refused.value.message.isprintable()


@pytest.mark.parametrize("name", ["+robot", "org+", "org+a+b", "Org+robot", "org+rob ot"])
def test_a_name_with_a_plus_is_a_robot_of_quay_or_refused(name):
    with pytest.raises(UsageError):
        robot_advice(Account("quay.io", name))


def test_a_user_of_quay_who_is_no_robot_is_told():
    assert robot_advice(Account("quay.io", "yuvi")) == (
        "`yuvi` is no robot of quay.io: those are called `ORGANISATION+NAME`"
    )
    told = [robot_advice(one) for one in (QUAY, Account("quay.io", "$oauthtoken"), Account("ghcr.io", "yuvi"))]
    assert told == [None, None, None]


@pytest.mark.parametrize(
    "text",
    [
        KEY_FILE,
        KEY_FILE + "\n",
        json.dumps(json.loads(KEY_FILE), indent=2),
        '{"private_key": "-----BEGIN…"}',
        '{"type": "service_account"}',
    ],
)
def test_the_password_of_json_key_is_a_key_file(text):
    refuse_wrong_password(Account("us-docker.pkg.dev", "_json_key"), Secret(text))
    encoded = base64.encodebytes(text.encode()).decode()
    refuse_wrong_password(Account("us-docker.pkg.dev", "_json_key_base64"), Secret(encoded))


@pytest.mark.parametrize(
    "text",
    [CANARY, f'"{CANARY}"', f'["{CANARY}"]', f'{{"a": "{CANARY}"}}', f'{{"private_key": ["{CANARY}"]}}', "[" * 9999],
)
@pytest.mark.parametrize("name", ["_json_key", "_json_key_base64"])
def test_another_password_of_json_key_is_refused_without_a_word_of_it(name, text):
    with pytest.raises(HubctlError) as refused:
        refuse_wrong_password(Account("us-docker.pkg.dev", name), Secret(text))
    error = refused.value
    assert error.code == "not-a-key-file"
    assert CANARY not in repr((error.message, error.hint, error.__context__, error.__cause__))


def test_a_line_end_in_a_password_is_told_and_not_in_a_key_file():
    given = [(QUAY, "a"), (QUAY, "a\n"), (Account("us-docker.pkg.dev", "_json_key"), KEY_FILE + "\n")]
    assert [password_advice(account, Secret(text)) is None for account, text in given] == [True, False, True]


def test_the_password_of_anybody_else_is_any_text():
    refuse_wrong_password(QUAY, Secret("{"))


@pytest.mark.parametrize(
    ("registry", "pull", "push", "look"),
    [
        ("quay.io", "quay.io", "https://quay.io", "https://quay.io"),
        ("ghcr.io", "ghcr.io", "https://ghcr.io", "https://ghcr.io"),
        ("r.example.org:5000", "r.example.org:5000", "https://r.example.org:5000", "https://r.example.org:5000"),
        ("docker.io", "https://index.docker.io/v1/", "https://index.docker.io/v1/", "https://registry-1.docker.io"),
    ],
)
def test_each_reader_gets_the_address_that_it_understands(registry, pull, push, look):
    assert [address_for(login, registry) for login in (PULL, PUSH, LOOK)] == [pull, push, look]
    assert [same_address(login, address_for(login, registry), registry) for login in (PULL, PUSH, LOOK)] == [True] * 3


@pytest.mark.parametrize(
    ("login", "written", "same"),
    [
        (LOOK, "https://quay.io/", True),
        (LOOK, "quay.io", False),
        (LOOK, "http://quay.io", False),
        (LOOK, "https://ghcr.io", False),
        (LOOK, None, False),
        (LOOK, 7, False),
        (PULL, "https://quay.io", True),
        (PULL, "quay.io", True),
        (PUSH, "https://quay.io/v2", False),
    ],
)
def test_an_address_may_be_spelled_otherwise_only_where_readers_agree(login: Login, written, same):
    assert same_address(login, written, "quay.io") is same


@pytest.mark.parametrize(
    ("prefix", "host"),
    [
        ("quay.io/org/leap-", "quay.io"),
        ("us-central1-docker.pkg.dev/p/r/", "us-central1-docker.pkg.dev"),
        ("myorg/leap-", "docker.io"),
        ("docker.io/myorg/leap-", "docker.io"),
        ("index.docker.io/myorg/leap-", "docker.io"),
        ("localhost/x", "localhost"),
        ("localhost:5000/x", "localhost:5000"),
        ("https://quay.io/x", "quay.io"),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_the_registry_of_an_image_prefix(prefix, host):
    assert host_of_prefix(prefix) == host


@given(st.text(max_size=40))
def test_no_address_breaks_the_reading_of_its_host(text):
    assert isinstance(host_of_address(text), str)
    assert isinstance(host_of_prefix(text), str)


def test_artifact_registry_alone_needs_no_pull_secret():
    hosts = ["us-central1-docker.pkg.dev", "europe-docker.pkg.dev", "quay.io", "ghcr.io", "docker.io", "pkg.dev"]
    assert [host for host in hosts if not needs_pull_secret(host)] == hosts[:2]


# Where it belongs


def test_a_hub_that_builds_on_quay_needs_all_three(tmp_path):
    found = places(prod(tmp_path, {"prod.values.yaml": {"binderhub-service": SERVICE}}))
    assert found.switches == (("jupyterhub", "imagePullSecret", "create"),)
    assert dict(found.texts) == {
        ("jupyterhub", "imagePullSecret", "registry"): "quay.io",
        ("jupyterhub", "imagePullSecret", "username"): "leap+robot",
    }
    assert found.passwords == tuple((*login.level, "password") for login in (PULL, PUSH, LOOK))
    assert [(one.file, ".".join(one.path), one.value) for one in found.plain] == [
        (f"{FOLDER}/prod.values.yaml", "binderhub-service.buildPodsRegistryCredentials.server", "https://quay.io"),
        (f"{FOLDER}/prod.values.yaml", "binderhub-service.buildPodsRegistryCredentials.username", "leap+robot"),
        (f"{FOLDER}/prod.values.yaml", "binderhub-service.config.DockerRegistry.url", "https://quay.io"),
        (f"{FOLDER}/prod.values.yaml", "binderhub-service.config.DockerRegistry.username", "leap+robot"),
    ]


def test_a_hub_of_a_wrapper_has_its_plain_values_below_the_prefix(tmp_path):
    found = prod(tmp_path, {"prod.values.yaml": {"basehub": {"binderhub-service": SERVICE}}}, chart="daskhub")
    assert {one.path[0] for one in places(found).plain} == {"basehub"}


def test_on_artifact_registry_no_pull_secret_is_made(tmp_path):
    service = {"enabled": True, "config": {"BinderHub": {"image_prefix": "us-docker.pkg.dev/p/x-registry/"}}}
    found = prod(tmp_path, {"prod.values.yaml": {"binderhub-service": service}})
    assert places(found, Account("us-docker.pkg.dev", "_json_key")).logins == (PUSH, LOOK)


def test_a_hub_that_builds_nothing_needs_the_pull_secret_alone(tmp_path):
    found = places(prod(tmp_path, {"prod.values.yaml": {}}))
    assert (found.logins, found.plain) == ((PULL,), ())


@pytest.mark.parametrize(
    ("said", "count"),
    [({"enabled": True}, 3), ({}, 3), ({"enabled": False}, 1), ({"enabled": "yes"}, 3)],
)
def test_a_hub_with_an_image_prefix_builds_unless_its_service_is_off(tmp_path, said, count):
    service = {"config": SERVICE["config"], **said}
    assert len(places(prod(tmp_path, {"prod.values.yaml": {"binderhub-service": service}})).logins) == count


def test_a_hub_that_pushes_nothing_needs_the_pull_secret_alone(tmp_path):
    binderhub = {**SERVICE["config"]["BinderHub"], "use_registry": False}
    service = {**SERVICE, "config": {"BinderHub": binderhub}}
    assert places(prod(tmp_path, {"prod.values.yaml": {"binderhub-service": service}})).logins == (PULL,)


def test_a_hub_that_needs_nothing_is_refused_with_the_reason(tmp_path):
    found = prod(tmp_path, {"prod.values.yaml": {}})
    with pytest.raises(HubctlError, match="builds no images, and nodes log in") as refused:
        places(found, Account("us-docker.pkg.dev", "_json_key"))
    assert refused.value.code == "needs-none"


def test_another_registry_than_that_of_the_image_prefix_is_refused_with_both(tmp_path):
    found = prod(tmp_path, {"prod.values.yaml": {"binderhub-service": SERVICE}})
    with pytest.raises(HubctlError, match=r"`leap/prod` pushes its images to `quay\.io`, not to `ghcr\.io`") as refused:
        places(found, Account("ghcr.io", "u"))
    assert refused.value.code == "other-registry"


def test_a_password_in_clear_is_refused_without_a_word_of_it(tmp_path):
    service = {**SERVICE, "buildPodsRegistryCredentials": {"password": CANARY}}
    found = prod(tmp_path, {"prod.values.yaml": {"binderhub-service": service}})
    with pytest.raises(HubctlError, match=r"buildPodsRegistryCredentials\.password") as refused:
        places(found)
    assert refused.value.code == "secret-in-clear"
    assert CANARY not in f"{refused.value.message} {refused.value.hint}"


def test_what_stands_already_is_left_alone(tmp_path):
    said = {
        "buildPodsRegistryCredentials": {"server": "https://quay.io/", "username": "leap+robot"},
        "config": {**SERVICE["config"], "DockerRegistry": {"url": "https://quay.io", "username": "leap+robot"}},
    }
    found = prod(tmp_path, {"prod.values.yaml": {"binderhub-service": {**SERVICE, **said}}})
    assert places(found).plain == ()


def test_a_shared_file_is_left_alone_and_the_hubs_own_says_it_after(tmp_path):
    common = {"binderhub-service": {**SERVICE, "buildPodsRegistryCredentials": {"username": "leap+other"}}}
    files = {"common.values.yaml": common, "prod.values.yaml": {}, "staging.values.yaml": {}}
    both = [hub(name, "common.values.yaml", f"{name}.values.yaml") for name in ("staging", "prod")]
    found = hubs_of(tmp_path, files, *both)[1]
    assert {one.file for one in places(found).plain} == {f"{FOLDER}/prod.values.yaml"}


def test_a_hub_without_a_plain_file_of_its_own_is_refused(tmp_path):
    both = [hub(name, "common.values.yaml") for name in ("staging", "prod")]
    found = hubs_of(tmp_path, {"common.values.yaml": {"binderhub-service": SERVICE}}, *both)[1]
    with pytest.raises(HubctlError, match="no plain values file of `leap/prod` alone") as refused:
        places(found)
    assert refused.value.code == "no-plain-file"


def test_a_shared_file_that_comes_last_and_says_otherwise_is_named(tmp_path):
    common = {"binderhub-service": {**SERVICE, "buildPodsRegistryCredentials": {"username": "leap+other"}}}
    files = {"common.values.yaml": common, "prod.values.yaml": {}}
    found = hubs_of(
        tmp_path, files, hub("staging", "common.values.yaml"), hub("prod", "prod.values.yaml", "common.values.yaml")
    )[1]
    with pytest.raises(HubctlError, match=r"`config/clusters/leap/common\.values\.yaml`, which feeds others too"):
        places(found)


def test_a_user_name_that_is_encrypted_stays_so(tmp_path):
    files = {
        "prod.values.yaml": {"binderhub-service": SERVICE},
        "enc-prod.secret.values.yaml": sealed("binderhub-service.config.DockerRegistry.username"),
    }
    found = places(prod(tmp_path, files))
    assert found.texts[*LOOK.level, "username"] == "leap+robot"
    assert (*LOOK.level, "username") not in {one.path for one in found.plain}


PLACEHOLDER = {"binderhub-service": {**SERVICE, "config": {**SERVICE["config"], "DockerRegistry": {"password": "<x>"}}}}


def refusal_of_order(found: RegistryHub, file: str) -> HubctlError | None:
    try:
        refuse_wrong_order(found, places(found), {(*LOOK.level, "password"): file})
    except HubctlError as error:
        return error
    return None


def test_an_encrypted_file_comes_after_the_plain_one_with_a_placeholder(tmp_path):
    secret = "enc-prod.secret.values.yaml"
    files = {"prod.values.yaml": PLACEHOLDER, secret: sealed("a.b")}
    right = prod(tmp_path / "a", files, "prod.values.yaml", secret)
    wrong = prod(tmp_path / "b", files, secret, "prod.values.yaml")
    assert refusal_of_order(right, f"{FOLDER}/{secret}") is None
    refused = refusal_of_order(wrong, f"{FOLDER}/{secret}")
    assert (refused.code, refused.hint) == (
        "wrong-order",
        f"list the encrypted file after it in `{FOLDER}/cluster.yaml`",
    )


def test_a_new_file_that_would_come_before_a_placeholder_is_refused(tmp_path):
    files = {"prod.values.yaml": {"binderhub-service": SERVICE}, "late.values.yaml": PLACEHOLDER}
    late = prod(tmp_path / "a", files, "prod.values.yaml", "late.values.yaml")
    soon = prod(tmp_path / "b", files, "late.values.yaml", "prod.values.yaml")
    new = f"{FOLDER}/enc-prod.secret.values.yaml"
    assert [getattr(refusal_of_order(one, new), "code", None) for one in (late, soon)] == ["wrong-order", None]


# Plain bytes

ALIASED = """\
jupyterhub:
  imagePullSecret:
    registry: &url https://quay.io   # the robot's home
    username: &username leap+old
    password: &none <set-in-encrypted-values>
binderhub-service:
  enabled: true
  config:
    BinderHub: {image_prefix: quay.io/leap/leap-prod-}
    DockerRegistry:
      url: *url
      username: *username
      password: *none
  buildPodsRegistryCredentials:
    server: *url
    username: *username
"""


def rewritten(root: Path, text: str) -> str:
    found = prod(root, {"prod.values.yaml": text})
    wanted = places(found)
    return with_values(text.encode(), wanted.plain, wanted, (), House()).decode()


def test_an_anchor_that_the_whole_login_shares_is_set_once(tmp_path):
    assert rewritten(tmp_path, ALIASED) == ALIASED.replace("leap+old", "leap+robot")


def test_an_anchor_that_something_else_shares_is_refused(tmp_path):
    with pytest.raises(UnsafeEdit, match=r"`binderhub-service\.buildPodsRegistryCredentials\.username` shares its"):
        rewritten(tmp_path, ALIASED + "owner: *username\n")


def test_keys_are_set_where_they_are_and_inserted_where_they_are_not(tmp_path):
    text = (
        "# ours\nbinderhub-service:\n  enabled: true\n  config:\n    BinderHub:\n      image_prefix: quay.io/l/p-\n"
        "    DockerRegistry:\n      username: 'leap+old' # who\n"
    )
    assert rewritten(tmp_path, text) == (
        "# ours\nbinderhub-service:\n  enabled: true\n  config:\n    BinderHub:\n      image_prefix: quay.io/l/p-\n"
        "    DockerRegistry:\n      username: 'leap+robot' # who\n      url: https://quay.io\n"
        "  buildPodsRegistryCredentials:\n    server: https://quay.io\n    username: leap+robot\n"
    )


# Copies


def opened(path: str, value: str) -> dict[tuple[str | int, ...], Secret]:
    return {tuple(path.split(".")): Secret(value)}


def test_a_copy_is_of_whom_the_plain_files_of_its_hub_name(tmp_path):
    path = "basehub.binderhub-service.config.DockerRegistry.password"
    files = {
        "prod.values.yaml": {
            "basehub": {
                "binderhub-service": {"config": {"DockerRegistry": {"url": "https://Quay.io", "username": "r"}}}
            }
        },
        "enc-prod.secret.values.yaml": sealed(path),
    }
    found = prod(tmp_path, files, chart="daskhub")
    file = f"{FOLDER}/enc-prod.secret.values.yaml"
    (copy,) = copies_of([found], {file: opened(path, CANARY)})
    assert (copy.file, copy.path, copy.account, copy.hubs) == (
        file,
        tuple(path.split(".")),
        Account("quay.io", "r"),
        ("leap/prod",),
    )
    assert CANARY not in repr(copy)


def test_a_pull_secret_without_a_registry_is_one_of_docker_hub(tmp_path):
    level = "jupyterhub.imagePullSecret"
    found = prod(tmp_path, {"enc-prod.secret.values.yaml": sealed(f"{level}.password", f"{level}.username")})
    values = opened(f"{level}.password", CANARY) | opened(f"{level}.username", "me")
    (copy,) = copies_of([found], {f"{FOLDER}/enc-prod.secret.values.yaml": values})
    assert (copy.account, copy.public) == (Account("docker.io", "me"), False)


def test_files_of_others_are_not_opened_and_those_that_hide_a_name_are(tmp_path):
    look = "binderhub-service.config.DockerRegistry"
    pull = "jupyterhub.imagePullSecret"
    files = {
        "a.values.yaml": {
            "binderhub-service": {"config": {"DockerRegistry": {"url": "https://quay.io", "username": "x"}}}
        },
        "enc-a.secret.values.yaml": sealed(f"{look}.password"),
        "enc-b.secret.values.yaml": sealed(f"{pull}.password", f"{pull}.username"),
        "enc-c.secret.values.yaml": sealed("jupyterhub.other"),
    }
    found = hubs_of(
        tmp_path,
        files,
        hub("a", "a.values.yaml", "enc-a.secret.values.yaml"),
        hub("b", "enc-b.secret.values.yaml"),
        hub("c", "enc-c.secret.values.yaml"),
    )
    b = f"{FOLDER}/enc-b.secret.values.yaml"
    assert files_to_open(found, Account("quay.io", "x")) == (f"{FOLDER}/enc-a.secret.values.yaml", b)
    assert files_to_open(found, Account("quay.io", "y")) == (b,)


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_secrets_are_equal_as_their_texts_are(one, other):
    assert equal(Secret(one), Secret(other)) is (one == other)


# In clear


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (CANARY, True),
        ("<half", True),
        ("$ecret", True),
        (12345, True),
        ("<set-in-encrypted-values>", False),
        (" <x> ", False),
        ("{{ .Values.x }}", False),
        ("${VAR}", False),
        ("ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]", False),
        ("", False),
        ("  ", False),
        (None, False),
        (True, False),
        ([], False),
    ],
)
def test_a_placeholder_is_no_secret(value, secret):
    assert is_secret_text(value) is secret


@pytest.mark.parametrize(
    "path",
    [
        "jupyterhub.imagePullSecret.password",
        "basehub.jupyterhub.imagePullSecret.password",
        "binderhub-service.buildPodsRegistryCredentials.password",
        "binderhub-service.config.DockerRegistry.password",
        "binderhub-service.DockerRegistry.password",
        "binderhub-service.buildPodsDockerConfig.auths.https://quay\\.io.auth",
        "binderhub-service.buildPodsDockerConfig.auths.x.password",
        "binderhub-service.extraCredentials.googleServiceAccountKey",
        "binderhub-service.config.GitHubRepoProvider.client_secret",
    ],
)
def test_every_registry_secret_is_seen_in_clear(path):
    keys = [key.replace("\0", ".") for key in path.replace("\\.", "\0").split(".")]
    value: object = CANARY
    for key in reversed(keys):
        value = {key: value}
    assert list(clear_paths(values_of(json.dumps(value).encode(), "x").root)) == [tuple(keys)]


@pytest.mark.parametrize(
    "path",
    [
        "jupyterhub.imagePullSecret.username",
        "jupyterhub.imagePullSecret.registry",
        "binderhub-service.config.DockerRegistry.url",
        "binderhub-service.config.GitHubRepoProvider.client_id",
        "jupyterhub.custom.password",
    ],
)
def test_what_is_no_registry_secret_may_stand_in_clear(path):
    value: object = "x"
    for key in reversed(path.split(".")):
        value = {key: value}
    assert list(clear_paths(values_of(json.dumps(value).encode(), "x").root)) == []
