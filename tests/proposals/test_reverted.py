"""Row 11: what base had before and somebody took back, read from git alone."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from hubctl.adapters.git import Repository
from hubctl.adapters.git_fetch import fetch_tip
from hubctl.adapters.git_run import Access
from hubctl.adapters.git_store import open_store
from hubctl.proposals.reverted import LookedBack, TakenBack, look_back

from .parts import FILE, NEW, NEWER, OLD, TEXT, change, commit_file, found, git, make_clone

NONE = LookedBack(None)
OTHER = "config/clusters/leap/other.values.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path)[1]


def moved(clone: Path, tag: str, subject: str, *, file: str = FILE, text: str = TEXT) -> str:
    return commit_file(clone, file, text.replace(OLD, tag), subject)


def looked(clone: Path, *tags: str) -> LookedBack:
    return look_back(found(clone), git(clone, "rev-parse", "HEAD"), [change(tag) for tag in tags or (NEW,)])


def test_what_was_never_there_was_not_taken_back(clone: Path) -> None:
    moved(clone, "2026.01.01", "Another tag")
    moved(clone, OLD, "Back")

    assert looked(clone) == NONE
    assert looked(clone, OLD) == NONE


def test_what_is_there_was_not_taken_back(clone: Path) -> None:
    moved(clone, NEW, "Move")

    assert looked(clone) == NONE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("[leap] update 2 images (#12)", 12),
        ("Merge pull request #7 from ann/images\n\n[leap] update", 7),
        ("Say more (#12) than that", None),
        ("Move\n\nas in (#9)", None),
    ],
)
def test_a_tag_that_was_taken_back_names_both_ends(clone: Path, subject: str, number: int | None) -> None:
    moved(clone, NEW, subject)
    commit_file(clone, "README.md", "between\n")
    back = moved(clone, OLD, 'Revert "it"')
    commit_file(clone, "README.md", "after\n")

    assert looked(clone) == LookedBack(TakenBack(back, number))


def test_going_on_to_a_newer_tag_and_back_is_a_no_to_the_newer_one(clone: Path) -> None:
    moved(clone, NEW, "Move")
    left = moved(clone, NEWER, "Move on")
    back = moved(clone, OLD, "Back to what worked")

    assert looked(clone, NEWER).back == TakenBack(back)
    assert looked(clone, NEW).back == TakenBack(left)


def test_the_newest_of_several_counts(clone: Path) -> None:
    for subject in ("(#1)", "(#2)"):
        moved(clone, NEW, f"Move {subject}")
        back = moved(clone, OLD, "Back")

    assert looked(clone).back == TakenBack(back, 2)


def test_the_same_tag_elsewhere_in_the_file_or_in_another_file_says_nothing(clone: Path) -> None:
    beside = TEXT.replace("other: 1", f"other:\n  image: quay.io/pangeo/base:{NEW}")
    moved(clone, OLD, "Beside", text=beside)
    moved(clone, OLD, "Away again")
    moved(clone, NEW, "Other file", file=OTHER)
    moved(clone, OLD, "Back there", file=OTHER)

    assert looked(clone) == NONE


def test_a_swap_that_keeps_the_count_of_the_tag_is_seen(clone: Path) -> None:
    two = f"a:\n  image: quay.io/pangeo/base:{NEW}\n" + TEXT
    swapped = f"a:\n  image: quay.io/pangeo/base:{OLD}\n" + TEXT.replace(OLD, NEW)
    commit_file(clone, FILE, swapped)
    back = commit_file(clone, FILE, two)

    assert looked(clone).back == TakenBack(back)


def test_a_merge_that_brought_and_one_that_took_back_count_as_one_change_each(clone: Path) -> None:
    git(clone, "checkout", "-q", "-b", "topic")
    moved(clone, NEW, "Try")
    git(clone, "checkout", "-q", "-")
    commit_file(clone, "README.md", "meanwhile\n")
    git(clone, "merge", "-q", "--no-ff", "-m", "Merge pull request #3 from ann/topic", "topic")
    git(clone, "checkout", "-q", "-b", "back")
    git(clone, "revert", "--no-edit", "-m", "1", "HEAD")
    git(clone, "checkout", "-q", "-")
    commit_file(clone, "README.md", "later\n")
    git(clone, "merge", "-q", "--no-ff", "-m", "Merge pull request #4 from ann/back", "back")

    assert looked(clone).back == TakenBack(git(clone, "rev-parse", "HEAD"), 3)


def test_a_merge_that_kept_the_older_side_took_back(clone: Path) -> None:
    git(clone, "branch", "old")
    moved(clone, NEW, "Move (#5)")
    git(clone, "checkout", "-q", "old")
    commit_file(clone, "README.md", "beside\n")
    git(clone, "checkout", "-q", "-")
    git(clone, "merge", "-q", "--no-commit", "old")
    git(clone, "checkout", "old", "--", FILE)
    git(clone, "commit", "-q", "-m", "Merge old")

    assert looked(clone).back == TakenBack(git(clone, "rev-parse", "HEAD"), 5)


def test_a_file_that_was_odd_for_a_while_is_passed_over(clone: Path) -> None:
    moved(clone, NEW, "Move")
    back = moved(clone, OLD, "Back")
    commit_file(clone, FILE, f"a: [{NEW}\n", "Break")
    commit_file(clone, FILE, f"x: {NEW}\n" * 150_000, "Blow up")
    git(clone, "rm", "-q", FILE)
    git(clone, "commit", "-q", "-m", "Delete")
    moved(clone, OLD, "Mend")

    assert looked(clone).back == TakenBack(back)


def test_a_moving_tag_says_nothing(clone: Path) -> None:
    moved(clone, NEW, "Move")
    moved(clone, OLD, "Back")

    assert look_back(found(clone), git(clone, "rev-parse", "HEAD"), [change(NEW, old=NEW)]) == NONE


@pytest.fixture
def grown(tmp_path: Path) -> tuple[Path, str]:
    """Return a bare remote in which a tag was taken back long before the last 120 commits, and that commit."""
    bare, clone = make_clone(tmp_path)
    git(bare, "config", "uploadpack.allowFilter", "true")
    moved(clone, NEW, "Move (#8)")
    back = moved(clone, OLD, "Back")
    git(clone, "push", "-q", "origin", "HEAD:main")
    grow(bare, 120)
    return bare, back


def grow(bare: Path, count: int, *, touching: int = 0) -> None:
    """Add commits to `main`, every one to a file of its own; `touching` of them change `FILE`, too."""
    lines = []
    for number in range(count):
        lines += ["commit refs/heads/main", f"committer A <a@example.org> {1780000000 + number} +0000", "data 2", "x"]
        lines += ["from refs/heads/main^0"] if number == 0 else []
        lines += [f"M 100644 inline config/clusters/c{number % 50}/f{number % 7}.yaml", f"data {len(str(number))}"]
        lines += [str(number)]
        if touching and number % (count // touching) == 0:
            text = TEXT + f"# {number}\n"
            lines += [f"M 100644 inline {FILE}", f"data {len(text)}", text]
    stream = "\n".join([*lines, ""]).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=bare, input=stream, check=True)


def fetched(store: Repository, bare: Path) -> str:
    tip = fetch_tip(store, Access(str(bare)), "refs/heads/main")
    assert tip is not None
    return tip


def test_a_store_fetches_history_until_it_knows(grown: tuple[Path, str]) -> None:
    bare, back = grown
    with open_store(Access(str(bare)), None, stands_in=False) as store:
        tip = fetched(store, bare)
        assert git(store.root, "rev-list", "--count", tip) == "2"
        assert look_back(store, tip, [change()]) == LookedBack(TakenBack(back, 8))
        assert look_back(store, tip, [change(NEWER)]) == NONE


def test_history_that_cannot_be_had_is_not_known(grown: tuple[Path, str]) -> None:
    bare, _ = grown
    with open_store(Access(str(bare)), None, stands_in=False) as store:
        tip = fetched(store, bare)
        bare.rename(bare.with_name("gone.git"))
        assert look_back(store, tip, [change()]) == LookedBack(None, known=False)


@pytest.mark.slow
def test_five_thousand_commits_take_less_than_a_second(tmp_path: Path) -> None:
    bare, clone = make_clone(tmp_path)
    moved(clone, NEW, "Move (#8)")
    back = moved(clone, OLD, "Back")
    git(clone, "push", "-q", "origin", "HEAD:main")
    grow(bare, 5000, touching=250)
    tip = git(bare, "rev-parse", "main")

    start = time.monotonic()
    assert look_back(found(bare), tip, [change()]) == LookedBack(TakenBack(back, 8))
    first = time.monotonic() - start
    assert look_back(found(bare), tip, [change(NEWER, file=OTHER)]) == NONE
    assert first < 1.0
    assert time.monotonic() - start - first < 0.2  # one walk serves all units of a run
