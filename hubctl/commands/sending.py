"""What every verb does with what it offers: print it, or bring it to the forge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from hubctl.adapters.clock import Waiting
from hubctl.adapters.files import WorkTree
from hubctl.adapters.git import absent_paths
from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.requests import Proposing
from hubctl.commands.starting import Start
from hubctl.commands.verifying import refuse_unencrypted_on
from hubctl.commands.world import World
from hubctl.errors import HubctlError, NotFound
from hubctl.proposals.acting import PullRequestResult
from hubctl.proposals.destination import Wishes
from hubctl.proposals.forking import permitted, with_fork
from hubctl.proposals.observe import Ending
from hubctl.proposals.offer import Offer
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.propose import Renew, propose_all
from hubctl.settings import Settings
from hubctl.show import show


def as_printed(offer: Offer, base: str) -> str:
    """Return the text of a pull request as it would be opened: title, branches, body."""
    return f"{offer.said.title}\n{offer.branch} → {base}\n\n{offer.said.body}"


def wishes_of(wanted: Proposing, settings: Settings, *, named: bool, again: bool) -> Wishes:
    """Return what is wanted of a pull request, by the command line, else by the settings; the rest as in `Wishes`."""
    return Wishes(
        labels=wanted.labels or settings.labels,
        reviewers=wanted.reviewers or settings.reviewers,
        assignees=wanted.assignees or settings.assignees,
        draft=wanted.draft,
        named=named,
        again=again,
        take_over=wanted.take_over,
        supersede_approved=wanted.supersede_approved,
        most_open=settings.max_open if wanted.most_open is None else wanted.most_open,
    )


def sent(  # noqa: PLR0913  # keyword-only: what there is besides what is offered
    offers: Sequence[Offer],
    start: Start,
    waiting: Waiting,
    *,
    wishes: Wishes,
    quiet: Mapping[str, Ending] | None = None,
    renew: Renew | None = None,
) -> tuple[tuple[PullRequestResult, ...], tuple[HubctlError, ...]]:
    """Propose every offer and return the results and the failures; a missing right ends the run, others do not.

    A fork is made only now. Labels, assignees and reviewers that the token has no right to set are left out, which
    the first pull request says for all. `quiet` and `renew` are as in `propose_all`. Where a file that should be
    encrypted is not, that is the one failure, and nothing is pushed.
    """
    destination = start.destination
    if destination is None or not (offers or (quiet and not destination.target.unmade)):
        return (), ()
    wishes, left_out = permitted(wishes, destination.target)
    try:
        with CommitTree(start.repository, start.tip) as tree:
            refuse_unencrypted_on(tree, [edit for offer in offers for edit in offer.edits])
        if destination.target.unmade:
            destination = with_fork(destination, waiting)
        done, failed = propose_all(tuple(offers), destination, wishes, quiet, renew)
    except HubctlError as error:
        return (), (error,)
    return tuple(_said_once(done, left_out)), tuple(each.error for each in failed)


def _said_once(done: tuple[PullRequestResult, ...], left_out: str | None) -> Iterator[PullRequestResult]:
    """Add a warning to the first pull request there is."""
    for result in done:
        if left_out is not None and result.number is not None:
            yield replace(result, warnings=(*result.warnings, left_out))
            left_out = None
        else:
            yield result


def differing(edits: Iterable[FileEdit], world: World, base: str) -> Iterator[str]:
    """Yield a note for each file that is another one on disk: the pull request starts from `base`."""
    if world.git is None or world.git.bare:
        return
    disk, absent = WorkTree(world.root), absent_paths(world.git)
    for edit in edits:
        if edit.file in absent:
            continue
        try:
            same = disk.read(edit.file) == edit.before
        except NotFound:
            same = edit.before is None
        except HubctlError:
            same = False
        if not same:
            yield f"`{show(edit.file)}` differs in your work tree: the pull request starts from `{show(base)}`"
