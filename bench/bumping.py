"""What `bump-image --dry-run` of a whole fleet costs, against its requests alone; and how often it asks.

A registry on loopback, in a process of its own, answers for every image of the fleet; ten have 400 tags more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench._measuring import HUBCTL, cloned, in_turn, root_given, run, show, show_ratio, show_runs
from bench._publishing import images_of

SETTINGS = 'registries:\n  "*": {{mirror: "{address}/{{host}}", insecure: true}}\n'
REPLAY = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1].removeprefix("http://"))
for path in open(sys.argv[2]).read().split():
    connection.request("GET", path)
    connection.getresponse().read()
"""


@dataclass(slots=True)
class Publisher:
    """A running registry: its address, and once it has ended the paths it was asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def publishing(root: Path) -> Iterator[Publisher]:
    """Run the registry for a fleet until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench._publishing", str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both are pipes")
        publisher = Publisher(process.stdout.readline().strip())
        try:
            yield publisher
        finally:
            process.stdin.close()
            publisher.asked += process.stdout.read().split()


def environment_for(address: str, folder: Path) -> Mapping[str, str]:
    """Return the environment in which every registry is asked at `address`."""
    settings = folder / "settings.yaml"
    settings.write_text(SETTINGS.format(address=address))
    return {**os.environ, "HUBCTL_SETTINGS": str(settings), "SOURCE_DATE_EPOCH": "1791072000"}


def main() -> None:
    """Measure and show."""
    with cloned(root_given()) as root:
        # Every run asks everything: what a cache saves is measured beside a peer, in `peer.py`.
        command = (*HUBCTL, "-C", str(root), "bump-image", "--dry-run", "--no-cache", "--role", "all")
        with publishing(root) as once:
            run(command, environment_for(once.address, root.parent))
        requests = root.parent / "requests"
        requests.write_text("\n".join(once.asked))
        show_counts(root, once.asked)
        with publishing(root) as publisher:
            replay = (sys.executable, "-c", REPLAY, publisher.address, str(requests))
            taken = in_turn({"hubctl": command, "requests": replay}, environment_for(publisher.address, root.parent))
    show_runs("bump-image --dry-run --role all", taken["hubctl"])
    show_runs("the same requests alone, one after the other", taken["requests"])
    show_ratio("bump-image / requests alone", taken["hubctl"], taken["requests"])


def show_counts(root: Path, asked: list[str]) -> None:
    """Write how many requests one run made, and how many of them were the tag list of one and the same image."""
    lists = [path for path in asked if path.endswith("/tags/list")]
    often = max((lists.count(path) for path in lists), default=0)
    show(f"{len(images_of(root))} images: {len(asked)} requests, {len(lists)} tag lists, at most {often} of one")


if __name__ == "__main__":
    main()
