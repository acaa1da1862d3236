"""What a Tab costs in a fleet: each kind of word, against a Python that does nothing."""

from __future__ import annotations

from bench._measuring import HUBCTL, NOTHING, cloned, in_turn, root_given, show_ratio, show_runs
from hubctl.adapters.files import WorkTree
from hubctl.fleet.read import read_fleet

_ASKED = ("env", "_HUBCTL_COMPLETE=complete_bash")


def main() -> None:
    """Measure and show; the key paths are those of the hub that more files feed than any other."""
    with cloned(root_given()) as root:
        hub = max(read_fleet(WorkTree(root)).hubs, key=lambda one: len(one.files))
        words = {
            "verbs": [""],
            "clusters": ["bump-image", ""],
            "hubs": ["hub", "show", ""],
            "images": ["bump-image", "--image", ""],
            "key paths": ["hub", "show", hub.id, ""],
        }
        programs = {name: _program(str(root), typed) for name, typed in words.items()}
        taken = in_turn({"nothing": NOTHING, **programs})
    show_runs("python -c ''", taken["nothing"])
    for name in words:
        show_runs(f"completing {name}", taken[name])
        show_ratio(f"completing {name} / python -c ''", taken[name], taken["nothing"])


def _program(root: str, typed: list[str]) -> tuple[str, ...]:
    line = ["hubctl", "-C", root, *typed]
    return (*_ASKED, "COMP_WORDS=" + "\n".join(line), f"COMP_CWORD={len(line) - 1}", *HUBCTL)


if __name__ == "__main__":
    main()
