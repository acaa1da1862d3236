"""The hunter finds what it is to find: planted in each place, in each form."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from tests.forge.double import start_forge
from tests.secrets.hunting import Canary, Hunt, Watching
from tests.secrets.parts import Fleet

FORMS: dict[str, Callable[[str], str | bytes]] = {
    "text": str,
    "JSON": json.dumps,
    "YAML": lambda text: yaml.safe_dump({"a": text}),
    "Python": repr,
    "a URL": quote,
    "two bytes a character": lambda text: text.encode("utf-16-be"),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 behind one byte": lambda text: base64.b64encode(b"x" + text.encode()),
    "base64 behind two bytes": lambda text: base64.b64encode(b"xy" + text.encode() + b"\n"),
    "the start": lambda text: text[:28],
    "the end": lambda text: text[-28:],
    "SHA-1": lambda text: hashlib.sha1(text.encode()).hexdigest(),
    "SHA-256": lambda text: hashlib.sha256(text.encode() + b"\n").hexdigest(),
    "SHA-512, as sops prints it": lambda text: hashlib.sha512(text.encode()).hexdigest().upper(),
    "SHA-256 as base64": lambda text: base64.b64encode(hashlib.sha256(text.encode()).digest()),
}


@pytest.fixture
def hunt(tmp_path: Path) -> Hunt:
    return Hunt(tmp_path / "hunt")


@pytest.fixture
def repository(tmp_path: Path) -> Fleet:
    fleet = Fleet(tmp_path / "fleet")
    fleet.write({"README.md": "hello\n"})
    fleet.git("init", "--quiet")
    fleet.commit()
    return fleet


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_found(form: str) -> None:
    canary = Canary()
    made = FORMS[form](canary.text)
    data = made if isinstance(made, bytes) else made.encode()

    assert canary.found_in(b"before" + data + b"after") != []
    assert Canary().found_in(data) == []


def test_where_nothing_is_planted_nothing_is_found(hunt: Hunt, repository: Fleet) -> None:
    assert hunt.found(repository.root) == []


def planted_in_git(fleet: Fleet, text: str, how: str) -> None:
    fleet.write({"x.txt": text})
    if how == "a branch":
        fleet.git("branch", f"a-{text[:24]}")
    elif how == "the stash":
        fleet.git("stash", "--include-untracked", "--quiet")
    elif how == "a note":
        fleet.git("notes", "--ref=textconv/x", "add", "-F", "x.txt")
    elif how != "the tree":
        fleet.git("add", "x.txt")
    if how == "an amended commit":
        fleet.git("commit", "--quiet", "--message", "x")
        fleet.git("rm", "--quiet", "x.txt")
        fleet.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "y")
    if how == "a packed commit":
        fleet.git("commit", "--quiet", "--message", "x")
        fleet.git("gc", "--quiet")
        fleet.git("rm", "--quiet", "x.txt")
    if how == "an index that was emptied":
        fleet.git("rm", "--quiet", "--force", "x.txt")
    if how != "the tree":
        (fleet.root / "x.txt").unlink(missing_ok=True)


@pytest.mark.parametrize(
    "how",
    ["the tree", "the index", "an index that was emptied", "the stash", "a branch", "a note", "an amended commit"],
)
def test_what_stands_in_a_repository_is_found(hunt: Hunt, repository: Fleet, how: str) -> None:
    planted_in_git(repository, hunt.canary.text, how)

    assert hunt.found(repository.root) != []


def test_what_is_packed_is_found(hunt: Hunt, repository: Fleet) -> None:
    planted_in_git(repository, hunt.canary.text, "a packed commit")

    assert {place.partition(":")[0] for place in hunt.found(repository.root)} == {f"objects of {repository.root}"}


@pytest.mark.parametrize("where", ["TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "/dev/shm", "/tmp"])
def test_what_is_left_in_a_folder_is_found(hunt: Hunt, where: str) -> None:
    places = {**hunt.environment, "HOME": os.environ["HOME"]}
    file = Path(places.get(where, where), f"hubctl-planted-{os.getpid()}")
    file.write_text(hunt.canary.text)
    try:
        assert {place.partition(":")[0] for place in hunt.found()} == {str(file)}
    finally:
        file.unlink()


def test_names_of_files_and_ends_of_links_are_found(hunt: Hunt) -> None:
    (hunt.folder / "below").mkdir(parents=True)
    (hunt.folder / "below" / hunt.canary.first).touch()
    (hunt.folder / "link").symlink_to(hunt.canary.second)

    assert {place.partition(":")[2] for place in hunt.found()} == {" first part", " second part"}


def test_what_is_sent_to_the_forge_is_found(hunt: Hunt, tmp_path: Path) -> None:
    with start_forge(tmp_path, "acme", "fleet", {"README.md": "hello\n"}) as forge:
        asked = urllib.request.Request(
            f"{forge.url}/nowhere", hunt.canary.text.encode(), headers={"X-Text": hunt.canary.first}
        )
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(asked)
        forge.board.violations.clear()

        assert {place.partition(":")[2] for place in hunt.found(forge=forge)} >= {" first part", " second part"}


TALKS = """
import os, subprocess, sys, time
text = sys.stdin.read()
child = "import time; time.sleep(0.2)"
subprocess.run([sys.executable, "-c", child, text] if sys.argv[1] == "argv" else [sys.executable, "-c", child],
    env={**os.environ, "X": text if sys.argv[1] == "environ" else ""}, start_new_session=True)
"""


@pytest.mark.parametrize(("how", "counts"), [("argv", (True, False)), ("environ", (False, True))])
def test_what_a_child_is_started_with_is_found(how: str, counts: tuple[bool, bool]) -> None:
    canary = Canary()
    process = subprocess.Popen([sys.executable, "-c", TALKS, how], stdin=subprocess.PIPE)
    watching = Watching(process.pid)
    watching.start()
    process.communicate(canary.text.encode())
    watching.stop()

    found = [any(map(canary.found_in, texts)) for texts in (watching.cmdlines, watching.environs)]
    assert tuple(found) == counts
