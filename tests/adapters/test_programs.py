import os
import sys
import textwrap
import time
from pathlib import Path

import pytest

from hubctl.adapters.programs import Ended, Located, find_program, lies_in, programs_on_path, run_program

PYTHON = Path(sys.executable)
LARGE = 2 * 1024 * 1024


def ran(script: str, stdin: bytes = b"", *, seconds: float = 30, most: int = 4 * LARGE, umask: int = -1) -> Ended:
    """Run a Python script as a program."""
    words = ("-I", "-c", textwrap.dedent(script))
    return run_program(PYTHON, words, stdin, {}, seconds=seconds, most=most, umask=umask)


def test_much_goes_in_and_comes_out_at_once() -> None:
    given = os.urandom(1024) * (LARGE // 1024)
    ended = ran(
        """
        import sys
        while piece := sys.stdin.buffer.read1(1000):
            sys.stdout.buffer.write(piece)
        """,
        given,
    )
    assert (ended.code, ended.stdout == given, ended.stderr, ended.problem) == (0, True, b"", None)


def test_a_program_that_does_not_read_is_not_waited_for() -> None:
    begun = time.monotonic()
    ended = ran("print('done')", b"x" * LARGE)
    assert (ended, time.monotonic() - begun < 10) == (Ended(0, b"done\n"), True)
    assert ended.stdout == b"done\n"


def test_a_program_that_stops_reading_is_not_waited_for() -> None:
    ended = ran("import sys; print(len(sys.stdin.buffer.read(5))); sys.stdin.close()", b"x" * LARGE)
    assert ended == Ended(0, b"5\n")


def test_a_program_that_neither_reads_nor_ends_is_ended() -> None:
    ended = ran("import time; time.sleep(60)", b"x" * LARGE, seconds=0.5)
    assert ended == Ended(None, problem="it took longer than 0.5 s")


def test_a_program_that_closes_its_streams_and_stays_is_ended() -> None:
    ended = ran("import os, time; os.close(0); os.close(1); os.close(2); time.sleep(60)", b"x" * LARGE, seconds=0.5)
    assert ended == Ended(None, problem="it took longer than 0.5 s")


@pytest.mark.slow
def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    ran(
        f"""
        import os, time
        if os.fork() == 0:
            time.sleep(2)
            open({str(sign)!r}, "w").close()
        """
    )
    time.sleep(2.5)
    assert not sign.exists()


def test_a_program_that_prints_too_much_is_ended_and_nothing_of_it_kept() -> None:
    ended = ran("while True: print('x' * 1000)", most=1024 * 1024)
    assert (ended, ended.stdout) == (Ended(None, problem="it printed more than 1 MiB"), b"")


def test_a_program_that_is_ended_by_a_signal_says_so() -> None:
    ended = ran("import os; os.kill(os.getpid(), 11)")
    assert ended == Ended(None, problem="it was ended by signal 11")


def test_a_program_runs_in_the_folder_it_is_given_with_its_mask_and_environment(tmp_path: Path) -> None:
    script = "import os; print(os.getcwd(), sorted(os.environ), oct(os.umask(0)))"
    words = ("-I", "-c", script)
    ended = run_program(PYTHON, words, b"", {"LC_ALL": "C"}, seconds=30, cwd=tmp_path, umask=0o077)
    assert ended.stdout.decode() == f"{tmp_path} ['LC_ALL'] 0o77\n"


@pytest.mark.parametrize(
    ("program", "environment", "problem"),
    [
        ("/nowhere/x", {}, "it cannot be started: no such file or directory"),
        (sys.executable, {"A": "\0"}, "it cannot be started: its environment cannot be passed on"),
    ],
)
def test_a_program_that_cannot_be_started_says_why(program: str, environment: dict[str, str], problem: str) -> None:
    assert run_program(Path(program), (), b"", environment, seconds=1) == Ended(None, problem=problem)


def test_what_a_program_printed_does_not_show() -> None:
    assert "canary" not in repr(ran("print('canary')"))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with a program, the first below what serves as a repository."""
    first, second = tmp_path / "repository" / "bin", tmp_path / "bin"
    for folder in (first, second):
        folder.mkdir(parents=True)
        (folder / "program").write_text("#!/bin/sh\n")
        (folder / "program").chmod(0o755)
    return first, second


def test_a_program_of_the_repository_is_passed_over(folders: tuple[Path, Path]) -> None:
    first, second = folders
    path = f"relative:{first}:{second}"
    repository = first.parent
    assert find_program("program", {"PATH": path}, repository) == Located(second / "program", passed_over=False)
    assert find_program("program", {"PATH": str(first)}, repository) == Located(None, passed_over=True)
    assert find_program("program", {"PATH": path, "HOME": str(first)}, repository) == Located(first / "program")
    assert find_program("program", {"PATH": path}, None) == Located(first / "program")


def test_a_relative_folder_of_path_is_passed_over(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = folders
    monkeypatch.chdir(first.parent)
    environment = {"PATH": f"bin:{second}"}
    assert find_program("program", environment, None) == Located(second / "program")
    assert list(programs_on_path("program", environment)) == [Path("bin/program"), second / "program"]


def test_a_link_into_the_repository_lies_in_it(folders: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = folders
    (second / "linked").symlink_to(first / "program")
    (tmp_path / "link").symlink_to(first)
    assert lies_in(second / "linked", first.parent, None)
    assert lies_in(tmp_path / "link" / "program", first.parent, None)
    assert not lies_in(second / "program", first.parent, None)


def test_what_cannot_be_run_is_no_program(folders: tuple[Path, Path]) -> None:
    _, second = folders
    (second / "text").write_text("")
    (second / "folder").mkdir()
    for name in ("text", "folder", "missing", "a\0b", "n" * 300):
        assert list(programs_on_path(name, {"PATH": str(second)})) == []
    assert list(programs_on_path("program", {})) == []
