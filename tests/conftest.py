"""What every test shares: a clean environment, loopback only, and the corpus where one is given."""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow moment of a shared machine is no defect of what is tested.
settings.register_profile("hubctl", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", settings.get_profile("hubctl"), max_examples=25)
settings.load_profile("hubctl")

_HOMES = itertools.count()
ALLOWED = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "")


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples of each property in the fast suite; the whole one tries all."""
    if config.option.markexpr == "not slow":
        settings.load_profile("fast")


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves this machine: a connection elsewhere is an error, not a slow test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ALLOWED:
            raise AssertionError(f"a test tried to connect to {address[0]}")
        connect(self, address)  # type: ignore[arg-type] # whatever the caller gave

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """HOME is empty, git has no identity but the tests', and no token of the developer is seen."""
    # Numbered here: pytest looks through all folders there are to number one, which is slow for thousands of tests.
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_HOMES))
    home.mkdir(parents=True)
    for name in list(os.environ):
        ours = ("GIT_", "GH_", "GITHUB_", "HUBCTL_", "DOCKER_", "SOPS_", "XDG_")
        if name.startswith(ours) and name != "HUBCTL_CORPUS":
            monkeypatch.delenv(name)
    for name in ("REGISTRY_AUTH_FILE", "NO_COLOR", "FORCE_COLOR", "SOURCE_DATE_EPOCH", "REQUESTS_CA_BUNDLE", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Test Engineer\n\temail = engineer@example.org\n[init]\n\tdefaultBranch = main\n"
    )


@pytest.fixture(scope="session")
def corpus_root() -> Path:
    """The folder named by HUBCTL_CORPUS, which holds `corpus/` and `golden/`."""
    given = os.environ.get("HUBCTL_CORPUS")
    if not given or not Path(given, "corpus").is_dir():
        pytest.skip("NOT RUN: HUBCTL_CORPUS does not name a folder with corpus/ and golden/")
    return Path(given).resolve()


@pytest.fixture(scope="session")
def corpus(corpus_root: Path) -> Path:
    """The real 2i2c tree."""
    return corpus_root / "corpus" / "2i2c-infrastructure" / "files"
