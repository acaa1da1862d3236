"""`hubctl validate`: what is wrong in the fleet, or what a change made wrong."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hubctl.adapters.git import absent_paths
from hubctl.adapters.git_range import commit_named, merge_base
from hubctl.adapters.git_tree import CommitTree
from hubctl.commands.codes import DONE, FAILED
from hubctl.commands.finding import work_tree
from hubctl.commands.judging import Judged, judge
from hubctl.commands.requests import Validate
from hubctl.commands.world import World
from hubctl.errors import GitRefused, NotFound
from hubctl.problem import Problem
from hubctl.rules import missing
from hubctl.rules.catalogue import BY_NAME, severity_of
from hubctl.settings import Known
from hubctl.show import near, plural, show

_NUMBER = re.compile(r"\d+")
_OF_A_FLEET = ("/cluster.yaml", ".values.yaml", ".values.yml")


@dataclass(frozen=True, slots=True)
class ValidateReport:
    """`validate`: the problems, how many files were looked at, and what is not among the problems, in words."""

    problems: tuple[Problem, ...]
    checked: int
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where an error remains, 0 with warnings alone."""
        return FAILED if any(severity_of(one) == "error" for one in self.problems) else DONE


def run(request: Validate, world: World, found: tuple[Problem, ...]) -> ValidateReport:
    """Return what is wrong in the work tree; `found` are the problems of settings files.

    With a base only what the tree at the merge base of it and HEAD does not have: the same rule in the same file at
    the same key path. What `baseline` in the settings names is left out. NotFound where there is no fleet and for an
    unknown base; GitRefused outside git and without a merge base.
    """
    judged = _without_sparse(judge(work_tree(world), world.settings.staging), world)
    problems: tuple[Problem, ...] = tuple(sorted({*found, *judged.problems}))
    if request.base is not None:
        problems = tuple(_introduced(problems, judged, _base(request.base, world)))
    inside = tuple(one for one in problems if _is_inside(one.file, request.paths))
    known = tuple(one for one in inside if _is_known(one, world.settings.baseline))
    checked = sum(_is_inside(file, request.paths) for file in judged.files)
    return ValidateReport(
        tuple(one for one in inside if one not in known), checked, tuple(_notes(judged, len(known), world))
    )


def _base(base: str, world: World) -> Judged:
    if world.git is None:
        raise GitRefused(
            f"no git repository at `{show(str(world.root))}`",
            hint="`--base` compares with a commit: run it in a clone",
            code="no-repository",
        )
    start = merge_base(world.git, commit_named(world.git, base), commit_named(world.git, "HEAD"))
    with CommitTree(world.git, start) as tree:
        try:
            return judge(tree, world.settings.staging)
        except NotFound as error:
            if error.code != "no-fleet":
                raise
            return Judged((), (), ())


def _introduced(problems: tuple[Problem, ...], now: Judged, before: Judged) -> Iterator[Problem]:
    """What was not there before; absent files are compared one by one, for encrypted ones are told in one line."""
    old = {_identity(one) for one in before.problems}
    listed = {(one.file, one.path) for one in before.absent}
    fresh = tuple(one for one in now.absent if (one.file, one.path) not in listed)
    yield from (one for one in problems if one.rule != missing.RULE and _identity(one) not in old)
    yield from missing.of(fresh)


def _identity(problem: Problem) -> tuple[str, str, str]:
    """Rule, file and key path; what has no key path is told apart by its words, without numbers of lines."""
    return problem.rule, problem.file, problem.path or _NUMBER.sub("", problem.message)


def _is_inside(file: str, paths: tuple[str, ...]) -> bool:
    return not paths or any(path in ("", file) or file.startswith(f"{path}/") for path in paths)


def _is_known(problem: Problem, baseline: tuple[Known, ...]) -> bool:
    return any(one.rule == problem.rule and posixpath.normpath(one.file) == problem.file for one in baseline)


def _without_sparse(judged: Judged, world: World) -> Judged:
    """What a sparse checkout leaves out is not missing, and named once."""
    left_out = tuple(path for path in absent_paths(world.git) if path.endswith(_OF_A_FLEET)) if world.git else ()
    if not left_out:
        return judged
    absent = tuple(one for one in judged.absent if one.path not in left_out)
    message = (
        f"a sparse checkout leaves out {plural(len(left_out), 'file')} of the fleet, the first: `{show(left_out[0])}`"
    )
    sparse = Problem(left_out[0], 1, "sparse-checkout", message, "run `git sparse-checkout add FOLDER`")
    others = (one for one in judged.problems if one.rule != missing.RULE)
    return replace(judged, problems=(*others, *missing.of(absent), sparse), absent=absent)


def _notes(judged: Judged, known: int, world: World) -> Iterator[str]:
    for rule in sorted({one.rule for one in world.settings.baseline} - {*BY_NAME}):
        meant = "".join(f", did you mean `{name}`?" for name in near(rule, BY_NAME)[:1])
        yield f"`baseline` in `hubctl.yaml` names no rule: `{show(rule, 80)}`{meant}"
    if known:
        yield f"{plural(known, 'problem')} left out: `baseline` in `hubctl.yaml` knows them"
    if judged.untold:
        keys = plural(judged.untold, "key")
        yield f"not told: {keys} that most hubs of a chart lack, so that something hubctl does not see must give them"
