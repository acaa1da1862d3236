"""Files of the work tree are written whole, together or not at all."""

from __future__ import annotations

import os
import random
import re
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from bench.killing import outcomes
from hubctl.adapters.lock import git_common_folder, locked
from hubctl.adapters.writing import write_all, write_held
from hubctl.errors import HubctlError, Unparseable, UnsafeEdit
from hubctl.proposals.plan import FileEdit


def pictured(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "repository"
    (made / "a").mkdir(parents=True)
    (made / "a" / "one.yaml").write_bytes(b"tag: old\n")
    (made / "two.yaml").write_bytes(b"tag: old\r\n")
    return made


BOTH = (
    FileEdit("a/one.yaml", b"tag: old\n", b"tag: new\n"),
    FileEdit("two.yaml", b"tag: old\r\n", b"tag: new\r\n"),
)
OLD = {"a/one.yaml": b"tag: old\n", "two.yaml": b"tag: old\r\n"}
NEW = {"a/one.yaml": b"tag: new\n", "two.yaml": b"tag: new\r\n"}


def test_all_edits_are_written_and_nothing_else_appears_in_the_tree(root: Path) -> None:
    write_all(root, BOTH)
    assert pictured(root) == NEW


def test_no_edit_touches_nothing_not_even_the_lock(root: Path) -> None:
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_bytes(b"ref: refs/heads/main\n")
    write_all(root, ())
    assert sorted(path.name for path in (root / ".git").iterdir()) == ["HEAD"]


def test_mode_and_link_stay_and_the_links_target_is_rewritten(root: Path) -> None:
    (root / "two.yaml").chmod(0o640)
    (root / "a" / "link.yaml").symlink_to("../two.yaml")
    write_all(root, [FileEdit("a/link.yaml", b"tag: old\r\n", b"tag: new\r\n")])
    seen = (root / "two.yaml").stat()
    assert (os.readlink(root / "a" / "link.yaml"), stat.S_IMODE(seen.st_mode)) == ("../two.yaml", 0o640)  # noqa: PTH115  # the text of the link
    assert pictured(root) == {**OLD, "a/link.yaml": b"tag: new\r\n", "two.yaml": b"tag: new\r\n"}


def test_one_file_under_two_names_is_written_once_and_two_different_edits_are_refused(root: Path) -> None:
    (root / "link.yaml").symlink_to("two.yaml")
    same = [FileEdit(name, b"tag: old\r\n", b"tag: new\r\n") for name in ("two.yaml", "link.yaml")]
    write_all(root, same)
    assert (root / "two.yaml").read_bytes() == b"tag: new\r\n"
    with pytest.raises(UnsafeEdit, match=re.escape("`two.yaml` and `link.yaml` are one file with two different edits")):
        write_all(root, [FileEdit("two.yaml", b"tag: new\r\n", b"x"), FileEdit("link.yaml", b"tag: new\r\n", b"y")])


def test_a_file_that_changed_since_it_was_read_stops_everything(root: Path) -> None:
    (root / "two.yaml").write_bytes(b"tag: mine\n")
    with pytest.raises(UnsafeEdit) as caught:
        write_all(root, BOTH)
    assert (caught.value.message, caught.value.code) == (
        "`two.yaml` changed on disk since it was read; nothing was written",
        "changed-on-disk",
    )
    assert pictured(root) == {**OLD, "two.yaml": b"tag: mine\n"}


@pytest.mark.parametrize("target", ["../outside.yaml", "out.yaml", ".git/config", "fifo"])
def test_a_target_outside_the_repository_or_not_regular_is_refused_before_any_write(root: Path, target: str) -> None:
    (root.parent / "outside.yaml").write_bytes(b"")
    (root / "out.yaml").symlink_to("../outside.yaml")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_bytes(b"")
    os.mkfifo(root / "fifo")
    with pytest.raises(Unparseable):
        write_all(root, [*BOTH, FileEdit(target, b"", b"x")])
    assert {name: data for name, data in pictured(root).items() if name in OLD} == OLD
    assert (root.parent / "outside.yaml").read_bytes() == b""


def in_child(root: Path, body: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(body), os.fspath(root)], capture_output=True, text=True, check=False
    )


def test_a_full_disk_leaves_the_original_and_no_temporary_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What measures coverage could not write its own file either, and would say so.
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    (root / "large.yaml").write_bytes(b"# old\n")
    done = in_child(
        root,
        """
        import pathlib, resource, signal, sys
        from hubctl.adapters.writing import write_all, write_held
        from hubctl.errors import HubctlError
        from hubctl.proposals.plan import FileEdit
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        small = FileEdit("two.yaml", b"tag: old\\r\\n", b"tag: new\\r\\n")
        try:
            write_all(pathlib.Path(sys.argv[1]), [small, FileEdit("large.yaml", b"# old\\n", b"#" * 9999)])
        except HubctlError as error:
            print(error.message, error.hint, sep="|")
        """,
    )
    assert (done.stdout, done.stderr) == ("`large.yaml` cannot be written: file too large|nothing was changed\n", "")
    assert pictured(root) == {**OLD, "large.yaml": b"# old\n"}


def test_a_failure_at_the_last_file_gives_the_first_ones_their_old_bytes_back(root: Path) -> None:
    """The second file is changed by an editor after its first check, while the first is being replaced."""
    done = in_child(
        root,
        """
        import pathlib, sys
        from hubctl.adapters import writing
        from hubctl.errors import UnsafeEdit
        from hubctl.proposals.plan import FileEdit
        root = pathlib.Path(sys.argv[1])
        def editor(event, arguments):
            if event == "os.rename" and str(arguments[1]).endswith("one.yaml") and not seen:
                seen.append(event)
                (root / "two.yaml").write_bytes(b"tag: editor\\n")
        seen = []
        sys.addaudithook(editor)
        try:
            writing.write_all(root, [
                FileEdit("a/one.yaml", b"tag: old\\n", b"tag: new\\n"),
                FileEdit("two.yaml", b"tag: old\\r\\n", b"tag: new\\r\\n"),
            ])
        except UnsafeEdit as error:
            print(error.message)
        """,
    )
    assert (done.stdout, done.stderr) == ("`two.yaml` changed on disk since it was read; nothing was written\n", "")
    assert pictured(root) == {**OLD, "two.yaml": b"tag: editor\n"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "action", "ending"),
    [
        (signal.SIGINT, "", "KeyboardInterrupt"),
        (signal.SIGTERM, "", -signal.SIGTERM),
        (signal.SIGHUP, "", -signal.SIGHUP),
        (signal.SIGTERM, "signal.signal(signal.SIGTERM, lambda *_: print('told'))", "told\nKeyboardInterrupt"),
        (signal.SIGINT, "signal.signal(signal.SIGINT, signal.SIG_IGN)", "written"),
    ],
)
@pytest.mark.parametrize("moment", ["one.yaml", "two.yaml"])
def test_a_signal_while_writing_restores_everything_and_goes_on(
    root: Path, number: int, action: str, ending: str | int, moment: str
) -> None:
    done = in_child(
        root,
        f"""
        import os, pathlib, signal, sys
        from hubctl.adapters.writing import write_all, write_held
        from hubctl.proposals.plan import FileEdit
        {action}
        def interrupt(event, arguments):
            if event == "os.rename" and str(arguments[1]).endswith({moment!r}) and not seen:
                seen.append(event)
                os.kill(os.getpid(), {int(number)})
        seen = []
        sys.addaudithook(interrupt)
        try:
            write_all(pathlib.Path(sys.argv[1]), [
                FileEdit("a/one.yaml", b"tag: old\\n", b"tag: new\\n"),
                FileEdit("two.yaml", b"tag: old\\r\\n", b"tag: new\\r\\n"),
            ])
            print("written")
        except KeyboardInterrupt:
            print("KeyboardInterrupt")
        """,
    )
    assert (done.stdout.strip() or done.returncode, done.stderr) == (ending, "")
    assert pictured(root) == (NEW if ending == "written" else OLD)


def test_a_thread_that_is_not_the_main_one_writes_too(root: Path) -> None:
    thread = threading.Thread(target=write_all, args=(root, BOTH))
    thread.start()
    thread.join()
    assert pictured(root) == NEW


def test_a_second_run_waits_and_then_names_the_process_that_holds_the_lock(root: Path) -> None:
    with locked(root), pytest.raises(HubctlError) as caught:
        write_all(root, BOTH, lock_wait=0.1)
    assert (caught.value.message, caught.value.code) == (
        f"another hubctl is writing here: process {os.getpid()}",
        "locked",
    )
    write_all(root, BOTH, lock_wait=0.1)
    assert pictured(root) == NEW


def test_two_runs_at_once_both_finish_and_one_of_them_sees_the_others_edit(root: Path) -> None:
    body = """
        import pathlib, sys
        from hubctl.adapters.writing import write_all, write_held
        from hubctl.errors import UnsafeEdit
        from hubctl.proposals.plan import FileEdit
        sys.stdin.read(1)
        try:
            write_all(pathlib.Path(sys.argv[1]), [FileEdit("two.yaml", b"tag: old\\r\\n", b"tag: new\\r\\n")])
            print("written")
        except UnsafeEdit as error:
            print(error.code)
        """
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(body), os.fspath(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for run in runs:
        assert run.stdin
        run.stdin.write("x")
        run.stdin.flush()
    assert sorted(run.communicate()[0] for run in runs) == ["changed-on-disk\n", "written\n"]
    assert pictured(root) == {**OLD, "two.yaml": b"tag: new\r\n"}


def test_worktrees_share_the_lock_in_the_common_git_folder(root: Path) -> None:
    for command in (
        ["git", "init", "-q"],
        ["git", "add", "."],
        ["git", "commit", "-q", "-m", "start"],
        ["git", "worktree", "add", "-q", "../beside"],
    ):
        subprocess.run(command, cwd=root, check=True)
    beside = root.parent / "beside"
    assert [os.path.realpath(str(git_common_folder(place))) for place in (root, beside)] == [str(root / ".git")] * 2
    with locked(beside), pytest.raises(HubctlError, match="another hubctl is writing here"):
        write_all(root, BOTH, lock_wait=0.1)
    assert (root / ".git" / "hubctl.lock").read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", ["gitdir: /nowhere\n", "nonsense", ""])
def test_a_broken_git_pointer_is_no_repository(root: Path, content: str) -> None:
    (root / ".git").write_text(content)
    assert git_common_folder(root) is None


def test_without_any_place_for_a_lock_file_the_folder_itself_is_the_lock(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.fspath(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / f"hubctl-{os.getuid()}").symlink_to(tmp_path)
    write_all(root, BOTH)
    assert pictured(root) == NEW
    assert [path.name for path in tmp_path.glob("*.lock")] == []


MADE = FileEdit("a/enc-new.yaml", None, b"new: 1\n")


def test_a_new_file_is_made_together_with_an_edit_and_only_as_the_umask_allows(root: Path) -> None:
    before = os.umask(0o027)
    try:
        write_all(root, [BOTH[0], MADE])
    finally:
        os.umask(before)
    assert pictured(root) == {**OLD, "a/one.yaml": b"tag: new\n", "a/enc-new.yaml": b"new: 1\n"}
    assert stat.S_IMODE((root / "a" / "enc-new.yaml").stat().st_mode) == 0o640


@pytest.mark.parametrize("thing", ["file", "folder"])
def test_a_new_file_is_never_made_over_something(root: Path, thing: str) -> None:
    place = root / "a" / "enc-new.yaml"
    {"file": place.touch, "folder": place.mkdir}[thing]()
    with pytest.raises(UnsafeEdit) as caught:
        write_held(root, [BOTH[0], MADE])
    assert (caught.value.message, caught.value.code) == (
        "`a/enc-new.yaml` appeared on disk meanwhile; nothing was written",
        "changed-on-disk",
    )
    assert (root / "a" / "one.yaml").read_bytes() == b"tag: old\n"


def test_a_folder_that_is_not_there_or_not_to_be_written_to_is_refused(root: Path) -> None:
    with pytest.raises(HubctlError) as caught:
        write_held(root, [FileEdit("b/enc-new.yaml", None, b"")], follow_links=False)
    assert caught.value.message == "`b/enc-new.yaml` cannot be written: no such file or directory"


def test_no_file_is_made_in_a_folder_that_cannot_be_written_to(root: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("NOT RUN: root may write everywhere")
    (root / "a").chmod(0o500)
    try:
        with pytest.raises(HubctlError) as caught:
            write_held(root, [MADE, BOTH[1]], follow_links=False)
    finally:
        (root / "a").chmod(0o700)
    assert caught.value.message == "`a/enc-new.yaml` cannot be written: permission denied"
    assert pictured(root) == OLD


RACE = """
    import os, pathlib, sys
    from hubctl.adapters.writing import write_held
    from hubctl.errors import HubctlError
    from hubctl.proposals.plan import FileEdit
    root = pathlib.Path(sys.argv[1])
    seen = []
    def meanwhile(event, arguments):
        if event == {event!r} and str(arguments[1]).endswith({name!r}) and not seen:
            seen.append(event)
            {act}
    sys.addaudithook(meanwhile)
    try:
        write_held(root, [
            FileEdit("a/one.yaml", b"tag: old\\n", b"tag: new\\n"),
            FileEdit("two.yaml", b"tag: old\\r\\n", b"tag: new\\r\\n"),
            FileEdit("a/enc-new.yaml", None, b"new: 1\\n"),
        ], follow_links=False)
    except HubctlError as error:
        print(error.code)
"""


@pytest.mark.parametrize(
    ("event", "name", "written", "left"),
    [("os.link", "enc-new.yaml", "a/enc-new.yaml", b"mine"), ("os.rename", "one.yaml", "two.yaml", None)],
    ids=["a new file appears", "an editor saves"],
)
def test_new_files_come_first_and_go_again_where_a_later_step_fails(
    root: Path, event: str, name: str, written: str, left: bytes | None
) -> None:
    done = in_child(root, RACE.format(event=event, name=name, act=f"(root / {written!r}).write_bytes(b'mine')"))
    assert (done.stdout, done.stderr) == ("changed-on-disk\n", "")
    seen = pictured(root)
    assert (seen.pop("a/enc-new.yaml", None), seen["a/one.yaml"]) == (left, b"tag: old\n")
    assert sorted(seen) == ["a/one.yaml", "two.yaml"]


@pytest.mark.parametrize(
    "act",
    [
        "(root / 'a').rename(root / 'b'); (root / 'a').symlink_to('../outside')",
        "(root / 'a').rename(root / 'b'); (root / 'a').mkdir()",
    ],
    ids=["a link", "another folder"],
)
@pytest.mark.parametrize(("event", "name"), [("os.link", "enc-new.yaml"), ("os.rename", "one.yaml")])
def test_a_folder_that_is_swapped_meanwhile_gets_nothing_and_neither_does_what_it_leads_to(
    root: Path, event: str, name: str, act: str
) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "one.yaml").write_bytes(b"tag: old\n")
    done = in_child(root, RACE.format(event=event, name=name, act=act))
    assert (done.stdout.strip() in {"link", "changed-on-disk"}, done.stderr) == (True, "")
    assert pictured(outside) == {"one.yaml": b"tag: old\n"}
    assert (root / "two.yaml").read_bytes() == b"tag: old\r\n"
    assert not list(root.rglob(".*.hubctl-tmp"))


@pytest.mark.parametrize(
    ("link", "target", "file"),
    [
        ("a/enc-new.yaml", "../two.yaml", "a/enc-new.yaml"),
        ("a/enc-new.yaml", "nowhere", "a/enc-new.yaml"),
        ("b", "a", "b/one.yaml"),
        ("a/b", "../a", "a/b/enc-new.yaml"),
    ],
)
@pytest.mark.parametrize("before", [b"tag: old\n", None])
def test_where_links_are_not_followed_none_is_written_through(
    root: Path, link: str, target: str, file: str, before: bytes | None
) -> None:
    named = "it" if link == file else f"`{link}`"
    (root / link).symlink_to(target)
    with pytest.raises(HubctlError) as caught:
        write_held(root, [BOTH[1], FileEdit(file, before, b"tag: new\n")], follow_links=False)
    assert (caught.value.code, caught.value.message) == (
        "link",
        f"`{file}` is not written: {named} is a symbolic link",
    )
    assert {name: data for name, data in pictured(root).items() if name in OLD} == OLD


@pytest.mark.parametrize("file", ["../x.yaml", "a/../x.yaml", "/x.yaml", "", "a//x.yaml", ".git/x.yaml", "a/./x.yaml"])
def test_only_a_plain_path_inside_the_repository_is_written_to(root: Path, file: str) -> None:
    (root / ".git").mkdir()
    with pytest.raises(Unparseable):
        write_held(root, [FileEdit(file, None, b"")], follow_links=False)
    assert pictured(root) == OLD


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("event", "name"), [("os.link", "enc-new.yaml"), ("os.rename", "two.yaml")])
def test_a_signal_takes_away_what_was_made(root: Path, event: str, name: str, number: int) -> None:
    done = in_child(root, RACE.format(event=event, name=name, act=f"os.kill(os.getpid(), {int(number)})"))
    assert (done.stdout, done.returncode != 0) == ("", True)
    assert pictured(root) == OLD


def test_a_disk_that_is_full_leaves_no_new_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    done = in_child(
        root,
        """
        import pathlib, resource, signal, sys
        from hubctl.adapters.writing import write_held
        from hubctl.errors import HubctlError
        from hubctl.proposals.plan import FileEdit
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        small = FileEdit("a/enc-new.yaml", None, b"new: 1\\n")
        try:
            write_held(pathlib.Path(sys.argv[1]), [small, FileEdit("a/large.yaml", None, b"#" * 9999)])
        except HubctlError as error:
            print(error.message, error.hint, sep="|")
        """,
    )
    assert (done.stdout, done.stderr) == ("`a/large.yaml` cannot be written: file too large|nothing was changed\n", "")
    assert pictured(root) == OLD


KILLED = """
    import pathlib, sys
    from hubctl.adapters.writing import write_held
    from hubctl.proposals.plan import FileEdit
    old, new = b"old\\n" * 9999, b"new\\n" * 9999
    sys.stdin.read(1)
    print("go", flush=True)
    edits = [FileEdit("cluster.yaml", old, new), FileEdit("enc-new.yaml", None, new)]
    write_held(pathlib.Path(sys.argv[1]), edits, follow_links=False)
"""


@pytest.mark.slow
def test_a_kill_leaves_at_most_a_new_file_that_nothing_refers_to(root: Path) -> None:
    old, new = b"old\n" * 9999, b"new\n" * 9999
    chance, seen = random.Random(7), set()
    for _ in range(60):
        (root / "cluster.yaml").write_bytes(old)
        (root / "enc-new.yaml").unlink(missing_ok=True)
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KILLED), os.fspath(root)], stdin=subprocess.PIPE, stdout=-1
        ) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(b"x")
            process.stdin.flush()
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.006))
            process.kill()
        made = (root / "enc-new.yaml").read_bytes() if (root / "enc-new.yaml").exists() else None
        seen.add(((root / "cluster.yaml").read_bytes(), made))
    assert seen <= {(old, None), (old, new), (new, new)}
    assert len(seen) > 1


@pytest.mark.slow
def test_two_hundred_kills_while_writing_tear_no_file(root: Path) -> None:
    counted = outcomes(root)
    assert (counted["torn"], counted["old"] > 0, counted["new"] > 0) == (0, True, True), counted
    for leftover in root.glob(".*.hubctl-tmp"):
        os.utime(leftover, (0, 0))
    write_all(root, [FileEdit("two.yaml", b"tag: old\r\n", b"tag: new\r\n")])
    assert list(root.glob(".*.hubctl-tmp")) == []


def test_what_a_killed_run_left_of_the_same_file_is_gone_after_the_next_one(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a\n")
    left = [".a.yaml.0123456789abcdef.hubctl-tmp", ".b.yaml.0123456789abcdef.hubctl-tmp", ".a.yaml.keep.hubctl-tmp"]
    for name in left:
        (tmp_path / name).write_bytes(b"x")

    write_all(tmp_path, [FileEdit("a.yaml", b"a\n", b"b\n")])

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.yaml", *left[1:]])
