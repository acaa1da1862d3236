"""The decision table: from what was seen of a branch and its pull requests to what is done about it (pure).

Rows are numbered as in `docs/pull-requests.md`. What costs a question is asked only where a decision hangs on it:
`decide` then returns an `Ask`, and is asked again with the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from hubctl.proposals.observed import DONE, IGNORED, Ask, Branch, Decision, Fact, Note, Observed, Pull

_TAKEN = "taken over as asked"
_Reasons: TypeAlias = tuple[tuple[Fact, Callable[[Observed], Decision | None]], ...]


def decide(seen: Observed) -> Decision | Ask:
    """Return what is done about one proposal, or what has to be known first; the same for the same `seen`."""
    opened = [pull for pull in seen.pulls if pull.state == "open"]
    here = next((pull for pull in opened if pull.base == seen.base), None)
    moved = next((pull for pull in opened if pull.base != seen.base), None) if here is None else None
    if not seen.changes:
        return _nothing_to_change(seen, here or moved)
    if seen.branch is not None and not is_ours(seen.branch, seen.identities) and not _left_over(seen):
        return _somebodys(seen, seen.branch, here or moved)
    if moved is not None:
        return _pointed_away(seen, moved)
    return _living(seen, here) if here is not None else _new(seen)


def is_ours(branch: Branch, identities: frozenset[str]) -> bool:
    """Return whether every commit is hubctl's, or tidying by an ignored bot; at least one is hubctl's."""
    return any(commit.proposal is not None for commit in branch.commits) and not _foreign(branch, identities)


def _foreign(branch: Branch, identities: frozenset[str]) -> tuple[str, ...]:
    """Return the commits that are neither hubctl's nor tidying, newest first."""
    known = identities | IGNORED
    return tuple(
        commit.sha
        for commit in branch.commits
        if not (commit.author in IGNORED and commit.committer in IGNORED)
        and (commit.proposal is None or commit.author not in known or commit.committer not in known)
    )


def _left_over(seen: Observed) -> Pull | None:
    """Return the merged pull request whose very head the branch still has, where none is open (row 10)."""
    if seen.branch is None or any(pull.state == "open" for pull in seen.pulls):
        return None
    return next((one for one in seen.pulls if one.state == "merged" and one.head_sha == seen.branch.tip), None)


def _nothing_to_change(seen: Observed, pull: Pull | None) -> Decision | Ask:
    """What is open though nothing is proposed any more (rows 1, 15 and 18)."""
    if pull is None:
        return Decision(1, "nothing", seen.idle or DONE)
    if seen.idle is not None:
        return Decision(18, "hold", seen.idle, pull.number)
    if seen.branch is not None and not is_ours(seen.branch, seen.identities):
        foreign = _foreign(seen.branch, seen.identities)
        reason = f"{_gone(seen)}, but #{pull.number} has commits that are not hubctl's: close it"
        return Decision(15, "hold", reason, pull.number, note="covered" if seen.covered else "done", foreign=foreign)
    return _covered(seen, pull) if seen.covered else _done(seen, pull)


def _done(seen: Observed, pull: Pull) -> Decision | Ask:
    if seen.branch is not None and "vanished" not in seen.known:
        return Ask("vanished")
    if not seen.vanished:
        return Decision(15, "hold", f"nothing newer is there, and base lacks what #{pull.number} proposes", pull.number)
    return Decision(15, "close", DONE, pull.number, seen.branch.tip if seen.branch else None, note="done")


def _covered(seen: Observed, pull: Pull) -> Decision | Ask:
    """Every change of it is in other open pull requests, after a change of `--group`."""
    if "reviews" not in seen.known:
        return Ask("reviews")
    if pull.approved and not seen.supersede_approved:
        return Decision(15, "hold", f"approved, though {_gone(seen)}: merge or close #{pull.number}", pull.number)
    lease = seen.branch.tip if seen.branch else None
    return Decision(15, "close", _gone(seen), pull.number, lease, note="covered")


def _gone(seen: Observed) -> str:
    if not seen.covered:
        return DONE
    return f"its changes are in {', '.join(f'#{number}' for number in seen.covered)}"


def _somebodys(seen: Observed, branch: Branch, pull: Pull | None) -> Decision | Ask:
    """A branch with somebody's work is pushed to only where a person asked for it (rows 6 and 12)."""
    hubctls = any(commit.proposal is not None for commit in branch.commits)
    if pull is None and not hubctls and not any(one.state == "merged" for one in seen.pulls):
        return Decision(12, "refuse", "the branch exists and is not hubctl's")
    foreign = _foreign(branch, seen.identities)
    if seen.take_over or (pull is not None and pull.rebuild):
        refused = _refused_before(seen)
        away = pull is not None and pull.base != seen.base
        return refused or replace(_anew(6, _TAKEN, pull, branch, foreign), base=away)
    reason = "the branch has commits that are not hubctl's"
    if pull is None:
        return Decision(6, "hold", reason)
    return Decision(6, "hold", reason, pull.number, note="people", foreign=foreign)


def _pointed_away(seen: Observed, moved: Pull) -> Decision | Ask:
    """Somebody pointed the pull request at another base (row 6)."""
    branch = seen.branch
    if not (seen.take_over or moved.rebuild) or branch is None:
        return Decision(6, "hold", f"somebody pointed #{moved.number} at another base", moved.number, note="moved")
    refused = None if _as_wanted(branch) else _refused_before(seen)
    if refused is not None:
        return refused
    if not _as_wanted(branch):
        return replace(_anew(6, _TAKEN, moved, branch), base=True)
    title, body = moved.title_ours and not moved.title_same, not moved.region_same
    return Decision(6, "update", _TAKEN, moved.number, title=title, body=body, base=True)


def _anew(row: int, reason: str, pull: Pull | None, branch: Branch, foreign: tuple[str, ...] = ()) -> Decision:
    """Return the decision that makes the one commit anew, and its pull request where there is none."""
    note: Note | None = "rebuilt" if foreign else None
    if pull is None:
        return Decision(row, "create", reason, None, branch.tip, title=True, body=True, note=note, foreign=foreign)
    title, body = pull.title_ours, not pull.region_same
    return Decision(row, "rebuild", reason, pull.number, branch.tip, title=title, body=body, note=note, foreign=foreign)


def _living(seen: Observed, here: Pull) -> Decision | Ask:
    """A branch of ours with an open pull request (rows 3, 4, 5, 7 and 14)."""
    branch = seen.branch
    if branch is None:
        return Decision(6, "hold", f"the branch of #{here.number} is gone", here.number)
    if not _as_wanted(branch):
        return _outdated(seen, here, branch)
    if branch.behind and "strict" not in seen.known:
        return Ask("strict")
    return _outdated(seen, here, branch) if branch.behind and seen.strict else _complete(seen, here)


def _outdated(seen: Observed, here: Pull, branch: Branch) -> Decision | Ask:
    """The branch is to be made anew, unless somebody said no or approved what is there (rows 4 and 5)."""
    moved = branch.base_touched or not branch.on_base
    same = _as_wanted(branch) or (_proposed(branch) == seen.id and moved)
    refused = None if same else _refused_before(seen, _HERE)
    if refused is not None:
        return refused
    row, reason = (4, "base moved on") if same else (5, "a newer change is there")
    if not seen.supersede_approved and "reviews" not in seen.known:
        return Ask("reviews")
    approved = here.approved and not seen.supersede_approved
    refused = None if same or approved else _refused_before(seen)
    if refused is not None:
        return refused
    if approved:
        held = f"{reason}, and #{here.number} is approved as it is: `--supersede-approved` rebuilds it"
        return Decision(row, "hold", held, here.number, note=None if same else "approved")
    return _anew(row, reason, here, branch)


def _complete(seen: Observed, here: Pull) -> Decision | Ask:
    """The branch is as wanted: only what differs around it is sent."""
    if here.unasked and "reviews" not in seen.known:
        return Ask("reviews")
    title, body, missing = here.title_ours and not here.title_same, not here.region_same, here.missing or here.unasked
    if not (title or body or missing):
        return Decision(3, "nothing", "the pull request is as it should be", here.number)
    row = 14 if missing else 3 if here.title_ours else 7
    return Decision(row, "update", "its text, or who and what is on it, differs", here.number, title=title, body=body)


def _as_wanted(branch: Branch) -> bool:
    return branch.same_tree and branch.on_base and not branch.base_touched


def _proposed(branch: Branch) -> str | None:
    """Return the id that the newest commit of hubctl on the branch carries."""
    return next((commit.proposal for commit in branch.commits if commit.proposal is not None), None)


def _refused_before(seen: Observed, reasons: _Reasons | None = None) -> Decision | Ask | None:
    """A person's no, however it was said, and what is already proposed (rows 8, 11 and 19); the costly one last."""
    for fact, answer in reasons or (*_HERE, ("others", _declined)):
        if seen.again and fact != "elsewhere":
            continue
        if fact not in seen.known:
            return Ask(fact)
        decision = answer(seen)
        if decision is not None:
            return decision
    return None


def _declined(seen: Observed) -> Decision | None:
    refusal = seen.declined
    if refusal is None:
        return None
    if refusal.unknown:
        reason = f"#{refusal.number} was closed and does not say what it proposed"
    else:
        by = f" by {refusal.by}" if refusal.by else ""
        on = f" on {refusal.on}" if refusal.on else ""
        reason = f"declined in #{refusal.number}{by}{on}"
    return Decision(8, "decline", reason, refusal.number)


def _taken_back(seen: Observed) -> Decision | None:
    if seen.reverted is not None:
        gone = f"reverted in {seen.reverted[:10]}: not proposed again by itself"
    elif seen.merged is not None:
        gone = f"#{seen.merged} was merged and taken back since: not proposed again by itself"
    else:
        return None
    return Decision(11, "decline", gone, seen.merged)


def _proposed_elsewhere(seen: Observed) -> Decision | None:
    if seen.elsewhere is None:
        return None
    return Decision(19, "hold", f"#{seen.elsewhere} already changes one of these places", seen.elsewhere)


_HERE: _Reasons = (
    ("refusals", _declined),
    ("history", _taken_back),
    ("elsewhere", _proposed_elsewhere),
)


def _new(seen: Observed) -> Decision | Ask:
    """No open pull request (rows 2, 5, 10, 13 and 17)."""
    refused = _refused_before(seen)
    if refused is not None:
        return refused
    if seen.open_count >= seen.open_limit:
        reason = f"{seen.open_count} pull requests of hubctl are open, and {seen.open_limit} may be"
        return Decision(17, "hold", reason)
    branch = seen.branch
    if branch is None:
        return Decision(2, "create", "new", title=True, body=True)
    merged = _left_over(seen)
    if merged is not None:
        return _anew(10, f"the branch of #{merged.number}, which was merged", None, branch)
    if _as_wanted(branch):
        return Decision(13, "resume", "the branch is there, its pull request is not", title=True, body=True)
    return _anew(5, "a newer change on a branch of hubctl", None, branch)
