"""A program at a terminal of its own, as a person sees it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 30.0


@dataclass
class Terminal:
    """What is shown so far, and the program that shows it."""

    side: int
    process: subprocess.Popen[bytes]
    shown: bytes = b""

    def wait_for(self, text: bytes) -> None:
        """Read on until this was shown."""
        deadline = time.monotonic() + _PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.side], [], [], 0.05)[0]:
                self.shown += os.read(self.side, 4096)

    def type(self, text: bytes) -> None:
        os.write(self.side, text)

    def ended(self) -> int:
        """Wait for the end, read the rest and return the exit code."""
        deadline = time.monotonic() + _PATIENCE
        while self.process.poll() is None or select.select([self.side], [], [], 0.05)[0]:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.side], [], [], 0.05)[0]:
                self.shown += os.read(self.side, 4096)
        return self.process.returncode


@contextmanager
def terminal(
    words: Sequence[str | Path],
    *,
    at: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Iterator[Terminal]:
    """Start a program whose stdin is a terminal, and its other streams, too, where nothing else is said.

    At the end the terminal shows again what is typed.
    """
    side, other = pty.openpty()
    process = subprocess.Popen(
        words,
        stdin=other,
        stdout=other if stdout is None else stdout,
        stderr=other if stderr is None else stderr,
        cwd=at,
        env=env,
        start_new_session=True,
    )
    try:
        yield Terminal(side, process)
        assert termios.tcgetattr(other)[3] & termios.ECHO
    finally:
        process.kill()
        process.wait()
        os.close(side)
        os.close(other)
