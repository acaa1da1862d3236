"""What choosing costs among very many tags of one image, in processor time and memory; no registry is asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from bench._measuring import RUNS, show

COUNTS = (1_000, 10_000, 100_000)  # the last is the longest list that hubctl takes
CURRENT = ("2020.01.01", "1.2.3", "0123456789ab")


def main() -> None:
    """Measure and show."""
    for count in COUNTS:
        for tag in CURRENT:
            taken = [chosen(count, tag) for _ in range(RUNS)]
            seconds = [float(each[2]) for each in taken]
            before, peak = (max(int(each[place]) for each in taken) for place in (3, 4))
            show(
                f"{taken[0][0]} tags, now {tag}: {taken[0][1]} in cpu {min(seconds):.3f}/{median(seconds):.3f} s, "
                f"peak {peak} MB, {before} MB of it before"
            )


def chosen(count: int, tag: str) -> list[str]:
    """Return what one process says: tags, outcome, seconds, MB before choosing and at most."""
    argv = [sys.executable, "-m", "bench._choosing", str(count), tag]
    return subprocess.run(
        argv, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    ).stdout.split()


if __name__ == "__main__":
    main()
