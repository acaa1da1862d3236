"""What proposing costs beyond planning and beyond what the forge takes, and what it asks of the forge.

A whole fleet is proposed to a GitHub double over a real bare repository: opened, run again, and once more after
everything was declined. The double counts its own seconds, from a request's first byte to its answer's last.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench._measuring import HUBCTL, root_given, run, show
from bench.bumping import environment_for, publishing
from tests.forge.double import Forge, start_forge
from tests.forge.server import Handler

_MOST = "100"
_SECONDS: list[float] = []


class _Timed(Handler):
    def answer(self) -> None:
        started = time.perf_counter()
        super().answer()
        _SECONDS.append(time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: seconds by the clock, of processors (git's too) and of the forge; what was asked; the exit code."""

    wall: float
    cpu: float
    forge: float
    reads: int
    writes: int
    pushes: int
    git: int
    code: int

    def __str__(self) -> str:
        return (
            f"wall {self.wall:.3f} s, cpu {self.cpu:.3f} s, forge {self.forge:.3f} s, {self.reads} reads, "
            f"{self.writes} writes, {self.pushes} pushes, {self.git} other requests of git, exit {self.code}"
        )


def measured(forge: Forge, words: tuple[str, ...], environment: Mapping[str, str]) -> Cost:
    """Run hubctl once and return what it cost and asked."""
    forge.log.clear()
    _SECONDS.clear()
    done = run((*HUBCTL, *words), environment)
    git = [call for call in forge.log if ".git/" in call.path]
    api = [call for call in forge.log if ".git/" not in call.path]
    return Cost(
        wall=done.wall,
        cpu=done.cpu,
        forge=sum(_SECONDS),
        reads=sum(not call.mutating for call in api),
        writes=sum(call.mutating for call in api),
        pushes=sum(call.mutating for call in git),
        git=sum(not call.mutating for call in git),
        code=done.code,
    )


def main() -> None:
    """Measure and show."""
    root = root_given()
    with tempfile.TemporaryDirectory() as folder, publishing(root) as registry:
        files = {
            str(path.relative_to(root)): path.read_bytes()
            for top in ("config", "helm-charts")
            for path in sorted((root / top).rglob("*"))
            if path.is_file()
        }
        with start_forge(Path(folder), "acme", "fleet", files) as forge:
            forge.server.RequestHandlerClass = _Timed
            _story(forge, Path(folder), registry.address)


def _story(forge: Forge, folder: Path, address: str) -> None:
    clone = folder / "clone"
    run(("git", "clone", "--quiet", forge.remote_url, str(clone)))
    environment = {**os.environ, **environment_for(address, folder), **forge.environment()}
    for key, value in (("user.name", "Bench"), ("user.email", "bench@example.org")):
        run(("git", "-C", str(clone), "config", key, value))
    bump = ("-C", str(clone), "bump-image", "--role", "all", "--no-cache", "--max-wait", "0")
    proposing = (*bump, "--open-pr", "--max-open", _MOST)
    planned = measured(forge, (*proposing, "--dry-run"), environment)
    show(f"planning on the fetched base: {planned}")
    opened = measured(forge, proposing, environment)
    show(f"opening {len(forge.pulls)} pull requests: {opened}")
    show(f"opening, beyond planning and the forge: {_beyond(opened, planned)}")
    again = measured(forge, proposing, environment)
    show(f"with nothing to do: {again}")
    show(f"with nothing to do, beyond planning and the forge: {_beyond(again, planned)}")
    for pull in forge.pulls:
        forge.close(pull.number)
    show(f"with everything declined: {measured(forge, proposing, environment)}")
    single = measured(forge, (*proposing, "--group", "all", "--again"), environment)
    show(f"opening one for the whole fleet: {single}")
    show(f"opening one, beyond planning and the forge: {_beyond(single, planned)}")


def _beyond(cost: Cost, planned: Cost) -> str:
    wall = (cost.wall - cost.forge) - (planned.wall - planned.forge)
    return f"wall {max(0.0, wall):.3f} s, cpu {max(0.0, cost.cpu - planned.cpu):.3f} s"


if __name__ == "__main__":
    main()
