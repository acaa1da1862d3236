"""hubctl in processes of their own that need not import it anew: forked from one that has.

Two thirds of a short run are imports. Each run has its own process, environment, folder and streams all the same; what
an interpreter reads when it starts (`PYTHONPATH`, the locale, `PATH` for git) is as it was for the first, so where a
run differs in that `can_run` is False and it is started afresh.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

_AT_START = ("PYTHON", "LC_", "LD_", "COVERAGE", "GIT_PYTHON")
_AT_START_EXACTLY = frozenset({"PATH", "LANG", "LANGUAGE", "TZ"})
_MOST = 1 << 20
_ROOT = Path(__file__).parents[2]


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in environment.items() if name in _AT_START_EXACTLY or name.startswith(_AT_START)
    }


class Warm:
    """The process that was started for the tests of this one, with `variables` added; ends with it."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._environment = {**os.environ, **(variables or {})}
        self._start = _read_at_start(self._environment)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._path = ""

    def can_run(self, environment: Mapping[str, str]) -> bool:
        """Return whether a run in this environment would be the same as one that is started afresh."""
        measured = any(name.startswith("COVERAGE") for name in environment)
        return not measured and _read_at_start(environment) == self._start

    def run(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: bytes, *, seconds: float
    ) -> tuple[int, bytes, bytes]:
        """Return exit code, stdout and stderr of one run."""
        self._started()
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line,
        ):
            given.write(stdin)
            given.seek(0)
            line.settimeout(seconds)
            line.connect(self._path)
            asked = json.dumps({"words": list(words), "folder": str(folder), "environment": dict(environment)})
            socket.send_fds(line, [asked.encode()], [given.fileno(), out.fileno(), err.fileno()])
            code = int(line.recv(16))
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def _started(self) -> None:
        with self._lock:
            if self._process is None:
                folder = tempfile.TemporaryDirectory(prefix="hubctl-warm-")
                self._path = str(Path(folder.name, "s"))
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.cli.warm", self._path],
                    cwd=_ROOT,
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
                atexit.register(self._end, folder)
                assert self._process.stdout is not None
                assert self._process.stdout.read(5) == b"ready"

    def _end(self, folder: tempfile.TemporaryDirectory[str]) -> None:
        assert self._process is not None
        self._process.communicate()
        folder.cleanup()


WARM = Warm()


def _serve(path: str) -> None:
    """Fork for each run that is asked for at `path`, until stdin ends."""
    import hubctl  # noqa: PLC0415  # the process that forks imports it, not the tests

    for module in pkgutil.walk_packages(hubctl.__path__, "hubctl."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()  # what was imported is never looked through again, nor copied for it
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(path)
        listening.listen(64)
        os.write(1, b"ready")
        while 0 not in (ready := select.select([listening.fileno(), 0], [], [], 1)[0]):
            _reap(os.WNOHANG)
            if ready:
                line, _ = listening.accept()
                if os.fork() == 0:
                    _keep(line)
                line.close()
    _reap(0)


def _reap(options: int) -> None:
    """Take the ends of forked processes, so that their time counts as that of the tests."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def _keep(line: socket.socket) -> NoReturn:
    """Run what is asked for in a process below this one, and say how it ended."""
    asked, streams, _, _ = socket.recv_fds(line, _MOST, 3)
    child = os.fork()
    if child == 0:
        line.close()
        _run(json.loads(asked), streams)
    _, status = os.waitpid(child, 0)
    line.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(asked: dict[str, Any], streams: Sequence[int]) -> NoReturn:
    """Become what `python -m hubctl` is right after it started."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))
    sys.stdout = _writing(1)
    sys.stderr = _writing(2, errors="backslashreplace", line_buffering=True)
    sys.path[0] = asked["folder"]
    sys.argv = ["hubctl", *asked["words"]]
    try:
        runpy.run_module("hubctl", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        _end(ended.code)
    raise AssertionError("hubctl ends by sys.exit")


def _end(code: object) -> NoReturn:
    """End as an interpreter does, but for taking its memory apart: that would copy all of it, a third of the time."""
    assert isinstance(code, int)
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  # what an interpreter calls, and in this order
    atexit._run_exitfuncs()  # noqa: SLF001  # the same
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:
            stream.flush()
    os._exit(code)


def _writing(number: int, **how: Any) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(number, "w", closefd=False)), "utf-8", **how)


if __name__ == "__main__":
    _serve(sys.argv[1])
