"""`hubctl secret check`: whether everything that is to be encrypted is, without any key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from hubctl.adapters.git import Repository
from hubctl.adapters.git_added import Added, added_between
from hubctl.adapters.git_blobs import contents
from hubctl.adapters.git_range import commit_named, merge_base
from hubctl.adapters.git_tree import CommitTree
from hubctl.adapters.unlinked import path_in
from hubctl.commands.codes import DONE, FAILED
from hubctl.commands.requests import SecretCheck
from hubctl.commands.secret_contents import Content, Contents, content, in_index, not_used, of_mode, on_disk
from hubctl.commands.world import World
from hubctl.errors import GitRefused, NotFound
from hubctl.fleet.layout import RULES_FILE
from hubctl.problem import Problem
from hubctl.secrets.choosing import Wanted, chosen, wanted_among
from hubctl.secrets.creation_rules import read_rules
from hubctl.secrets.verifier import is_clear, verify, verify_form
from hubctl.show import show

_REVOKE = "revoke it where it is used: whoever has the repository can read it in that commit"
_REWRITE = "take it out of the commits, and revoke it if it held a secret in clear"


@dataclass(frozen=True, slots=True)
class SecretCheckReport:
    """`secret check`: the problems, how many contents were looked at, and what is no problem, in words."""

    problems: tuple[Problem, ...]
    checked: int
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 with a problem, else 0."""
        return FAILED if self.problems else DONE


def run(request: SecretCheck, world: World) -> SecretCheckReport:
    """Return what is not encrypted as it should be; neither a key nor sops nor the network is asked.

    Of the work tree, `staged` of the index, with a `base` of every content that a commit since it brought. NotFound for
    a path that is not there or outside the repository and for an unknown base; GitRefused outside git where one is
    needed, in a bare repository that has no files, and in a shallow clone that lacks commits of the range.
    """
    if request.base is not None:
        return _of_range(request.base, request.paths, world, _repository(world, "--base"))
    if request.staged:
        return _judged(in_index(world, _repository(world, "--staged"), request.paths))
    return _judged(on_disk(world, request.paths))


def _repository(world: World, flag: str) -> Repository:
    if world.git is None:
        raise GitRefused(
            f"no git repository at `{show(str(world.root))}`",
            hint=f"`{flag}` looks at what git has: run it in a clone",
            code="no-repository",
        )
    return world.git


def _judged(given: Contents) -> SecretCheckReport:
    problems = tuple(sorted(set(_problems(given))))
    return SecretCheckReport(problems, len(given.files), given.notes)


def _problems(given: Contents) -> Iterator[Problem]:
    rules = read_rules(given.rules.data if given.rules else None)
    if given.rules is not None and given.rules.problem is not None:
        rules = replace(rules, problems=(given.rules.problem,), there=True)
    if given.files or rules.there:
        yield from rules.problems
    for each in given.files:
        if each.problem is not None:
            yield each.problem
        elif each.data is not None:
            yield from verify(each.data, each.file, rules)


def _of_range(base: str, paths: Iterable[str], world: World, repository: Repository) -> SecretCheckReport:
    """What HEAD has is measured by HEAD's rules, all of it where the rules changed; the rest by its form alone."""
    start, head = commit_named(repository, base), commit_named(repository, "HEAD")
    added = added_between(repository, start, head)
    with CommitTree(repository, head) as tree:
        held = tree.paths()
        everything = {*held, *(each.path for each in added)}
        wanted = tuple(_wanted(everything, path_in(world.root, path), path) for path in paths)
        names = set(chosen(everything, (), wanted))
        brought = [each for each in added if each.path in names]
        if any(each.path == RULES_FILE for each in added) or _lost_rules(repository, tree, start):
            now = [path for path in held if path in names]
        else:
            now = sorted({each.path for each in brought if _is_held(each, tree)})
        past = [each for each in brought if not _is_held(each, tree) and of_mode(each.path, each.mode) is None]
        rules = _at_head(tree, [RULES_FILE] if RULES_FILE in held else [])
        given = Contents(tuple(_at_head(tree, now)), next(iter(rules), None), not_used(names, held))
    problems = {*_problems(given), *_past(repository, past)}
    return SecretCheckReport(tuple(sorted(problems)), len(now) + len(past), given.notes)


def _lost_rules(repository: Repository, tree: CommitTree, start: str) -> bool:
    """Tell whether a commit of the range took the rules away, which brings no content."""
    if tree.entry(RULES_FILE) is not None:
        return False
    with CommitTree(repository, merge_base(repository, start, tree.commit)) as before:
        return before.entry(RULES_FILE) is not None


def _wanted(known: Collection[str], path: str, typed: str) -> Wanted:
    found = wanted_among(known, path)
    if found is not None:
        return found
    raise NotFound(
        f"no such file or folder in these commits: `{show(typed)}`",
        hint="`--base` looks at commits alone; leave it out to check the file on disk",
        code="no-such-file",
    )


def _is_held(added: Added, tree: CommitTree) -> bool:
    entry = tree.entry(added.path)
    return entry is not None and (entry.mode, entry.blob) == (added.mode, added.blob)


def _at_head(tree: CommitTree, paths: Iterable[str]) -> Iterator[Content]:
    entries = {path: entry for path in paths if (entry := tree.entry(path)) is not None}
    plain = [entry.blob for path, entry in entries.items() if of_mode(path, entry.mode) is None]
    held = {each.blob: each for each in contents(tree.repository, plain)}
    for path, entry in entries.items():
        yield of_mode(path, entry.mode) or content(path, held[entry.blob].data, held[entry.blob].why)


def _past(repository: Repository, added: Iterable[Added]) -> Iterator[Problem]:
    """What commits brought that HEAD has no more: it stays in the history."""
    several = tuple(added)
    held = {each.blob: each for each in contents(repository, [each.blob for each in several])}
    for each in several:
        found = content(each.path, held[each.blob].data, held[each.blob].why)
        problems = (found.problem,) if found.problem else verify_form(found.data or b"", each.path)
        for problem in problems:
            yield _told(problem, each.commit[:10])


def _told(problem: Problem, commit: str) -> Problem:
    message = f"in commit `{commit}`, which stays in the history: {problem.message}"
    if is_clear((problem,)):
        return replace(problem, rule="history", message=message, mend=_REVOKE)
    return replace(problem, message=message, mend=_REWRITE)
