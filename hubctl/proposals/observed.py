"""What is seen of a proposal, and what is decided about it, as values (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Action: TypeAlias = Literal["nothing", "create", "rebuild", "resume", "update", "hold", "decline", "close", "refuse"]
Fact: TypeAlias = Literal["reviews", "strict", "refusals", "history", "elsewhere", "others", "vanished"]
Note: TypeAlias = Literal["people", "moved", "approved", "done", "covered", "rebuilt"]

OPEN_LIMIT = 10
DONE = "base has these values already"
FACTS: frozenset[Fact] = frozenset(get_args(Fact))
# A bot that only tidies, and the committer of web edits, do not make a branch a person's.
IGNORED = frozenset({"66853113+pre-commit-ci[bot]@users.noreply.github.com", "noreply@github.com"})


@dataclass(frozen=True, slots=True)
class BranchCommit:
    """A commit of `base..branch`; `proposal` is the id in its trailer, None without one."""

    sha: str
    author: str
    committer: str
    proposal: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """What the remote has under the proposal's branch name; `commits` newest first, without those of base.

    `on_base`: our commit's parent is still an ancestor of base. `behind`: it is not the tip of base.
    `same_tree`: our commit makes exactly the wanted changes to its parent. `base_touched`: base has changed a wanted
    file since that parent. `span`: our commit's parent, and our commit.
    """

    tip: str
    commits: tuple[BranchCommit, ...]
    same_tree: bool = False
    on_base: bool = True
    base_touched: bool = False
    behind: bool = False
    span: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """What counts of a pull request from our branch.

    `id` is the proposal in its marker, None without a marker or where the author is not trusted with one.
    `title_ours`, `title_same`: the title is one hubctl wrote; is the wanted one. `region_same`: the text between
    the markers is the wanted one, or a person took the markers away. `missing`: labels or assignees still to add,
    `unasked`: reviewers. `rebuild`: somebody put the label on it that allows hubctl to rebuild it.
    """

    number: int
    state: Literal["open", "merged", "closed"]
    base: str
    id: str | None = None
    head_sha: str = ""
    approved: bool = False
    title_ours: bool = True
    title_same: bool = True
    region_same: bool = True
    missing: bool = False
    unasked: bool = False
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pull request that a person closed; `on` is a date, `by` a login, both None where they are not known.

    `unknown`: its marker is gone, so that nobody can tell what was declined.
    """

    number: int
    by: str | None = None
    on: str | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the table is decided by; what is not `known` yet has its default.

    `changes`: base does not have the wanted values yet; where it has, or nothing is wanted, `idle` is the reason if
    it is another one, `covered` are the pull requests that have taken all its changes over, and `vanished` says
    that base has changed every place of the branch. `identities`: the addresses that are hubctl's. `pulls` are those
    of this branch, newest first. `elsewhere` is the number of another open pull request of hubctl that already
    changes one of these places to the same tag, `open_count` how many are open in all. `reverted` is the commit of
    base that took this value back, `merged` a merged pull request that proposed the same.
    """

    id: str
    base: str
    changes: bool
    identities: frozenset[str]
    branch: Branch | None = None
    pulls: tuple[Pull, ...] = ()
    open_count: int = 0
    open_limit: int = OPEN_LIMIT
    again: bool = False
    take_over: bool = False
    supersede_approved: bool = False
    idle: str | None = None
    covered: tuple[int, ...] = ()
    known: frozenset[Fact] = FACTS
    strict: bool = False
    declined: Refusal | None = None
    reverted: str | None = None
    merged: int | None = None
    elsewhere: int | None = None
    vanished: bool = True


@dataclass(frozen=True, slots=True)
class Ask:
    """What has to be known before anything is decided."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, by which row, and why.

    `create`, `rebuild`: push with a lease on `lease` (None: only if there is no branch), then open or update.
    `resume`: open a pull request for the branch as it is. `update`: complete text, labels and people of `number`.
    `close`: comment, close, delete the branch with the lease. `note` is the comment that stands on the pull request
    then, `foreign` the commits of people it speaks of. `base`: point the pull request at base again.
    """

    row: int
    action: Action
    reason: str
    number: int | None = None
    lease: str | None = None
    title: bool = False
    body: bool = False
    base: bool = False
    note: Note | None = None
    foreign: tuple[str, ...] = ()
