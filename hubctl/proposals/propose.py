"""Units of review as branches and pull requests: look, decide, act; the second run changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from hubctl.adapters.git import checked_branch
from hubctl.adapters.git_remote import ls_heads
from hubctl.errors import AuthNeeded, GitRefused, HubctlError, Terminated
from hubctl.proposals.acting import ChangedMeanwhile, PullRequestResult, Turn
from hubctl.proposals.closing import end, end_branch, heirs_endings, left_over, quiet_endings, taken_over
from hubctl.proposals.commit import build_commit
from hubctl.proposals.deciding import settled
from hubctl.proposals.destination import Destination, Proposal, Wishes
from hubctl.proposals.identity import PREFIX
from hubctl.proposals.observe import Ending
from hubctl.proposals.offer import Offer
from hubctl.proposals.surroundings import Surroundings, look_round
from hubctl.show import show

Renew: TypeAlias = Callable[[Offer, Destination], Offer]


def propose(
    offer: Offer, destination: Destination, wishes: Wishes, surroundings: Surroundings, renew: Renew | None = None
) -> PullRequestResult:
    """Make the remote hold one branch and one pull request for what is offered, and return what was done.

    Its edits start from the commit `destination.tip`. Raises `GitRefused` where the branch is somebody else's or
    changes while this runs, and whatever git and the forge refuse. Where making the files again gives other bytes
    for the same contents, `renew` is asked before each look for the bytes that stand on the branch already.
    """
    checked_branch(offer.branch)
    repository, who, message = destination.repository, destination.identity, offer.said.message
    for around in (surroundings, surroundings.now()):
        offer = renew(offer, destination) if renew else offer
        proposal = Proposal(offer, build_commit(repository, destination.tip, offer.edits, message, who))
        seen, decision = settled(proposal, destination, wishes, around)
        try:
            return Turn(seen).take(decision)
        except ChangedMeanwhile:
            continue
    raise GitRefused(f"`{offer.branch}` changed while this ran", hint="run the same command again")


@dataclass(frozen=True, slots=True)
class Failed:
    """A branch on which a unit, or the end of a pull request, came to nothing, and why; the others went on."""

    branch: str
    error: HubctlError


class _Run:
    """What one run has done so far; a refused step does not stop the others, missing credentials do."""

    def __init__(self) -> None:
        self.done: list[PullRequestResult] = []
        self.failed: list[Failed] = []

    @property
    def stopped(self) -> bool:
        return bool(self.failed) and isinstance(self.failed[-1].error, AuthNeeded)

    def step(self, branch: str, act: Callable[[], PullRequestResult | None]) -> PullRequestResult | None:
        """Take one step and keep what came of it; None where that is nothing."""
        try:
            made = act()
        except (KeyboardInterrupt, Terminated) as stop:
            for before in self.done:
                stop.add_note(f"{before.operation} before: `{before.branch}` {show(before.url or '')}".rstrip())
            raise
        except HubctlError as error:
            self.failed.append(Failed(branch, error))
            return None
        self.done += [made] if made else []
        return made


def propose_all(
    offers: tuple[Offer, ...],
    destination: Destination,
    wishes: Wishes,
    quiet: Mapping[str, Ending] | None = None,
    renew: Renew | None = None,
) -> tuple[tuple[PullRequestResult, ...], tuple[Failed, ...]]:
    """Propose units one after the other and return what became of each.

    `quiet` are the branches for which this run has no unit, and why: an open pull request of hubctl there is closed
    where base has got what it proposes (row 15), and named otherwise. So is one whose every place is in open pull
    requests of this run. `renew` is as in `propose`. A refused unit does not stop the others; missing credentials
    (`AuthNeeded`, the last of the failed) do. Raises what the forge refuses before the first unit.
    """
    run, quiet = _Run(), quiet or {}
    around = look_round(destination.forge, destination.base, (destination.identity.email, *destination.bots))
    # branches after pull requests: another run makes them in the other order, and has then made both or a branch alone
    around = replace(around, tips=ls_heads(destination.repository, destination.pushed, PREFIX))
    heirs = taken_over(offers, quiet, destination, wishes, around)
    around = replace(around, superseded=frozenset(heirs))
    for offer in offers:
        made = run.step(offer.branch, partial(propose, offer, destination, wishes, around, renew))
        if made is not None and made.operation == "created":
            around = replace(around, open=destination.forge.open_pulls(destination.base))
        if run.stopped:
            break
    endings = (*quiet_endings(quiet, destination, around), *heirs_endings(heirs, run.done, around))
    for pull, why in endings:
        if not run.stopped:
            run.step(pull.head_ref, partial(end, pull, why, destination, wishes, around))
    if not run.stopped:
        for pull in left_over(offers, quiet, destination, around):
            run.step(pull.head_ref, partial(end_branch, pull, destination))
    return tuple(run.done), tuple(run.failed)
