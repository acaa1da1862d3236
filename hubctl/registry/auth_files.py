"""The files in which podman and docker keep logins, and what they say of one image.

Places and keys as containers/image documents them in containers-auth.json(5), docker's own as docker/cli reads
`config.json`.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from hubctl.settings import DOCKER_HUB, one_name
from hubctl.show import show

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
_LARGEST_FILE = 1024 * 1024
_ROOTS = frozenset({"", "/", "/v1", "/v1/", "/v2", "/v2/"})
# Where docker keeps the parts of a login by browser; they open no registry.
_PARTS = ("/access-token", "/refresh-token")
Data: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AuthFile:
    """One auth file: its name for messages, its data, and what is wrong with it instead of data."""

    name: str
    data: Data = field(default_factory=dict, repr=False)
    problem: str | None = None

    def helper(self, host: str) -> object:
        """Return what `credHelpers` says of a host: the NAME of its helper, `""` for no store, None for nothing.

        What is no table of helpers is returned as it is.
        """
        helpers = self.data.get("credHelpers")
        return _by_host(helpers, host) if isinstance(helpers, dict) else helpers or None

    @property
    def store(self) -> object:
        """The NAME of the helper that keeps the logins of every other host, None without one."""
        return self.data.get("credsStore") or None

    def entry(self, host: str, name: str) -> object:
        """Return the entry of the longest namespace of `host/name`, of the host, or of an address of it; or None."""
        auths = self.data.get("auths")
        if not isinstance(auths, dict):
            return None
        parts = [host, *name.split("/")]
        for length in range(len(parts), 1, -1):
            exact = auths.get("/".join(parts[:length]))
            if exact is not None:
                return exact
        return _by_host(auths, host)


def server_key(host: str) -> str:
    """Return the name under which docker's files and helpers know a host."""
    return DOCKER_HUB_KEY if host == DOCKER_HUB else host


def auth_files(environment: Mapping[str, str]) -> tuple[AuthFile, ...]:
    """Return the auth files there are, first come first served; a broken one as its problem."""
    return tuple(found for path, named in _places(environment) if (found := _read(path, named=named)) is not None)


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


def _by_host(table: Mapping[str, object], host: str) -> object:
    """Return the value for a host: under its own key, under the address of its API, under any other address of it."""
    for key in (server_key(host), host):
        if table.get(key) is not None:
            return table[key]
    paths = {key: path for key in table if table[key] is not None and (path := _path(key, host)) is not None}
    best = sorted(paths, key=lambda key: (paths[key] not in _ROOTS, key))
    return table[best[0]] if best else None


def _path(key: str, host: str) -> str | None:
    """Return the path of a key that is an address of `host`; None for others' and for keys with a namespace."""
    bare = re.sub(r"^https?://", "", key)
    authority, slash, rest = bare.partition("/")
    path = slash + rest
    if one_name(authority.lower()) != host or path.endswith(_PARTS):
        return None
    return path if bare != key or path in _ROOTS else None
