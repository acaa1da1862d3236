"""The one way in and out: parse, run, show, exit code; the only place where failures are shown."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from hubctl.cli import completing, streams
from hubctl.cli.app import parse
from hubctl.cli.invocation import Invocation, SecretRequest
from hubctl.commands.codes import BUG, DONE, FAILED, INTERRUPTED, TERMINATED
from hubctl.errors import HubctlError, Terminated

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; nothing but output leaves this function."""
    if completing.VARIABLE in os.environ:
        return completing.answer(parse)
    _end_orderly()
    streams.prepare()
    try:
        parsed = parse(argv)
        code = parsed if isinstance(parsed, int) else _run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        return DONE
    except OSError as error:
        return _left(FAILED, f"error: stdout cannot be written: {str(error.strerror).lower()}")
    except KeyboardInterrupt as stop:
        return _left(INTERRUPTED, "interrupted: nothing half-written is left", *_noted(stop))
    except Terminated as stop:
        return _left(TERMINATED, "terminated: nothing half-written is left", *_noted(stop))
    return code


def _run(invocation: Invocation) -> int:
    from hubctl.cli.running import run  # noqa: PLC0415  # `--help` needs none of it
    from hubctl.cli.showing import show_error  # noqa: PLC0415  # the same

    try:
        return run(invocation)
    except HubctlError as error:
        return show_error(error, invocation)
    except Exception as bug:  # the one place that turns a bug into a report
        if _is_of_stdout(bug):
            raise
        from hubctl.cli.bug import report_bug  # noqa: PLC0415  # only a bug needs it

        silent = isinstance(invocation.request, SecretRequest)
        print(report_bug(bug, dict(os.environ), silent=silent), file=sys.stderr)
        return BUG


def _end_orderly() -> None:
    """Let SIGTERM, and a terminal that closes, unwind through every clean-up; nohup ignores the latter."""
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _terminate)


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def _is_of_stdout(error: Exception) -> bool:
    """Tell whether stdout took no more: every other stream and file is its adapter's, which names what failed."""
    full = isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM
    return full or isinstance(error, BrokenPipeError)


def _noted(stop: BaseException) -> list[str]:
    """Return what was noted on the way out about things that are done already."""
    return getattr(stop, "__notes__", [])


def _left(code: int, *lines: str) -> int:
    """Say what was broken off and return the exit code; a second Ctrl-C changes nothing any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in lines:
        print(line, file=sys.stderr)
    sys.stderr.flush()
    _forget_stdout()
    return code


def _forget_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
