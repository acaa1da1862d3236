"""Values that are typed, piped or in a file: read whole, and never shown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubctl.adapters.prompting import MOST_BYTES, from_file
from hubctl.errors import HubctlError
from tests.secrets.terminal import Terminal, terminal

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


@contextmanager
def person(folder: Path, stderr: int | None = None) -> Iterator[tuple[Terminal, Path]]:
    result = folder / "result"
    with terminal([sys.executable, "-c", TYPED, str(result)], stderr=stderr) as sitting:
        yield sitting, result


def test_a_value_is_typed_twice_and_seen_never(tmp_path):
    with person(tmp_path) as (sitting, result):
        sitting.wait_for(b"value for a.b: ")
        sitting.type("cänary\n".encode())
        sitting.wait_for(b"value for a.b, once more: ")
        sitting.type("cänary\n".encode())

        assert (sitting.ended(), result.read_bytes()) == (0, "cänary".encode())
        assert sitting.shown == b"value for a.b: \r\nvalue for a.b, once more: \r\n"


def test_the_question_is_seen_where_stderr_goes_to_a_file(tmp_path):
    with (tmp_path / "log").open("wb") as log, person(tmp_path, log.fileno()) as (sitting, result):
        sitting.wait_for(b"value for a.b: ")
        sitting.type(b"canary\n")
        sitting.wait_for(b"value for a.b, once more: ")
        sitting.type(b"canary\n")

        assert (sitting.ended(), result.read_bytes()) == (0, b"canary")
    assert (tmp_path / "log").read_bytes() == b""


def test_two_values_that_differ_are_refused_and_the_rest_of_a_text_goes_nowhere(tmp_path):
    with person(tmp_path) as (sitting, result):
        sitting.wait_for(b"value for a.b: ")
        sitting.type(b"canary\nBEGIN\nrm -r /\n")

        assert (sitting.ended(), result.read_bytes()) == (0, b"bad-value the two values differ: nothing was written\n")
        assert b"canary" not in sitting.shown
        assert b"rm" not in sitting.shown


def test_a_line_that_a_terminal_cuts_is_refused(tmp_path):
    with person(tmp_path) as (sitting, result):
        sitting.wait_for(b"value for a.b: ")
        sitting.type(b"x" * 2048)
        sitting.type(b"x" * 2048 + b"\n")

        assert sitting.ended() == 0
    assert result.read_bytes() == b"bad-value the value is longer than a terminal hands over: nothing was written\n"


@pytest.mark.parametrize("end", [b"\x04", b"\n"])
def test_an_empty_value_is_not_asked_for_once_more(tmp_path, end):
    with person(tmp_path) as (sitting, result):
        sitting.wait_for(b"value for a.b: ")
        sitting.type(end)

        assert (sitting.ended(), result.read_bytes()) == (0, b"")
        assert sitting.shown == b"value for a.b: \r\n"


def test_ctrl_c_leaves_the_terminal_as_it_was(tmp_path):
    with person(tmp_path) as (sitting, result):
        sitting.wait_for(b"value for a.b: ")
        sitting.type(b"cana")
        sitting.process.send_signal(signal.SIGINT)

        assert (sitting.ended(), result.read_bytes()) == (0, b"interrupted\n")
        assert b"cana" not in sitting.shown


@pytest.mark.parametrize(("given", "read"), [(b"x\n", b"x\n"), (b"", b""), (b"a\r\nb\x00\xff", b"a\r\nb\x00\xff")])
def test_what_is_piped_is_read_byte_for_byte(given, read):
    done = subprocess.run([sys.executable, "-c", PIPED], input=given, capture_output=True, check=True)

    assert done.stdout == b"False " + read


def test_no_more_is_read_than_a_value_may_have_and_one_byte():
    done = subprocess.run([sys.executable, "-c", PIPED], input=b"x" * (MOST_BYTES + 9), capture_output=True, check=True)

    assert len(done.stdout) == len(b"False ") + MOST_BYTES


def test_what_cannot_be_read_is_said(tmp_path):
    nowhere = os.open(os.devnull, os.O_WRONLY)
    done = subprocess.run([sys.executable, "-c", PIPED], stdin=nowhere, capture_output=True, check=False)
    os.close(nowhere)

    assert b"HubctlError: `stdin` cannot be read: bad file descriptor" in done.stderr


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
