"""`hubctl init`: the files that make a repository of clusters one that hubctl looks after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from hubctl.adapters.creating import create_all
from hubctl.adapters.files import WorkTree
from hubctl.adapters.git import absent_paths
from hubctl.commands.finding import work_tree
from hubctl.commands.init_texts import HOOK_NAMES, HOOKS, SETTINGS, WORKFLOW, entry, sops_rules
from hubctl.commands.reports import InitFile, InitReport
from hubctl.commands.requests import Init
from hubctl.commands.undisturbed import refuse_in_progress
from hubctl.commands.world import SETTINGS_FILE, World
from hubctl.errors import NotFound, Unparseable
from hubctl.fleet.layout import RULES_FILE
from hubctl.text.diff import unified_diff

_HOOKS_FILE = ".pre-commit-config.yaml"
_WORKFLOW_FILE = ".github/workflows/hubctl.yaml"
_OFFERED = {SETTINGS_FILE: SETTINGS, _HOOKS_FILE: HOOKS, _WORKFLOW_FILE: WORKFLOW}


def run(request: Init, world: World) -> InitReport:
    """Make each file that is not there, or say what would be made; what is there is left alone.

    All files are made or none. GitRefused in a bare repository and in the middle of a rebase, merge, cherry-pick,
    revert or am; Unparseable for a path that is no regular file inside the repository.
    """
    tree = work_tree(world)
    offered = _OFFERED | ({RULES_FILE: sops_rules(request.recipients)} if request.recipients else {})
    there = {name: _is_there(tree, name) for name in offered}
    left_out = frozenset(absent_paths(world.git)) if world.git else frozenset()
    new = {name: text.encode() for name, text in offered.items() if not there[name] and name not in left_out}
    if new and not request.dry_run:
        refuse_in_progress(world, hint="finish or abort it first")
        create_all(world.root, new)
    made: Literal["planned", "created"] = "planned" if request.dry_run else "created"
    files = tuple(InitFile(name, made if name in new else "kept") for name in offered)
    diff = b"".join(unified_diff(name, None, data) for name, data in sorted(new.items())) if request.dry_run else b""
    return InitReport(files, tuple(_notes(world, tree, there, new, request.recipients)), diff)


def _is_there(tree: WorkTree, name: str) -> bool:
    """Whether the name is taken, by whatever regular file."""
    try:
        tree.read(name)
    except NotFound:
        if Path(tree.root, name).is_symlink():
            raise Unparseable("a link that leads nowhere", file=name) from None
        return False
    return True


def _notes(
    world: World, tree: WorkTree, there: dict[str, bool], new: dict[str, bytes], recipients: tuple[str, ...]
) -> Iterator[str]:
    if world.git is None:
        yield f"no git repository: the files belong into `{world.root}`"
    hooks = tree.read(_HOOKS_FILE) if there[_HOOKS_FILE] else b""
    lacking = [name for name in HOOK_NAMES if there[_HOOKS_FILE] and name.encode() not in hooks]
    if lacking:
        yield f"`{_HOOKS_FILE}` is left as it is; under its `repos:` add\n\n{entry(lacking)}"
    if there.get(RULES_FILE) and not all(each.encode() in tree.read(RULES_FILE) for each in recipients):
        yield f"`{RULES_FILE}` is left as it is: write recipients into its rules, then `hubctl secret sync-recipients`"
    if _WORKFLOW_FILE in new:
        yield f"write into `{_WORKFLOW_FILE}` where hubctl comes from: `OWNER/hubctl` and `COMMIT`"
