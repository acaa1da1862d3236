"""What `bump-image --dry-run` of a whole fleet costs beside Renovate, cold and warm, with one real registry for both.

Renovate is no part of hubctl: HUBCTL_BENCH_RENOVATE names its program (39 was measured), else PATH has it. Every image
name of a copy of the fleet is re-pointed to a registry on loopback, and both are to look up all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench._loopback import Registry, fill_storage, free_port, program, repoint, serving, short_lived
from bench._measuring import HUBCTL, RUNS, Run, cloned, root_given, run, show, show_ratio, show_runs
from bench._publishing import images_of

# Renovate looks up nothing for a tag that the versioning in force cannot read; this one reads every tag.
ANY_TAG = r"regex:^(?<compatibility>.*?)(?<major>\d*)(?<prerelease>.*)$"
NO_VERSION = r"!/^v?\d+([.-]\d+)*(-[\w.-]+)?$/"


@dataclass(frozen=True, slots=True)
class Side:
    """One program to measure: its command line and the environment that keeps its cache in a folder."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    cache: str

    def run(self, folder: Path) -> Run:
        return run(self.argv, {**self.environment, self.cache: str(folder)})


def renovate() -> str | None:
    """Return Renovate's program, None without one."""
    return os.environ.get("HUBCTL_BENCH_RENOVATE") or shutil.which("renovate")


def renovate_settings(host: str) -> Mapping[str, object]:
    """Return Renovate's configuration: find references of both forms in values files, and look all of them up."""
    name = rf"(?<depName>{host.replace('.', '[.]')}/[a-z0-9][a-z0-9/._-]*)"
    split = rf"(?:name|repository):\s*[\"']?{name}[\"']?[^\n]*\n(?:\s*(?:#|pull)[^\n]*\n)*\s*tag:\s*[\"']?"
    tag = r"(?<currentValue>\w[\w.-]*)(?:@(?<currentDigest>sha256:[a-f0-9]{64}))?"
    manager = {
        "customType": "regex",
        "fileMatch": [r"\.ya?ml$"],
        "datasourceTemplate": "docker",
        "matchStrings": [f"{before}{tag}" for before in (f"{name}:", split)],
    }
    return {
        "onboarding": False,
        "requireConfig": "optional",
        "enabledManagers": ["custom.regex"],
        "customManagers": [manager],
        "packageRules": [{"matchDatasources": ["docker"], "matchCurrentValue": NO_VERSION, "versioning": ANY_TAG}],
        "hostRules": [{"matchHost": host, "insecureRegistry": True}],
        "dependencyDashboard": False,
    }


def sides(root: Path, host: str, folder: Path) -> tuple[Side, Side]:
    """Return hubctl and Renovate, each set up to ask the registry at `host` by plain http."""
    (folder / "renovate.json").write_text(json.dumps(renovate_settings(host)))
    (folder / "settings.yaml").write_text(f'registries:\n  "{host}": {{insecure: true}}\n')
    clock = {**os.environ, "SOURCE_DATE_EPOCH": "1791072000"}
    hubctl = Side(
        "hubctl",
        (*HUBCTL, "-C", str(root), "bump-image", "--dry-run", "--role", "all"),
        {**clock, "HUBCTL_SETTINGS": str(folder / "settings.yaml")},
        "XDG_CACHE_HOME",
    )
    other = Side(
        "renovate",
        ("env", "-C", str(root), str(renovate()), "--platform=local", "--dry-run=lookup"),
        {**os.environ, "RENOVATE_CONFIG_FILE": str(folder / "renovate.json"), "LOG_LEVEL": "info"},
        "RENOVATE_CACHE_DIR",
    )
    return hubctl, other


def measured(pair: Sequence[Side], registry: Registry, folder: Path) -> dict[str, list[Run]]:
    """Run all in turn, each cold in a new cache folder and warm in the same one; write what the last round asked."""
    taken: dict[str, list[Run]] = {}
    asked: dict[str, str] = {}
    for number in range(RUNS):
        for state in ("cold", "warm"):
            for side in pair:
                cache = folder / f"{side.name}-{number}"
                cache.mkdir(exist_ok=True)
                taken.setdefault(f"{side.name} {state}", []).append(side.run(cache))
                asked[f"{side.name} {state}"] = str(registry.requests())
    failed = [name for name, runs in taken.items() if any(one.code for one in runs)]
    if failed:
        raise RuntimeError(f"{failed[0]} failed, so nothing was measured")
    for name, requests in asked.items():
        show(f"{name}: {requests}")
    return taken


def main() -> None:
    """Measure and show."""
    root = root_given()
    missing = [name for name, there in (("registry", program()), ("renovate", renovate())) if there is None]
    if missing:
        hint = "put it on PATH" + (", or name it in HUBCTL_BENCH_RENOVATE" if "renovate" in missing else "")
        sys.stderr.write(f"NOT RUN: {sys.argv[0]}: no program `{missing[0]}`: {hint}\n")
        raise SystemExit(0)
    with cloned(root) as fleet, short_lived() as folder:
        port = free_port()
        tags = fill_storage(folder / "storage", images_of(fleet))
        names = repoint(fleet, f"127.0.0.1:{port}")
        subprocess.run(["git", "add", "--all"], cwd=fleet, check=True)
        show(f"{len(names)} names with {tags} tags in one registry")
        with serving(folder / "storage", port, folder) as registry:
            taken = measured(sides(fleet, registry.host, folder), registry, folder)
    for label, runs in taken.items():
        show_runs(label, runs)
    for state in ("cold", "warm"):
        show_ratio(f"renovate / hubctl, {state}", taken[f"renovate {state}"], taken[f"hubctl {state}"])


if __name__ == "__main__":
    main()
