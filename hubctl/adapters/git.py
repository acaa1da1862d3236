"""Git repositories: where one is, in which state, which remotes it has. GitPython is imported here alone."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.git_run import Access, checked, run_git
from hubctl.errors import GitRefused
from hubctl.show import show

# What git leaves in its folder while something is half done.
_STATES = (
    ("rebase-merge", "a rebase"),
    ("rebase-apply/applying", "an am"),
    ("rebase-apply", "a rebase"),
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("sequencer", "a cherry-pick or revert"),
)
_NAMED = 3
# What `git init` and `git clone` write; of anything else GitPython says what it means.
_NOT_BARE = re.compile(r"^\s*bare\s*=\s*false\s*$", re.MULTILINE)
_SPECIAL = re.compile(r"include|bare(?!\s*=\s*false\s*$)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on disk; all paths are absolute.

    `root` is the top of the work tree, of a bare one the repository itself. `git_dir` is that of this work
    tree, `common_dir` the one all work trees share.
    """

    root: Path
    git_dir: Path
    common_dir: Path
    bare: bool
    source: Access | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote as configured: `url` and `push_url` as written, `fetches`, `pushes` after `insteadOf`.

    `resolved` is what `gh repo set-default` noted: `base`, `OWNER/NAME`, or None.
    """

    name: str
    url: str
    push_url: str
    fetches: str
    pushes: str
    resolved: str | None = None


def find_repository(start: Path) -> Repository | None:
    """Return the repository that holds `start`, from a subdirectory and a linked work tree, too; None outside one.

    Reads files alone: nothing of the repository runs. None also where git is not installed.
    """
    start = start.resolve()
    if not any((folder / ".git").exists() or (folder / "HEAD").exists() for folder in (start, *start.parents)):
        return None
    if shutil.which("git") is None:
        return None
    plain = _plain_clone(start)
    if plain is not None:
        return plain
    import git  # noqa: PLC0415  # a tenth of a second that reading a plain folder need not pay

    try:
        with git.Repo(start, search_parent_directories=True, expand_vars=False) as found:
            git_dir = Path(found.git_dir).resolve()
            bare = bool(found.bare)
            root = git_dir if bare or found.working_tree_dir is None else Path(found.working_tree_dir).resolve()
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return None
    common_dir = _common_dir(git_dir)
    return Repository(root=root, git_dir=git_dir, common_dir=common_dir, bare=bare)


def _plain_clone(start: Path) -> Repository | None:
    """Return the repository where the nearest `.git` is a folder like any clone's; None for all that is special."""
    root = next((folder for folder in (start, *start.parents) if _marked(folder)), start)
    git_dir = root / ".git"
    try:
        config = (git_dir / "config").read_text("utf-8")
    except (OSError, ValueError):
        return None
    usual = all((git_dir / name).is_dir() for name in ("objects", "refs")) and (git_dir / "HEAD").is_file()
    if not usual or git_dir.is_symlink() or (git_dir / "commondir").exists() or not _NOT_BARE.search(config):
        return None
    if _SPECIAL.search(config):
        return None
    return Repository(root=root, git_dir=git_dir, common_dir=git_dir, bare=False)


def _marked(folder: Path) -> bool:
    """Whether something here may make the folder a repository: then no folder above it is asked."""
    return any((folder / name).exists() for name in (".git", "HEAD"))


def _common_dir(git_dir: Path) -> Path:
    """Read from the work tree's own note, not from the environment, where a hook may have set another's."""
    note = git_dir / "commondir"
    return (git_dir / note.read_text().strip()).resolve() if note.is_file() else git_dir


def state_in_progress(repository: Repository) -> str | None:
    """Return what is half done in this work tree, for example `a rebase`; None where nothing is.

    A bisect is no reason to refuse: it leaves no half-written files.
    """
    return next((name for mark, name in _STATES if (repository.git_dir / mark).exists()), None)


def absent_paths(repository: Repository) -> tuple[str, ...]:
    """Return the tracked paths that a sparse checkout leaves out, sorted; none in a full one.

    Raises `GitRefused`.
    """
    if repository.bare or not (repository.git_dir / "info" / "sparse-checkout").exists():
        return ()  # git leaves nothing out without this file
    if not is_set(repository, "core.sparseCheckout"):
        return ()
    listed = checked(["ls-files", "-z", "-t"], cwd=repository.root).decode("utf-8", "surrogateescape")
    return tuple(sorted(entry[2:] for entry in listed.split("\0") if entry.startswith("S ")))


def lacks(repository: Repository) -> tuple[str, ...]:
    """Return what this checkout does not have, one sentence each: work tree, files, history, file contents."""
    found = []
    if repository.bare:
        found.append("a bare repository: it has no files to edit, only commits")
    absent = absent_paths(repository)
    if absent:
        named = ", ".join(show(path) for path in absent[:_NAMED])
        rest = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
        found.append(f"a sparse checkout: {len(absent)} tracked files are not on disk: {named}{rest}")
    if is_shallow(repository):
        found.append("a shallow clone: older history is not here")
    if is_partial(repository):
        found.append("a partial clone: contents of some files are not here")
    return tuple(found)


def is_shallow(repository: Repository) -> bool:
    """Return whether the clone was made with `--depth`, so that history ends somewhere."""
    return (repository.common_dir / "shallow").exists()


def is_partial(repository: Repository) -> bool:
    """Return whether the clone was made with `--filter`, so that objects may be missing."""
    return run_git(["config", "--get-regexp", r"^remote\..*\.promisor$"], cwd=repository.root).code == 0


def setting(repository: Repository, key: str) -> str | None:
    """Return the value of a git setting as this repository sees it, None where it is not set."""
    completed = run_git(["config", "-z", "--get", key], cwd=repository.root)
    return completed.stdout.decode("utf-8", "replace").rstrip("\0") if completed.code == 0 else None


def is_set(repository: Repository, key: str) -> bool:
    """Return whether a setting is true as git understands it; raises `GitRefused` where it is neither."""
    completed = run_git(["config", "--type=bool", "--get", key], cwd=repository.root)
    if completed.code not in {0, 1}:
        raise GitRefused(f"`{key}` is not a boolean: {completed.said}")
    return completed.stdout.strip() == b"true"


def trusted_program(repository: Repository, key: str, default: str) -> tuple[tuple[str, str], ...]:
    """Return the setting that keeps a program named by the repository's own configuration from running.

    The user's and the system's settings may name one, the repository's may not: empty where it does not.
    """
    completed = run_git(["config", "--show-scope", "--get", key], cwd=repository.root)
    scope = completed.stdout.partition(b"\t")[0]
    if scope not in {b"local", b"worktree"}:
        return ()
    for trusted in ("--global", "--system"):
        found = run_git(["config", trusted, "--includes", "-z", "--get", key], cwd=repository.root)
        if found.code == 0:
            return ((key, found.stdout.decode("utf-8", "replace").rstrip("\0")),)
    return ((key, default),)


def remotes(repository: Repository) -> tuple[Remote, ...]:
    """Return the remotes in the order of the configuration, those without an URL left out."""
    listed = run_git(["config", "-z", "--get-regexp", r"^remote\..*\.(url|pushurl|gh-resolved)$"], cwd=repository.root)
    known: dict[str, dict[str, str]] = {}
    for entry in filter(None, listed.stdout.decode("utf-8", "replace").split("\0")):
        key, _, text = entry.partition("\n")
        name, _, field = key.removeprefix("remote.").rpartition(".")
        known.setdefault(name, {}).setdefault(field, text)
    return tuple(_remote(repository, name, fields) for name, fields in known.items() if "url" in fields)


def _remote(repository: Repository, name: str, fields: dict[str, str]) -> Remote:
    push_url = fields.get("pushurl", fields["url"])
    return Remote(
        name=name,
        url=fields["url"],
        push_url=push_url,
        fetches=_expanded(repository, ["remote", "get-url", "--", name], fields["url"]),
        pushes=_expanded(repository, ["remote", "get-url", "--push", "--", name], push_url),
        resolved=fields.get("gh-resolved"),
    )


def _expanded(repository: Repository, argv: list[str], written: str) -> str:
    completed = run_git(argv, cwd=repository.root)
    return completed.stdout.decode("utf-8", "replace").partition("\n")[0] or written


def commit_of(repository: Repository, revision: str) -> str | None:
    """Return the full id of a commit that is here, None where there is none of that name."""
    argv = ["rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}"]
    completed = run_git(argv, cwd=repository.root)
    return completed.stdout.decode().strip() if completed.code == 0 else None


def tracking_tip(repository: Repository, remote: str, branch: str) -> str | None:
    """Return the commit the remote's branch had when it was last fetched, None where it never was. No network.

    A bare clone keeps the remote's branches as its own.
    """
    tip = commit_of(repository, f"refs/remotes/{remote}/{branch}")
    return commit_of(repository, f"refs/heads/{branch}") if tip is None and repository.bare else tip


def default_branch(repository: Repository, remote: str) -> str | None:
    """Return the default branch of a remote as last seen here; in a bare repository its own `HEAD`. No network.

    `refs/remotes/NAME/HEAD` is missing where the remote was added by hand or by `actions/checkout`: then the
    one of `main` and `master` that exists alone, else None.
    """
    prefix = f"refs/remotes/{remote}/"
    heads = [(f"{prefix}HEAD", prefix), *([("HEAD", "refs/heads/")] if repository.bare else [])]
    for head, folder in heads:
        completed = run_git(["symbolic-ref", "--quiet", head], cwd=repository.root)
        if completed.code == 0:
            return completed.stdout.decode("utf-8", "replace").strip().removeprefix(folder)
    usual = [name for name in ("main", "master") if tracking_tip(repository, remote, name) is not None]
    return usual[0] if len(usual) == 1 else None


def checked_branch(name: str) -> str:
    """Return a branch name that git takes; raises `GitRefused` for one that it would read as something else.

    Rules of `git check-ref-format --branch`, which needs no repository.
    """
    completed = run_git(["check-ref-format", "--branch", name], cwd=Path("/"))
    if completed.code != 0 or completed.stdout.decode("utf-8", "replace").strip() != name:
        raise GitRefused(f"not a branch name: `{show(name)}`")
    return name
