"""What tests of secrets share: real sops, identities made for one test, a fleet, and hubctl run as a user runs it."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hubctl.secrets.sops import Sops, find_sops
from tests.cli.warm import Warm

ROOT = Path(__file__).parents[2]
NOW = "1782000000"  # 2026-06-21 00:00 UTC

LEAP = """\
# One cluster with two hubs.
name: leap
provider: gcp
hubs:
- name: staging
  domain: staging.leap.example.org
  helm_chart: basehub
  helm_chart_values_files:
  - common.values.yaml
  - staging.values.yaml
- name: prod # the one people work on
  domain: leap.example.org
  helm_chart: basehub
  helm_chart_values_files:
  - common.values.yaml
  - prod.values.yaml
"""
REEF = """\
name: reef
provider: aws
hubs:
- name: main
  domain: reef.example.org
  helm_chart: daskhub
  helm_chart_values_files:
  - main.values.yaml
"""
VALUES = "jupyterhub:\n  singleuser:\n    image:\n      name: quay.io/leap/notebook\n      tag: 2026.05.01\n"
DASK_VALUES = "basehub:\n" + "".join(f"  {line}\n" for line in VALUES.splitlines())
CLUSTERS = {
    "config/clusters/leap/cluster.yaml": LEAP,
    "config/clusters/leap/common.values.yaml": VALUES,
    "config/clusters/leap/staging.values.yaml": "jupyterhub:\n  custom:\n    homepage: staging\n",
    "config/clusters/leap/prod.values.yaml": "jupyterhub:\n  custom:\n    homepage: prod\n",
    "config/clusters/reef/cluster.yaml": REEF,
    "config/clusters/reef/main.values.yaml": DASK_VALUES,
}
PROD = "config/clusters/leap/enc-prod.secret.values.yaml"
_ENCRYPTED: dict[tuple[bytes, tuple[str, ...], bytes], bytes] = {}


@functools.cache
def tool(name: str) -> Path:
    """Return a program that tests run for real, of PATH or `.tools/bin`; a missing one is an error, not a skip."""
    for folder in [*os.environ.get("PATH", "").split(os.pathsep), str(ROOT / ".tools" / "bin")]:
        found = shutil.which(name, path=folder)
        if found and (name != "sops" or _is_new_enough(found)):
            return Path(found).absolute()
    raise AssertionError(f"no `{name}` on PATH or in .tools/bin: `make tools` puts it there")


def _is_new_enough(sops: str) -> bool:
    said = subprocess.run([sops, "--disable-version-check", "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"sops (\d+)\.(\d+)", said.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= (3, 11)


def with_sops() -> str:
    """Return PATH with the folder of sops first."""
    return os.pathsep.join([str(tool("sops").parent), os.environ.get("PATH", "")])


@functools.cache
def _warm() -> Warm:
    return Warm({"PATH": with_sops()})


@dataclass(frozen=True)
class Identity:
    """What opens secrets: the file with the private key, and the recipient that they are encrypted to."""

    file: Path
    recipient: str

    @property
    def environment(self) -> dict[str, str]:
        return {"SOPS_AGE_KEY_FILE": str(self.file)}


def identity(folder: Path, name: str = "keys.txt") -> Identity:
    """Return a new age identity, its file in `folder` for this user alone."""
    file = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([tool("age-keygen"), "-o", file], check=True, capture_output=True, timeout=60)
    file.chmod(0o600)
    done = subprocess.run([tool("age-keygen"), "-y", file], check=True, capture_output=True, timeout=60)
    return Identity(file, done.stdout.decode().strip())


def identity_in(file: Path) -> Identity:
    """Return the identity of a file that age-keygen wrote."""
    found = re.search(r"^# public key: (\S+)$", file.read_text(), re.MULTILINE)
    assert found is not None
    return Identity(file, found[1])


@dataclass(frozen=True)
class Outcome:
    """What one run gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_sops(
    *words: str | Path, stdin: bytes = b"", at: Path | None = None, env: Mapping[str, str] | None = None
) -> bytes:
    """Return what real sops prints, run in the folder `at`; an exit code other than 0 fails the test."""
    environment = {**os.environ, **(env or {}), "SOPS_DISABLE_VERSION_CHECK": "1"}
    done = subprocess.run(
        [tool("sops"), *words], input=stdin, cwd=at, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, (words, done.returncode, done.stderr.decode())
    return done.stdout


def rules_for(*recipients: str) -> str:
    """Return a `.sops.yaml` whose one rule encrypts every secret file to these age recipients."""
    return f"creation_rules:\n- path_regex: .*secret.*\n  age: {','.join(recipients)}\n"


@dataclass
class Fleet:
    """A git repository with a fleet, and the environment hubctl and sops are run in."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files as they are, nothing encrypted."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def git(self, *words: str, at: Path | None = None) -> str:
        """Return what git prints."""
        done = subprocess.run(["git", *words], cwd=at or self.root, check=True, capture_output=True, encoding="utf-8")
        return done.stdout

    def commit(self, message: str = "Change the fleet") -> str:
        """Commit all there is, and return the id of the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def encrypt(self, plain: Mapping[str, Any], name: str = PROD, *options: str) -> bytes:
        """Write the file `name` with these values encrypted by real sops by the rules here, and return its bytes."""
        kind = "json" if name.endswith(".json") else "yaml"
        self.write({name: self.ciphertext(plain, name, "--output-type", kind, *options)})
        return self.read(name)

    def ciphertext(self, plain: Mapping[str, Any], name: str, *options: str) -> bytes:
        """Return what real sops makes of these values for the file `name`; nothing is written.

        Ciphertext is kept for all tests of this process: the same values under the same rules are encrypted once.
        """
        words = ("--config", ".sops.yaml", "encrypt", "--input-type", "json", "--filename-override", name, *options)
        asked = (self.read(".sops.yaml"), words, json.dumps(plain).encode())
        if asked not in _ENCRYPTED:
            _ENCRYPTED[asked] = run_sops(*words, stdin=asked[2], at=self.root, env=self.environment)
        return _ENCRYPTED[asked]

    def decrypt(self, name: str = PROD) -> Any:
        """Return the values of the file `name`, decrypted by real sops."""
        return self.decrypted(self.read(name), kind="json" if name.endswith(".json") else "yaml")

    def decrypted(self, data: bytes, *, kind: str = "yaml") -> Any:
        """Return the values that real sops reads from ciphertext."""
        words = ("decrypt", "--input-type", kind, "--output-type", "json")
        return json.loads(run_sops(*words, stdin=data, at=self.root, env=self.environment))

    def run(
        self,
        *words: str,
        stdin: str | bytes = b"",
        env: Mapping[str, str] | None = None,
        at: Path | None = None,
        seconds: float = 100,
    ) -> Outcome:
        """Run hubctl in the fleet's folder, or `at` another one, as a process of its own."""
        environment = {**os.environ, "PATH": with_sops(), **self.environment, **(env or {})}
        given = stdin if isinstance(stdin, bytes) else stdin.encode()
        if _warm().can_run(environment):
            code, out, err = _warm().run(words, at or self.root, environment, given, seconds=seconds)
            return Outcome(code, out.decode(), err.decode())
        done = subprocess.run(
            [sys.executable, "-m", "hubctl", *words],
            cwd=at or self.root,
            env=environment,
            input=given,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def fleet_repository(
    root: Path, *identities: Identity, rules: str | None = None, files: Mapping[str, str] = CLUSTERS
) -> Fleet:
    """Return a small fleet, committed, whose secrets are encrypted to all of `identities` and opened by the first.

    `rules` stands in `.sops.yaml` instead of the one rule for every secret.
    """
    opened = identities[0].environment if identities else {}
    fleet = Fleet(root, {**opened, "SOURCE_DATE_EPOCH": NOW})
    fleet.write({**files, ".sops.yaml": rules or rules_for(*(each.recipient for each in identities))})
    fleet.git("init", "--quiet")
    fleet.commit("Set up the fleet")
    return fleet


def some_fast(rows: Iterable[Any], every: int) -> list[Any]:
    """Return the rows of a table; all but the first and each one `every` rows later are for the slow suite."""
    seldom = [row if isinstance(row, tuple) else (row,) for row in rows]
    return [pytest.param(*row, marks=pytest.mark.slow if number % every else ()) for number, row in enumerate(seldom)]


def small_fleet(folder: Path) -> Fleet:
    """Return a fleet in `folder` whose secrets one identity opens."""
    return fleet_repository(folder / "fleet", identity(folder / "engineer"))


def copy_of(make: Callable[[Path], Fleet], root: Path) -> Fleet:
    """Return a copy, at `root`, of the fleet that `make` makes in a folder: once for a whole run of the tests.

    All copies have one identity.
    """
    start = _made_once(make)
    shutil.copytree(start.root, root, symlinks=True, ignore=shutil.ignore_patterns("*.sample"))
    return Fleet(root, dict(start.environment))


@functools.cache
def _made_once(make: Callable[[Path], Fleet]) -> Fleet:
    folder = tempfile.TemporaryDirectory(prefix="hubctl-tests-")
    atexit.register(folder.cleanup)
    return make(Path(folder.name))


@functools.cache
def sops_found() -> Sops:
    """Return real sops, found as hubctl finds it."""
    return find_sops({**os.environ, "PATH": with_sops()}, ROOT / "no-repository")
