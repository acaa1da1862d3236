"""Registries for a whole test session, and the asking side with an environment of its own."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.images.reference import ImageName
from hubctl.registry.ask import Registry
from hubctl.registry.kept import Kept
from hubctl.settings import RegistryEntry
from tests.servers.registry import Running, start_registry

Asking = Callable[..., Registry]


@pytest.fixture
def asking() -> Iterator[Asking]:
    """`asking({host: RegistryEntry}, environment)` gives a Registry; every connection is closed afterwards."""
    with contextlib.ExitStack() as stack:

        def ask(
            registries: dict[str, RegistryEntry] | None = None,
            environment: dict[str, str] | None = None,
            *,
            waiting: float = 20,
            pause: float = 0.01,
            kept: Kept | None = None,
            fresh: bool = True,
        ) -> Registry:
            http = Http(environment or {})
            stack.callback(http.close)
            return Registry(
                http, registries or {}, environment or {}, Waiting(waiting), kept=kept, fresh=fresh, pause=pause
            )

        yield ask


@pytest.fixture(scope="session")
def plain_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An anonymous registry; tests push below a name of their own."""
    with start_registry(tmp_path_factory.mktemp("plain")) as running:
        yield running


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An empty folder for `DOCKER_CONFIG`."""
    folder = tmp_path / "docker"
    folder.mkdir()
    return folder


def plain(**more: object) -> RegistryEntry:
    """An entry that allows http."""
    return RegistryEntry(insecure=True, **more)  # type: ignore[arg-type] # fields of the entry


def login_of(folder: Path, host: str, user: str, password: str = "canary") -> dict[str, str]:
    """Store a login for `host` as docker does, and return the environment that leads there."""
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return {"DOCKER_CONFIG": str(folder)}


def image(text: str) -> ImageName:
    return ImageName(text)
