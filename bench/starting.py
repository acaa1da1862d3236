"""What it costs to start: `--help` and `--version` against a Python that does nothing."""

from __future__ import annotations

from statistics import median

from bench._measuring import HUBCTL, NOTHING, in_turn, show, show_ratio, show_runs


def main() -> None:
    """Measure and show; the allowance is 2.5 times the empty process and 80 ms."""
    taken = in_turn({"nothing": NOTHING, "--help": (*HUBCTL, "--help"), "--version": (*HUBCTL, "--version")})
    show_runs("python -c ''", taken["nothing"])
    for name in ("--help", "--version"):
        show_runs(f"hubctl {name}", taken[name])
        show_ratio(f"hubctl {name} / python -c ''", taken[name], taken["nothing"])
        used = median(
            one.wall / (2.5 * none.wall + 0.08) for one, none in zip(taken[name], taken["nothing"], strict=True)
        )
        show(f"hubctl {name} / allowance (2.5 x python -c '' + 80 ms): {used:.2f}")


if __name__ == "__main__":
    main()
