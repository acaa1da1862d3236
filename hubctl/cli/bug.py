"""What a bug leaves: a log with versions and frames, and one sentence that names it."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Mapping

from hubctl import __version__
from hubctl.show import show

_SECRET_NAME = re.compile(r"TOKEN|PASSWORD|SECRET|_KEY|CREDENTIAL", re.IGNORECASE)


def report_bug(bug: Exception, environment: Mapping[str, str]) -> str:
    """Write the log into a private temporary file and return the text to show, which names it."""
    with tempfile.NamedTemporaryFile("w", prefix="hubctl-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(_log_text(bug, environment))
    return (
        f"error: this is a bug in hubctl: {type(bug).__name__}\n\n"
        f"hint: report it with the log `{show(log.name, 400)}`; nothing half-written is left"
    )


def _log_text(bug: Exception, environment: Mapping[str, str]) -> str:
    # The last line carries foreign text: values that look like credentials are masked before it is kept.
    text = "".join(traceback.format_exception(bug))
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and len(value) > 3:
            text = text.replace(value, "***")
    text = re.sub(r"://[^/@\s]+@", "://***@", text)
    versions = f"hubctl {__version__}, python {sys.version.split()[0]}, {platform.system()} {platform.release()}"
    return f"{versions}\narguments: {show(os.fspath(sys.argv[0]), 400)} … ({len(sys.argv) - 1})\n\n{text}"
