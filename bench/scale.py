"""Whether the verbs grow with the fleet and no faster, and what they keep: `python -m bench.scale [HUBS...]`.

Fleets of that many hubs, 1,000, 3,000 and 10,000 unless said, are generated; registries are played from a recording.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench._generating import recording, write_fleet
from bench._measuring import HUBCTL, run, show

SIZES = (1_000, 3_000, 10_000)
_OLD, _NEW = "defaultUrl: /lab", "defaultUrl: /tree"


@contextmanager
def generated(hubs: int) -> Iterator[Path]:
    """Give a fleet as a git repository whose last commit changes the file that feeds all hubs of each cluster."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "fleet"
        root.mkdir()
        write_fleet(root, hubs)
        (root.parent / "recording.json").write_bytes(recording(hubs))
        _git(root, "init", "-q")
        _commit(root)
        for file in root.glob("config/clusters/*/*common.values.yaml"):
            file.write_text(file.read_text().replace(_OLD, _NEW))
        _commit(root)
        yield root


def _commit(root: Path) -> None:
    _git(root, "add", "--all")
    _git(
        root, "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "commit", "-q", "--no-gpg-sign", "-m", "X"
    )


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


def verbs(root: Path) -> Mapping[str, Sequence[str]]:
    """Return what is run, by its name in a row."""
    replay = ("--replay", str(root.parent / "recording.json"))
    return {
        "hub show": ("hub", "show", "cluster-0/hub-1", "--json"),
        "hub list": ("hub", "list", "--json"),
        "image list": ("image", "list", "--json"),
        "validate": ("validate", "--json"),
        "validate --base": ("validate", "--json", "--base", "HEAD~1"),
        "plan": ("plan", "HEAD~1..HEAD", "--json"),
        "bump-image --dry-run": ("bump-image", "--dry-run", *replay),
    }


def main() -> None:
    """Measure and show, each verb once a fleet; ratios are to the first fleet, by processor time a hub."""
    first: dict[str, float] = {}
    for hubs in map(int, sys.argv[1:]) if sys.argv[1:] else SIZES:
        with generated(hubs) as root:
            for name, arguments in verbs(root).items():
                taken = run((*HUBCTL, "-C", str(root), *arguments))
                each = taken.cpu / hubs
                ratio = each / first.setdefault(name, each)
                show(
                    f"{hubs} hubs, {name}: cpu {taken.cpu:.2f} s, {each * 1000:.2f} ms a hub, ratio {ratio:.2f}, "
                    f"peak {taken.peak:.0f} MB, exit {taken.code}"
                )


if __name__ == "__main__":
    main()
