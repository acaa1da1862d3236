"""What a `secret` verb changes, without a word of what is secret: files, key paths, the hubs they feed (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from hubctl.proposals.identity import branch_name, sha256_of, spot_of
from hubctl.proposals.plan import FileEdit

What: TypeAlias = Literal["added", "changed", "removed", "rotated", "recipients", "listed", "plain"]


@dataclass(frozen=True, slots=True)
class SecretChange:
    """One entry of a file that is changed; never its value, nor a length or a hash of it.

    `path` is the key path as it stands in the file, with the chart's prefix, `""` for the whole file. `what`: an
    encrypted value was `added`, `changed` or `removed`, a data key `rotated`, the `recipients` brought to the rule; the
    file was `listed` in `cluster.yaml`; a `plain` value that is no secret was set. `hubs` are the `cluster/hub` that
    the file feeds, `detail` says what is public: recipients that come and go, the plain value.
    """

    file: str
    path: str
    what: What
    hubs: tuple[str, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SecretPlan:
    """Complete before the first byte is written; without edits there is nothing to do.

    `verb` is as typed (`secret set`), `scope` names the unit of review, `title` what a pull request is called
    (`[leap, prod] store a.b`). Two plans that are to live side by side need different scopes: that of one key holds its
    key path. `stages` maps `cluster/hub` to `staging` or `prod`. `notes` are for whoever types the verb, `warnings` for
    the reviewer, too: they are Markdown, and come from files and key paths alone.
    """

    verb: str
    scope: str
    title: str
    changes: tuple[SecretChange, ...]
    edits: tuple[FileEdit, ...]
    stages: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def branch_of(plan: SecretPlan) -> str:
    """Return the branch that a plan lives on, `hubctl/secret-set/hub-leap-prod-a.b`."""
    return branch_name(plan.verb.replace(" ", "-"), plan.scope)


def plan_id(plan: SecretPlan) -> str:
    """Return the sha256 over verb, files and key paths, and for recipients over those: all that is public of a plan.

    Not over the bytes: ciphertext is another one each time, and a value, its length and its hash are nobody's business.
    """
    return sha256_of([plan.verb, sorted([each.file, each.path, each.what, each.detail] for each in plan.changes)])


def places_of(plan: SecretPlan) -> tuple[str, ...]:
    """Return the short hash of each place: the same for any two plans that change one entry of one file."""
    return tuple(sorted({spot_of([each.file, each.path]) for each in plan.changes if each.what != "listed"}))
