"""Credential helpers, from the outside: what is said of them, and that none outlives hubctl."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.playground import Playground


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_helper_that_hangs_ends_with_hubctl(tmp_path: Path, sent, code) -> None:
    tools, mark = tmp_path / "bin", tmp_path / "started"
    tools.mkdir()
    helper = tools / "docker-credential-test"
    helper.write_text(f"#!/bin/sh\nsleep 300 & echo $$ $! > {mark}.new; mv {mark}.new {mark}; wait\n")
    helper.chmod(0o700)
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "test"}))
    variables = {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "hubctl", "image", "tags", "127.0.0.1:1/a/b"]
    with subprocess.Popen(argv, cwd=tmp_path, env=os.environ | variables, stderr=subprocess.PIPE) as process:
        while not mark.exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(sent)
        _, said = process.communicate(timeout=20)

    assert process.returncode == code
    assert b"Traceback" not in said
    for number in mark.read_text().split():
        assert _ended(int(number))


def _ended(process: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_what_is_wrong_with_a_helper_is_said_once(playground: Playground, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "absent"}))

    done = playground.run("bump-image", "--dry-run", "--role", "all", DOCKER_CONFIG=str(tmp_path))

    missing = f"`docker-credential-absent`, which `{tmp_path}/config.json` names for `{playground.registry.host}`"
    assert done.code == 0
    assert [line for line in done.err.splitlines() if "absent" in line] == [
        f"note: quay.io/leap/hub and 4 images more: {missing}, is not installed"
    ]
