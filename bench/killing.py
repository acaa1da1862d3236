"""What a file holds after hubctl was killed while it wrote it: the old text, the new one, or a torn one."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench._measuring import show

KILLS = 200
OLD, NEW = b"old\n" * 70_000, b"new!\n" * 70_000
WINDOW = 0.008  # seconds from the start of writing: about what one write takes
WRITE = """
import pathlib, sys
from hubctl.adapters.writing import write_all
from hubctl.proposals.plan import FileEdit
root, old, new = pathlib.Path(sys.argv[1]), b"old\\n" * 70_000, b"new!\\n" * 70_000
sys.stdin.read(1)
print("go", flush=True)
write_all(root, [FileEdit("large.yaml", old, new)])
"""


def outcomes(root: Path, kills: int = KILLS) -> Counter[str]:
    """Return how often `large.yaml` in `root` was `old`, `new` or `torn` after a SIGKILL in the window of writing."""
    file = root / "large.yaml"
    chance = random.Random(7)  # noqa: S311  # moments, not secrets
    counted = Counter({"old": 0, "new": 0, "torn": 0})
    for _ in range(kills):
        file.write_bytes(OLD)
        with subprocess.Popen(
            [sys.executable, "-c", WRITE, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise AssertionError("both are pipes")
            process.stdin.write(b"x")
            process.stdin.flush()
            process.stdout.readline()
            time.sleep(chance.uniform(0, WINDOW))
            process.kill()
        counted[{OLD: "old", NEW: "new"}.get(file.read_bytes(), "torn")] += 1
    return counted


def main() -> None:
    """Kill, count and show."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with tempfile.TemporaryDirectory() as folder:
        counted = outcomes(Path(folder).resolve(), kills)
    counts = ", ".join(f"{count} {name}" for name, count in counted.items())
    show(f"{kills} SIGKILLs within {WINDOW * 1000:.0f} ms of the start of writing: {counts}")


if __name__ == "__main__":
    main()
