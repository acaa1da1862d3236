"""The logins of one run: files read once, programs asked once, each image's found when it is first asked about."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from hubctl.registry.address import Endpoint
from hubctl.registry.auth_files import AuthFile, auth_files
from hubctl.registry.credential_helper import Programs
from hubctl.registry.credentials import Found, Outside, find_login
from hubctl.settings import RegistryEntry


class Logins:
    """Finds logins by the settings `registries`, the user's `environment` and what that leads to.

    No program below `root` is ever started; one that does not answer within `seconds` is ended.
    """

    def __init__(
        self,
        registries: Mapping[str, RegistryEntry],
        environment: Mapping[str, str],
        root: Path | None = None,
        *,
        seconds: float = 30.0,
    ) -> None:
        self._environment = environment
        self._starred = registries.get("*", RegistryEntry())
        entries = registries.values()
        withheld = {name for entry in entries for name in (entry.username_env, entry.password_env) if name}
        self._programs = Programs(environment, withheld, root, seconds=seconds)
        self.aws = self._programs.aws
        self._lock = threading.Lock()
        self._files: tuple[AuthFile, ...] | None = None

    def find(self, at: Endpoint) -> Found:
        """Return the login for the image of an endpoint, with what the user should know of it."""
        return self._found(at, self._programs.ask)

    def named(self, at: Endpoint) -> Found:
        """Return the same without starting a program: its login is empty, and names where it would come from."""
        return self._found(at, self._programs.named)

    def _found(self, at: Endpoint, ask: Callable[[Outside], Found]) -> Found:
        with self._lock:
            if self._files is None:
                self._files = auth_files(self._environment)
        found = find_login(at.host, at.name, at.own, self._environment, self._files, ask=ask)
        if found.login is None and self._starred.password_env:
            note = "the login under `*` is used for no registry: name the host it belongs to"
            return replace(found, notes=(*found.notes, note))
        return found
