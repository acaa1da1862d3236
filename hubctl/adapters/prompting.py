"""A value that is typed, piped or in a file of the user's own: read so that nothing shows it."""

from __future__ import annotations

import errno
import os
import stat
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from hubctl.errors import HubctlError, NotFound
from hubctl.show import show

MOST_BYTES = 1_000_001  # one more than a value may have, so that whoever judges it sees that it is too large
_LONGEST_LINE = 4095  # bytes; what a terminal hands over of one line is cut there (termios(3), canonical mode)


def is_typed() -> bool:
    """Whether a person sits at stdin."""
    return sys.stdin.isatty()


def typed(question: str) -> bytes:
    """Return what is typed twice at the terminal, unseen, without its line end; an empty text once is enough.

    HubctlError, code `bad-value`, where the two differ or a line is longer than a terminal hands over. Ctrl-C raises
    KeyboardInterrupt, with the terminal as it was.
    """
    with _silent(sys.stdin.fileno()):
        first = _asked(f"{question}: ")
        second = _asked(f"{question}, once more: ") if first else first
    if first != second:
        raise HubctlError(
            "the two values differ: nothing was written",
            hint="a value of several lines comes from a file: `--from-file FILE`, or `< FILE`",
            code="bad-value",
        )
    return first


def piped() -> bytes:
    """Return what stdin gives, its last line end kept; never much more than a value may have.

    HubctlError, code `unreadable`, where there is nothing to read from.
    """
    try:
        return sys.stdin.buffer.read(MOST_BYTES)
    except OSError as error:
        raise _unreadable(error, "stdin") from None


def from_file(path: str) -> bytes:
    """Return the bytes of a file of this user that nobody else may read.

    NotFound, code `no-such-file`; HubctlError, code `exposed-file`, for a file of somebody else or with rights for
    others, `unreadable` for what is no regular file, a link too.
    """
    name = show(path)
    try:
        # O_NONBLOCK: opening a FIFO must not wait for a writer. A link may lead to what was not meant.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise _unreadable(error, name) from None
    except ValueError:
        raise HubctlError(f"not the name of a file: `{name}`", code="unreadable") from None
    try:
        _refuse_exposed(os.fstat(descriptor), name)
        with open(descriptor, "rb", closefd=False) as opened:  # a descriptor, not a path
            return opened.read(MOST_BYTES)
    except OSError as error:
        raise _unreadable(error, name) from None
    finally:
        os.close(descriptor)


def _refuse_exposed(seen: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(seen.st_mode):
        raise HubctlError(f"not a regular file: `{name}`", hint="pipe it: `… | hubctl secret set …`", code="unreadable")
    if seen.st_uid != os.geteuid():
        raise HubctlError(f"not a file of yours: `{name}`", hint="pipe it: `… | hubctl …`", code="exposed-file")
    if stat.S_IMODE(seen.st_mode) & 0o077:
        raise HubctlError(f"others may read or change `{name}`", hint=f"run `chmod 600 {name}`", code="exposed-file")


def _unreadable(error: OSError, name: str) -> HubctlError:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return NotFound(f"no such file: `{name}`", code="no-such-file")
    if error.errno == errno.ELOOP:
        return HubctlError(
            f"a link, not a file: `{name}`", hint="name the file itself, or pipe the value", code="unreadable"
        )
    if error.errno in {errno.ENXIO, errno.EISDIR}:
        return HubctlError(f"not a regular file: `{name}`", code="unreadable")
    return HubctlError(f"`{name}` cannot be read: {(error.strerror or 'an error').lower()}", code="unreadable")


@contextmanager
def _silent(terminal: int) -> Iterator[None]:
    """Switch the terminal's echo off; afterwards it is as it was, and what was typed ahead is thrown away.

    Without that the rest of a text of several lines would go to the shell as commands.
    """
    before = termios.tcgetattr(terminal)
    silent = [*before]
    silent[3] = silent[3] & ~(termios.ECHO | termios.ECHONL) | termios.ICANON | termios.ISIG
    try:
        termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _asked(question: str) -> bytes:
    _say(question)
    line = b""
    while not line.endswith(b"\n"):
        try:
            piece = os.read(sys.stdin.fileno(), _LONGEST_LINE + 1)
        except OSError as error:
            raise _unreadable(error, "the terminal") from None
        if not piece:
            break
        line += piece
    _say("\n")
    if len(line) > _LONGEST_LINE:
        raise HubctlError(
            "the value is longer than a terminal hands over: nothing was written",
            hint="take it from a file: `--from-file FILE`, or `< FILE`",
            code="bad-value",
        )
    return line.removesuffix(b"\n")


def _say(text: str) -> None:
    """Write where the person looks: on stderr, on the terminal itself where stderr goes elsewhere."""
    seen = sys.stderr if sys.stderr.isatty() else sys.stdin
    try:
        os.write(seen.fileno(), text.encode())
    except OSError:  # a terminal that was opened for reading alone
        os.write(sys.stderr.fileno(), text.encode())
