"""What `secret check` looks at: files of the work tree or of the index, each with its bytes or why there are none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.git import Repository
from hubctl.adapters.git_blobs import contents
from hubctl.adapters.git_index import IndexEntry, announced, index_entries, untracked
from hubctl.adapters.git_range import LINK, SUBMODULE
from hubctl.adapters.unlinked import files_below, link_in, path_in, read_unlinked
from hubctl.commands.finding import work_tree
from hubctl.commands.world import World
from hubctl.errors import NotFound, Unparseable
from hubctl.fleet.layout import RULES_FILE
from hubctl.problem import Problem
from hubctl.secrets.choosing import Wanted, chosen, nearer_rules
from hubctl.show import show

_POINTER = b"version https://git-lfs.github.com/spec/"
_MEND_LINK = "put the file itself there: what a link leads to is not checked"
_MEND_FILE = "put a regular file of at most 2 MB there"


@dataclass(frozen=True, slots=True)
class Content:
    """A file with its bytes, or with what is wrong before anything of it can be read."""

    file: str
    data: bytes | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """The files to look at and the rules they are measured by, None without any; `notes` are for a person."""

    files: tuple[Content, ...]
    rules: Content | None
    notes: tuple[str, ...] = ()


def on_disk(world: World, paths: Sequence[str]) -> Contents:
    """Return what the work tree holds; `paths` are absolute.

    What a sparse checkout leaves out is taken as the index has it. GitRefused in a bare repository; NotFound for a path
    that is not there or lies outside the repository; Unparseable for a folder that cannot be read.
    """
    root = work_tree(world).root
    wanted = tuple(_wanted_on_disk(root, path) for path in paths)
    if world.git is None:
        files = chosen(files_below(root), (), wanted)
        entries: Mapping[str, IndexEntry] = {}
    else:
        entries = {entry.path: entry for entry in index_entries(world.git, world.environment)}
        files = chosen(entries, untracked(world.git, world.environment), wanted)
    left_out = [entries[file] for file in (*files, RULES_FILE) if file in entries and entries[file].left_out]
    absent = dict(_of_entries(world.git, [each for each in left_out if not os.path.lexists(Path(root, each.path))]))
    modules = {entry.path for entry in entries.values() if entry.mode == SUBMODULE}
    found = (_submodule(file) if file in modules else absent.get(file) or _read(root, file) for file in files)
    rules = absent.get(RULES_FILE) or _read(root, RULES_FILE)
    near = (file for file in nearer_rules(files) if os.path.lexists(Path(root, file)) and not link_in(root, file))
    return Contents(tuple(each for each in found if each), rules, not_used(files, near))


def _wanted_on_disk(root: Path, typed: str) -> Wanted:
    path = path_in(root, typed)
    if not os.path.lexists(typed):
        raise _missing(typed)
    return Wanted(path, folder=Path(root, path).is_dir() and (not path or link_in(root, path) is None))


def _missing(typed: str) -> NotFound:
    return NotFound(f"no such file or folder: `{show(typed)}`", code="no-such-file")


def _read(root: Path, file: str) -> Content | None:
    """Return a file of the work tree, None where it is gone."""
    try:
        return content(file, read_unlinked(root, file))
    except NotFound:
        return None
    except Unparseable as error:
        if link_in(root, file) is not None:
            return _linked(file)
        return _unread(file, error.message)


def content(file: str, data: bytes | None, why: str = "") -> Content:
    """Return a file that was read, or the finding that it was not."""
    if data is None:
        return _unread(file, why)
    if data.startswith(_POINTER):
        return _unread(file, "a pointer of Git LFS: what it stands for is not in the repository")
    return Content(file, data)


def _unread(file: str, why: str) -> Content:
    return Content(file, None, Problem(file, 1, "unreadable", why, _MEND_FILE, fails=True))


def _linked(file: str) -> Content:
    message = "a symbolic link, or below one"
    return Content(file, None, Problem(file, 1, "link", message, _MEND_LINK, fails=True))


def _submodule(file: str) -> Content:
    return _unread(file, "a submodule: what is in it is not checked")


def in_index(world: World, repository: Repository, paths: Sequence[str]) -> Contents:
    """Return what the index holds, the state a commit of it would have; `paths` are absolute.

    NotFound for a path that is not in the index or lies outside the repository; GitRefused in a bare repository.
    """
    root = work_tree(world).root
    listed = index_entries(repository, world.environment)
    without = announced(repository, world.environment, listed)
    entries = {entry.path: entry for entry in listed if entry.path not in without}
    wanted = tuple(_wanted_in(entries, without, root, path) for path in paths)
    files = [file for file in chosen(entries, (), wanted) if file not in without]
    found = dict(_of_entries(repository, [entries[file] for file in (*files, RULES_FILE) if file in entries]))
    notes = (
        f"`{show(file)}` is only announced (`git add --intent-to-add`): a commit has none of it" for file in without
    )
    near = not_used(files, entries)
    return Contents(tuple(found[file] for file in files), found.get(RULES_FILE), (*near, *sorted(notes)))


def _wanted_in(entries: Mapping[str, IndexEntry], announced_only: Iterable[str], root: Path, typed: str) -> Wanted:
    path = path_in(root, typed)
    if path in entries or path in announced_only:
        return Wanted(path, folder=False)
    if not path or Path(root, path).is_dir() or any(each.startswith(f"{path}/") for each in entries):
        return Wanted(path, folder=True)
    raise NotFound(
        f"not in the index: `{show(typed)}`",
        hint="`git add` it first, or leave `--staged` out to check the file on disk",
        code="no-such-file",
    )


def _of_entries(repository: Repository | None, entries: Sequence[IndexEntry]) -> Iterator[tuple[str, Content]]:
    if repository is None or not entries:
        return
    plain = [entry for entry in entries if not entry.stage and entry.mode not in {LINK, SUBMODULE}]
    held = {each.blob: each for each in contents(repository, [entry.blob for entry in plain])}
    for entry in entries:
        special = of_mode(entry.path, entry.mode)
        if special is not None:
            yield entry.path, special
        elif entry.stage:
            yield entry.path, _unread(entry.path, "in conflict: the index holds more than one version of it")
        else:
            yield entry.path, content(entry.path, held[entry.blob].data, held[entry.blob].why)


def of_mode(file: str, mode: str) -> Content | None:
    """Return the finding for what git keeps as something else than a regular file, None for a file."""
    return {LINK: _linked, SUBMODULE: _submodule}[mode](file) if mode in {LINK, SUBMODULE} else None


def not_used(files: Iterable[str], there: Iterable[str]) -> tuple[str, ...]:
    """Return a note for each `.sops.yaml` of `there` that lies nearer to one of the files than the root's."""
    known = frozenset(there)
    return tuple(
        f"`{show(file)}` is not used: only the `{RULES_FILE}` at the root counts; "
        "sops itself takes the nearer one where it is started below it"
        for file in nearer_rules(files)
        if file in known
    )
