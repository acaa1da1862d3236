"""GitHub's own command line, asked for one thing: the token somebody logged in with."""

from __future__ import annotations

import os
import subprocess

from hubctl.secret import Secret

_SECONDS = 10.0


def gh_token(host: str) -> Secret | None:
    """Return the token `gh auth token --hostname HOST` prints; None without gh, without a login, or after 10 s."""
    environment = {**os.environ, "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1"}
    try:
        completed = subprocess.run(
            ["gh", "auth", "token", "--hostname", host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    token = completed.stdout.decode("utf-8", "replace").strip()
    return Secret(token) if completed.returncode == 0 and token and token.isprintable() else None
