"""On a terminal the bare verb shows the plan and asks once; a script is never asked."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.playground import COMMON, COMMON_FILE, Playground

pytestmark = pytest.mark.slow

CTRL_D = "\x04"


def on_a_terminal(playground: Playground, words: tuple[str, ...], typed: str | None) -> tuple[int, str]:
    """Run hubctl on a terminal, type once the question stands there (None: Ctrl-C), and return code and screen."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hubctl", *words],
        cwd=playground.root,
        env={**os.environ, **playground.environment, "TERM": "xterm"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    screen, answered = b"", False
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([controller], [], [], 1)[0]:
            if answered and typed is None:  # it came just before the read began, where Python cannot see it
                process.send_signal(signal.SIGINT)
            continue
        try:
            piece = os.read(controller, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        screen += piece
        if b"[y/N]" in screen and not answered:
            answered = True
            if typed is None:
                process.send_signal(signal.SIGINT)
            else:
                os.write(controller, typed.encode())
    os.close(controller)
    return process.wait(timeout=10), screen.decode()


@pytest.mark.parametrize(
    ("typed", "code", "written"),
    [("y\n", 0, True), ("n\n", 0, False), ("\n", 0, False), (CTRL_D, 0, False), (None, 130, False)],
    ids=["y", "n", "Enter", "Ctrl-D", "Ctrl-C"],
)
def test_the_bare_verb_shows_the_plan_and_asks(
    playground: Playground, typed: str | None, code: int, *, written: bool
) -> None:
    done, screen = on_a_terminal(playground, ("bump-image",), typed)

    assert done == code
    assert screen.index("2026.05.01 → 2026.06.04") < screen.index("write 2 places in 2 files? [y/N]")
    assert (playground.read(COMMON_FILE) != COMMON) == written


@pytest.mark.parametrize("words", [("bump-image", "leap"), ("bump-image", "--yes"), ("bump-image", "--dry-run")])
def test_a_selection_yes_or_dry_run_is_not_asked_about(playground: Playground, words: tuple[str, ...]) -> None:
    done, screen = on_a_terminal(playground, words, "n\n")

    assert (done, "[y/N]" in screen) == (0, False)


def test_a_terminal_gets_a_coloured_diff_unless_it_says_no(playground: Playground) -> None:
    coloured = on_a_terminal(playground, ("bump-image", "--dry-run"), "")[1]
    plain = on_a_terminal(playground, ("--no-color", "bump-image", "--dry-run"), "")[1]

    assert "\x1b[32m+" in coloured
    assert "\x1b" not in plain
