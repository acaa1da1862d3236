"""Values that are typed, piped or in a file: read whole, and never shown."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hubctl.adapters.prompting import MOST_BYTES, from_file
from hubctl.errors import HubctlError

TYPED = """
import sys
from hubctl.adapters.prompting import typed
from hubctl.errors import HubctlError
try:
    value = typed("value for a.b")
except HubctlError as error:
    print(error.code, error.message, file=open(sys.argv[1], "w"))
except KeyboardInterrupt:
    print("interrupted", file=open(sys.argv[1], "w"))
else:
    open(sys.argv[1], "wb").write(value)
"""
PIPED = """
import sys
from hubctl.adapters.prompting import is_typed, piped
sys.stdout.buffer.write(str(is_typed()).encode() + b" " + piped())
"""


@dataclass
class Terminal:
    """A program at a terminal of its own."""

    side: int
    process: subprocess.Popen[bytes]
    result: Path
    shown: bytes = b""
    pieces: list[bytes] = field(default_factory=list)

    def wait_for(self, text: bytes) -> None:
        deadline = time.monotonic() + 20
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.side], [], [], 0.1)[0]:
                self.shown += os.read(self.side, 4096)

    def type(self, text: bytes) -> None:
        os.write(self.side, text)

    def ended(self) -> bytes:
        self.process.wait(timeout=20)
        while select.select([self.side], [], [], 0.1)[0]:
            try:
                self.shown += os.read(self.side, 4096)
            except OSError:
                break
        return self.result.read_bytes()


@contextmanager
def terminal(folder: Path, stderr: Path | None = None) -> Iterator[Terminal]:
    side, other = pty.openpty()
    result = folder / "result"
    with (stderr or Path(os.devnull)).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", TYPED, str(result)],
            stdin=other,
            stdout=other,
            stderr=log if stderr else other,
            start_new_session=True,
        )
    try:
        yield Terminal(side, process, result)
        assert termios.tcgetattr(other)[3] & termios.ECHO, "the terminal shows again what is typed"
    finally:
        process.kill()
        process.wait()
        os.close(side)
        os.close(other)


def test_a_value_is_typed_twice_and_seen_never(tmp_path):
    with terminal(tmp_path) as person:
        person.wait_for(b"value for a.b: ")
        person.type("cänary\n".encode())
        person.wait_for(b"value for a.b, once more: ")
        person.type("cänary\n".encode())

        assert person.ended() == "cänary".encode()
        assert person.shown == b"value for a.b: \r\nvalue for a.b, once more: \r\n"


def test_the_question_is_seen_where_stderr_goes_to_a_file(tmp_path):
    with terminal(tmp_path, stderr=tmp_path / "log") as person:
        person.wait_for(b"value for a.b: ")
        person.type(b"canary\n")
        person.wait_for(b"value for a.b, once more: ")
        person.type(b"canary\n")

        assert person.ended() == b"canary"
    assert (tmp_path / "log").read_bytes() == b""


def test_two_values_that_differ_are_refused_and_the_rest_of_a_text_goes_nowhere(tmp_path):
    with terminal(tmp_path) as person:
        person.wait_for(b"value for a.b: ")
        person.type(b"canary\nBEGIN\nrm -r /\n")

        assert person.ended() == b"bad-value the two values differ: nothing was written\n"
        assert b"canary" not in person.shown
        assert b"rm" not in person.shown


def test_a_line_that_a_terminal_cuts_is_refused(tmp_path):
    with terminal(tmp_path) as person:
        person.wait_for(b"value for a.b: ")
        person.type(b"x" * 2048)
        person.type(b"x" * 2048 + b"\n")

        assert person.ended() == b"bad-value the value is longer than a terminal hands over: nothing was written\n"


def test_an_end_of_input_is_an_empty_value(tmp_path):
    with terminal(tmp_path) as person:
        person.wait_for(b"value for a.b: ")
        person.type(b"\x04")
        person.wait_for(b"value for a.b, once more: ")
        person.type(b"\x04")

        assert person.ended() == b""


def test_ctrl_c_leaves_the_terminal_as_it_was(tmp_path):
    with terminal(tmp_path) as person:
        person.wait_for(b"value for a.b: ")
        person.type(b"cana")
        person.process.send_signal(signal.SIGINT)

        assert person.ended() == b"interrupted\n"
        assert b"cana" not in person.shown


@pytest.mark.parametrize(("given", "read"), [(b"x\n", b"x\n"), (b"", b""), (b"a\r\nb\x00\xff", b"a\r\nb\x00\xff")])
def test_what_is_piped_is_read_byte_for_byte(given, read):
    done = subprocess.run([sys.executable, "-c", PIPED], input=given, capture_output=True, check=True)

    assert done.stdout == b"False " + read


def test_no_more_is_read_than_a_value_may_have_and_one_byte():
    done = subprocess.run([sys.executable, "-c", PIPED], input=b"x" * (MOST_BYTES + 9), capture_output=True, check=True)

    assert len(done.stdout) == len(b"False ") + MOST_BYTES


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_ones_own_is_read_byte_for_byte(tmp_path, mode):
    file = tmp_path / "password"
    file.write_bytes(b"canary\r\n\n")
    file.chmod(mode)

    assert from_file(str(file)) == b"canary\r\n\n"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644])
def test_a_file_that_others_may_open_is_refused(tmp_path, mode):
    file = tmp_path / "password"
    file.write_bytes(b"canary")
    file.chmod(mode)

    with pytest.raises(HubctlError) as refused:
        from_file(str(file))

    assert (refused.value.code, refused.value.message, refused.value.hint) == (
        "exposed-file",
        f"others may read or change `{file}`",
        f"run `chmod 600 {file}`",
    )


def test_what_is_no_file_of_ones_own_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"canary")
    file.chmod(0o600)
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "fifo", 0o600)
    refusals = {}
    for name in ("link", "fifo", "absent", "file/below", "\0", "."):
        with pytest.raises(HubctlError) as refused:
            from_file(f"{tmp_path}/{name}")
        refusals[name] = (refused.value.code, refused.value.message.replace(str(tmp_path), "…"))

    assert refusals == {
        "link": ("unreadable", "a link, not a file: `…/link`"),
        "fifo": ("unreadable", "not a regular file: `…/fifo`"),
        "absent": ("no-such-file", "no such file: `…/absent`"),
        "file/below": ("no-such-file", "no such file: `…/file/below`"),
        "\0": ("unreadable", "not the name of a file: `…/\\u0000`"),
        ".": ("unreadable", "not a regular file: `…/.`"),
    }


def test_a_file_of_somebody_else_is_refused(tmp_path):
    file = Path("/etc/passwd")
    if os.geteuid() == 0:
        file = tmp_path / "theirs"
        file.write_bytes(b"canary")
        file.chmod(0o600)
        os.chown(file, 12345, -1)

    with pytest.raises(HubctlError) as refused:
        from_file(str(file))

    assert (refused.value.code, refused.value.message) == ("exposed-file", f"not a file of yours: `{file}`")
