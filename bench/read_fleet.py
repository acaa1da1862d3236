"""How long a fleet takes to be read: `python bench/read_fleet.py [ROOT]`, the best of ten runs, in one process."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from hubctl.adapters.files import WorkTree
from hubctl.fleet.index import Index
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import read_fleet
from hubctl.fleet.shadow import shadowed
from hubctl.images.sites import find_sites

RUNS = 10


def read(root: Path) -> tuple[Fleet, float]:
    started = time.perf_counter()
    fleet = read_fleet(WorkTree(root))
    return fleet, time.perf_counter() - started


def shadow(fleet: Fleet) -> float:
    sites = [site for file, text in fleet.texts.items() for site in find_sites(text, file)]
    started = time.perf_counter()
    index = Index(fleet)
    for site in sites:
        shadowed(index, site)
    return time.perf_counter() - started


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    reads = [read(root) for _ in range(RUNS)]
    fleet = reads[0][0]
    sys.stdout.write(f"{len(fleet.clusters)} clusters, {len(fleet.hubs)} hubs, {len(fleet.texts)} plain files" + "\n")
    sys.stdout.write(f"read: {min(seconds for _, seconds in reads) * 1000:.0f} ms" + "\n")
    sys.stdout.write(f"shadow every site: {min(shadow(fleet) for _ in range(RUNS)) * 1000:.0f} ms" + "\n")


if __name__ == "__main__":
    main()
