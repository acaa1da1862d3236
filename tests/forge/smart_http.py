"""Smart HTTP over the bare repositories: `git http-backend` behind a password."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def serve(
    root: Path, target: str, *, method: str, headers: Mapping[str, str], body: bytes, login: str | None
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of `git http-backend` for one request; `root` holds `OWNER/REPO.git`."""
    path, _, query = target.partition("?")
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
    }
    if login is not None:
        environment["REMOTE_USER"] = login
    done = subprocess.run(("git", "http-backend"), input=body, env=environment, capture_output=True, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    given = [line.partition(": ")[::2] for line in head.decode().split("\r\n") if line]
    status = next((int(value.split()[0]) for name, value in given if name == "Status"), 200)
    return status, [(name, value) for name, value in given if name != "Status"], content
