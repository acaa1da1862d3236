"""What `plan` costs, against one pass of PyYAML's C parser over the `cluster.yaml` files, which it has to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench._measuring import HUBCTL, NOTHING, cloned, in_turn, root_given, show, show_ratio, show_runs
from bench.listing import READ_EVENTS

NAMES = ("plan (work tree)", "plan HEAD~1..HEAD", "plan HEAD~2..HEAD~1 (charts)")


def main() -> None:
    """Measure and show."""
    with cloned(root_given()) as root:
        clusters = sorted(root.glob("config/clusters/*/cluster.yaml"))
        shared = sorted(root.glob("config/clusters/*/*common*.values.yaml"))
        listed = root.parent / "files"
        listed.write_text("\0".join(map(str, clusters)))
        _commit(root, root / "helm-charts/basehub/notes.txt")
        _commit(root, *shared)
        _append(shared[0])
        show(f"{len(clusters)} clusters; {len(shared)} shared files changed in a commit, 1 in the work tree")
        plan = (*HUBCTL, "-C", str(root), "plan", "--json")
        taken = in_turn(
            {
                "nothing": NOTHING,
                "pass": (sys.executable, "-c", READ_EVENTS, str(listed)),
                NAMES[0]: plan,
                NAMES[1]: (*plan, "HEAD~1..HEAD"),
                NAMES[2]: (*plan, "HEAD~2..HEAD~1"),
            }
        )
    show_runs("python -c ''", taken["nothing"])
    show_runs("one event pass", taken["pass"])
    for name in NAMES:
        show_runs(name, taken[name])
        show_ratio(f"{name} / one event pass", taken[name], taken["pass"])


def _commit(root: Path, *files: Path) -> None:
    for file in files:
        _append(file)
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgSign=false"]
    for argv in (["add", "--all"], ["commit", "-q", "-m", "Change"]):
        subprocess.run(["git", *identity, *argv], cwd=root, check=True)


def _append(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as opened:
        opened.write(f"\nhubctlBench{file.stat().st_size}: 1\n")


if __name__ == "__main__":
    main()
