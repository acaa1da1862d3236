"""Everything a decision needs, looked up: the branch, its pull requests, and what else of hubctl is open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hubctl.adapters.git import is_shallow
from hubctl.proposals.branch import look_at_branch
from hubctl.proposals.decision import Observed, Pull
from hubctl.proposals.destination import Destination, Proposal, Wishes
from hubctl.proposals.forge import Forge, PullRequest, Review
from hubctl.proposals.identity import PREFIX, Marker, parse_marker, place_id, text_id
from hubctl.proposals.region import is_current
from hubctl.proposals.reverted import taken_back
from hubctl.proposals.wording import Words

_BLIND = "history not known: in this shallow clone a tag that was taken back is not recognised"
_TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_NOREPLY = re.compile(r"(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is asked once a run: the logins that are hubctl's and all open pull requests into base.

    `app`: the token is an App's or a job's, which cannot ask for its own login.
    """

    logins: frozenset[str]
    open: tuple[PullRequest, ...]
    app: bool = False

    def trusts(self, pull: PullRequest) -> bool:
        """Return whether a marker in this pull request counts: a stranger's fork could forge one.

        A login that ends in `[bot]` is an App's, which somebody with the right to do so let into the repository.
        """
        author = (pull.author or "").casefold()
        return author in self.logins or pull.author_association in _TRUSTED or (self.app and author.endswith("[bot]"))

    def marker(self, pull: PullRequest) -> Marker | None:
        """Return the marker of a pull request whose author is trusted with one."""
        return parse_marker(pull.body) if self.trusts(pull) else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen, as the decision needs it (`observed`) and as the forge told it; `others` are of other branches.

    `notes` are what could not be seen, to be said where something is proposed.
    """

    observed: Observed
    pulls: tuple[PullRequest, ...]
    reviews: tuple[Review, ...]
    others: tuple[PullRequest, ...] = ()
    notes: tuple[str, ...] = ()

    def pull(self, number: int | None) -> PullRequest | None:
        """Return the pull request of that number among those seen."""
        return next((pull for pull in (*self.pulls, *self.others) if pull.number == number), None)

    def missing(self, pull: PullRequest, wishes: Wishes) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the labels, users and teams that are wished for and not there yet."""
        return missing(pull, self.reviews, wishes)


def look_round(forge: Forge, base: str, addresses: Iterable[str]) -> Surroundings:
    """Ask who we are and what is open; `addresses` are e-mail addresses or logins that are hubctl's, too."""
    login = forge.login()
    logins = {login.casefold()} if login else set()
    for address in addresses:
        found = _NOREPLY.fullmatch(address)
        logins.add((found[1] if found else address).casefold())
    return Surroundings(frozenset(logins), forge.open_pulls(base), app=login is None)


def observe(proposal: Proposal, destination: Destination, wishes: Wishes, surroundings: Surroundings) -> Seen:
    """Return what stands at the remote and the forge for a proposal now. Raises what they refuse."""
    target, forge, unit, said = destination.target, destination.forge, proposal.unit, proposal.said
    branch = look_at_branch(proposal, destination)
    pulls = tuple(pull for pull in forge.pulls_of(target.owner, unit.branch) if _is_from(pull, target.head_repository))
    living = next((pull for pull in pulls if pull.state == "open" and pull.base_ref == destination.base), None)
    reviews = forge.reviews(living.number) if living else ()
    settled = branch is not None and branch.same_tree
    shown = tuple(_pull(pull, said, surroundings, reviews, wishes) for pull in pulls)
    others = tuple(pull for pull in surroundings.open if pull.number not in {one.number for one in pulls})
    mine = {place_id(change) for change in unit.changes}
    observed = Observed(
        id=said.id,
        base=destination.base,
        changes=any(edit.before != edit.after for edit in unit.edits),
        identities=frozenset({destination.identity.email, *destination.bots}),
        branch=branch,
        pulls=shown,
        elsewhere=_elsewhere(others, mine, surroundings),
        open_count=sum(1 for pull in others if _is_hubctls(pull, surroundings)),
        merged=None if wishes.named else _merged(shown, said.id, destination.base),
        reverted=None if settled or wishes.named else taken_back(destination.repository, destination.tip, unit.changes),
    )
    blind = not wishes.named and is_shallow(destination.repository)
    return Seen(observed, pulls, reviews, others, notes=(_BLIND,) if blind else ())


def _is_from(pull: PullRequest, repository: str) -> bool:
    """Forks of one owner share `owner:branch`; a deleted fork's repository is not known."""
    return pull.head_repository is None or pull.head_repository.casefold() == repository.casefold()


def _pull(
    pull: PullRequest, said: Words, surroundings: Surroundings, reviews: tuple[Review, ...], wishes: Wishes
) -> Pull:
    marker = surroundings.marker(pull)
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
        missing=any(missing(pull, reviews, wishes)),
    )


def _merged(pulls: tuple[Pull, ...], identity: str, base: str) -> int | None:
    """The newest pull request into base that proposed the very same and was merged."""
    return next((pull.number for pull in pulls if (pull.state, pull.id, pull.base) == ("merged", identity, base)), None)


def is_approved(reviews: Iterable[Review]) -> bool:
    """Return whether the last word of anybody is an approval."""
    last = {review.user: review.state for review in reviews}
    return "APPROVED" in last.values()


def missing(
    pull: PullRequest, reviews: tuple[Review, ...], wishes: Wishes
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the labels, users and teams that are wished for and not there yet.

    Who has reviewed, or opened it, need not be asked; a review of anybody may have answered a team's request.
    """
    labels = {label.casefold() for label in pull.labels}
    asked = {name.casefold() for name in (*pull.reviewers, *(review.user for review in reviews), pull.author or "")}
    teams = {team.casefold() for team in pull.teams}
    return (
        tuple(label for label in wishes.labels if label.casefold() not in labels),
        tuple(user for user in wishes.users if user.casefold() not in asked),
        () if reviews else tuple(team for team in wishes.teams if team.casefold() not in teams),
    )


def _is_hubctls(pull: PullRequest, surroundings: Surroundings) -> bool:
    return pull.head_ref.startswith(PREFIX) and surroundings.marker(pull) is not None


def _elsewhere(others: Iterable[PullRequest], mine: set[str], surroundings: Surroundings) -> int | None:
    """The lowest number of another open pull request that already makes one of these changes."""
    found = []
    for pull in others:
        marker = surroundings.marker(pull)
        if marker is not None and not mine.isdisjoint(marker.places):
            found.append(pull.number)
    return min(found, default=None)
