"""Whether base already had the proposed tags and somebody took them back: read from git, no database."""

from __future__ import annotations

from collections.abc import Iterable

from hubctl.adapters.git import Repository
from hubctl.adapters.git_run import run_git
from hubctl.errors import Unparseable
from hubctl.images.sites import find_sites
from hubctl.proposals.plan import Change

_COMMITS = 20
_SIZE_LIMIT = 2_000_000


def taken_back(repository: Repository, base: str, changes: Iterable[Change]) -> str | None:
    """Return the newest commit of `base` that took one of the wanted tags from its very place, None without one.

    Looks through the history that is here, at the last 20 commits in which a file gained or lost the tag.
    """
    together: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        if change.new != change.old:  # a moving tag stays the same; which digest it had says nothing
            together.setdefault((change.site.file, change.new), set()).add(change.site.key_path)
    for (file, tag), places in together.items():
        for commit in _touching(repository, base, file, tag):
            before = _places(repository, f"{commit}^:{file}", tag)
            if not places.isdisjoint(before - _places(repository, f"{commit}:{file}", tag)):
                return commit
    return None


def _touching(repository: Repository, base: str, file: str, tag: str) -> list[str]:
    argv = ["--literal-pathspecs", "log", f"--max-count={_COMMITS}", "--format=%H", "--no-show-signature"]
    argv += ["--no-textconv", "--no-ext-diff", "--no-renames", f"-S{tag}", base, "--", file]
    return run_git(argv, cwd=repository.root).stdout.decode("ascii", "replace").split()


def _places(repository: Repository, blob: str, tag: str) -> set[str]:
    """The key paths that had a tag in a file of a commit; none in a file that cannot be read there."""
    shown = run_git(["cat-file", "blob", blob], cwd=repository.root)
    if shown.code != 0 or len(shown.stdout) > _SIZE_LIMIT:
        return set()
    try:
        return {site.key_path for site in find_sites(shown.stdout, blob) if site.tag == tag}
    except Unparseable:
        return set()
