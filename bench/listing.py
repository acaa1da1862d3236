"""What `image list` of a whole fleet costs, against one pass of PyYAML's C parser over the same files."""

from __future__ import annotations

import sys

from bench._measuring import HUBCTL, NOTHING, cloned, in_turn, root_given, show, show_ratio, show_runs
from hubctl.adapters.files import WorkTree
from hubctl.fleet.read import read_fleet

READ_EVENTS = """
import sys, yaml
for file in open(sys.argv[1]).read().split("\\0"):
    with open(file, "rb") as text:
        for _ in yaml.parse(text.read(), Loader=yaml.CSafeLoader): pass
"""


def main() -> None:
    """Measure and show."""
    with cloned(root_given()) as root:
        texts = read_fleet(WorkTree(root)).texts
        listed = root.parent / "files"
        listed.write_text("\0".join(str(root / file) for file in texts))
        show(f"{len(texts)} plain files of {sum(map(len, texts.values())) // 1000} kB in a git repository")
        taken = in_turn(
            {
                "nothing": NOTHING,
                "pass": (sys.executable, "-c", READ_EVENTS, str(listed)),
                "text": (*HUBCTL, "-C", str(root), "image", "list"),
                "json": (*HUBCTL, "-C", str(root), "image", "list", "--json"),
            }
        )
    show_runs("python -c ''", taken["nothing"])
    show_runs("one event pass", taken["pass"])
    for name in ("text", "json"):
        show_runs(f"image list ({name})", taken[name])
        show_ratio(f"image list ({name}) / one event pass", taken[name], taken["pass"])


if __name__ == "__main__":
    main()
