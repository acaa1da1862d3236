"""The index as a commit takes it, contents of many objects, and what a range of commits brought."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hubctl.adapters.git import Repository, find_repository
from hubctl.adapters.git_added import added_between
from hubctl.adapters.git_blobs import Held, contents
from hubctl.adapters.git_index import announced, index_entries, untracked
from hubctl.errors import GitRefused


class Clone:
    """A git repository in a folder of the test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q", "-b", "main")

    @property
    def repository(self) -> Repository:
        found = find_repository(self.root)
        assert found is not None
        return found

    def git(self, *words: str, **variables: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, env={**os.environ, **variables}, capture_output=True, check=True
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "Change")
        return self.git("rev-parse", "HEAD")

    def blob(self, text: str) -> str:
        done = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"],
            cwd=self.root,
            input=text.encode(),
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def entries(clone: Clone, **environment: str) -> list[tuple[str, str, int, bool]]:
    return [(each.path, each.mode, each.stage, each.left_out) for each in index_entries(clone.repository, environment)]


def test_the_index_is_listed_with_modes_and_what_a_sparse_checkout_leaves_out(clone: Clone) -> None:
    (clone.root / "link").symlink_to("a")
    clone.commit(a="1", b="2")
    clone.git("update-index", "--skip-worktree", "b")

    assert entries(clone) == [
        ("a", "100644", 0, False),
        ("b", "100644", 0, True),
        ("link", "120000", 0, False),
    ]


def test_names_of_any_bytes_come_back(clone: Clone) -> None:
    odd = os.fsdecode(b"enc-\xff\n\t x")
    clone.commit(**{odd: "1"})
    clone.write("new " + odd, "2")

    assert [path for path, *_ in entries(clone)] == [odd]
    assert untracked(clone.repository, {}) == ("new " + odd,)


def test_the_index_that_a_hook_is_told_counts(clone: Clone) -> None:
    clone.commit(a="1")
    clone.git("read-tree", "--empty", GIT_INDEX_FILE=".git/other")

    assert entries(clone, GIT_INDEX_FILE=".git/other") == []
    assert entries(clone, GIT_INDEX_FILE="") == entries(clone) == [("a", "100644", 0, False)]
    assert untracked(clone.repository, {"GIT_INDEX_FILE": ".git/other"}) == ("a",)


def test_a_conflict_has_entries_for_each_side(clone: Clone) -> None:
    clone.commit(a="1")
    clone.git("switch", "-qc", "other")
    clone.commit(a="2")
    clone.git("switch", "-q", "main")
    clone.commit(a="3")
    subprocess.run(["git", "merge", "-q", "other"], cwd=clone.root, capture_output=True, check=False)

    assert entries(clone) == [("a", "100644", stage, False) for stage in (1, 2, 3)]


def test_what_is_only_announced_is_told_from_an_empty_file(clone: Clone) -> None:
    clone.write("announced", "text")
    clone.write("empty", "")
    clone.git("add", "empty")
    clone.git("add", "--intent-to-add", "announced")

    found = index_entries(clone.repository, {})

    assert {each.path for each in found} == {"announced", "empty"}
    assert announced(clone.repository, {}, found) == {"announced"}
    assert announced(clone.repository, {}, []) == frozenset()


def test_untracked_files_are_those_that_git_does_not_ignore(clone: Clone) -> None:
    clone.commit(**{".gitignore": "*.log\n"})
    clone.write("new", "1")
    clone.write("folder/new", "1")
    clone.write("x.log", "1")
    Clone(clone.root / "inner").commit(a="1")

    assert untracked(clone.repository, {}) == ("folder/new", "new")


def test_contents_are_read_at_once_each_with_its_reason_where_there_are_none(clone: Clone) -> None:
    one, empty, large, absent = clone.blob("one\n"), clone.blob(""), clone.blob("x" * 2_000_001), "1" * 40
    exact = clone.blob("y" * 2_000_000)

    found = list(contents(clone.repository, [one, absent, large, one, empty, exact]))

    assert sorted(found, key=lambda held: held.blob) == sorted(
        [
            Held(one, b"one\n"),
            Held(absent, None, "could not be read: the contents are not in this clone"),
            Held(large, None, "larger than 2 MB: 2,000,001 bytes"),
            Held(empty, b""),
            Held(exact, b"y" * 2_000_000),
        ],
        key=lambda held: held.blob,
    )
    assert list(contents(clone.repository, [])) == []


@pytest.mark.slow
def test_more_than_fits_into_memory_is_read_in_pieces(clone: Clone) -> None:
    blobs = [clone.blob(f"{number}" * 950_000) for number in range(10, 50)]

    starts = [held.data[:2] for held in contents(clone.repository, blobs) if held.data]
    assert starts == [str(number).encode() for number in range(10, 50)]


def test_a_damaged_object_hides_none_of_the_others(clone: Clone) -> None:
    blobs = [clone.blob(f"text {number}") for number in range(4)]
    damaged = clone.root / ".git/objects" / blobs[1][:2] / blobs[1][2:]
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-6])

    found = {held.blob: held.data for held in contents(clone.repository, blobs)}

    assert found == {blobs[0]: b"text 0", blobs[1]: None, blobs[2]: b"text 2", blobs[3]: b"text 3"}


def test_what_a_partial_clone_lacks_is_not_fetched_and_hides_none_of_the_others(clone: Clone, tmp_path: Path) -> None:
    clone.commit(a="1", b="2", c="3")
    clone.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    url = f"file://{clone.root}"
    subprocess.run(["git", "clone", "-q", "--no-checkout", "--filter=blob:none", url, partial], check=True)
    subprocess.run(["git", "-C", partial, "cat-file", "-e", "HEAD:b"], check=True, capture_output=True)
    repository = find_repository(partial)
    assert repository is not None
    blobs = [clone.git("rev-parse", f"HEAD:{name}") for name in "abc"]

    assert [held.data for held in contents(repository, blobs)] == [None, b"2", None]


def added(clone: Clone, base: str) -> list[tuple[str, str, str]]:
    return [
        (each.commit, each.path, clone.git("cat-file", "blob", each.blob))
        for each in added_between(clone.repository, base, clone.git("rev-parse", "HEAD"))
    ]


def test_all_that_commits_brought_is_told_whatever_became_of_it(clone: Clone) -> None:
    base = clone.commit(a="1", b="1")
    one = clone.commit(a="2")
    two = clone.commit(a="3", c="1")
    clone.git("rm", "-q", "c")
    clone.commit(a="2")
    clone.git("mv", "b", "d")
    three = clone.commit()

    assert added(clone, base) == [(one, "a", "2"), (two, "a", "3"), (two, "c", "1"), (three, "d", "1")]
    assert added(clone, "HEAD") == []
    assert [path for _, path, _ in added(clone, one)] == ["a", "c", "a", "d"]


def test_a_merge_counts_with_what_none_of_its_parents_has(clone: Clone) -> None:
    base = clone.commit(a="1")
    clone.git("switch", "-qc", "side")
    side = clone.commit(b="1")
    clone.git("switch", "-q", "main")
    main = clone.commit(c="1")
    clone.git("merge", "-q", "--no-commit", "side")
    clone.write("a", "by the merge")
    clone.write("new", "by the merge")
    merged = clone.commit()

    assert sorted(added(clone, base)) == sorted(
        [(side, "b", "1"), (main, "c", "1"), (merged, "a", "by the merge"), (merged, "new", "by the merge")]
    )
    assert sorted(added(clone, main)) == sorted(
        [(side, "b", "1"), (merged, "a", "by the merge"), (merged, "new", "by the merge")]
    )


def test_commits_that_a_shallow_clone_has_in_part_are_refused(clone: Clone, tmp_path: Path) -> None:
    base = clone.commit(a="1")
    for number in range(5):
        clone.commit(a=f"{number} more")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "3", f"file://{clone.root}", shallow], check=True)
    repository = find_repository(shallow)
    assert repository is not None
    head, inside = clone.git("rev-parse", "HEAD"), clone.git("rev-parse", "HEAD~2")

    assert len(added_between(repository, inside, head)) == 2
    subprocess.run(["git", "-C", shallow, "fetch", "-q", "--depth", "1", "origin", base], check=True)
    with pytest.raises(GitRefused, match="shallow") as refused:
        added_between(repository, base, head)
    assert "fetch-depth: 0" in str(refused.value.hint)
