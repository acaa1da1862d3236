"""A fleet on disk, registries on loopback, and hubctl run as a user runs it: as a process of its own."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.warm import WARM
from tests.servers.faults import Server
from tests.servers.tags import Tag

NOW = "1782000000"  # 2026-06-21 00:00 UTC
DAY = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)

CLUSTER = """\
name: leap
support:
  helm_chart_values_files:
  - support.values.yaml
hubs:
- name: staging
  domain: staging.leap.example.org
  helm_chart: basehub
  helm_chart_values_files:
  - common.values.yaml
  - staging.values.yaml
- name: prod
  domain: leap.example.org
  helm_chart: basehub
  helm_chart_values_files:
  - common.values.yaml
  - prod.values.yaml
"""
COMMON = """\
jupyterhub:
  singleuser:
    image:
      name: quay.io/leap/notebook
      tag: 2026.05.01 # the day it was built
    initContainers:
    - name: volume
      image: quay.io/leap/volume:1.0.0
"""
STAGING = """\
jupyterhub:
  singleuser:
    profileList:
    - display_name: Small
      slug: small
      kubespawner_override:
        image: quay.io/leap/small:2026.05.01
"""
PROD = "jupyterhub:\n  hub:\n    image:\n      name: quay.io/leap/hub\n      tag: 4.1.0\n"
SUPPORT = "prometheus:\n  image:\n    repository: quay.io/leap/prometheus\n    tag: v2.1.0\n"

FLEET = {
    "config/clusters/leap/cluster.yaml": CLUSTER,
    "config/clusters/leap/common.values.yaml": COMMON,
    "config/clusters/leap/staging.values.yaml": STAGING,
    "config/clusters/leap/prod.values.yaml": PROD,
    "config/clusters/leap/support.values.yaml": SUPPORT,
}
COMMON_FILE = "config/clusters/leap/common.values.yaml"


def tags(*names: str) -> list[Tag]:
    """Return tags, each on an image of its own, the first pushed first."""
    return [Tag(name, f"content of {name}", DAY + dt.timedelta(days=index)) for index, name in enumerate(names)]


IMAGES = {
    "quay.io/leap/notebook": tags("2026.05.01", "2026.05.20", "2026.06.04", "latest"),
    "quay.io/leap/small": tags("2026.05.01", "2026.06.02"),
    "quay.io/leap/volume": tags("1.0.0", "1.1.0"),
    "quay.io/leap/hub": tags("4.1.0", "4.3.1"),
    "quay.io/leap/prometheus": tags("v2.1.0", "v2.2.0"),
}


@dataclass(frozen=True)
class Outcome:
    """What one run gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Playground:
    """A folder with a fleet, and the environment hubctl is run in."""

    root: Path
    registry: Server
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode()

    def run(self, *words: str, at: Path | None = None, stdin: str = "", **variables: str) -> Outcome:
        """Run hubctl in the fleet's folder, or `at` another one."""
        folder, environment = at or self.root, {**os.environ, **self.environment, **variables}
        if WARM.can_run(environment):
            code, out, err = WARM.run(words, folder, environment, stdin.encode(), seconds=100)
            return Outcome(code, out.decode(), err.decode())
        done = subprocess.run(
            [sys.executable, "-m", "hubctl", *words],
            cwd=folder,
            env=environment,
            input=stdin.encode(),
            capture_output=True,
            timeout=100,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def git(self, *words: str, at: Path | None = None) -> str:
        done = subprocess.run(["git", *words], cwd=at or self.root, check=True, capture_output=True, encoding="utf-8")
        return done.stdout

    def committed(self) -> Playground:
        """Make the fleet a git repository with one commit."""
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Set up the fleet")
        return self


def settings_for(registry: Server, folder: Path, hosts: Sequence[str] = ("*",)) -> Path:
    """Write user settings that send every question to one registry on loopback."""
    path = folder / "settings.yaml"
    entries = "".join(f'  "{host}": {{mirror: "{registry.base}/{{host}}", insecure: true}}\n' for host in hosts)
    path.write_text(f"version: 1\nregistries:\n{entries}")
    return path
