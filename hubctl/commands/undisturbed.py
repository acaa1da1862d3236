"""Writing that keeps out of what the user is in the middle of."""

from __future__ import annotations

from hubctl.adapters.git import state_in_progress
from hubctl.commands.world import World
from hubctl.errors import GitRefused

MEANWHILE = "finish or abort it first; `--dry-run` and `--open-pr` work meanwhile"


def refuse_in_progress(world: World, hint: str = MEANWHILE) -> None:
    """Raise GitRefused in the middle of a rebase, merge, cherry-pick, revert or am: what is written would join it."""
    state = state_in_progress(world.git) if world.git else None
    if state:
        raise GitRefused(f"the repository is in the middle of {state}", hint=hint, code="in-progress")
