"""One deterministic commit on a base commit, made by plumbing: index, work tree and refs stay as they are.

The same base, edits, message and identity give the same commit, so that a race or a lost reply does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hubctl.adapters.git import Repository, is_set, setting, trusted_program
from hubctl.adapters.git_run import Completed, checked, run_git
from hubctl.adapters.git_tree import CommitTree
from hubctl.adapters.temporary import temporary_folder
from hubctl.errors import GitRefused, UnsafeEdit
from hubctl.proposals.plan import FileEdit
from hubctl.show import show

_ODD_MODES = {"120000": "a symbolic link", "160000": "a submodule"}
_LFS = b"version https://git-lfs"
_SIGNERS = {
    "gpg.program": "gpg",
    "gpg.openpgp.program": "gpg",
    "gpg.x509.program": "gpgsm",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.defaultKeyCommand": "false",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who commits: the user of git's settings, which hubctl never writes."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that is in the object database and on no branch."""

    sha: str
    tree: str
    base: str


def committer(repository: Repository) -> Identity:
    """Return the identity of the user's git settings; raises `GitRefused` with the commands that set one."""
    name, email = setting(repository, "user.name"), setting(repository, "user.email")
    if name and email:
        return Identity(name, email)
    raise GitRefused(
        "git does not know who commits",
        hint='git config --global user.name "Your Name" && git config --global user.email you@example.org',
    )


def build_commit(
    repository: Repository, base: str, edits: tuple[FileEdit, ...], message: str, identity: Identity
) -> Commit:
    """Return a commit whose only parent is `base` and whose only differences are `edits`.

    Dated like `base`, signed where `commit.gpgsign` says so. Raises `UnsafeEdit` where a file of base is not
    what the edit starts from, or is a link, a submodule, or one that git stores in another form than it stands
    on disk (LFS and other filters); `GitRefused` where git or its signing program fails.
    """
    with temporary_folder() as folder, CommitTree(repository, base) as tree:
        index = {"GIT_INDEX_FILE": str(folder / "index")}
        checked(["read-tree", base], cwd=repository.root, extra=index)
        lines = [_staged(repository, tree, edit, index) for edit in edits]
        checked(["update-index", "-z", "--index-info"], cwd=repository.root, stdin=b"".join(lines), extra=index)
        # files that are not touched may be missing in a partial clone: they are in base, which the remote has
        written = checked(["write-tree", "--missing-ok"], cwd=repository.root, extra=index).decode().strip()
        sha = _committed(repository, written, base, message, identity)
    _refuse_other_changes(repository, base, sha, edits)
    return Commit(sha=sha, tree=written, base=base)


def _staged(repository: Repository, tree: CommitTree, edit: FileEdit, index: Mapping[str, str]) -> bytes:
    """Write one file's new contents to the object database and return its line for the index."""
    entry, file = tree.entry(edit.file), f"`{show(edit.file)}`"
    if entry is None:
        raise UnsafeEdit(f"{file} is not in the base commit {tree.commit[:10]}")
    if entry.mode in _ODD_MODES:
        raise UnsafeEdit(f"{file} is {_ODD_MODES[entry.mode]}")
    before = tree.read(edit.file)
    if before != edit.before:
        raise UnsafeEdit(f"{file} differs from the base commit {tree.commit[:10]}")
    if before.startswith(_LFS) or _is_filtered(repository, edit.file, index):
        raise UnsafeEdit(f"{file} goes through a filter such as git LFS: its stored bytes are not its text")
    argv = ["hash-object", "-w", "--stdin", "--no-filters"]
    blob = checked(argv, cwd=repository.root, stdin=edit.after, extra=index).decode().strip()
    if checked(["cat-file", "blob", blob], cwd=repository.root, extra=index) != edit.after:
        raise UnsafeEdit(f"{file} was stored with other bytes than planned")
    return f"{entry.mode} {blob}\t".encode() + edit.file.encode("utf-8", "surrogateescape") + b"\0"


def _is_filtered(repository: Repository, file: str, index: Mapping[str, str]) -> bool:
    """Ask the attributes of the base commit, which the private index holds."""
    argv = ["check-attr", "--cached", "-z", "filter", "--", file]
    fields = checked(argv, cwd=repository.root, extra=index).split(b"\0")
    return fields[2] not in {b"unspecified", b"unset"}


def _committed(repository: Repository, tree: str, base: str, message: str, identity: Identity) -> str:
    date = checked(["show", "-s", "--no-show-signature", "--format=%ct", base], cwd=repository.root).decode().strip()
    stamp = f"@{date} +0000"
    who = {
        "GIT_AUTHOR_NAME": identity.name,
        "GIT_AUTHOR_EMAIL": identity.email,
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_NAME": identity.name,
        "GIT_COMMITTER_EMAIL": identity.email,
        "GIT_COMMITTER_DATE": stamp,
    }
    config = [("i18n.commitEncoding", "UTF-8")]
    argv = ["commit-tree", tree, "-p", base, "-F", "-"]
    if is_set(repository, "commit.gpgsign"):
        argv.append("-S")
        config += [pair for key, usual in _SIGNERS.items() for pair in trusted_program(repository, key, usual)]
    completed = run_git(argv, cwd=repository.root, stdin=message.encode(), extra=who, config=config)
    if completed.code != 0:
        raise _no_commit(completed, signed="-S" in argv)
    return completed.stdout.decode().strip()


def _no_commit(completed: Completed, *, signed: bool) -> GitRefused:
    if signed:
        return GitRefused(
            f"`commit.gpgsign` is set and the commit could not be signed: {completed.said}",
            hint="mend the signing key, or turn `commit.gpgsign` off in this repository",
        )
    return GitRefused(f"`git commit-tree` failed: {completed.said}")


def _refuse_other_changes(repository: Repository, base: str, sha: str, edits: tuple[FileEdit, ...]) -> None:
    """Whatever was meant, what counts is what git says differs."""
    argv = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", base, sha]
    changed = set(filter(None, checked(argv, cwd=repository.root).decode("utf-8", "surrogateescape").split("\0")))
    if changed != {edit.file for edit in edits if edit.before != edit.after}:
        raise UnsafeEdit("the commit would change other files than planned")
