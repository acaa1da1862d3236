"""From a proposal to what is done about it: look, decide, look further where the decision hangs on it."""

from __future__ import annotations

from hubctl.proposals.decision import decide
from hubctl.proposals.destination import Destination, Proposal, Wishes
from hubctl.proposals.observe import Ending, Seen, learn, observe, pulls_now
from hubctl.proposals.observed import Ask, Decision
from hubctl.proposals.surroundings import Surroundings

_QUIET = frozenset({"nothing", "hold", "decline", "refuse"})
_LEASED = frozenset({"create", "rebuild"})  # they begin with a push, which the branch as it was seen is a condition of


def settled(
    proposal: Proposal,
    destination: Destination,
    wishes: Wishes,
    surroundings: Surroundings,
    ending: Ending | None = None,
) -> tuple[Seen, Decision]:
    """Return the decision, and what was seen with everything it had to ask for.

    What was listed at the start of the run is enough to leave things alone. Before anything is changed it is asked
    whether that is still so. Raises what git and the forge refuse.
    """
    seen, decision = _decided(observe(proposal, destination, wishes, surroundings, ending))
    if decision.action in _QUIET or (surroundings.listed is None and surroundings.tips is None):
        return seen, decision
    if decision.action in _LEASED and pulls_now(proposal, destination) == seen.pulls:
        return seen, decision
    return _decided(observe(proposal, destination, wishes, surroundings.now(), ending))


def _decided(seen: Seen) -> tuple[Seen, Decision]:
    while isinstance(answer := decide(seen.observed), Ask):
        seen = learn(seen, answer.fact)
    return seen, answer
