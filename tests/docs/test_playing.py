"""Who follows the first page in the shell of `make play` sees what it shows, on a machine where nothing is set up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import ROOT, commands, fenced


def played(typed: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "docs" / "playing.py")],
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "COLUMNS": "100"},
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_the_first_bump_can_be_typed_as_it_stands_in_the_page(tmp_path: Path):
    page = (ROOT / "docs" / "first-bump.md").read_text("utf-8")
    shown = [each for block in fenced(page, "console") for each in commands(block)]

    done = played("".join(f"{each.command}\n" for each in shown), tmp_path)

    assert done.stdout == "".join(f"{line}\n" for each in shown for line in each.output)
    assert done.returncode == 0
    assert "make play" in "".join(fenced(page, "sh"))
    assert list(tmp_path.iterdir()) == []


def test_the_shell_ends_as_its_last_command(tmp_path: Path):
    done = played('basename "$PWD"; (exit 3)\n', tmp_path)

    assert (done.stdout, done.returncode) == ("fleet\n", 3)
