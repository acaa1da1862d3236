"""What is proposed, where it goes, and what the user wishes for it besides."""

from __future__ import annotations

from dataclasses import dataclass

from hubctl.adapters.git import Repository
from hubctl.adapters.git_run import Access
from hubctl.proposals.commit import Commit, Identity
from hubctl.proposals.forge import Forge
from hubctl.proposals.offer import Offer, Words
from hubctl.proposals.target import Target
from hubctl.secret import Secret


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants of a pull request besides its contents.

    `reviewers` are logins, or `organisation/team`. `named`: the tag was given by the user (`--to`). `again`,
    `take_over` and `supersede_approved` override a person's no, commit and approval; no more than `most_open` pull
    requests are open.
    """

    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    draft: bool = False
    named: bool = False
    again: bool = False
    take_over: bool = False
    supersede_approved: bool = False
    most_open: int = 10

    @property
    def users(self) -> tuple[str, ...]:
        """Return the reviewers that are people."""
        return tuple(name.removeprefix("@") for name in self.reviewers if "/" not in name)

    @property
    def holders(self) -> tuple[str, ...]:
        """Return the logins it is to be assigned to."""
        return tuple(name.removeprefix("@") for name in self.assignees)

    @property
    def teams(self) -> tuple[str, ...]:
        """Return the slugs of the reviewers that are teams."""
        return tuple(name.rpartition("/")[2] for name in self.reviewers if "/" in name)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where units go: the clone that holds the objects, the forge, base branch `base` with the commit `tip`.

    `identity` commits, `bots` are further addresses and logins that are hubctl's.
    """

    repository: Repository
    target: Target
    forge: Forge
    token: Secret
    base: str
    tip: str
    identity: Identity
    bots: tuple[str, ...] = ()

    @property
    def pushed(self) -> Access:
        """Return the remote that gets the branch."""
        return Access(self.target.push_url, self.token)

    @property
    def read(self) -> Access:
        """Return the remote that base is read from."""
        return Access(self.target.base_url, self.token)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What should exist on the forge: what is offered, and its commit on the tip of base."""

    offer: Offer
    commit: Commit

    @property
    def said(self) -> Words:
        """Return what commit and pull request say."""
        return self.offer.said
