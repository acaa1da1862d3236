"""What stands on a branch above its base, and whether it is what hubctl would put there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hubctl.adapters.git import Repository
from hubctl.adapters.git_fetch import Side, fetch_tip, history
from hubctl.adapters.git_run import checked, run_git
from hubctl.proposals.destination import Destination, Proposal
from hubctl.proposals.identity import TRAILER
from hubctl.proposals.observed import Branch, BranchCommit

_COMMITS = 200


def look_at_branch(
    proposal: Proposal, destination: Destination, tips: Mapping[str, str] | None = None
) -> Branch | None:
    """Return what the remote has under a proposal's branch, compared with its commit; None where there is nothing.

    `tips` are the branches as they were listed a moment ago; without them the remote is asked. Raises as `fetch_tip`.
    """
    repository, wanted, ref = destination.repository, proposal.commit, f"refs/heads/{proposal.offer.branch}"
    seen = tips.get(proposal.offer.branch) if tips is not None else None
    if tips is not None and seen is None:
        return None
    tip = seen if seen == wanted.sha else fetch_tip(repository, destination.pushed, ref, seen)
    if tip is None:
        return None
    if tip == wanted.sha != wanted.base:
        return _as_built(proposal, destination)
    base = Side(destination.read, f"refs/heads/{destination.base}", wanted.base)
    with history(repository, base, Side(destination.pushed, ref, tip)) as folder:
        commits = _commits(folder, wanted.base, tip)
        ours = next((commit.sha for commit in commits if commit.proposal is not None), None)
        parent = _parent(folder, ours) if ours else None
        on_base = parent is not None and _is_ancestor(folder, parent, wanted.base)
    if ours is None or parent is None:
        return Branch(tip=tip, commits=commits, on_base=on_base)
    mine = _changed(repository, wanted.base, wanted.sha)
    return Branch(
        tip=tip,
        commits=commits,
        on_base=on_base,
        same_tree=_changed(repository, parent, ours) == mine,
        behind=parent != wanted.base,
        span=(parent, ours),
        base_touched=not mine.keys().isdisjoint(_changed(repository, parent, wanted.base)),
    )


def _as_built(proposal: Proposal, destination: Destination) -> Branch:
    """The branch has the very commit that would be pushed: git has nothing to add to what is known of it."""
    commit, email = proposal.commit, destination.identity.email
    own = BranchCommit(sha=commit.sha, author=email, committer=email, proposal=proposal.said.id)
    return Branch(tip=commit.sha, commits=(own,), same_tree=True, span=(commit.base, commit.sha))


def _commits(folder: Path, base: str, tip: str) -> tuple[BranchCommit, ...]:
    """The commits of `base..tip`, newest first."""
    fields = f"%H%x00%ae%x00%ce%x00%(trailers:key={TRAILER},valueonly,separator=%x2C)"
    argv = ["log", "-z", f"--max-count={_COMMITS}", "--no-show-signature", f"--format=format:{fields}"]
    listed = checked([*argv, "--end-of-options", f"{base}..{tip}"], cwd=folder).decode("utf-8", "replace")
    words = listed.split("\0") if listed else []
    return tuple(
        BranchCommit(sha=sha, author=author, committer=committer, proposal=trailer.strip() or None)
        for sha, author, committer, trailer in zip(*[iter(words)] * 4, strict=True)
    )


def _parent(folder: Path, commit: str) -> str | None:
    completed = run_git(["rev-parse", "--quiet", "--verify", "--end-of-options", f"{commit}^"], cwd=folder)
    return completed.stdout.decode().strip() if completed.code == 0 else None


def _is_ancestor(folder: Path, commit: str, base: str) -> bool:
    return run_git(["merge-base", "--is-ancestor", commit, base], cwd=folder).code == 0


def _changed(repository: Repository, old: str, new: str) -> dict[str, str]:
    """Each path that differs, with the modes and ids git gives for it."""
    argv = ["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", old, new]
    words = checked(argv, cwd=repository.root).decode("utf-8", "surrogateescape").split("\0")[:-1]
    return dict(zip(words[1::2], words[0::2], strict=True))
