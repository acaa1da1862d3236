"""What flags mean together: which exclude each other, and values made of several."""

from __future__ import annotations

import datetime as dt
import math
import os
from pathlib import Path

import typer

from hubctl.commands.requests import Sources


def refuse_together(**flags: object) -> None:
    """Raise BadParameter where more than one of the flags is given; names are those of the parameters."""
    given = [f"`--{name.replace('_', '-')}`" for name, value in flags.items() if value]
    if len(given) > 1:
        raise typer.BadParameter(f"{' and '.join(given)} exclude each other")


def refuse_values(words: list[str]) -> None:
    """Raise BadParameter for words that are left over: the parser itself would repeat what may be a secret."""
    if words:
        raise typer.BadParameter("a value never stands on the command line, where others see it: type it or pipe it")


def absolute(start: Path | None, paths: list[Path] | None) -> tuple[str, ...]:
    """Return paths as they are seen from the folder `start`, absolute as typed.

    The repository's root is not known yet, and a link stays what it is called.
    """
    return tuple(os.path.abspath((start or Path()) / path) for path in paths or ())  # noqa: PTH100  # `resolve` follows links


def sources(  # noqa: PLR0913  # one parameter a flag
    start: Path | None, *, offline: bool, record: Path | None, replay: Path | None, no_cache: bool, max_wait: float
) -> Sources:
    """Return where facts of registries come from; files are seen from the folder `start`.

    BadParameter where two exclude each other: what is read without the network is either a recording or what earlier
    runs kept, and from a recording nothing new can be recorded; or where the seconds are no number.
    """
    refuse_together(offline=offline, replay=replay)
    refuse_together(record=record, replay=replay)
    if math.isnan(max_wait):
        raise typer.BadParameter("`--max-wait` is a number of seconds")
    here = start or Path()
    return Sources(
        offline=offline,
        record=here / record if record else None,
        replay=here / replay if replay else None,
        cache=not no_cache,
        max_wait=max_wait,
    )


def age(text: str | None) -> dt.timedelta | None:
    """Return the age a flag gives, None without it; BadParameter for what is none."""
    from hubctl.errors import HubctlError  # noqa: PLC0415  # read only where the flag is given
    from hubctl.settings import parse_age  # noqa: PLC0415  # the same

    try:
        return None if text is None else parse_age(text)
    except HubctlError as error:
        raise typer.BadParameter(error.message) from error
