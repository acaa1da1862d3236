"""One deterministic commit on a base commit, made by plumbing: index, work tree and refs stay as they are.

The same base, edits, message and identity give the same commit, so that a race or a lost reply does no harm.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.git import Repository, is_set, setting, trusted_program
from hubctl.adapters.git_run import Completed, checked, run_git
from hubctl.adapters.git_tree import CommitTree
from hubctl.adapters.temporary import temporary_folder
from hubctl.errors import GitRefused, UnsafeEdit
from hubctl.proposals.plan import FileEdit
from hubctl.show import show

_ODD_MODES = {"120000": "a symbolic link", "160000": "a submodule"}
_NEW_MODE = "100644"
_SHA256 = 64  # digits
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
    what the edit starts from, is there though it should be made, or is a link, a submodule, or one that git stores in
    another form than it stands on disk (LFS and other filters); `GitRefused` where git or its signing program fails.
    """
    with temporary_folder() as folder, CommitTree(repository, base) as tree:
        index = {"GIT_INDEX_FILE": str(folder / "index")}
        checked(["read-tree", base], cwd=repository.root, extra=index)
        modes = [_mode(tree, edit) for edit in edits]
        _refuse_filtered(repository, edits, index)
        blobs = _stored(repository, edits, folder)
        lines = [
            f"{mode} {blob}\t".encode() + _name(edit) + b"\0"
            for mode, blob, edit in zip(modes, blobs, edits, strict=True)
        ]
        checked(["update-index", "-z", "--index-info"], cwd=repository.root, stdin=b"".join(lines), extra=index)
        # files that are not touched may be missing in a partial clone: they are in base, which the remote has
        written = checked(["write-tree", "--missing-ok"], cwd=repository.root, extra=index).decode().strip()
        sha = _committed(repository, written, base, message, identity)
    _refuse_other_changes(repository, base, sha, edits)
    return Commit(sha=sha, tree=written, base=base)


def _mode(tree: CommitTree, edit: FileEdit) -> str:
    """Return the mode of a file of the base commit that may be edited and is what the edit starts from, or is new."""
    entry, file = tree.entry(edit.file), f"`{show(edit.file)}`"
    if edit.before is None:
        _refuse_taken(tree, edit.file)
        return _NEW_MODE
    if entry is None:
        raise UnsafeEdit(f"{file} is not in the base commit {tree.commit[:10]}")
    if entry.mode in _ODD_MODES:
        raise UnsafeEdit(f"{file} is {_ODD_MODES[entry.mode]}")
    before = tree.read(edit.file)
    if before != edit.before:
        raise UnsafeEdit(f"{file} differs from the base commit {tree.commit[:10]}")
    if before.startswith(_LFS):
        raise _filtered(file)
    return entry.mode


def _refuse_taken(tree: CommitTree, file: str) -> None:
    """A new file takes no other's place: not that of a file or a folder, and no folder above it is a file."""
    parts = file.split("/")
    if not file or any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts):
        raise UnsafeEdit(f"`{show(file)}` is no path that a commit can have")
    above = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    taken = next((path for path in above if tree.entry(path) is not None), None)
    if taken is None and tree.paths(file):
        taken = file
    if taken is not None:
        raise UnsafeEdit(f"`{show(file)}` cannot be made: base has `{show(taken)}` already")


def _refuse_filtered(repository: Repository, edits: tuple[FileEdit, ...], index: Mapping[str, str]) -> None:
    """Ask the attributes of the base commit, which the private index holds."""
    names = b"".join(_name(edit) + b"\0" for edit in edits)
    argv = ["check-attr", "--cached", "-z", "--stdin", "filter"]
    values = checked(argv, cwd=repository.root, stdin=names, extra=index).split(b"\0")[2::3]
    for edit, value in zip(edits, values, strict=True):
        if value not in {b"unspecified", b"unset"}:
            raise _filtered(f"`{show(edit.file)}`")


def _filtered(file: str) -> UnsafeEdit:
    return UnsafeEdit(f"{file} goes through a filter such as git LFS: its stored bytes are not its text")


def _stored(repository: Repository, edits: tuple[FileEdit, ...], folder: Path) -> list[str]:
    """Write the new contents to the object database, all by one process, and return their ids."""
    copies = [folder / str(number) for number in range(len(edits))]
    for copy, edit in zip(copies, edits, strict=True):
        copy.write_bytes(edit.after)
    argv = ["hash-object", "-w", "--stdin-paths", "--no-filters"]
    listed = "".join(f"{copy}\n" for copy in copies).encode("utf-8", "surrogateescape")
    blobs = checked(argv, cwd=repository.root, stdin=listed).decode().split()
    for blob, edit in zip(blobs, edits, strict=True):
        if blob != _blob_id(edit.after, sha256=len(blob) == _SHA256):
            raise UnsafeEdit(f"`{show(edit.file)}` was stored with other bytes than planned")
    return blobs


def _blob_id(content: bytes, *, sha256: bool) -> str:
    """Return what git calls these bytes."""
    whole = b"blob %d\0" % len(content) + content
    return (hashlib.sha256(whole) if sha256 else hashlib.sha1(whole, usedforsecurity=False)).hexdigest()


def _name(edit: FileEdit) -> bytes:
    return edit.file.encode("utf-8", "surrogateescape")


@functools.lru_cache(maxsize=1)
def _date(repository: Repository, commit: str) -> str:
    argv = ["show", "-s", "--no-show-signature", "--format=%ct", commit]
    return checked(argv, cwd=repository.root).decode().strip()


def _committed(repository: Repository, tree: str, base: str, message: str, identity: Identity) -> str:
    stamp = f"@{_date(repository, base)} +0000"
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
