"""What a command may know of the outside: made once by `cli`, taken apart by commands, passed no further."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hubctl.problem import Problem
from hubctl.settings import Settings

if TYPE_CHECKING:
    from hubctl.adapters.git import Repository
    from hubctl.adapters.http import Http


SETTINGS_FILE = "hubctl.yaml"


@dataclass(frozen=True, slots=True)
class World:
    """`root` is the repository's root, `now` is aware UTC (SOURCE_DATE_EPOCH where set), `git` None outside git.

    `settings_with` gives the settings, and what was ignored in them, where another repository's `hubctl.yaml` (its
    text, None without one) counts in place of the one at `root`.
    """

    root: Path
    environment: Mapping[str, str]
    now: dt.datetime
    settings: Settings
    git: Repository | None
    http: Http
    settings_with: Callable[[bytes | None], tuple[Settings, tuple[Problem, ...]]]
