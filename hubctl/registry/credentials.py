"""Whose login is used for a registry: the user's variables, then the auth files of podman and docker.

Order and keys as containers/image documents them in containers-auth.json(5).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from hubctl.secret import Secret
from hubctl.settings import RegistryEntry, one_name
from hubctl.show import show

_LARGEST_FILE = 1024 * 1024
_Data: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Login:
    """What may be shown to one host; `origin` says where it was found.

    `identity` is a refresh token for the token address, `bearer` a token for the registry itself.
    """

    origin: str
    username: str = field(default="", repr=False)
    password: Secret | None = None
    identity: Secret | None = None
    bearer: Secret | None = None

    @property
    def basic(self) -> Secret | None:
        """The header value of Basic authentication, None where there is no password."""
        if self.password is None:
            return None
        joined = f"{self.username}:{self.password.reveal()}".encode()
        return Secret("Basic " + base64.b64encode(joined).decode())

    @property
    def own_bearer(self) -> Secret | None:
        """The header value of the token that was stored for the registry itself, None where there is none."""
        return None if self.bearer is None else Secret(f"Bearer {self.bearer.reveal()}")


@dataclass(frozen=True, slots=True)
class Found:
    """A login or none; `notes` are for the user now, `asides` explain a refusal later."""

    login: Login | None = None
    notes: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthFile:
    """One auth file: its name for messages, its data, and what is wrong with it instead of data."""

    name: str
    data: _Data = field(default_factory=dict, repr=False)
    problem: str | None = None


def auth_files(environment: Mapping[str, str]) -> tuple[AuthFile, ...]:
    """Return the auth files there are, first come first served; a broken one as its problem."""
    return tuple(found for path, named in _places(environment) if (found := _read(path, named=named)) is not None)


def find_login(
    host: str, name: str, own: RegistryEntry, environment: Mapping[str, str], files: tuple[AuthFile, ...]
) -> Found:
    """Return the login for the image `name` at `host`: that of its settings entry, else of a file."""
    notes = [file.problem for file in files if file.problem]
    login = _from_entry(own, environment, notes)
    if login is not None:
        return Found(login, tuple(notes))
    asides: list[str] = []
    for file in files:
        helper = _helper(file.data, host)
        if helper:
            notes.append(f"the login for `{host}` is kept by a credential helper ({file.name}), which is not asked yet")
            continue
        entry = _entry(file.data, host, name)
        if entry == {}:
            notes.append(f"the login for `{host}` is in a credential store ({file.name}), which is not asked yet")
        elif entry is not None:
            login = _from_file(entry, file.name)
            if login is not None:
                return Found(login, tuple(notes))
            notes.append(f"the login for `{host}` in {file.name} cannot be read")
        elif file.data.get("credsStore"):
            asides.append(f"the credential store of {file.name} is not asked yet")
    return Found(None, tuple(notes), tuple(asides))


def _from_entry(own: RegistryEntry, environment: Mapping[str, str], notes: list[str]) -> Login | None:
    if own.password_env is None:
        return None
    missing = [name for name in (own.username_env, own.password_env) if name and not environment.get(name)]
    if missing:
        notes.append(f"`{show(missing[0], 80)}`, named in the settings, is not set in the environment")
        return None
    username = environment[own.username_env] if own.username_env else ""
    return Login("settings", username, Secret(environment[own.password_env]))


def _places(environment: Mapping[str, str]) -> Iterator[tuple[Path, bool]]:
    """Yield the paths to look at, and whether the user named one expressly."""
    home = environment.get("HOME")
    if file := environment.get("REGISTRY_AUTH_FILE"):
        yield Path(file), True
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield Path(runtime, "containers", "auth.json"), False
    if config := environment.get("XDG_CONFIG_HOME") or (home and f"{home}/.config"):
        yield Path(config, "containers", "auth.json"), False
    if docker := environment.get("DOCKER_CONFIG") or (home and f"{home}/.docker"):
        yield Path(docker, "config.json"), False


def _read(path: Path, *, named: bool) -> AuthFile | None:
    name = f"`{show(str(path), 120)}`"
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST_FILE:
            return AuthFile(name, problem=f"{name} is no file of logins and is not used")
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return AuthFile(name, problem=f"{name}, named in `REGISTRY_AUTH_FILE`, does not exist") if named else None
    except OSError:
        return AuthFile(name, problem=f"{name} cannot be opened; its logins are not used")
    except (ValueError, RecursionError):
        return AuthFile(name, problem=f"{name} is not JSON; its logins are not used")
    if not isinstance(data, dict) or not isinstance(data.get("auths", {}), dict | None):
        return AuthFile(name, problem=f"{name} holds no table of logins and is not used")
    return AuthFile(name, data)


def _helper(data: _Data, host: str) -> bool:
    helpers = data.get("credHelpers")
    return isinstance(helpers, dict) and any(_normal(key) == host and helpers[key] for key in helpers)


def _entry(data: _Data, host: str, name: str) -> _Data | None:
    """Return the entry of the longest namespace of `host/name`, of the host, or of an address of the host."""
    auths = data.get("auths")
    if not isinstance(auths, dict):
        return None
    parts = [host, *name.split("/")]
    for length in range(len(parts), 0, -1):
        exact = auths.get("/".join(parts[:length]))
        if isinstance(exact, dict):
            return exact
    for key, entry in auths.items():
        if _normal(key) == host and isinstance(entry, dict):
            return entry
    return None


def _normal(key: str) -> str:
    """Return the host of an auth file's key; a key with a namespace is returned as it is."""
    bare = re.sub(r"^https?://", "", key)
    address = bare != key or re.search(r"/v[12]/?$", bare) is not None
    host = (bare.partition("/")[0] if address else bare.rstrip("/")).lower()
    return one_name(host)


def _from_file(entry: _Data, name: str) -> Login | None:
    identity, bearer = entry.get("identitytoken"), entry.get("registrytoken")
    username, password = _pair(entry)
    login = Login(
        name,
        username,
        Secret(password) if password else None,
        Secret(identity) if isinstance(identity, str) and identity else None,
        Secret(bearer) if isinstance(bearer, str) and bearer else None,
    )
    return login if login.password or login.identity or login.bearer else None


def _pair(entry: _Data) -> tuple[str, str]:
    auth = entry.get("auth")
    if isinstance(auth, str) and auth:
        try:
            username, _, password = base64.b64decode(auth, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return username, password.rstrip("\0")
    plain = entry.get("username"), entry.get("password")
    return (plain[0], plain[1]) if isinstance(plain[0], str) and isinstance(plain[1], str) else ("", "")
