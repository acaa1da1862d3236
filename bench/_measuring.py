"""How figures are taken: whole processes in turn, the kernel's own accounts of them, rows of minimum and median."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RUNS = int(os.environ.get("HUBCTL_BENCH_RUNS", "7"))
HUBCTL = (sys.executable, "-m", "hubctl")
NOTHING = (sys.executable, "-c", "")


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to exit: `wall` and `cpu` (user and system) in seconds, `peak` memory in MB."""

    wall: float
    cpu: float
    peak: float
    code: int


def run(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a program, its output thrown away, and return what it cost."""
    started = time.perf_counter()
    process = subprocess.Popen(
        argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Run(wall, usage.ru_utime + usage.ru_stime, kilobytes / 1024, process.returncode)


def in_turn(
    programs: Mapping[str, Sequence[str]], environment: Mapping[str, str] | None = None
) -> dict[str, list[Run]]:
    """Run the programs one after the other, RUNS rounds after one that does not count."""
    for argv in programs.values():
        run(argv, environment)
    rounds = [{name: run(argv, environment) for name, argv in programs.items()} for _ in range(RUNS)]
    return {name: [each[name] for each in rounds] for name in programs}


def show_runs(name: str, runs: Sequence[Run]) -> None:
    """Write one row: minimum and median."""
    walls, cpus = sorted(each.wall for each in runs), sorted(each.cpu for each in runs)
    codes = ", ".join(str(code) for code in sorted({each.code for each in runs}))
    show(
        f"{name}: wall {walls[0]:.3f}/{median(walls):.3f} s, cpu {cpus[0]:.3f}/{median(cpus):.3f} s, "
        f"peak {max(each.peak for each in runs):.0f} MB, exit {codes}"
    )


def show_ratio(name: str, runs: Sequence[Run], yardstick: Sequence[Run]) -> None:
    """Write how much longer `runs` took than the yardstick's: the median of the rounds, by clock and by processor."""
    pairs = list(zip(runs, yardstick, strict=True))
    wall = median(one.wall / other.wall for one, other in pairs)
    cpu = median(one.cpu / other.cpu for one, other in pairs)
    show(f"{name}: {wall:.2f} by the clock, {cpu:.2f} by processor time")


def show(line: str) -> None:
    """Write one line at once, so that a long run can be followed."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def root_given() -> Path:
    """Return the fleet to measure: the argument, else the real tree in HUBCTL_CORPUS; without one nothing is run."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1]).resolve()
    root = Path(os.environ.get("HUBCTL_CORPUS", ""), "corpus", "2i2c-infrastructure", "files")
    if not root.is_dir():
        sys.stderr.write(f"NOT RUN: {sys.argv[0]}: name a fleet, or set HUBCTL_CORPUS to a folder with corpus/\n")
        raise SystemExit(0)
    return root.resolve()


@contextmanager
def cloned(root: Path) -> Iterator[Path]:
    """Give the fleet as a fresh git repository with one commit, as a user has it."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder).resolve() / "fleet"
        clone.mkdir()
        for name in ("config", "helm-charts"):
            if (root / name).is_dir():
                shutil.copytree(root / name, clone / name)
        identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgSign=false"]
        for argv in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "Start"]):
            subprocess.run(["git", *identity, *argv], cwd=clone, check=True)
        yield clone
