"""Where the commands of the pages are played: a copy of the example fleet, with a registry and a forge on loopback.

Run as a program, it gives a shell there: `make play`.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from hubctl.demo.stage import REPOSITORY, Stage, staged

_BETWEEN = "\x1e"
_LONGEST = 120
_SCRIPT = """\
hubctl() {{ {python} -m hubctl "$@"; }}
{commands}
"""


@contextlib.contextmanager
def playground() -> Iterator[Callable[[tuple[str, ...]], tuple[str, ...]]]:
    """Give a function that runs commands one after the other in one shell and returns what each printed.

    The fleet is that of `hubctl demo`, at its date; what a command changes is there for the next one.
    """
    with staged(os.environ) as stage:
        environment = _environment(stage) | {"COLUMNS": "100"}

        def play(commands: tuple[str, ...]) -> tuple[str, ...]:
            steps = [f"{command}\ncode=$?; printf '{_BETWEEN}'; (exit $code)" for command in commands]
            script = _SCRIPT.format(python=shlex.quote(sys.executable), commands="\n".join(steps))
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=stage.fleet,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=_LONGEST,
                check=False,
            )
            return tuple(done.stdout.split(_BETWEEN)[:-1])

        yield play


def shell() -> int:
    """Give a shell in the playground, with `hubctl` on its PATH, and return the exit code of its last command."""
    with staged(os.environ) as stage:
        environment = _environment(stage)
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        environment |= {"PS1": "fleet$ ", "TERM": os.environ.get("TERM", "dumb")}
        return subprocess.run(
            ["bash", "--norc", "--noprofile"], cwd=stage.fleet, env=environment, check=False
        ).returncode


def _environment(stage: Stage) -> dict[str, str]:
    return dict(stage.environment) | {"GH_REPO": REPOSITORY}


if __name__ == "__main__":
    sys.exit(shell())
