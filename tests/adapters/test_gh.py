from pathlib import Path

import pytest

from hubctl.adapters.gh import gh_token
from hubctl.secret import Secret


def program(folder: Path, text: str) -> None:
    (folder / "gh").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "gh").chmod(0o755)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ('[ "$*" = "auth token --hostname ghe.example" ] && echo gho_x', Secret("gho_x")),
        ("echo gho_x; exit 1", None),
        ("echo", None),
        ("printf 'a\\033b'", None),
        ('read answer; echo "$answer"', None),
    ],
)
def test_the_token_is_what_gh_prints(tmp_path, monkeypatch, text, token):
    program(tmp_path, text)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert gh_token("ghe.example") == token


def test_without_gh_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gh_token("github.com") is None
