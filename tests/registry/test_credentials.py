from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.registry.auth_files import auth_files
from hubctl.registry.credential_helper import Programs
from hubctl.registry.credentials import Found, find_login
from hubctl.settings import RegistryEntry


def entry(username: str, password: str = "canary") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def look(
    environment: dict[str, str], host: str = "quay.io", name: str = "a/b", own: RegistryEntry | None = None
) -> Found:
    programs = Programs(environment, (), None)
    return find_login(host, name, own or RegistryEntry(), environment, auth_files(environment), ask=programs.ask)


def shown(found: Found) -> tuple[str, str] | None:
    if found.login is None or found.login.password is None:
        return None
    return found.login.username, found.login.password.reveal()


@pytest.fixture
def homes(tmp_path: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path / "home"),
        "REGISTRY_AUTH_FILE": str(tmp_path / "named.json"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "XDG_CONFIG_HOME": str(tmp_path / "xdg"),
        "DOCKER_CONFIG": str(tmp_path / "docker"),
    }


def write(path: str | Path, data: object) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(data if isinstance(data, str) else json.dumps(data))


def test_sources_come_in_their_order(homes: dict[str, str]) -> None:
    places = [
        Path(homes["REGISTRY_AUTH_FILE"]),
        Path(homes["XDG_RUNTIME_DIR"], "containers", "auth.json"),
        Path(homes["XDG_CONFIG_HOME"], "containers", "auth.json"),
        Path(homes["DOCKER_CONFIG"], "config.json"),
    ]
    for number, place in enumerate(places):
        write(place, {"auths": {"quay.io": entry(f"user{number}")}})
    settings = RegistryEntry(username_env="U", password_env="P")
    environment = homes | {"U": "own", "P": "word"}
    assert shown(look(environment, own=settings)) == ("own", "word")
    for number, place in enumerate(places):
        assert shown(look(homes)) == (f"user{number}", "canary")
        place.write_text("{}")
    assert look(homes) == Found()


def test_home_stands_in_for_the_folders_that_are_not_named(tmp_path: Path) -> None:
    write(tmp_path / ".config" / "containers" / "auth.json", {"auths": {"quay.io": entry("podman")}})
    write(tmp_path / ".docker" / "config.json", {"auths": {"ghcr.io": entry("docker")}})
    environment = {"HOME": str(tmp_path)}
    assert shown(look(environment)) == ("podman", "canary")
    assert shown(look(environment, "ghcr.io")) == ("docker", "canary")
    assert look({}) == Found()


@pytest.mark.parametrize(
    ("host", "name", "user"),
    [
        ("quay.io", "2i2c/x", "exact"),
        ("quay.io", "2i2c/x/deeper", "exact"),
        ("quay.io", "2i2c/y", "namespace"),
        ("quay.io", "2i2c-other/y", "host"),
        ("docker.io", "library/mysql", "hub"),
        ("r.example:5000", "a/b", "url"),
        ("v2.example", "a/b", "v2"),
        ("quay.io.evil.example", "a/b", None),
        ("io", "a/b", None),
        ("r.example", "a/b", None),
    ],
)
def test_the_longest_namespace_wins(tmp_path: Path, host, name, user) -> None:
    auths = {
        "https://index.docker.io/v1/": entry("hub"),
        "quay.io": entry("host"),
        "quay.io/2i2c": entry("namespace"),
        "quay.io/2i2c/x": entry("exact"),
        "https://r.example:5000": entry("url"),
        "https://v2.example/v2/": entry("v2"),
    }
    write(tmp_path / "config.json", {"auths": auths})
    found = look({"DOCKER_CONFIG": str(tmp_path)}, host, name)
    assert (shown(found) or (None,))[0] == user


def test_a_password_may_hold_colons(tmp_path: Path) -> None:
    write(tmp_path / "config.json", {"auths": {"quay.io": entry("user", "p:a:ss")}})
    found = look({"DOCKER_CONFIG": str(tmp_path)})
    assert shown(found) == ("user", "p:a:ss")
    assert found.login is not None
    assert found.login.basic is not None
    assert found.login.basic.reveal() == "Basic " + base64.b64encode(b"user:p:a:ss").decode()


def test_tokens_are_known_by_their_keys(tmp_path: Path) -> None:
    write(tmp_path / "config.json", {"auths": {"a.io": {"identitytoken": "I"}, "b.io": {"registrytoken": "R"}}})
    environment = {"DOCKER_CONFIG": str(tmp_path)}
    identity, bearer = look(environment, "a.io").login, look(environment, "b.io").login
    assert identity is not None
    assert identity.identity is not None
    assert (identity.identity.reveal(), identity.basic, identity.own_bearer) == ("I", None, None)
    assert bearer is not None
    assert bearer.own_bearer is not None
    assert bearer.own_bearer.reveal() == "Bearer R"


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ("{canary", "`{path}` is not JSON; its logins are not used"),
        ("[" * 100_000, "`{path}` is not JSON; its logins are not used"),
        ("[]", "`{path}` holds no table of logins and is not used"),
        ({"auths": ["canary"]}, "`{path}` holds no table of logins and is not used"),
        (" " * (1024 * 1024 + 1), "`{path}` is no file of logins and is not used"),
        ({"auths": {"quay.io": {"auth": "canary!"}}}, "the login for `quay.io` in `{path}` cannot be read"),
        ({"auths": {"quay.io": {"auth": "Y2FuYXJ5"}}}, "the login for `quay.io` in `{path}` cannot be read"),
        ({"auths": {"quay.io": {"auth": 5}}}, "the login for `quay.io` in `{path}` cannot be read"),
        ({"auths": {"quay.io": {}}},
         "the login for `quay.io` is in a credential store that `{path}` does not name"),
        ({"auths": {"quay.io": {"auth": "", "email": "canary"}}},
         "the login for `quay.io` is in a credential store that `{path}` does not name"),
        ({"auths": {"quay.io": "canary"}}, "the login for `quay.io` in `{path}` cannot be read"),
        ({"auths": {"quay.io": {"username": "a", "password": "\ud800canary"}}},
         "the login for `quay.io` in `{path}` cannot be read"),
        ({"auths": {"quay.io": {"registrytoken": "canary\r\nX-Canary: 1"}}},
         "the login for `quay.io` in `{path}` cannot be read"),
        ({"credHelpers": {"quay.io": "x; canary"}}, "`{path}` names a credential helper that is none: `x; canary`"),
        ({"credHelpers": {"quay.io": "../x"}}, "`{path}` names a credential helper that is none: `../x`"),
        ({"credHelpers": {"quay.io": ["x"]}}, "`{path}` names a credential helper that is none: `['x']`"),
        ({"credHelpers": ["x"]}, "`{path}` names a credential helper that is none: `['x']`"),
        ({"credsStore": "a\nb"}, "`{path}` names a credential helper that is none: `a\\nb`"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_note_without_its_content(tmp_path: Path, data, note) -> None:
    path = tmp_path / "config.json"
    write(path, data)
    assert look({"DOCKER_CONFIG": str(tmp_path)}) == Found(None, (note.format(path=path),))


def test_a_broken_file_does_not_hide_the_next(homes: dict[str, str]) -> None:
    write(homes["REGISTRY_AUTH_FILE"], "{")
    write(Path(homes["DOCKER_CONFIG"], "config.json"), {"auths": {"quay.io": entry("docker")}})
    found = look(homes)
    assert shown(found) == ("docker", "canary")
    assert found.notes == (f"`{homes['REGISTRY_AUTH_FILE']}` is not JSON; its logins are not used",)


def test_a_named_file_that_is_missing_and_one_that_is_no_file_are_said(tmp_path: Path) -> None:
    path = str(tmp_path / "absent.json")
    assert look({"REGISTRY_AUTH_FILE": path}).notes == (f"`{path}`, named in `REGISTRY_AUTH_FILE`, does not exist",)
    os.mkfifo(tmp_path / "config.json")
    assert look({"DOCKER_CONFIG": str(tmp_path)}).notes == (
        f"`{tmp_path}/config.json` is no file of logins and is not used",
    )


def test_a_variable_the_settings_name_and_nobody_set_is_said() -> None:
    own = RegistryEntry(username_env="ROBOT", password_env="ROBOT_PASSWORD")
    assert look({"ROBOT": "x"}, own=own) == Found(
        None, ("`ROBOT_PASSWORD`, named in the settings, is not set in the environment",)
    )


def test_no_variable_is_named_by_a_host() -> None:
    names = ("HUBCTL_REGISTRY_QUAY_IO", "QUAY_IO", "QUAY", "REGISTRY", "DOCKER")
    endings = ("USERNAME", "PASSWORD", "TOKEN", "USER", "AUTH")
    assert look({f"{name}_{ending}": "canary" for name in names for ending in endings}) == Found()


KEYS = st.sampled_from(
    ["quay.io", "quay.io/a", "quay.io/a/b", "https://quay.io/v2/", "https://quay.io", "QUAY.io", "https://[", "//", ""]
)
ENTRY_KEYS = st.sampled_from(["auth", "identitytoken", "registrytoken", "username", "password", "email"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["dTpw", "test", "\ud800", "a\r\nb"])
VALUES = LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(ENTRY_KEYS, LEAVES, max_size=3)
PARTS = st.sampled_from(["auths", "credHelpers", "credsStore"])


@given(st.dictionaries(PARTS, VALUES | st.dictionaries(KEYS, VALUES, max_size=4), max_size=3))
def test_whatever_a_file_holds_is_a_login_that_can_be_sent_or_a_line_that_can_be_shown(data) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "config.json"), data)
        found = look({"DOCKER_CONFIG": folder, "PATH": ""})

    if found.login is not None:
        sent = found.login.basic or found.login.own_bearer or found.login.identity
        assert sent is not None
        assert found.login.identity is not None or sent.reveal().isascii()
    assert all(said.isprintable() for said in (*found.notes, *found.asides))


def test_nothing_shows_a_password(tmp_path: Path) -> None:
    write(tmp_path / "config.json", {"auths": {"quay.io": entry("canary-user"), "b.io": {"registrytoken": "canary"}}})
    files = auth_files({"DOCKER_CONFIG": str(tmp_path)})
    assert "canary" not in repr(files)
    assert "Y2FuYXJ5" not in repr(files)
    assert "canary" not in repr(look({"DOCKER_CONFIG": str(tmp_path)}))
