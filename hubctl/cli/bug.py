"""What a bug leaves: a log with versions and frames, and one sentence that names it."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping

from hubctl import __version__
from hubctl.show import show

_SECRET_NAME = re.compile(r"TOKEN|PASSWORD|SECRET|_KEY|CREDENTIAL", re.IGNORECASE)


def report_bug(bug: Exception, environment: Mapping[str, str], *, silent: bool = False) -> str:
    """Write the log into a private temporary file and return the text to show, which names it.

    A `silent` log has the frames and the kinds of exceptions, and no word of what they say: that may be a secret.
    """
    with tempfile.NamedTemporaryFile("w", prefix="hubctl-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(_log_text(bug, environment, silent=silent))
    return (
        f"error: this is a bug in hubctl: {type(bug).__name__}\n\n"
        f"hint: report it with the log `{show(log.name, 400)}`; nothing half-written is left"
    )


def _log_text(bug: Exception, environment: Mapping[str, str], *, silent: bool) -> str:
    # The last line carries foreign text: values that look like credentials are masked before it is kept.
    text = "".join(_unsaid(bug) if silent else traceback.format_exception(bug))
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and len(value) > 3:
            text = text.replace(value, "***")
    text = re.sub(r"://[^/@\s]+@", "://***@", text)
    versions = f"hubctl {__version__}, python {sys.version.split()[0]}, {platform.system()} {platform.release()}"
    return f"{versions}\narguments: {show(os.fspath(sys.argv[0]), 400)} … ({len(sys.argv) - 1})\n\n{text}"


def _unsaid(bug: BaseException) -> Iterator[str]:
    """Yield the frames and the kind of an exception and of those that led to it; no message, no note, no local."""
    seen: list[BaseException] = []
    one: BaseException | None = bug
    while one is not None and one not in seen:
        seen.append(one)
        yield from traceback.format_tb(one.__traceback__)
        yield f"{type(one).__module__}.{type(one).__qualname__}\n"
        one = one.__cause__ or one.__context__
