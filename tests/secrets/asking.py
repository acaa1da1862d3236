"""What real sops says without any key: of a `.sops.yaml`, and of the recipients of a file."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.secrets.parts import tool

MAC = "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]"


@functools.cache
def version() -> tuple[int, ...]:
    """Return the version of sops: old ones know fewer kinds of keys."""
    words = [tool("sops"), "--disable-version-check", "--version"]
    first, _, _ = subprocess.run(words, capture_output=True, check=True, text=True).stdout.partition("\n")
    return tuple(int(part) for part in first.split()[1].split("."))


def updatekeys(folder: Path, rules: str, metadata: Mapping[str, Any], file: str = "a.yaml") -> tuple[str, str]:
    """Return what `sops updatekeys` prints, standard output and errors, for a file with these recipients.

    It changes nothing: at its question there is nobody to answer.
    """
    block = {**metadata, "lastmodified": "2026-05-01T00:00:00Z", "mac": MAC, "version": "3.13.2"}
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(yaml.safe_dump({"x": MAC, "sops": block}), "utf-8")
    (folder / ".sops.yaml").write_bytes(rules.encode())
    words = ["--disable-version-check", "--config", ".sops.yaml", "updatekeys", file]
    done = subprocess.run(
        [tool("sops"), *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
    )
    return done.stdout.decode(), done.stderr.decode()
