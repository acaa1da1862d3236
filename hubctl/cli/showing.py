"""Where output happens: data on stdout, talk on stderr, colour only on a terminal that wants it."""

from __future__ import annotations

import json as jsonlib
import os
import sys
from collections.abc import Iterable, Mapping

from hubctl.cli import shapes
from hubctl.cli.invocation import Invocation
from hubctl.errors import HubctlError, UsageError

_RED, _GREEN, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"


def data(text: str) -> None:
    """Print one line of data on stdout."""
    sys.stdout.write(text + "\n")


def talk(lines: Iterable[str]) -> None:
    """Print lines on stderr."""
    sys.stdout.flush()
    for line in lines:
        print(line, file=sys.stderr)
    sys.stderr.flush()


def json_object(shape: Mapping[str, object]) -> None:
    """Print one JSON object on stdout; characters outside ASCII as they are where stdout can spell them.

    What a terminal would act on or not show stands as an escape of JSON, so it reads back the same.
    """
    text = jsonlib.dumps(shape, ensure_ascii=not _speaks_utf8(), indent=2)
    if not text.replace("\n", "").isprintable():
        text = "".join(char if char.isprintable() or char == "\n" else jsonlib.dumps(char)[1:-1] for char in text)
    data(text)


def _speaks_utf8() -> bool:
    return sys.stdout.encoding.lower().replace("-", "") == "utf8"


def diff(patch: bytes, *, color: bool) -> None:
    """Print a unified diff byte for byte, coloured only when asked."""
    sys.stdout.flush()
    sys.stdout.buffer.write(_coloured(patch) if color else patch)
    sys.stdout.buffer.flush()


def show_error(error: HubctlError, invocation: Invocation) -> int:
    """Print the failure once, as text and where asked as JSON of the verb's shape; return its exit code."""
    if invocation.json and error.exit_code != UsageError.exit_code:
        json_object({**shapes.empty(invocation.request), "error": shapes.error_object(error)})
    talk(error_lines(error))
    return error.exit_code


def error_lines(error: HubctlError) -> list[str]:
    """Return `error: …` and, on its own paragraph, `hint: …`."""
    lines = [f"error: {shapes.located(error)}"]
    return [*lines, "", f"hint: {error.hint}"] if error.hint else lines


def _coloured(patch: bytes) -> bytes:
    lines = patch.split(b"\n")
    return b"\n".join(_coloured_line(line) for line in lines)


def _coloured_line(line: bytes) -> bytes:
    if line.startswith((b"diff ", b"--- ", b"+++ ")):
        return _BOLD.encode() + line + _PLAIN.encode()
    if line.startswith(b"-"):
        return _RED.encode() + line + _PLAIN.encode()
    return _GREEN.encode() + line + _PLAIN.encode() if line.startswith(b"+") else line


def ask(question: str) -> None:
    """Print a question on stderr, without a line end."""
    sys.stdout.flush()
    print(question, end="", file=sys.stderr, flush=True)


def wants_color(invocation: Invocation) -> bool:
    """Return whether stdout is a terminal that shows colour (no-color.org, `--no-color`, `TERM=dumb`)."""
    environment = os.environ
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb" or not invocation.options.color
    return not plain and sys.stdout.isatty()
