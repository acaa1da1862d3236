"""The stage: a fleet with a remote, an environment of its own, and nothing left afterwards."""

from __future__ import annotations

import os

import pytest

from hubctl.commands.demo import run
from hubctl.demo.stage import staged
from hubctl.errors import GitRefused, ToolMissing


def test_the_fleet_is_committed_and_pushed_the_same_each_time():
    tips = []
    for _ in range(2):
        with staged(os.environ) as stage:
            tips.append(stage.git("rev-parse", "HEAD", "origin/main").output.split())
            assert stage.git("status", "--porcelain").output == ""

    (local, remote), again = tips
    assert local == remote
    assert again == [local, remote]


def test_nothing_of_the_users_environment_reaches_the_program(monkeypatch):
    monkeypatch.setenv("GH_TOKEN", "canary")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")

    with staged(os.environ) as stage:
        inherited = {name for name, value in stage.environment.items() if os.environ.get(name) == value}

    assert inherited <= {"PATH", "PYTHONPATH", "GIT_CONFIG_NOSYSTEM"}


def test_nothing_is_left_when_it_is_interrupted():
    stages = []

    def interrupted():
        with staged(os.environ) as stage:
            stages.append(stage.fleet.parent)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    (folder,) = stages
    assert not folder.exists()


def test_without_git_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolMissing, match="`git` is not installed"):
        next(run(os.environ))


def test_a_git_that_fails_ends_the_story(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no luck >&2\nexit 7\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    with pytest.raises(GitRefused, match="`git init` failed on the demo's stage: no luck"):
        next(run(os.environ))
