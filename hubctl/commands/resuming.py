"""A branch that is there already: encrypting again gives other bytes, which nobody should have to review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.verifying import is_secret
from hubctl.errors import HubctlError, NotFound
from hubctl.fleet.layout import RULES_FILE
from hubctl.proposals.branch import span_on_branch
from hubctl.proposals.destination import Destination
from hubctl.proposals.offer import Offer
from hubctl.proposals.plan import FileEdit
from hubctl.secrets.alike import mean_the_same
from hubctl.secrets.sops import Sops
from hubctl.secrets.source import Source


def resumed(sops: Callable[[], Sops], offer: Offer, destination: Destination) -> Offer:
    """Return the offer with the ciphertext that stands on its branch, for each file where that means the same.

    So a second run finds the branch as it should be and pushes nothing. Raises as `fetch_tip`; AuthNeeded where no key
    opens what stands there.
    """
    span = span_on_branch(offer.branch, destination) if any(map(is_secret, offer.edits)) else None
    if span is None:
        return offer
    repository = destination.repository
    with (
        CommitTree(repository, destination.tip) as base,
        CommitTree(repository, span[0]) as parent,
        CommitTree(repository, span[1]) as commit,
    ):
        rules = _held(base, RULES_FILE)
        edits = tuple(_resumed(edit, rules, parent, commit, sops) for edit in offer.edits)
    return replace(offer, edits=edits)


def _resumed(
    edit: FileEdit, rules: bytes | None, parent: CommitTree, commit: CommitTree, sops: Callable[[], Sops]
) -> FileEdit:
    """Return the edit to what the commit of the branch holds, where that was made from the same bytes."""
    if not is_secret(edit) or _held(parent, edit.file) != edit.before:
        return edit
    standing = _held(commit, edit.file)
    if standing is None or standing in {edit.before, edit.after}:
        return edit
    new = Source(edit.file, edit.after, rules)
    same = mean_the_same(sops(), edit.before, new, new.with_data(standing))
    return replace(edit, after=standing) if same else edit


def _held(tree: CommitTree, file: str) -> bytes | None:
    """The bytes of a file of a commit; None for what is none, or cannot be read: then it is no match."""
    try:
        return tree.read(file)
    except NotFound:
        return None
    except HubctlError:
        return b""
