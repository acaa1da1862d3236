import subprocess
from pathlib import Path

import pytest

from hubctl.adapters.git import Repository
from hubctl.errors import GitRefused, UnsafeEdit
from hubctl.proposals.commit import Identity, build_commit, committer
from hubctl.proposals.plan import FileEdit

from .parts import FILE, NEW, OLD, TEXT, commit_file, found, git, make_clone

BOT = Identity("Bot", "bot@example.org")
EDIT = FileEdit(FILE, TEXT.encode(), TEXT.replace(OLD, NEW).encode())


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path)[1]


def build(clone: Path, *edits: FileEdit, message: str = "Say\n\nHubctl-Proposal: x\n") -> str:
    return build_commit(found(clone), git(clone, "rev-parse", "HEAD"), edits or (EDIT,), message, BOT).sha


def test_the_same_inputs_give_the_same_commit_in_any_clone(tmp_path):
    bare, clone = make_clone(tmp_path)
    git(tmp_path, "clone", "-q", str(bare), "second")
    git(clone, "config", "i18n.commitEncoding", "latin1")
    git(clone, "config", "core.autocrlf", "true")
    assert build(clone, message="Süß → ✓\n") == build(tmp_path / "second", message="Süß → ✓\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TZ", "Pacific/Kiritimati"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("SOURCE_DATE_EPOCH", "1"),
        ("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z"),
        ("GIT_AUTHOR_NAME", "Somebody"),
        ("GIT_INDEX_FILE", "/elsewhere"),
        ("GIT_DEFAULT_HASH", "sha256"),
    ],
)
def test_no_environment_makes_it_another_commit(clone, monkeypatch, name, text):
    expected = build(clone)
    monkeypatch.setenv(name, text)
    assert build_commit(found(clone), expected + "^", (EDIT,), "Say\n\nHubctl-Proposal: x\n", BOT).sha == expected


def test_a_commit_says_who_when_and_what(clone):
    base = git(clone, "rev-parse", "HEAD")
    made = build_commit(found(clone), base, (EDIT,), "Say\n\nHubctl-Proposal: x\n", BOT)
    date = git(clone, "show", "-s", "--format=%ct", base)
    assert git(clone, "cat-file", "commit", made.sha) == (
        f"tree {made.tree}\nparent {base}\nauthor Bot <bot@example.org> {date} +0000\n"
        f"committer Bot <bot@example.org> {date} +0000\n\nSay\n\nHubctl-Proposal: x"
    )
    assert git(clone, "diff", "--name-only", base, made.sha) == FILE
    assert made.base == base


def test_bytes_and_modes_stay_whatever_git_is_told_about_line_ends(clone):
    script = clone / "run.yaml"
    commit_file(clone, ".gitattributes", "*.yaml text eol=lf\n")
    script.write_bytes(b"a: 1\r\ntag: x\r\n")
    git(clone, "config", "core.autocrlf", "false")
    (clone / ".gitattributes").write_text("")
    git(clone, "add", "-A")
    git(clone, "update-index", "--chmod=+x", "run.yaml")
    git(clone, "commit", "-q", "-m", "odd")
    commit_file(clone, ".gitattributes", "*.yaml text eol=lf\n")
    git(clone, "config", "core.autocrlf", "true")
    made = build(clone, FileEdit("run.yaml", b"a: 1\r\ntag: x\r\n", b"a: 1\r\ntag: y\r\n"))
    assert git(clone, "ls-tree", made, "run.yaml").split()[0] == "100755"
    assert git(clone, "cat-file", "-s", f"{made}:run.yaml") == "14"


def test_an_edit_that_changes_nothing_is_an_empty_commit_and_no_error(clone):
    assert git(clone, "diff", "--name-only", "HEAD", build(clone, FileEdit(FILE, TEXT.encode(), TEXT.encode()))) == ""


def odd(clone: Path, kind: str) -> FileEdit:
    """Put something at `odd.yaml` that must not be written, and return an edit of it."""
    contents = b"version https://git-lfs.github.com/spec/v1\noid sha256:x\n" if kind == "pointer" else b"a: 1\n"
    if kind == "link":
        (clone / "odd.yaml").symlink_to("README.md")
    elif kind != "absent":
        (clone / "odd.yaml").write_bytes(contents)
    if kind == "filter":
        (clone / ".gitattributes").write_text("odd.yaml filter=lfs\n")
    git(clone, "add", "-A")
    if kind == "module":
        (clone / "odd.yaml").unlink()
        git(clone, "update-index", "--cacheinfo", f"160000,{git(clone, 'rev-parse', 'HEAD')},odd.yaml")
    git(clone, "commit", "-q", "--allow-empty", "-m", "odd")
    return FileEdit("odd.yaml", b"a: 2\n" if kind == "other" else contents, b"a: 3\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("link", "`odd.yaml` is a symbolic link"),
        ("module", "`odd.yaml` is a submodule"),
        ("pointer", "`odd.yaml` goes through a filter such as git LFS"),
        ("filter", "`odd.yaml` goes through a filter such as git LFS"),
        ("absent", "`odd.yaml` is not in the base commit"),
        ("other", "`odd.yaml` differs from the base commit"),
    ],
)
def test_what_is_not_plain_text_at_base_is_refused(clone, kind, words):
    edit = odd(clone, kind)
    with pytest.raises(UnsafeEdit, match=words):
        build(clone, edit)


def test_no_filter_runs(clone, tmp_path):
    commit_file(clone, ".gitattributes", "*.yaml filter=odd diff=odd\n")
    for key in ("filter.odd.clean", "filter.odd.smudge", "filter.odd.process", "diff.odd.textconv"):
        git(clone, "config", key, f"touch {tmp_path}/canary; cat")
    (tmp_path / "canary").unlink(missing_ok=True)
    with pytest.raises(UnsafeEdit):
        build(clone)
    assert not (tmp_path / "canary").exists()


def test_an_unset_filter_is_none(clone):
    commit_file(clone, ".gitattributes", "*.yaml -filter\n")
    assert build(clone)


def test_the_users_identity_is_used_and_never_made_up(clone):
    assert committer(found(clone)) == Identity("Test Engineer", "engineer@example.org")
    git(clone, "config", "--global", "--unset", "user.email")
    with pytest.raises(GitRefused, match="git does not know who commits") as caught:
        committer(found(clone))
    assert caught.value.hint == (
        'git config --global user.name "Your Name" && git config --global user.email you@example.org'
    )


def signing(clone: Path, tmp_path: Path) -> Repository:

    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, text in (("gpg.format", "ssh"), ("user.signingkey", str(key)), ("commit.gpgsign", "true")):
        git(clone, "config", name, text)
    return found(clone)


def test_a_signed_commit_is_signed_and_still_the_same(clone, tmp_path):
    signing(clone, tmp_path)
    made = build(clone)
    assert "-----BEGIN SSH SIGNATURE-----" in git(clone, "cat-file", "commit", made)
    assert build(clone) == made


def test_where_signing_is_wanted_and_fails_nothing_is_committed(clone, tmp_path):
    signing(clone, tmp_path)
    (tmp_path / "key").unlink()
    (tmp_path / "key.pub").unlink()
    with pytest.raises(GitRefused, match=r"`commit\.gpgsign` is set and the commit could not be signed"):
        build(clone)


def test_a_signing_program_of_the_repository_does_not_run(clone, tmp_path):
    signing(clone, tmp_path)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\nexit 1\n")
    program.chmod(0o755)
    git(clone, "config", "gpg.ssh.program", str(program))
    assert build(clone)
    assert not (tmp_path / "canary").exists()


def test_index_and_work_tree_stay_as_they_are(clone):
    (clone / FILE).write_text("mine\n")
    git(clone, "config", "core.splitIndex", "true")
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file() and "objects" not in path.parts}
    build(clone)
    after = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file() and "objects" not in path.parts}
    assert after == before


NEW_FILE = "config/clusters/leap/enc-prod.secret.values.yaml"


def test_a_new_file_is_committed_beside_an_edit_as_a_plain_one(clone):
    made = build(clone, EDIT, FileEdit(NEW_FILE, None, b"a: 1\n"))
    assert git(clone, "diff", "--name-status", "HEAD", made).split("\n") == [f"M\t{FILE}", f"A\t{NEW_FILE}"]
    assert git(clone, "ls-tree", made, NEW_FILE).split()[0] == "100644"
    assert git(clone, "cat-file", "blob", f"{made}:{NEW_FILE}") == "a: 1"
    assert build(clone, FileEdit(NEW_FILE, None, b"")) != git(clone, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (FILE, f"`{FILE}` cannot be made: base has `{FILE}` already"),
        ("config/clusters", "`config/clusters` cannot be made: base has `config/clusters` already"),
        (f"{FILE}/x.yaml", f"`{FILE}/x.yaml` cannot be made: base has `{FILE}` already"),
        ("../x.yaml", "`../x.yaml` is no path that a commit can have"),
        (".git/config", "`.git/config` is no path that a commit can have"),
        ("", "`` is no path that a commit can have"),
    ],
)
def test_a_new_file_takes_nobodys_place(clone, file, words):
    with pytest.raises(UnsafeEdit) as caught:
        build(clone, FileEdit(file, None, b"a: 1\n"))
    assert caught.value.message == words


def test_a_new_file_that_a_filter_would_store_otherwise_is_refused(clone):
    commit_file(clone, ".gitattributes", "enc-* filter=lfs\n")
    with pytest.raises(UnsafeEdit, match="goes through a filter such as git LFS"):
        build(clone, FileEdit(NEW_FILE, None, b"a: 1\n"))
