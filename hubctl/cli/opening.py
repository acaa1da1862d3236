"""The world a command may see, made once from the command line and the process."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path

from hubctl.adapters.git import find_repository
from hubctl.adapters.http import Http
from hubctl.cli.invocation import Globals
from hubctl.cli.settings_files import read_settings, settings_with
from hubctl.commands.world import World
from hubctl.errors import NotFound, UsageError
from hubctl.problem import Problem
from hubctl.settings import Settings
from hubctl.show import show

_MARKS = ("config/clusters", "hubctl.yaml")


def open_world(options: Globals) -> tuple[World, tuple[Problem, ...]]:
    """Return the world and the problems its settings files have.

    The root is git's, else the nearest folder upwards that holds `config/clusters` or `hubctl.yaml`, else the
    folder itself. NotFound for a `-C` that is no folder; settings errors as `read_settings` raises them.
    """
    environment = dict(os.environ)
    start = _start(options.directory)
    git = find_repository(start)
    root = git.root if git else _root_without_git(start)
    settings, problems = read_settings(
        root, environment, options.settings, git if git and git.bare else None, start=start
    )

    def with_text(text: bytes | None) -> tuple[Settings, tuple[Problem, ...]]:
        return settings_with(text, environment, options.settings, start=start)

    return World(root, environment, _now(environment), settings, git, Http(environment), with_text), problems


def _start(directory: Path | None) -> Path:
    start = directory or Path()
    try:
        found = start.resolve() if start.is_dir() else None
    except (OSError, ValueError):  # the current folder was removed, the name is too long, a parent is closed to us
        found = None
    if found is None:
        raise NotFound(f"no such folder: `{show(str(start))}`", code="no-such-folder")
    return found


def _root_without_git(start: Path) -> Path:
    for folder in (start, *start.parents):
        if any((folder / mark).exists() for mark in _MARKS):
            return folder
    return start


def _now(environment: Mapping[str, str]) -> dt.datetime:
    fixed = environment.get("SOURCE_DATE_EPOCH")
    if not fixed:
        return dt.datetime.now(dt.UTC)
    try:
        return dt.datetime.fromtimestamp(int(fixed), dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"`SOURCE_DATE_EPOCH` is no number of seconds: `{show(fixed, 40)}`",
            hint="unset it, or set it to seconds since 1970-01-01",
        ) from error
