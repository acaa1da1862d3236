"""What a decision needs, looked up: the branch and its pull requests at once, the rest where it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hubctl.proposals.branch import look_at_branch
from hubctl.proposals.destination import Destination, Proposal, Wishes
from hubctl.proposals.forge import PullRequest, Review
from hubctl.proposals.identity import text_id
from hubctl.proposals.notes import REBUILD
from hubctl.proposals.observed import Fact, Observed, Pull
from hubctl.proposals.refusals import declined_anywhere, declined_here
from hubctl.proposals.region import is_current
from hubctl.proposals.reverted import look_back
from hubctl.proposals.surroundings import Surroundings
from hubctl.proposals.vanished import has_vanished

_BLIND = "history not known: whether a tag was taken back before could not be told"


@dataclass(frozen=True, slots=True)
class Ending:
    """Why nothing is proposed on a branch: `idle` where it is not that base has the values, `covered` as `Observed`.

    `certain`: base is known to have what the branch proposes, and need not be looked through for it.
    """

    idle: str | None = None
    covered: tuple[int, ...] = ()
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen, as the decision needs it (`observed`) and as the forge told it.

    `notes` are what could not be seen, to be said where something is proposed.
    """

    proposal: Proposal
    destination: Destination
    wishes: Wishes
    surroundings: Surroundings
    observed: Observed
    pulls: tuple[PullRequest, ...]
    reviews: tuple[Review, ...] = ()
    notes: tuple[str, ...] = ()

    def pull(self, number: int | None) -> PullRequest | None:
        """Return the pull request of that number among those known."""
        known = (*self.pulls, *self.surroundings.open)
        found = next((pull for pull in known if pull.number == number), None)
        refusal = self.observed.declined
        if found is None and refusal is not None and refusal.number == number:
            found = next((pull for pull in self.surroundings.closed() if pull.number == number), None)
        return found

    def missing(self, pull: PullRequest) -> Missing:
        """Return who and what is wished for and not on the pull request yet."""
        return missing(pull, self.reviews, self.wishes)


@dataclass(frozen=True, slots=True)
class Missing:
    """What is still to be added."""

    labels: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


def observe(
    proposal: Proposal,
    destination: Destination,
    wishes: Wishes,
    surroundings: Surroundings,
    ending: Ending | None = None,
) -> Seen:
    """Return what stands at the remote and the forge for a proposal now; `ending` where nothing is proposed any more.

    Raises what git and the forge refuse.
    """
    offer, ended = proposal.offer, ending or Ending()
    pulls = _pulls_listed(surroundings.listed, proposal, destination)
    # after its pull request: who sees that one first never takes the branch that was pushed before it for a missing one
    branch = look_at_branch(proposal, destination, surroundings.tips)
    numbers = {pull.number for pull in pulls} | surroundings.superseded
    others = (pull for pull in surroundings.open if pull.number not in numbers)
    observed = Observed(
        id=proposal.said.id,
        base=destination.base,
        changes=any(edit.before != edit.after for edit in offer.edits),
        identities=frozenset({destination.identity.email, *destination.bots}),
        branch=branch,
        pulls=tuple(_pull(pull, proposal, surroundings, (), wishes) for pull in pulls),
        open_count=sum(1 for pull in others if surroundings.is_hubctls(pull)),
        open_limit=wishes.most_open,
        again=wishes.again,
        take_over=wishes.take_over,
        supersede_approved=wishes.supersede_approved,
        idle=ended.idle,
        covered=ended.covered,
        known=frozenset({"vanished"}) if ended.certain else frozenset(),
    )
    return Seen(proposal, destination, wishes, surroundings, observed, pulls)


def pulls_now(proposal: Proposal, destination: Destination) -> tuple[PullRequest, ...]:
    """Return the pull requests from a proposal's branch, into any base and in every state, newest first."""
    target = destination.target
    found = destination.forge.pulls_of(target.owner, proposal.offer.branch)
    return tuple(pull for pull in found if _is_from(pull, target.head_repository))


def _pulls_listed(
    listed: tuple[PullRequest, ...] | None, proposal: Proposal, destination: Destination
) -> tuple[PullRequest, ...]:
    if listed is None:
        return pulls_now(proposal, destination)
    target = destination.target
    label = target.owner.casefold(), proposal.offer.branch
    ours = (pull for pull in listed if (pull.head_label.partition(":")[0].casefold(), pull.head_ref) == label)
    return tuple(pull for pull in ours if _is_from(pull, target.head_repository))


def learn(seen: Seen, fact: Fact) -> Seen:
    """Return what was seen with one fact more. Raises what git and the forge refuse."""
    found = _LOOKED_UP[fact](seen)
    return replace(found, observed=replace(found.observed, known=found.observed.known | {fact}))


def _reviews(seen: Seen) -> Seen:
    living = [pull for pull in seen.pulls if pull.state == "open"]
    here = next((pull for pull in living if pull.base_ref == seen.destination.base), *living[:1])
    reviews = seen.destination.forge.reviews(here.number)
    known = seen.proposal, seen.surroundings
    pulls = tuple(_pull(one, *known, reviews if one is here else (), seen.wishes) for one in seen.pulls)
    return replace(seen, reviews=reviews, observed=replace(seen.observed, pulls=pulls))


def _strict(seen: Seen) -> Seen:
    return replace(seen, observed=replace(seen.observed, strict=seen.surroundings.strict()))


def _refusals(seen: Seen) -> Seen:
    found = declined_here(seen.proposal.said.id, seen.pulls, seen.surroundings)
    return replace(seen, observed=replace(seen.observed, declined=found))


def _others(seen: Seen) -> Seen:
    offer = seen.proposal.offer
    found = declined_anywhere(offer.said.id, offer.places, seen.pulls, seen.surroundings)
    return replace(seen, observed=replace(seen.observed, declined=found))


def _history(seen: Seen) -> Seen:
    """Whoever names a tag wants it, whatever became of it before."""
    if seen.wishes.named:
        return seen
    where, proposed = seen.destination, seen.observed
    back = look_back(where.repository, where.tip, seen.proposal.offer.changes)
    merged = _merged(proposed.pulls, proposed.id, proposed.base)
    if back.back is not None:
        number = merged if merged is not None else back.back.number
        return replace(seen, observed=replace(proposed, reverted=back.back.sha, merged=number))
    notes = seen.notes if back.known else (*seen.notes, _BLIND)
    return replace(seen, notes=notes, observed=replace(proposed, merged=merged))


def _elsewhere(seen: Seen) -> Seen:
    """The lowest number of another open pull request that already makes one of these changes."""
    mine = seen.proposal.offer.places
    own = {pull.number for pull in seen.pulls} | seen.surroundings.superseded
    found = []
    for pull in seen.surroundings.open:
        marker = seen.surroundings.marker(pull)
        if pull.number not in own and marker is not None and not mine.isdisjoint(marker.places):
            found.append(pull.number)
    return replace(seen, observed=replace(seen.observed, elsewhere=min(found, default=None)))


def _vanished(seen: Seen) -> Seen:
    branch, where = seen.observed.branch, seen.destination
    gone = branch is not None and branch.span is not None and has_vanished(where.repository, branch.span, where.tip)
    return replace(seen, observed=replace(seen.observed, vanished=gone))


_LOOKED_UP = {
    "reviews": _reviews,
    "strict": _strict,
    "refusals": _refusals,
    "history": _history,
    "elsewhere": _elsewhere,
    "others": _others,
    "vanished": _vanished,
}


def _is_from(pull: PullRequest, repository: str) -> bool:
    """Forks of one owner share `owner:branch`; a deleted fork's repository is not known."""
    return pull.head_repository is None or pull.head_repository.casefold() == repository.casefold()


def _pull(
    pull: PullRequest, proposal: Proposal, surroundings: Surroundings, reviews: tuple[Review, ...], wishes: Wishes
) -> Pull:
    marker, lacking, said = surroundings.marker(pull), missing(pull, reviews, wishes), proposal.said
    return Pull(
        number=pull.number,
        state="merged" if pull.merged else pull.state,
        base=pull.base_ref,
        id=marker.id if marker else None,
        head_sha=pull.head_sha,
        approved=is_approved(reviews),
        title_ours=marker is not None and text_id(pull.title) == marker.title,
        title_same=pull.title == said.title,
        region_same=marker is None or is_current(pull.body, said.body),
        missing=bool(lacking.labels or lacking.assignees),
        unasked=bool(lacking.users or lacking.teams),
        rebuild=surroundings.trusts(pull) and REBUILD in {label.casefold() for label in pull.labels},
    )


def _merged(pulls: tuple[Pull, ...], identity: str, base: str) -> int | None:
    """The newest pull request into base that proposed the very same and was merged."""
    return next((pull.number for pull in pulls if (pull.state, pull.id, pull.base) == ("merged", identity, base)), None)


def is_approved(reviews: Iterable[Review]) -> bool:
    """Return whether the last word of anybody is an approval."""
    last = {review.user: review.state for review in reviews}
    return "APPROVED" in last.values()


def missing(pull: PullRequest, reviews: tuple[Review, ...], wishes: Wishes) -> Missing:
    """Return who and what is wished for and not on the pull request yet.

    Who has reviewed, or opened it, need not be asked; a review of anybody may have answered a team's request.
    """
    labels = {label.casefold() for label in pull.labels}
    asked = {name.casefold() for name in (*pull.reviewers, *(review.user for review in reviews), pull.author or "")}
    teams, assigned = ({name.casefold() for name in names} for names in (pull.teams, pull.assignees))
    return Missing(
        labels=tuple(label for label in wishes.labels if label.casefold() not in labels),
        users=tuple(user for user in wishes.users if user.casefold() not in asked),
        teams=() if reviews else tuple(team for team in wishes.teams if team.casefold() not in teams),
        assignees=tuple(user for user in wishes.holders if user.casefold() not in assigned),
    )
