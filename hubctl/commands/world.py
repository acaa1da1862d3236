"""What a command may know of the outside: made once by `cli`, taken apart by commands, passed no further."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hubctl.settings import Settings

if TYPE_CHECKING:
    from hubctl.adapters.git import Repository
    from hubctl.adapters.http import Http


@dataclass(frozen=True, slots=True)
class World:
    """`root` is the repository's root, `now` is aware UTC (SOURCE_DATE_EPOCH where set), `git` None outside git."""

    root: Path
    environment: Mapping[str, str]
    now: dt.datetime
    settings: Settings
    git: Repository | None
    http: Http
