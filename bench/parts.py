"""Where the time of `image list` goes, in one process: the parser's events, trees, places, the fleet, what shadows."""

from __future__ import annotations

import time
from collections.abc import Callable

import yaml

from bench._measuring import RUNS, root_given, show
from hubctl.adapters.files import WorkTree
from hubctl.fleet.index import Index
from hubctl.fleet.model import Fleet
from hubctl.fleet.read import read_fleet
from hubctl.fleet.shadow import shadowed
from hubctl.images.site import Site
from hubctl.images.sites import find_sites
from hubctl.text.parse import parse


def main() -> None:
    """Measure and show the least processor time of each part, and how many event passes it is worth."""
    tree = WorkTree(root_given())
    fleet = read_fleet(tree)
    places = found_in(fleet)
    show(
        f"{len(fleet.clusters)} clusters, {len(fleet.hubs)} hubs, {len(fleet.texts)} plain files, {len(places)} places"
    )
    one_pass = least(lambda: pass_over(fleet))
    parts = {
        "parser's events": one_pass,
        "trees": least(lambda: [parse(text, file) for file, text in fleet.texts.items()]),
        "trees and places": least(lambda: found_in(fleet)),
        "reading the fleet": least(lambda: read_fleet(tree)),
        "what shadows each place": least(lambda: shadow_all(fleet, places)),
    }
    for name, seconds in parts.items():
        show(f"{name}: {seconds * 1000:.0f} ms, {seconds / one_pass:.2f} event passes")


def pass_over(fleet: Fleet) -> None:
    """Let the C parser read every file and forget it."""
    for text in fleet.texts.values():
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass


def found_in(fleet: Fleet) -> list[Site]:
    """Return every place of the fleet."""
    return [site for file, text in fleet.texts.items() for site in find_sites(text, file)]


def shadow_all(fleet: Fleet, places: list[Site]) -> None:
    """Ask of every place whether later files hide it."""
    index = Index(fleet)
    for site in places:
        shadowed(index, site)


def least(work: Callable[[], object]) -> float:
    """Return the least processor seconds of RUNS rounds."""
    rounds = []
    for _ in range(RUNS):
        started = time.process_time()
        work()
        rounds.append(time.process_time() - started)
    return min(rounds)


if __name__ == "__main__":
    main()
