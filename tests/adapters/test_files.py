"""The work tree gives regular files of the repository and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubctl.adapters.files import WorkTree, sweep
from hubctl.adapters.regular import SIZE_LIMIT
from hubctl.errors import NotFound, Unparseable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "repository"
    (made / "config" / "clusters" / "leap").mkdir(parents=True)
    (made / "config" / "clusters" / "leap" / "cluster.yaml").write_bytes(b"name: leap\n")
    (made / "README.md").write_bytes(b"# hubs\n")
    return made


def test_files_are_listed_sorted_and_relative_to_the_root(root: Path) -> None:
    assert WorkTree(root).paths() == ("README.md", "config/clusters/leap/cluster.yaml")
    assert WorkTree(root).paths("config/clusters/") == ("config/clusters/leap/cluster.yaml",)
    assert WorkTree(root).paths("nowhere") == ()
    assert WorkTree(root).paths("README.md") == ()


def test_what_is_no_file_of_the_tree_is_not_listed(root: Path) -> None:
    for folder in (".git", "node_modules", ".venv", "shut"):
        (root / folder).mkdir()
        (root / folder / "inside").write_bytes(b"")
    (root / "shut").chmod(0)
    (root / ".hidden-file").write_bytes(b"")
    (root / ".a.yaml.0123.hubctl-tmp").write_bytes(b"")
    (root / "loop").symlink_to("loop")
    (root / "folder-link").symlink_to("config")
    (root / "outside-link").symlink_to("/etc")
    (root / "file-link").symlink_to("README.md")
    os.mkfifo(root / "fifo")
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.yaml")).write_bytes(b"")
    listed = ".hidden-file README.md config/clusters/leap/cluster.yaml file-link loop"
    unreadable = [] if os.geteuid() else ["shut/inside"]  # root reads every folder
    assert WorkTree(root).paths() == (*listed.split(), *unreadable)
    (root / "shut").chmod(0o700)


def test_a_file_and_a_link_inside_the_repository_are_read(root: Path) -> None:
    (root / "config" / "link.yaml").symlink_to("clusters/leap/cluster.yaml")
    (root / "linked").symlink_to("config/clusters")
    tree = WorkTree(root)
    assert tree.read("config/clusters/leap/cluster.yaml") == b"name: leap\n"
    assert tree.read("config/link.yaml") == b"name: leap\n"
    assert tree.read("linked/leap/cluster.yaml") == b"name: leap\n"
    assert tree.read("config/clusters/leap/../../../README.md") == b"# hubs\n"


def test_a_root_that_is_itself_a_link_is_a_root(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    assert WorkTree(link).read("README.md") == b"# hubs\n"


@pytest.mark.parametrize("path", ["nothing.yaml", "README.md/below", "dangling"])
def test_what_is_not_there_is_not_found(root: Path, path: str) -> None:
    (root / "dangling").symlink_to("gone")
    with pytest.raises(NotFound) as caught:
        WorkTree(root).read(path)
    assert (caught.value.message, caught.value.code) == (f"no such file: `{path}`", "no-such-file")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("../secret", "leads out of the repository"),
        ("config/../../secret", "leads out of the repository"),
        ("../repository-2/x", "leads out of the repository"),
        ("out-link", "a link that leads out of the repository"),
        ("out-folder/secret", "a link that leads out of the repository"),
        ("/etc/passwd", "not a path inside the repository"),
        ("a\0b", "not a path inside the repository"),
        ("", "not a path inside the repository"),
        (".git/config", "a file of git itself"),
        ("config/../.GIT/config", "a file of git itself"),
        ("git-link", "a file of git itself"),
        ("config", "not a regular file"),
        (".", "not a regular file"),
        ("fifo", "not a regular file"),
        ("loop", "a link that leads nowhere"),
        ("sparse", "larger than 2 MB: 104,857,600 bytes"),
        ("x" * 300, "cannot be read: file name too long"),
    ],
)
def test_what_is_no_regular_file_of_the_repository_is_refused_at_once(root: Path, path: str, message: str) -> None:
    (root.parent / "secret").write_bytes(b"secret")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_bytes(b"")
    (root / "out-link").symlink_to("../secret")
    (root / "out-folder").symlink_to("..")
    (root / "git-link").symlink_to(".git/config")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "fifo")
    with (root / "sparse").open("wb") as opened:
        opened.truncate(100 * 1024 * 1024)
    started = time.monotonic()
    with pytest.raises(Unparseable) as caught:
        WorkTree(root).read(path)
    assert (caught.value.message, caught.value.line) == (message, 1)
    assert time.monotonic() - started < 3


def test_a_file_at_the_limit_is_read_and_one_byte_more_is_not(root: Path) -> None:
    (root / "full").write_bytes(b"x" * SIZE_LIMIT)
    (root / "over").write_bytes(b"x" * (SIZE_LIMIT + 1))
    assert len(WorkTree(root).read("full")) == SIZE_LIMIT
    with pytest.raises(Unparseable, match="larger than 2 MB: 2,000,001 bytes"):
        WorkTree(root).read("over")


@pytest.mark.parametrize("swept_by", [sweep, lambda root: WorkTree(root).paths()])
def test_leftovers_of_a_killed_run_are_swept_after_an_hour_and_nothing_else(
    root: Path, swept_by: Callable[[Path], object]
) -> None:
    old = time.time() - 3700
    for name, aged in [
        (".a.yaml.01.hubctl-tmp", True),
        (".b.yaml.02.hubctl-tmp", False),
        ("c.hubctl-tmp", True),
        (".d.yaml", True),
    ]:
        (root / name).write_bytes(b"")
        if aged:
            os.utime(root / name, (old, old))
    swept_by(root)
    assert sorted(path.name for path in root.iterdir() if path.is_file()) == [
        ".b.yaml.02.hubctl-tmp",
        ".d.yaml",
        "README.md",
        "c.hubctl-tmp",
    ]


def test_a_listing_ends_at_its_limit(root: Path) -> None:
    assert len(WorkTree(root, 2).paths()) == 2
    with pytest.raises(Unparseable) as refused:
        WorkTree(root, 1).paths()
    assert refused.value.message == "more than 1 files"
