"""What hubctl prints where streams are closed, full or speak a narrow encoding, and where foreign text is hostile."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.playground import COMMON, COMMON_FILE, Playground

pytestmark = pytest.mark.slow

HOSTILE = "e\u202evil\u200b"  # right-to-left override, zero-width space


def in_shell(playground: Playground, line: str, **variables: str) -> tuple[int, str, str]:
    """Run one line of sh in which `hubctl` stands for the program; return its code, stdout and stderr."""
    done = subprocess.run(
        ["sh", "-c", f'hubctl() {{ "{sys.executable}" -m hubctl "$@"; }}; {line}'],
        cwd=playground.root,
        env={**os.environ, **playground.environment, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1:strict"])
def test_a_narrow_encoding_gets_escapes_for_what_it_lacks(playground: Playground, encoding: str) -> None:
    ran = in_shell(playground, "hubctl bump-image leap prod", PYTHONIOENCODING=encoding)
    line = "leap/common  image.tag  quay.io/leap/notebook  2026.05.01 \\u2192 2026.06.04  newest date\n"
    assert ran[:2] == (0, line)


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_json_reads_back_the_same_in_every_encoding(playground: Playground, encoding: str) -> None:
    playground.write({COMMON_FILE: COMMON.replace("# the day it was built", f"# hubctl: pin because {HOSTILE} é 😀")})
    code, out, _ = in_shell(playground, "hubctl bump-image leap prod --json", PYTHONIOENCODING=encoding)
    assert (code, json.loads(out)["skips"][0]["why"]) == (0, f"{HOSTILE} é 😀")
    assert ("é 😀" in out, "\\u202e" in out, HOSTILE in out) == (encoding == "utf-8", True, False)


def test_a_persons_reason_reaches_the_terminal_escaped(playground: Playground) -> None:
    playground.write({COMMON_FILE: COMMON.replace("# the day it was built", f"# hubctl: pin because {HOSTILE}")})
    said = playground.run("bump-image", "leap", "prod", "--explain").out.splitlines()
    assert "leap/common  image.tag  quay.io/leap/notebook  2026.05.01  pinned: e\\u202evil\\u200b" in said


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("hubctl image list >&-", 0),
        ("hubctl bump-image --check >&- 2>&-", 8),
        ("hubctl bump-image --check <&- >/dev/null", 8),
        ("hubctl --version >&-", 0),
        ("hubctl nonsense 2>&-", 2),
    ],
)
def test_a_closed_stream_changes_no_exit_code_and_sends_nothing_elsewhere(
    playground: Playground, line: str, code: int
) -> None:
    ran = in_shell(playground, line)
    assert ran[:2] == (code, "")
    assert "bug" not in ran[2]


@pytest.mark.parametrize("verb", ["image list --json", "bump-image --dry-run"])
def test_a_full_stdout_is_one_sentence_and_exit_code_1(playground: Playground, verb: str) -> None:
    code, _, err = in_shell(playground, f"hubctl --quiet {verb} >/dev/full")
    assert (code, err) == (1, "error: stdout cannot be written: no space left on device\n")


def test_a_folder_that_was_removed_meanwhile_is_no_folder(playground: Playground) -> None:
    ran = in_shell(playground, "mkdir gone; cd gone; rmdir ../gone; hubctl image list")
    assert ran == (1, "", "error: no such folder: `.`\n")


def test_a_folder_with_an_endless_name_is_no_folder(playground: Playground) -> None:
    outcome = playground.run("-C", "x" * 5000, "image", "list", "--json")
    assert (outcome.code, outcome.json["error"]["code"]) == (1, "no-such-folder")
