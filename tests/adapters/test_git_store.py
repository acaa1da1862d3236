"""A repository of hubctl's own: what it fetches, what it takes from a clone, and what it fills a fork with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubctl.adapters.git import Repository, is_shallow
from hubctl.adapters.git_fetch import Side, deepened, fetch_blobs, fetch_tip, history
from hubctl.adapters.git_history import read_blobs
from hubctl.adapters.git_remote import PushResult, push_with_lease
from hubctl.adapters.git_run import Access
from hubctl.adapters.git_store import default_of, lacks_objects, open_store
from hubctl.adapters.git_tree import CommitTree
from hubctl.errors import GitRefused, RemoteRefused
from hubctl.proposals.commit import Identity, build_commit, committer
from hubctl.proposals.plan import FileEdit
from hubctl.secret import Secret
from tests.forge import TOKEN, start_forge
from tests.forge.double import Forge
from tests.proposals.parts import found, git, make_clone

MAIN, X = "refs/heads/main", "refs/heads/hubctl/x"
FILES = {
    "a/b.yaml": "tag: 1\n",
    "a/c.yaml": "c: 1\n",
    "a/secret.json": "{}\n",
    "big.bin": "0" * 999,
    "README.md": "x\n",
}
EDIT = FileEdit("a/b.yaml", b"tag: 1\n", b"tag: 2\n")
BOT = Identity("Bot", "bot@example.org")


@pytest.fixture(params=[True, False], ids=["filters", "sends all"])
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Forge]:
    with start_forge(tmp_path, "org", "fleet", FILES) as running:
        running.bare.git("config", "uploadpack.allowFilter", str(request.param).lower())
        for number in range(5):
            running.commit("main", {"README.md": f"{number}\n"})
        yield running


@pytest.fixture
def store(forge: Forge) -> Iterator[Repository]:
    with open_store(access(forge), None, stands_in=False) as made:
        yield made
    assert not made.root.exists()


def access(forge: Forge) -> Access:
    return Access(forge.remote_url, Secret(TOKEN))


def tip_of(store: Repository, forge: Forge) -> str:
    tip = fetch_tip(store, access(forge), MAIN)
    assert tip == forge.bare.tip("main")
    return tip


def requests(forge: Forge) -> int:
    count = sum(call.path.endswith("/git-upload-pack") for call in forge.log)
    forge.log.clear()
    return count


@pytest.mark.slow
def test_a_tree_is_fetched_once_and_contents_together(forge: Forge, store: Repository) -> None:
    tip = tip_of(store, forge)
    assert requests(forge) == 2  # which commit there is, and that commit
    with CommitTree(store, tip) as tree:
        assert tree.paths() == tuple(sorted(FILES))
        assert (tree.read("a/b.yaml"), tree.read("a/c.yaml")) == (b"tag: 1\n", b"c: 1\n")
        assert requests(forge) <= 1
        assert tree.read("a/secret.json") == b"{}\n"
        assert requests(forge) <= 1
    assert tip_of(store, forge) == tip
    assert requests(forge) == 1


def test_reading_asks_nobody_for_what_is_missing(forge: Forge, store: Repository) -> None:
    blob = git(forge.bare_path, "rev-parse", "main:big.bin")
    forge.bare.git("config", "uploadpack.allowFilter", "true")
    tip_of(store, forge)
    forge.log.clear()

    assert list(read_blobs(store, (blob,))) == []
    assert forge.log == []
    fetch_blobs(store, [blob])
    assert list(read_blobs(store, (blob,))) == [(blob, b"0" * 999)]


@pytest.mark.slow
def test_a_commit_is_made_and_pushed_without_the_other_contents(forge: Forge, store: Repository) -> None:
    tip = tip_of(store, forge)
    made = build_commit(store, tip, (EDIT,), "Say\n", BOT)

    assert push_with_lease(store, access(forge), made.sha, X, None) == PushResult("pushed")
    assert forge.bare.git("diff", "--name-only", f"{tip}..{made.sha}") == "a/b.yaml"
    assert forge.bare.git("fsck", "--connectivity-only") == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stale", "empty"])
def test_a_fork_gets_all_it_lacks(forge: Forge, store: Repository, kind: str) -> None:
    fork = forge.fork("hubctl-bot")
    if kind == "empty":
        fork.bare.delete("main")
        fork.bare.git("prune", "--expire=now")
    forge.commit("main", {"README.md": "newer\n"})
    made = build_commit(store, tip_of(store, forge), (EDIT,), "Say\n", BOT)

    pushed = push_with_lease(store, Access(forge.remote_url_of(fork), Secret(TOKEN)), made.sha, X, None)

    assert pushed == PushResult("pushed")
    assert fork.bare.git("rev-list", "--count", made.sha) == "8"
    assert fork.bare.git("fsck", "--connectivity-only") == ""
    assert not (fork.bare.path / "shallow").exists()


@pytest.mark.slow
def test_history_comes_in_steps(forge: Forge, store: Repository) -> None:
    for number in range(60):
        forge.commit("main", {"README.md": f"more {number}\n"})
    tip = tip_of(store, forge)
    steps = deepened(store, [Side(access(forge), "", tip)])
    counts = [(complete, git(store.root, "rev-list", "--count", tip)) for complete in steps]

    assert counts == [(False, "2"), (False, "50"), (True, "66")]
    assert list(deepened(store, [Side(access(forge), "", tip)])) == [True]


def test_history_that_takes_too_long_is_given_up(forge: Forge, store: Repository) -> None:
    tip = tip_of(store, forge)
    start = time.monotonic()
    side = Side(Access("http://127.0.0.1:9/org/fleet.git"), "", tip)

    assert list(deepened(store, [side], seconds=1.0)) == [False]
    assert time.monotonic() - start < 10
    assert is_shallow(store)


@pytest.mark.slow
def test_what_a_branch_has_above_base_is_known_whatever_base_did_since(forge: Forge, store: Repository) -> None:
    commits = [forge.commit("hubctl/x", {"a/b.yaml": f"tag: {number}\n"}, onto="main") for number in range(3)]
    for number in range(70):
        forge.commit("main", {"README.md": f"later {number}\n"})
    base = tip_of(store, forge)
    head = fetch_tip(store, access(forge), X)
    assert head == commits[-1]

    with history(store, Side(access(forge), MAIN, base), Side(access(forge), X, head)) as folder:
        assert git(folder, "rev-list", f"{base}..{head}").split() == commits[::-1]
        parent = git(folder, "rev-parse", f"{commits[0]}^")
        assert git(folder, "merge-base", base, head) == parent


@pytest.mark.slow
def test_a_branch_whose_history_cannot_be_had_is_nobodys(forge: Forge, store: Repository) -> None:
    for number in range(3):
        forge.commit("hubctl/x", {"a/b.yaml": f"tag: {number}\n"}, onto="main")
    base, head = tip_of(store, forge), fetch_tip(store, access(forge), X)
    assert head is not None
    gone = Access("http://127.0.0.1:9/org/fleet.git")
    with (
        pytest.raises(GitRefused, match="what `refs/heads/hubctl/x` has above base is not known"),
        history(store, Side(gone, MAIN, base), Side(gone, X, head)),
    ):
        pass


def test_a_store_takes_who_commits_and_signs_from_the_clone(tmp_path: Path) -> None:
    bare, clone = make_clone(tmp_path)
    for key, text in (
        ("user.name", "Ann"),
        ("user.email", "ann@example.org"),
        ("commit.gpgsign", "true"),
        ("http.proxy", "http://127.0.0.1:1"),
        ("http.https://github.com/.extraheader", "AUTHORIZATION: basic eDp5"),
        ("core.hooksPath", "/evil"),
        ("alias.x", "!evil"),
    ):
        git(clone, "config", key, text)

    with open_store(Access(str(bare)), found(clone), stands_in=False) as store:
        assert committer(store) == Identity("Ann", "ann@example.org")
        assert git(store.root, "config", "--local", "--get", "commit.gpgsign") == "true"
        listed = git(store.root, "config", "--local", "--name-only", "--list").split()
    assert not {"http.proxy", "core.hookspath", "alias.x"} & set(listed)
    with open_store(Access(str(bare)), found(clone), stands_in=True) as store:
        assert git(store.root, "config", "--local", "--get", "http.proxy") == "http://127.0.0.1:1"
        assert "extraheader" not in (store.root / "config").read_text()


@pytest.mark.parametrize(
    ("options", "lacking"),
    [((), False), (("--depth=1",), True), (("--filter=blob:none",), True), (("--sparse",), False)],
)
def test_a_clone_that_lacks_objects_is_known(tmp_path: Path, options: tuple[str, ...], *, lacking: bool) -> None:
    bare, _ = make_clone(tmp_path)
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", *options, f"file://{bare}", "second")

    assert lacks_objects(found(tmp_path / "second")) is lacking


def test_a_fetch_that_was_killed_between_a_commit_and_its_files_does_no_harm(tmp_path: Path) -> None:
    bare, clone = make_clone(tmp_path)
    git(tmp_path, "clone", "-q", f"file://{bare}", "second")
    (clone / "new.yaml").write_text("new: 1\n")
    git(clone, "add", "new.yaml")
    git(clone, "commit", "-q", "-m", "New")
    git(clone, "push", "-q", "origin", "HEAD:main")
    tip = git(clone, "rev-parse", "HEAD")
    name = Path("objects", tip[:2], tip[2:])
    (tmp_path / "second/.git" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "second/.git" / name).write_bytes((clone / ".git" / name).read_bytes())

    assert fetch_tip(found(tmp_path / "second"), Access(str(bare)), MAIN) == tip
    with CommitTree(found(tmp_path / "second"), tip) as tree:
        assert tree.read("new.yaml") == b"new: 1\n"


def test_the_default_branch_of_a_remote_is_asked_for(tmp_path: Path) -> None:
    bare, _ = make_clone(tmp_path)
    git(bare, "symbolic-ref", "HEAD", "refs/heads/main")
    assert default_of(Access(str(bare)), tmp_path) == "main"
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    with pytest.raises(GitRefused, match="has no default branch: it is empty"):
        default_of(Access(str(tmp_path / "empty.git")), tmp_path)
    with pytest.raises(RemoteRefused, match="no repository at"):
        default_of(Access(str(tmp_path / "gone.git")), tmp_path)
