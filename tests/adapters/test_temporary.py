import os
import subprocess
import sys
import threading
from pathlib import Path

from hubctl.adapters.temporary import PREFIX, temporary_folder

HOLD = """
import sys
from hubctl.adapters.temporary import temporary_folder
with temporary_folder() as folder:
    (folder / "store").mkdir()
    print(folder, flush=True)
    sys.stdin.read()
"""


def held(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that has a folder and waits."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def told(process: subprocess.Popen[bytes]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().decode().strip())


def ended(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=30)


def test_a_folder_is_private_and_gone_afterwards() -> None:
    with temporary_folder() as folder:
        assert (folder.stat().st_mode & 0o777, list(folder.iterdir())) == (0o700, [])
        (folder / "file").write_text("x")
    assert not folder.exists()


def test_a_run_removes_what_killed_runs_left_and_nothing_else(tmp_path: Path) -> None:
    killed, living = held(tmp_path), held(tmp_path)
    left, kept = told(killed), told(living)
    killed.kill()
    ended(killed)
    (tmp_path / "mine").mkdir()
    (tmp_path / f"{PREFIX}file").write_text("")
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "mine")
    assert left.exists()

    third = held(tmp_path)
    made = told(third)

    assert {path.name for path in tmp_path.iterdir()} == {
        kept.name,
        made.name,
        "mine",
        f"{PREFIX}file",
        f"{PREFIX}link",
    }
    ended(third)
    ended(living)
    assert not kept.exists()
    assert not made.exists()


def test_many_runs_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    processes = [held(tmp_path) for _ in range(6)]
    folders = [told(process) for process in processes]
    assert len(set(folders)) == 6
    assert all((folder / "store").is_dir() for folder in folders)
    threads = [threading.Thread(target=ended, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.returncode for process in processes] == [0] * 6
    assert list(tmp_path.iterdir()) == []


def test_no_place_for_folders_is_said(tmp_path: Path) -> None:
    """The folder is removed after Python has settled on it."""
    gone = f"import os, tempfile\nos.rmdir(tempfile.gettempdir())\n{HOLD}"
    (tmp_path / "room").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", gone],
        env={**os.environ, "TMPDIR": str(tmp_path / "room")},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "hubctl.errors.HubctlError: no folder for temporary files: no such file or directory"
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, said)
