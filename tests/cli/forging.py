"""A fleet cloned from a forge on loopback, and what is asserted of it: remote, pull requests, calls, checkout."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

from tests.cli.playground import FLEET, IMAGES, NOW, Outcome, Playground, settings_for, tags
from tests.forge.bare import Bare
from tests.forge.double import TOKEN, Forge, start_forge
from tests.forge.state import Pull
from tests.servers.distribution import distribution
from tests.servers.faults import serve
from tests.servers.tags import Tag

BRANCH = "hubctl/bump-image/cluster-leap"
TITLE = "[leap] update 2 images"
CANARY = TOKEN
NEWER = tags("2026.05.01", "2026.05.20", "2026.06.04", "2026.06.10", "latest")


@dataclass
class Scene:
    """A clone of `acme/fleet` that hubctl runs in, its forge, and the tags the registry has (to be changed at will)."""

    playground: Playground
    forge: Forge
    images: dict[str, Sequence[Tag]]

    @property
    def root(self) -> Path:
        return self.playground.root

    @property
    def folder(self) -> Path:
        return self.playground.root.parent

    def git(self, *words: str, at: Path | None = None) -> str:
        return self.playground.git(*words, at=at)

    def run(self, *words: str, at: Path | None = None, **variables: str) -> Outcome:
        """Run hubctl as a process; what it prints never holds the token, and JSON fits its schema."""
        done = self.playground.run(*words, at=at, **variables)
        assert CANARY not in done.out + done.err
        assert "Traceback" not in done.err, done.err
        if "--json" in words and done.code not in {2, 3, 130}:
            valid(done.json)
        return done

    def open(self, *words: str, at: Path | None = None, **variables: str) -> Outcome:
        """Run `hubctl bump-image leap --open-pr --json` and more words."""
        return self.run("bump-image", "leap", "--open-pr", "--json", *words, at=at, **variables)

    def proposed(self, *words: str, **variables: str) -> tuple[Any, ...]:
        """Open a pull request and return what was done for each unit: operation and warnings."""
        done = self.open(*words, **variables)
        assert done.code == 0, done.err
        return tuple((each["operation"], *each["warnings"]) for each in done.json["pull_requests"])

    def tip(self, branch: str = BRANCH) -> str | None:
        return self.forge.bare.tip(branch)

    def branches(self) -> Mapping[str, str]:
        return self.forge.bare.branches()

    def newer(self) -> None:
        """Let the registry have a newer tag of the notebook."""
        self.images["quay.io/leap/notebook"] = NEWER

    def clone(self, name: str, *options: str, url: str | None = None) -> Path:
        """Clone the fleet once more beside the first one."""
        self.git("clone", "--quiet", *options, url or self.forge.remote_url, str(self.folder / name), at=self.folder)
        return self.folder / name

    def traces(self, root: Path | None = None) -> dict[str, bytes]:
        """Return everything of a checkout but the objects: files, index, refs, reflog, configuration."""
        root = root or self.root
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and "objects" not in path.relative_to(root).parts
        }


@contextlib.contextmanager
def scene(folder: Path, fleet: Mapping[str, str] = FLEET) -> Iterator[Scene]:
    """Start a forge that holds the fleet, a registry with newer tags, and clone the fleet."""
    images: dict[str, Sequence[Tag]] = dict(IMAGES)
    with serve(distribution(images)) as registry, start_forge(folder, "acme", "fleet", fleet) as forge:
        root = folder / "clone"
        environment = {"HUBCTL_SETTINGS": str(settings_for(registry, folder)), "SOURCE_DATE_EPOCH": NOW}
        environment |= {"GITHUB_API_URL": forge.url, "GH_TOKEN": TOKEN}
        made = Scene(Playground(root, registry, environment), forge, images)
        made.clone("clone")
        yield made


@contextlib.contextmanager
def opened_scene(folder: Path) -> Iterator[Scene]:
    """Start a scene after its first run: one branch and one pull request, remembered from the first time."""
    with scene(folder) as made:
        if not _REMEMBERED:
            assert made.proposed() == (("created",),)
            _REMEMBERED.append((made.forge.bare, copy.deepcopy(made.forge.pulls[0])))
        else:
            bare, pull = _REMEMBERED[0]
            for name in (f"refs/heads/{BRANCH}", "refs/pull/1/head"):
                made.forge.bare.borrow(bare, pull.head_sha, name)
            made.forge.repository.pulls.append(copy.deepcopy(pull))
        made.forge.log.clear()
        yield made


_REMEMBERED: list[tuple[Bare, Pull]] = []


def valid(answer: object) -> None:
    """Check an answer against the schema that is shipped."""
    schema = json.loads(files("hubctl.schemas").joinpath("bump-image.schema.json").read_text())
    jsonschema.validate(answer, schema)


def started(made: Scene, *words: str, at: Path | None = None, **variables: str) -> subprocess.Popen[bytes]:
    """Start hubctl in a process group of its own, as a terminal does."""
    return subprocess.Popen(
        [sys.executable, "-m", "hubctl", "bump-image", "leap", "--open-pr", "--json", *words],
        cwd=at or made.root,
        env={**os.environ, **made.playground.environment, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
