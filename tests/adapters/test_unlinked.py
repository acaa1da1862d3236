"""Files as they lie there: no link is followed, and a path is seen from the root however it was typed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hubctl.adapters.unlinked import files_below, link_in, path_in, read_unlinked
from hubctl.errors import NotFound, Unparseable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with files, hidden ones and links to files and folders."""
    made = (tmp_path / "real").resolve()
    for name in ("a/b/file", ".hidden/file", ".git/config", "a/.git"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    (made / "to-file").symlink_to("a/b/file")
    (made / "to-folder").symlink_to("a")
    (made / "nowhere").symlink_to("gone")
    return made


def test_files_and_links_are_listed_and_nothing_of_git(root: Path) -> None:
    found = {".hidden/file", "a/.git", "a/b/file", "nowhere", "to-file", "to-folder"}
    assert set(files_below(root)) == found


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("a/b/file", None),
        ("gone", None),
        ("to-file", "to-file"),
        ("to-folder/b/file", "to-folder"),
        ("nowhere", "nowhere"),
        ("nowhere/x", "nowhere"),
    ],
)
def test_a_link_is_found_wherever_it_stands(root: Path, path: str, link: str | None) -> None:
    assert link_in(root, path) == link
    if link is not None:
        with pytest.raises(Unparseable, match="a symbolic link"):
            read_unlinked(root, path)


def test_what_is_no_link_is_read(root: Path) -> None:
    assert read_unlinked(root, "a/b/file") == b"a/b/file"
    with pytest.raises(NotFound):
        read_unlinked(root, "gone")
    with pytest.raises(Unparseable, match="not a regular file"):
        read_unlinked(root, "a/b")


def test_a_path_is_seen_from_the_root(root: Path) -> None:
    way = root.parent / "way"
    way.symlink_to(root)
    into = root.parent / "into"
    into.symlink_to(root / "a")

    assert path_in(root, str(root)) == path_in(root, str(way)) == ""
    assert path_in(root, str(root / "a/b/file")) == path_in(root, str(way / "a/b/file")) == "a/b/file"
    assert path_in(root, str(into / "b/file")) == "a/b/file"
    assert path_in(root, str(root / "to-folder/b")) == "to-folder/b"
    assert path_in(root, str(root / "gone")) == "gone"
    odd = os.fsdecode(b"\xff\n")
    assert path_in(root, str(root / odd)) == odd


@pytest.mark.parametrize("path", ["..", "/", "/etc", "../elsewhere", ".git", ".git/config", "a/.git", ".GIT/config"])
def test_what_lies_elsewhere_or_is_of_git_is_refused(root: Path, path: str) -> None:
    with pytest.raises(NotFound, match="not in this repository"):
        path_in(root, os.path.normpath(root / path))
