"""Programs that know logins or secrets: started without a shell, for a bounded time and output."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import selectors
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LARGEST_OUTPUT = 1024 * 1024
LARGEST_TALK = 64 * 1024
_PIECE = 64 * 1024
_ADMINISTRATORS = 80  # the group `admin` of macOS
_GLANCE = 0.05
_GRACE = 0.5  # for what is still in the pipes when a program has ended and left a child that holds them


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code and what it printed, or in `problem` why there is no use in either."""

    code: int | None
    stdout: bytes = field(default=b"", repr=False)
    stderr: bytes = field(default=b"", repr=False)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """Where a program is, None without one; `passed_over` says that one was found where none is started."""

    path: Path | None
    passed_over: bool = False


def find_program(name: str, environment: Mapping[str, str], root: Path | None) -> Located:
    """Return the program `name` of the absolute folders of PATH.

    Passed over is what lies below `root`, the repository's: others write files there. A repository that holds the
    user's home is not taken for such a place.
    """
    passed_over = False
    for path in programs_on_path(name, environment):
        if not path.is_absolute():
            continue
        if lies_in(path, root, environment.get("HOME")):
            passed_over = True
            continue
        return Located(path)
    return Located(None, passed_over)


def programs_on_path(name: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield every program `name` in the order of PATH, relative ones of the current folder, too."""
    for folder in environment.get("PATH", "").split(os.pathsep):
        path = Path(folder, name)
        if _runs(path):
            yield path


def lies_in(path: Path, root: Path | None, home: str | None) -> bool:
    """Tell whether a program lies below `root`, itself or what it links to; never where that holds the user's home."""
    own = Path(home).resolve() if home else Path("/")
    if root is None or own.is_relative_to(root.resolve()):
        return False
    return any(place.is_relative_to(root.resolve()) for place in (path.parent.resolve(), path.resolve()))


def changeable_by_others(program: Path) -> Path | None:
    """Return the place through which others could put another program there, None where there is none.

    Looked at are the file, what it links to, and the folders of both: whoever may write to a folder may replace what
    lies in it, were it sticky. Administrators of a Mac, whose group owns the folders of Homebrew, are no others.
    """
    real = program.resolve()
    return next((place for place in (real, program.parent, real.parent) if _written_by_others(place.stat())), None)


def _written_by_others(seen: os.stat_result) -> bool:
    if sys.platform == "darwin" and seen.st_gid == _ADMINISTRATORS and stat.S_ISDIR(seen.st_mode):
        return bool(seen.st_mode & stat.S_IWOTH)
    return bool(seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _runs(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def run_program(  # noqa: PLR0913  # what a program is given, and its bounds
    program: Path,
    arguments: Sequence[str],
    stdin: bytes,
    environment: Mapping[str, str],
    *,
    seconds: float,
    most: int = LARGEST_OUTPUT,
    cwd: Path = Path("/"),
    umask: int = -1,
) -> Ended:
    """Run `program` in the folder `cwd` with exactly `environment` and return how it ended; nothing is raised.

    It and what it started are ended after `seconds`, and where it prints more than `most` bytes. What a child it left
    behind prints is not waited for, nor that it reads `stdin`. `umask` -1 is this process' own.
    """
    try:
        process = subprocess.Popen(
            [program, *arguments],
            bufsize=0,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=umask,
        )
    except (OSError, ValueError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else ""
        return Ended(None, problem=f"it cannot be started: {reason.lower() or 'its environment cannot be passed on'}")
    stop = functools.partial(_end, process)
    atexit.register(stop)  # a run that is broken off leaves its threads behind, but no programs
    try:
        return _watched(process, stdin, seconds, most)
    finally:
        stop()
        atexit.unregister(stop)


def _watched(process: subprocess.Popen[bytes], stdin: bytes, seconds: float, most: int) -> Ended:
    assert process.stdin is not None  # noqa: S101  # it was asked for
    assert process.stdout is not None  # noqa: S101  # the same
    assert process.stderr is not None  # noqa: S101  # the same
    ends = time.monotonic() + seconds
    with process.stdin, process.stdout, process.stderr:
        pipes = _Pipes(stdin, most)
        pipes.talk(process, (process.stdin, process.stdout, process.stderr), ends)
        stdout, stderr = bytes(pipes.out), bytes(pipes.said)
        if len(stdout) > most:
            return Ended(None, problem=f"it printed more than {most // LARGEST_OUTPUT} MiB")
        try:
            code = process.wait(max(0.0, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            return Ended(None, stdout, stderr, problem=f"it took longer than {seconds:g} s")
    if code < 0:
        return Ended(None, stdout, stderr, problem=f"it was ended by signal {-code}")
    return Ended(code, stdout, stderr)


class _Pipes:
    """What goes into a program and comes out, side by side, so that neither waits for the other."""

    def __init__(self, stdin: bytes, most: int) -> None:
        self.left = memoryview(stdin)
        self.most = most
        self.out = bytearray()
        self.said = bytearray()

    def talk(
        self, process: subprocess.Popen[bytes], streams: tuple[IO[bytes], IO[bytes], IO[bytes]], ends: float
    ) -> None:
        """Write and read until all three pipes are closed, time is over, or stdout holds too much."""
        stdin, stdout, stderr = streams
        numbered = {stream.fileno(): stream for stream in streams}
        os.set_blocking(stdin.fileno(), False)
        with selectors.DefaultSelector() as open_pipes:
            open_pipes.register(stdin, selectors.EVENT_WRITE, self._write)
            open_pipes.register(stdout, selectors.EVENT_READ, functools.partial(self._read, self.out, self.most + 1))
            open_pipes.register(stderr, selectors.EVENT_READ, functools.partial(self._read, self.said, LARGEST_TALK))
            gone = False
            while open_pipes.get_map() and len(self.out) <= self.most and (left := ends - time.monotonic()) > 0:
                if not gone and process.poll() is not None:
                    gone, ends = True, min(ends, time.monotonic() + _GRACE)
                for key, _ in open_pipes.select(min(left, _GLANCE)):
                    if not key.data(key.fd):
                        open_pipes.unregister(key.fileobj)
                        numbered[key.fd].close()

    def _write(self, pipe: int) -> bool:
        """Write what the pipe takes and return whether more is to come; a reader that is gone wants no more."""
        try:
            self.left = self.left[os.write(pipe, self.left[:_PIECE]) :]
        except BrokenPipeError:
            return False
        return len(self.left) > 0

    @staticmethod
    def _read(kept: bytearray, room: int, pipe: int) -> bool:
        piece = os.read(pipe, _PIECE)
        kept += piece[: room - len(kept)]
        return bool(piece)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and every child that stayed in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def variables_without(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the environment for a program that has no business with the variables `names`."""
    kept = set(names)
    return {name: text for name, text in environment.items() if name not in kept}
