"""What stands on a branch above its base, and whether it is what hubctl would put there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
    repository, wanted, name = destination.repository, proposal.commit, proposal.offer.branch
    seen = tips.get(name) if tips is not None else None
    if tips is not None and seen is None:
        return None
    tip = seen if seen == wanted.sha else fetch_tip(repository, destination.pushed, f"refs/heads/{name}", seen)
    if tip is None:
        return None
    if tip == wanted.sha != wanted.base:
        return _as_built(proposal, destination)
    found = _above_base(name, tip, destination)
    if found.span is None:
        return found
    parent, ours = found.span
    mine = _changed(repository, wanted.base, wanted.sha)
    return replace(
        found,
        same_tree=_changed(repository, parent, ours) == mine,
        behind=parent != wanted.base,
        base_touched=not mine.keys().isdisjoint(_changed(repository, parent, wanted.base)),
    )


def span_on_branch(name: str, destination: Destination) -> tuple[str, str] | None:
    """Return the newest commit of hubctl on a branch of the remote, as (its parent, it); None where there is none.

    Raises as `fetch_tip`.
    """
    tip = fetch_tip(destination.repository, destination.pushed, f"refs/heads/{name}")
    return _above_base(name, tip, destination).span if tip is not None else None


def _above_base(name: str, tip: str, destination: Destination) -> Branch:
    """Return what a branch has above base, not compared with anything yet."""
    base = Side(destination.read, f"refs/heads/{destination.base}", destination.tip)
    with history(destination.repository, base, Side(destination.pushed, f"refs/heads/{name}", tip)) as folder:
        commits = _commits(folder, base.commit, tip)
        ours = next((commit.sha for commit in commits if commit.proposal is not None), None)
        parent = _parent(folder, ours) if ours else None
        on_base = parent is not None and _is_ancestor(folder, parent, base.commit)
    span = (parent, ours) if parent is not None and ours is not None else None
    return Branch(tip=tip, commits=commits, on_base=on_base, span=span)


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
