"""The decision table: from what was seen of a branch and its pull requests to what is done about it (pure).

Rows are numbered as in `docs/pull-requests.md`. What is recognised and has no answer of its own yet is held:
pushed nowhere, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Action: TypeAlias = Literal["nothing", "create", "rebuild", "resume", "update", "hold", "refuse"]

OPEN_LIMIT = 10
DONE = "base has these values already"
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

    `on_base`: our commit's parent is still an ancestor of base. `same_tree`: our commit makes exactly the
    wanted changes to its parent. `base_touched`: base has changed a wanted file since that parent.
    """

    tip: str
    commits: tuple[BranchCommit, ...]
    same_tree: bool = False
    on_base: bool = True
    base_touched: bool = False


@dataclass(frozen=True, slots=True)
class Pull:
    """What counts of a pull request from our branch.

    `id` is the proposal in its marker, None without a marker or where the author is not trusted with one.
    `title_ours`, `title_same`: the title is one hubctl wrote; is the wanted one. `region_same`: the text between
    the markers is the wanted one, or a person took the markers away. `missing`: labels or reviewers still to add.
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


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the table is decided by.

    `changes`: base does not have the wanted values yet. `identities`: the addresses that are hubctl's.
    `pulls` are those of this branch, newest first. `elsewhere` is the number of another open pull request of
    hubctl that already changes one of these places to the same tag, `open_count` how many are open in all.
    `reverted` is the commit of base that took this value back, `merged` a merged pull request that proposed the same.
    """

    id: str
    base: str
    changes: bool
    identities: frozenset[str]
    branch: Branch | None = None
    pulls: tuple[Pull, ...] = ()
    elsewhere: int | None = None
    open_count: int = 0
    open_limit: int = OPEN_LIMIT
    reverted: str | None = None
    merged: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, by which row, and why.

    `create`, `rebuild`: push with a lease on `lease` (None: only if there is no branch), then open or update.
    `resume`: open a pull request for the branch as it is. `update`: complete text, labels and reviewers of `number`.
    """

    row: int
    action: Action
    reason: str
    number: int | None = None
    lease: str | None = None
    title: bool = False
    body: bool = False


def decide(seen: Observed) -> Decision:
    """Return what is done about one proposal; the same for the same `seen`."""
    opened = [pull for pull in seen.pulls if pull.state == "open"]
    here = next((pull for pull in opened if pull.base == seen.base), None)
    moved = next((pull for pull in opened if pull.base != seen.base), None)
    if not seen.changes:
        return _nothing_to_change(here or moved)
    if here is None and moved is not None:
        return Decision(6, "hold", f"somebody pointed #{moved.number} at another base", moved.number)
    stopped = _not_ours(seen, here) if seen.branch is not None else None
    if stopped is not None:
        return stopped
    if here is not None:
        return _living(seen, here)
    return _held_back(seen) or _new(seen)


def is_ours(branch: Branch, identities: frozenset[str]) -> bool:
    """Return whether every commit is hubctl's, or tidying by an ignored bot; at least one is hubctl's."""
    known = identities | IGNORED
    for commit in branch.commits:
        tidying = commit.author in IGNORED and commit.committer in IGNORED
        if not tidying and (commit.proposal is None or commit.author not in known or commit.committer not in known):
            return False
    return any(commit.proposal is not None for commit in branch.commits)


def _nothing_to_change(pull: Pull | None) -> Decision:
    if pull is None:
        return Decision(1, "nothing", DONE)
    return Decision(15, "hold", f"{DONE}: close #{pull.number}", pull.number)


def _not_ours(seen: Observed, here: Pull | None) -> Decision | None:
    """A branch with somebody's work is never pushed to (rows 6, 10 and 12)."""
    if seen.branch is None or is_ours(seen.branch, seen.identities):
        return None
    merged = next((pull for pull in seen.pulls if pull.state == "merged"), None)
    if here is None and merged is not None and merged.head_sha == seen.branch.tip:
        return _left_over(merged)
    if here is not None or any(commit.proposal is not None for commit in seen.branch.commits):
        number = here.number if here else None
        return Decision(6, "hold", "the branch has commits that are not hubctl's", number)
    return Decision(12, "refuse", "the branch exists and is not hubctl's")


def _left_over(merged: Pull) -> Decision:
    return Decision(
        10, "hold", f"#{merged.number} was merged and its branch is left over: delete the branch", merged.number
    )


def _living(seen: Observed, here: Pull) -> Decision:
    """A branch of ours with an open pull request (rows 3, 4, 5, 7 and 14)."""
    branch = seen.branch
    if branch is None:
        return Decision(6, "hold", f"the branch of #{here.number} is gone", here.number)
    if _as_wanted(branch):
        return _complete(here)
    if _proposed(branch) == seen.id and (branch.base_touched or not branch.on_base):
        return Decision(4, "hold", "base changed the same files since: merge or close the pull request", here.number)
    if here.approved:
        return Decision(5, "hold", "approved as it is: a newer change is not pushed over an approval", here.number)
    return _refused_before(seen) or Decision(
        5, "rebuild", "a newer change", here.number, branch.tip, title=here.title_ours, body=not here.region_same
    )


def _complete(here: Pull) -> Decision:
    """The branch is as wanted: only what differs around it is sent."""
    title, body = here.title_ours and not here.title_same, not here.region_same
    if not (title or body or here.missing):
        return Decision(3, "nothing", "the pull request is as it should be", here.number)
    row = 14 if here.missing else 3 if here.title_ours else 7
    return Decision(row, "update", "its text, labels or reviewers differ", here.number, title=title, body=body)


def _as_wanted(branch: Branch) -> bool:
    return branch.same_tree and branch.on_base and not branch.base_touched


def _proposed(branch: Branch) -> str | None:
    """Return the id that the newest commit of hubctl on the branch carries."""
    return next((commit.proposal for commit in branch.commits if commit.proposal is not None), None)


def _refused_before(seen: Observed) -> Decision | None:
    """A person's no, however it was said, and what is already proposed (rows 8, 11 and 19)."""
    for pull in seen.pulls:
        if pull.state == "closed" and pull.id == seen.id:
            return Decision(8, "hold", f"declined in #{pull.number}", pull.number)
    if seen.reverted is not None:
        return Decision(11, "hold", f"reverted in {seen.reverted[:10]}: not proposed again by itself", seen.merged)
    if seen.merged is not None:
        gone = f"#{seen.merged} was merged and taken back since: not proposed again by itself"
        return Decision(11, "hold", gone, seen.merged)
    if seen.elsewhere is not None:
        return Decision(19, "hold", f"#{seen.elsewhere} already changes one of these places", seen.elsewhere)
    return None


def _held_back(seen: Observed) -> Decision | None:
    """Reasons not to open a pull request (rows 8, 10, 11, 17 and 19)."""
    for pull in seen.pulls:
        if pull.state == "closed" and pull.id is None:
            return Decision(8, "hold", f"#{pull.number} was closed and does not say what it proposed", pull.number)
        if pull.state == "merged" and seen.branch is not None and seen.branch.tip == pull.head_sha:
            return _left_over(pull)
    if seen.open_count >= seen.open_limit and _refused_before(seen) is None:
        return Decision(17, "hold", f"{seen.open_count} pull requests of hubctl are open, no more than that")
    return _refused_before(seen)


def _new(seen: Observed) -> Decision:
    """No open pull request, and nothing against one (rows 2, 5 and 13)."""
    branch = seen.branch
    if branch is None:
        return Decision(2, "create", "new", title=True, body=True)
    if _as_wanted(branch):
        return Decision(13, "resume", "the branch is there, its pull request is not", title=True, body=True)
    return Decision(5, "create", "a newer change on a branch of hubctl", None, branch.tip, title=True, body=True)
