import subprocess
from pathlib import Path

import pytest

from hubctl.adapters.git import (
    Remote,
    Repository,
    absent_paths,
    checked_branch,
    commit_of,
    default_branch,
    find_repository,
    is_partial,
    is_set,
    lacks,
    remotes,
    setting,
    state_in_progress,
    tracking_tip,
    trusted_program,
)
from hubctl.adapters.git_tree import CommitTree
from hubctl.errors import GitRefused, NotFound, Unparseable
from tests.proposals.parts import FILE, TEXT, commit_file, found, git, make_clone


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path)[1]


def test_a_repository_is_found_from_any_folder_of_it(clone):
    expected = Repository(clone, clone / ".git", clone / ".git", bare=False)
    assert find_repository(clone) == expected
    assert find_repository(clone / "config" / "clusters") == expected


def test_a_linked_work_tree_knows_what_it_shares(clone, tmp_path):
    linked = tmp_path / "linked"
    git(clone, "worktree", "add", "-q", str(linked), "-b", "side")
    assert find_repository(linked / "config") == Repository(
        linked, clone / ".git" / "worktrees" / "linked", clone / ".git", bare=False
    )


def test_a_bare_repository_is_its_own_root(tmp_path):
    bare, _ = make_clone(tmp_path)
    assert find_repository(bare) == Repository(bare, bare, bare, bare=True)


def test_outside_a_repository_there_is_none(tmp_path):
    assert find_repository(tmp_path) is None
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    assert find_repository(tmp_path) is None


def test_a_hooks_environment_leads_nowhere_else(clone, tmp_path, monkeypatch):
    other = make_clone(tmp_path / "x" if (tmp_path / "x").mkdir() is None else tmp_path)[1]
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert find_repository(clone) == Repository(clone, clone / ".git", clone / ".git", bare=False)
    assert commit_of(found(clone), "HEAD") == (clone / ".git/refs/heads/main").read_text().strip()


@pytest.mark.parametrize(
    ("argv", "root", "bare"),
    [
        (("config", "core.bare", "true"), "clone/.git", True),
        (("config", "--unset", "core.bare"), "clone", False),
        (("config", "include.path", "/nowhere"), "clone", False),
    ],
)
def test_a_repository_with_settings_of_its_own_is_read_as_git_reads_it(clone, argv, root, bare):
    clone = clone.rename(clone.parent / "clone")
    git(clone, *argv)
    expected = Repository(clone.parent / root, clone / ".git", clone / ".git", bare=bare)
    assert find_repository(clone) == expected


def test_from_inside_the_folder_of_git_the_work_tree_is_found(clone):
    assert find_repository(clone / ".git" / "refs") == find_repository(clone)


def test_half_a_repository_hides_none_above_it(clone):
    (clone / "config" / ".git").mkdir()
    (clone / "config" / ".git" / "config").write_text("[core]\n\tbare = false\n")
    assert find_repository(clone / "config") == find_repository(clone)


def conflict(clone: Path, *argv: str) -> None:
    subprocess.run(["git", *argv], cwd=clone, capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("argv", "state"),
    [
        (("merge", "side"), "a merge"),
        (("rebase", "side"), "a rebase"),
        (("rebase", "--apply", "side"), "a rebase"),
        (("cherry-pick", "side"), "a cherry-pick"),
        (("revert", "--no-edit", "HEAD~1"), "a revert"),
        (("am", "../patch"), "an am"),
    ],
)
def test_something_half_done_has_a_name(clone, argv, state):
    git(clone, "checkout", "-q", "-b", "side")
    commit_file(clone, "README.md", "side\n")
    (clone.parent / "patch").write_text(git(clone, "format-patch", "-1", "--stdout") + "\n")
    git(clone, "checkout", "-q", "main")
    commit_file(clone, "README.md", "one\n")
    commit_file(clone, "README.md", "two\n")
    assert state_in_progress(found(clone)) is None
    conflict(clone, *argv)
    assert state_in_progress(found(clone)) == state


def test_a_bisect_is_no_reason_to_stop(clone):
    git(clone, "bisect", "start")
    assert state_in_progress(found(clone)) is None


def test_what_a_checkout_lacks_is_said(clone, tmp_path):
    bare = tmp_path / "remote.git"
    assert lacks(found(clone)) == ()
    assert lacks(found(bare)) == ("a bare repository: it has no files to edit, only commits",)
    git(clone, "sparse-checkout", "set", "--no-cone", "/README.md")
    assert lacks(found(clone)) == (f"a sparse checkout: 1 tracked files are not on disk: {FILE}",)
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--depth=1", "--filter=blob:none", "--no-checkout", f"file://{bare}", "thin")
    assert lacks(found(tmp_path / "thin")) == (
        "a shallow clone: older history is not here",
        "a partial clone: contents of some files are not here",
    )


def test_many_absent_files_are_counted(clone):
    for number in range(5):
        commit_file(clone, f"x/{number}.yaml", "a: 1\n")
    git(clone, "sparse-checkout", "set", "--no-cone", "/README.md")
    assert absent_paths(found(clone)) == (FILE, *(f"x/{number}.yaml" for number in range(5)))
    assert lacks(found(clone)) == (
        f"a sparse checkout: 6 tracked files are not on disk: {FILE}, x/0.yaml, x/1.yaml and 3 more",
    )


def test_remotes_are_read_as_written_and_as_used(clone):
    git(clone, "config", "url.https://github.com/.insteadOf", "gh:")
    git(clone, "config", "url.git@github.com:.pushInsteadOf", "https://github.com/")
    git(clone, "remote", "set-url", "origin", "gh:org/fleet")
    git(clone, "remote", "add", "mine.own", "https://github.com/ann/fleet")
    git(clone, "config", "remote.mine.own.gh-resolved", "base")
    git(clone, "remote", "add", "third", "https://github.com/x/y")
    git(clone, "remote", "set-url", "--push", "third", "/srv/z")
    git(clone, "config", "remote.empty.fetch", "+refs/heads/*:refs/x/*")
    assert remotes(found(clone)) == (
        Remote("origin", "gh:org/fleet", "gh:org/fleet", "https://github.com/org/fleet", "https://github.com/org/fleet"),
        Remote(
            "mine.own",
            "https://github.com/ann/fleet",
            "https://github.com/ann/fleet",
            "https://github.com/ann/fleet",
            "git@github.com:ann/fleet",
            "base",
        ),
        Remote("third", "https://github.com/x/y", "/srv/z", "https://github.com/x/y", "/srv/z"),
    )  # fmt: skip


def test_the_base_as_last_fetched_is_known_without_the_network(clone, tmp_path):
    repository = found(clone)
    tip = git(clone, "rev-parse", "HEAD")
    (tmp_path / "remote.git").rename(tmp_path / "gone.git")
    assert tracking_tip(repository, "origin", "main") == tip
    assert tracking_tip(repository, "origin", "other") is None
    assert default_branch(repository, "origin") == "main"
    assert default_branch(repository, "nobody") is None
    git(clone, "update-ref", "refs/remotes/origin/trunk", tip)
    git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert default_branch(repository, "origin") == "trunk"


@pytest.mark.parametrize("kind", ["--bare", "--mirror"])
def test_a_bare_clone_keeps_the_remotes_branches_as_its_own(clone, tmp_path, kind):
    git(tmp_path, "clone", "-q", kind, "remote.git", "bare.git")
    repository = found(tmp_path / "bare.git")
    assert default_branch(repository, "origin") == "main"
    assert tracking_tip(repository, "origin", "main") == git(clone, "rev-parse", "origin/main")
    assert tracking_tip(repository, "origin", "other") is None


def test_settings_are_read_with_their_kind(clone):
    repository = found(clone)
    git(clone, "config", "commit.gpgsign", "on")
    assert (is_set(repository, "commit.gpgsign"), is_set(repository, "tag.gpgsign")) == (True, False)
    assert (setting(repository, "user.name"), setting(repository, "user.nick")) == ("Test Engineer", None)
    git(clone, "config", "commit.gpgsign", "perhaps")
    with pytest.raises(GitRefused, match=r"`commit\.gpgsign` is not a boolean"):
        is_set(repository, "commit.gpgsign")


def test_a_program_counts_from_the_users_settings_alone(clone):
    repository = found(clone)
    assert trusted_program(repository, "gpg.program", "gpg") == ()
    git(clone, "config", "--global", "gpg.program", "mine")
    assert trusted_program(repository, "gpg.program", "gpg") == ()
    git(clone, "config", "gpg.program", "theirs")
    assert trusted_program(repository, "gpg.program", "gpg") == (("gpg.program", "mine"),)
    git(clone, "config", "--global", "--unset", "gpg.program")
    assert trusted_program(repository, "gpg.program", "gpg") == (("gpg.program", "gpg"),)


@pytest.mark.parametrize("name", ["-x", "a..b", "@{-1}", "a b", "x.lock", "a\nb", "", "/a"])
def test_what_git_would_read_as_something_else_is_no_branch(name):
    with pytest.raises(GitRefused, match="not a branch name"):
        checked_branch(name)


@pytest.mark.parametrize("name", ["hubctl/bump-image/hub-leap-prod", "main", 'zzz";echo${IFS}hi;#'])
def test_what_git_takes_is_a_branch(name):
    assert checked_branch(name) == name


def test_the_files_of_a_commit_are_read_without_a_checkout(tmp_path):
    bare, clone = make_clone(tmp_path)
    odd = "config/ödd\tname\n.yaml"
    commit_file(clone, odd, "a: 1\r\nb: 2")
    git(clone, "push", "-q", "origin", "HEAD:main")
    with CommitTree(found(bare), git(bare, "rev-parse", "main")) as tree:
        assert tree.paths() == ("README.md", FILE, odd)
        assert tree.paths("config/clusters") == tree.paths("config/clusters/") == (FILE,)
        assert tree.paths("config/cl") == ()
        assert (tree.read(FILE), tree.read(odd), tree.read("README.md")) == (TEXT.encode(), b"a: 1\r\nb: 2", b"fleet\n")


def test_a_git_that_dies_while_it_is_asked_is_a_refusal(tmp_path):
    bare, _ = make_clone(tmp_path)
    with CommitTree(found(bare), git(bare, "rev-parse", "main")) as tree:
        tree.read(FILE)
        tree._reader.kill()  # noqa: SLF001  # from outside there is no way to hit it in time
        tree._reader.wait()  # noqa: SLF001  # the same
        with pytest.raises(GitRefused, match="`git cat-file` ended before reading"):
            tree.read(FILE)


def test_links_submodules_large_files_and_missing_ones_are_not_read(tmp_path):
    _, clone = make_clone(tmp_path)
    (clone / "link.yaml").symlink_to("/etc/passwd")
    (clone / "large.yaml").write_bytes(b"x" * 2_000_001)
    (clone / "edge.yaml").write_bytes(b"x" * 2_000_000)
    git(clone, "add", "-A")
    git(clone, "update-index", "--add", "--cacheinfo", f"160000,{git(clone, 'rev-parse', 'HEAD')},module")
    git(clone, "commit", "-q", "-m", "odd")
    with CommitTree(found(clone), git(clone, "rev-parse", "HEAD")) as tree:
        for path, words in (
            ("link.yaml", "not a regular file but a symbolic link: `link.yaml`"),
            ("module", "not a regular file but a submodule: `module`"),
            ("large.yaml", "larger than 2000000 bytes: `large.yaml`"),
        ):
            with pytest.raises(Unparseable) as caught:
                tree.read(path)
            assert (caught.value.message, caught.value.file) == (words, path)
        assert len(tree.read("edge.yaml")) == 2_000_000
        with pytest.raises(NotFound, match="no such file in commit"):
            tree.read("../x")


def test_a_partial_clone_says_what_is_not_here_and_asks_nobody(tmp_path):
    bare, _ = make_clone(tmp_path)
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{bare}", "thin")
    repository = found(tmp_path / "thin")
    assert is_partial(repository)
    with CommitTree(repository, git(bare, "rev-parse", "main")) as tree:
        assert tree.paths() == ("README.md", FILE)
        with pytest.raises(GitRefused, match="are not in this clone") as caught:
            tree.read(FILE)
    assert caught.value.hint is not None
    assert "partial clone" in caught.value.hint


def test_a_tree_left_open_ends_its_process(clone):
    tree = CommitTree(found(clone), "HEAD")
    assert tree.read(FILE) == TEXT.encode()
    reader = tree._reader  # noqa: SLF001  # whether the process ends is the point
    assert reader is not None
    del tree
    assert reader.poll() == 0
