"""Where the commands of the pages are played: a copy of the example fleet, with a registry and a forge on loopback."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator

from hubctl.demo.stage import REPOSITORY, staged

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
        environment = dict(stage.environment) | {"GH_REPO": REPOSITORY, "COLUMNS": "100"}

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
