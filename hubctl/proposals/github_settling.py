"""Writes that are sent again only after a look showed that they did not happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from hubctl.proposals.github_api import Patience
from hubctl.proposals.github_refusal import Lost, Unprocessable

_T = TypeVar("_T")
_PAUSES: Final = (1.0, 2.0)  # GitHub learns of a push, or of a new pull request, a second or two late


def settled(
    patience: Patience,
    write: Callable[[], _T],
    standing: Callable[[], _T | None],
    passes: Callable[[Unprocessable], bool] | None = None,
) -> _T:
    """Return what `write` gives; where its answer was lost, what `standing` finds, else write again.

    Twice more at most, within `patience`; also where `passes` says that a refusal is one of the first seconds.
    A look that gets no answer ends it: nothing is written that may be there already. Raises what both raise.
    """
    for pause in (*_PAUSES, None):
        try:
            return write()
        except Lost as lost:
            found = _looked(standing)
            if found is not None:
                return found
            problem: Lost | Unprocessable = lost
        except Unprocessable as refused:
            if passes is None or not passes(refused):
                raise
            problem = refused
        if pause is None or not patience.wait(pause):
            break
    raise problem


def _looked(standing: Callable[[], _T | None]) -> _T | None:
    try:
        return standing()
    except Lost as silence:
        silence.hint = "whether it was done is not known: run the same command again, it looks first"
        raise
