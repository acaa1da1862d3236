"""A secret's way that fails at each step: nothing of it stays anywhere, nothing is written, nothing of sops is told."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.errors import HubctlError
from hubctl.secret import Secret
from hubctl.secrets.changing import changed, made
from hubctl.secrets.sops import Sops, find_sops
from hubctl.secrets.source import Source
from tests.secrets.hunting import Hunt
from tests.secrets.impostors import (
    DECRYPTS_AND_FAILS,
    DIES,
    HANGS,
    REPEATS,
    SILENT,
    WRITES_CLEAR,
    impostor,
)
from tests.secrets.parts import CLUSTERS, PROD, Fleet, identity, rules_for, with_sops

pytestmark = pytest.mark.slow

CLUSTER = "config/clusters/leap/cluster.yaml"
LISTED = CLUSTERS[CLUSTER] + "  - enc-prod.secret.values.yaml\n"
SET = ("secret", "set", "leap", "prod", "a.b")
NEW = ("secret", "set", "leap", "staging", "a.b")
GET = ("secret", "get", "leap", "prod", "a.b")
UNSET = ("secret", "unset", "leap", "prod", "a.b")
ROTATE = ("secret", "rotate", "leap", "prod")
REGISTRY = ("secret", "registry", "check", "leap", "prod")
CHECK = ("secret", "check")
PASSWORD = ("secret", "registry", "rotate", "--registry", "quay.io", "--username", "leap+robot")


@pytest.fixture
def hunt(tmp_path: Path) -> Hunt:
    return Hunt(tmp_path / "hunt")


@pytest.fixture
def held(fleet: Fleet, hunt: Hunt) -> Fleet:
    """A fleet whose hub `prod` has the canary in two places, one of them the password of a registry."""
    fleet.write({CLUSTER: LISTED})
    login = {"create": True, "registry": "quay.io", "username": "leap+robot", "password": hunt.canary.text}
    fleet.encrypt({"a": {"b": hunt.canary.text, "c": "stays"}, "jupyterhub": {"imagePullSecret": login}})
    fleet.commit("Store secrets")
    return fleet


def tree(fleet: Fleet) -> dict[str, bytes]:
    """Return every file of the work tree, and those of git that a failure must not touch."""
    names = [path for path in fleet.root.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {str(path): path.read_bytes() for path in [*names, fleet.root / ".git/index"]}


def failed(
    hunt: Hunt, fleet: Fleet, words: tuple[str, ...], code: int, *repositories: Path, **how: object
) -> tuple[str, str]:
    """Run a verb that has to fail: nothing is changed, nothing is found; return stdout and stderr."""
    before = tree(fleet)
    done = hunt.run(fleet, *words, stdin=f"{hunt.canary.text}2", **how)  # type: ignore[arg-type]  # as `run` takes them
    assert (words, done.code) == (words, code), done.err
    assert tree(fleet) == before
    assert hunt.found(*repositories or (fleet.root,)) == []
    assert [*hunt.temporary.glob("hubctl-run-*"), *hunt.temporary.glob("*.log")] == []
    return done.out, done.err


def test_a_key_that_opens_nothing(held: Fleet, hunt: Hunt, tmp_path: Path) -> None:
    held.environment |= identity(tmp_path / "other").environment
    for words in (SET, GET, UNSET, ROTATE, REGISTRY, PASSWORD):
        _, err = failed(hunt, held, words, 4)
        assert "SOPS_AGE_KEY_FILE" in err


def test_no_key_at_all(held: Fleet, hunt: Hunt) -> None:
    del held.environment["SOPS_AGE_KEY_FILE"]
    for words in (SET, GET, ROTATE):
        failed(hunt, held, words, 4)


def test_recipients_that_drifted(held: Fleet, hunt: Hunt, tmp_path: Path, engineer: object) -> None:
    own = held.read(".sops.yaml").decode().rpartition("age: ")[2].strip()
    held.write({".sops.yaml": rules_for(own, identity(tmp_path / "more").recipient)})
    for words in (SET, UNSET, ROTATE, CHECK):
        _, err = failed(hunt, held, words, 1)
        assert words == CHECK or "sync-recipients" in err


def damaged(data: bytes, what: str) -> bytes:
    """Change one piece of base64 in the ciphertext of a value or of the MAC, of the same length."""
    line = next(each for each in data.splitlines() if re.match(rb" *" + what.encode() + rb": ", each))
    kept, start, text = line.partition(b"data:")
    other = b"B" if text.startswith(b"A") else b"A"
    return data.replace(line, kept + start + other + text[1:])


@pytest.mark.parametrize("what", ["b", "c", "mac"])
def test_ciphertext_that_was_changed(held: Fleet, hunt: Hunt, what: str) -> None:
    held.write({PROD: damaged(held.read(PROD), what)})
    for words in (SET, GET, UNSET, ROTATE, REGISTRY):
        _, err = failed(hunt, held, words, 1)
        assert "Input string" not in err
    assert held.run(*CHECK).code == 0  # which only a key can tell


def test_values_that_changed_places(held: Fleet, hunt: Hunt) -> None:
    text = held.read(PROD).decode()
    b, c = (re.search(rf"^ *{key}: (.*)$", text, re.MULTILINE) for key in "bc")
    assert b is not None
    assert c is not None
    held.write({PROD: text.replace(b[1], "@").replace(c[1], b[1]).replace("@", c[1])})
    for words in (SET, GET, ROTATE):
        failed(hunt, held, words, 1)


CLEAR: dict[str, Callable[[str, str], str]] = {
    "a value": lambda text, clear: text.replace("a:\n", f"a:\n    z: {clear!r}\n", 1),
    "a block": lambda text, clear: text.replace("a:\n", f"a:\n    z: |\n        {clear}\n", 1),
    "a comment": lambda text, clear: f"# {clear}\n{text}",
    "behind a value": lambda text, clear: text.replace("type:str]", f"type:str] # {clear}", 1),
    "behind ciphertext": lambda text, clear: text.replace("type:str]", f"type:str]{clear}", 1),
    "in ciphertext": lambda text, clear: text.replace("data:", f"data:!{clear}", 1),
    "a second document": lambda text, clear: f"{text}---\na: {clear!r}\n",
    "a key twice": lambda text, clear: text.replace("a:\n", f"a: {clear!r}\na:\n", 1),
    "a tag": lambda text, clear: text.replace("a:\n", f"a:\n    z: !!int {clear!r}\n", 1),
    "an anchor": lambda text, clear: text.replace("a:\n", f"a:\n    z: &x {clear!r}\n    y: *x\n", 1),
    "an unknown alias": lambda text, clear: text.replace("a:\n", f"a:\n    z: *x\n    y: {clear!r}\n", 1),
    "a brace left open": lambda text, clear: text.replace("a:\n", f"a:\n    z: {{{clear!r}\n", 1),
    "a quote left open": lambda text, clear: text.replace("a:\n", f"a:\n    z: '{clear}\n", 1),
    "a tab": lambda text, clear: text.replace("a:\n", f"a:\n\t\tz: {clear!r}\n", 1),
    "nothing else": lambda _, clear: f"a: {{b: {clear!r}}}\n",
    "no mapping": lambda _, clear: f"{clear!r}\n",
    "metadata": lambda text, clear: text.replace("version:", f"other: {clear!r}\n    version:", 1),
    "a character that YAML refuses": lambda text, clear: text.replace("a:\n", f"a:\n    z: {clear!r}\x01\n", 1),
}


@pytest.mark.parametrize("how", CLEAR)
def test_what_stands_in_clear_is_never_repeated(held: Fleet, hunt: Hunt, how: str) -> None:
    said = Hunt(hunt.folder)  # the canary that is planted: the file has it, and nothing else may
    held.write({PROD: CLEAR[how](held.read(PROD).decode(), said.canary.first)})
    for words in (SET, GET, UNSET, ROTATE, CHECK, REGISTRY, PASSWORD, ("secret", "sync-recipients")):
        done = held.run(*words, stdin="x", env=hunt.environment)
        without_login = words == REGISTRY and how == "nothing else"  # what else is wrong, is for `secret check` to say
        assert (words, done.code) == (words, 0 if without_login else 1)
        assert said.canary.found_in((done.out + done.err).encode()) == []
    for words in (("hub", "list"), ("hub", "show", "leap/prod"), ("image", "list"), ("validate",), ("doctor",)):
        done = held.run(*words, env=hunt.environment)
        assert said.canary.found_in((done.out + done.err).encode()) == []
    (held.root / PROD).unlink()
    assert said.found(held.root) == []


def test_a_password_is_not_rotated_where_a_copy_may_be_in_what_cannot_be_read(held: Fleet, hunt: Hunt) -> None:
    listed = CLUSTERS["config/clusters/reef/cluster.yaml"] + "  - enc-main.secret.values.yaml\n"
    held.write({"config/clusters/reef/cluster.yaml": listed})
    held.write({"config/clusters/reef/enc-main.secret.values.yaml": "a: {b\n"})

    _, err = failed(hunt, held, PASSWORD, 1)

    assert err.startswith("error: config/clusters/reef/enc-main.secret.values.yaml:")


ODD = {
    "repeats and exits 1": REPEATS.format(code=1),
    "repeats and exits 25": REPEATS.format(code=25),
    "repeats and exits 51": REPEATS.format(code=51),
    "repeats and exits 0": REPEATS.format(code=0),
    "repeats and exits 128": REPEATS.format(code=128),
    "decrypts and exits 2": DECRYPTS_AND_FAILS.format(code=2),
    "is killed": DIES.format(signal=int(signal.SIGKILL)),
    "crashes": DIES.format(signal=int(signal.SIGABRT)),
    "writes clear text": WRITES_CLEAR,
    "does nothing": SILENT,
}


@pytest.mark.parametrize("how", ODD)
def test_a_sops_that(held: Fleet, hunt: Hunt, tmp_path: Path, how: str) -> None:
    fake = impostor(tmp_path / "bin", ODD[how])
    for words in (SET, NEW, GET, PASSWORD):
        if words == GET and how in ("writes clear text", "does nothing", "repeats and exits 0"):
            continue  # whether what it prints is what the file holds, only sops can tell
        _, err = failed(hunt, held, words, 4 if "128" in how else 1, env={"PATH": fake.path})
        assert "Input string" not in err
    assert [*held.root.rglob("core*"), *hunt.temporary.glob("core*")] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("verb", ["set", "decrypt"])
def test_a_sops_that_hangs_ends_with_the_run(
    held: Fleet, hunt: Hunt, tmp_path: Path, verb: str, number: signal.Signals
) -> None:
    fake = impostor(tmp_path / "bin", HANGS.format(verb=verb))
    before = tree(held)
    process = hunt.started(held, *SET, env={"PATH": fake.path})
    assert process.stdin is not None
    process.stdin.write(hunt.canary.text.encode())
    process.stdin.close()
    process.stdin = None
    while verb not in fake.calls:
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    hunt.heard("stdout", out)
    hunt.heard("stderr", err)
    assert process.returncode == {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 143}[number]
    assert tree(held) == before
    assert hunt.found(held.root) == []
    assert list(hunt.temporary.glob("hubctl-run-*")) == []


def hanging(held: Fleet, folder: Path, verb: str) -> Sops:
    fake = impostor(folder, HANGS.format(verb=verb))
    found = find_sops({**held.environment, "PATH": fake.path}, held.root)
    return replace(found, seconds=1)


def test_a_sops_that_hangs_is_ended_after_its_time(held: Fleet, hunt: Hunt, tmp_path: Path) -> None:
    source = Source(PROD, held.read(PROD), held.read(".sops.yaml"))
    value = {("a", "b"): Secret(f"{hunt.canary.text}2")}
    with pytest.raises(HubctlError, match="it took longer than 1 s") as refused:
        changed(hanging(held, tmp_path / "bin", "set"), source, value)
    with pytest.raises(HubctlError, match="it took longer than 1 s"):
        made(hanging(held, tmp_path / "bin", "encrypt"), replace(source, data=None), value)

    hunt.heard("the error", f"{refused.value!r} {refused.value.hint} {vars(refused.value)}".encode())
    assert hunt.found(held.root) == []


def test_a_folder_that_cannot_be_written(held: Fleet, hunt: Hunt) -> None:
    """As root a folder is only read-only where a mount is."""
    folder = held.root / "config/clusters/leap"
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    before = mounting(script, str(folder))
    for words in (SET, NEW, UNSET, ROTATE, PASSWORD):
        _, err = failed(hunt, held, words, 1, before=before, at=held.root)
        assert "read-only file system" in err


def test_a_disk_that_is_full(held: Fleet, hunt: Hunt) -> None:
    folder = hunt.folder / "full"
    folder.mkdir(parents=True)
    script = 'mount -t tmpfs -o size=4k tmpfs "$0" && exec "$@"'
    for words in (SET, NEW, ROTATE, PASSWORD):
        failed(hunt, held, words, 1, before=mounting(script, str(folder)), env={"TMPDIR": str(folder)})


def test_a_disk_that_is_full_where_the_file_is_to_stand(held: Fleet, hunt: Hunt, tmp_path: Path) -> None:
    """The folder is copied onto a disk that has no room for one file more."""
    script = (
        'cp -a "$0" "$1" && mount -t tmpfs -o size=24k tmpfs "$0" && cp -a "$1"/. "$0" && '
        'head -c 100000 /dev/zero > "$0/fill" 2>/dev/null; copy=$1; shift; "$@"; code=$?; '
        'rm "$0/fill"; diff -r "$0" "$copy" >&2 || exit 99; exit $code'
    )
    folder = str(held.root / "config/clusters/leap")
    for words in (SET, NEW, ROTATE, PASSWORD):
        _, err = failed(hunt, held, words, 1, before=(*mounting(script, folder), str(tmp_path / "copy")))
        assert "cannot be written: no space left on device\n\nhint: nothing was changed\n" in err
        shutil.rmtree(tmp_path / "copy")


def mounting(script: str, folder: str) -> tuple[str, ...]:
    """Return the words that start a program where `script` has mounted something of its own, on Linux."""
    unshare = shutil.which("unshare")
    words = (unshare or "", "--map-root-user", "--mount", "sh", "-c")
    if unshare is None or subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
        pytest.skip("NOT RUN: this system lets nobody mount anything")
    return (*words, script, folder)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_limit_on_the_size_of_files(held: Fleet, hunt: Hunt, size: int) -> None:
    """In units of 512 bytes, as plain sops leaves a stump with."""
    before = ("sh", "-c", f'ulimit -f {size} && exec "$@"', "sh")
    for words in (SET, NEW, ROTATE, PASSWORD):
        failed(hunt, held, words, 1, before=before, env={"GIT_TRACE2_EVENT": ""})


def test_stdout_that_takes_nothing(held: Fleet, hunt: Hunt) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "hubctl", *GET], cwd=held.root, stdout=full, stderr=subprocess.PIPE,
            env={**hunt.environment, "HOME": str(hunt.folder), **environment(held)}, check=False,
        )  # fmt: skip
    hunt.heard("stderr", done.stderr)

    assert (done.returncode, done.stderr) == (1, b"error: stdout cannot be written: no space left on device\n")
    assert hunt.found(held.root) == []


def environment(fleet: Fleet) -> dict[str, str]:
    return {**os.environ, "PATH": with_sops(), **fleet.environment}


BUG = """
import sys
from hubctl.{module} import {name} as broken
import hubctl.{module} as module

def fails(*given, **named):
    texts = [one.reveal() if type(one).__name__ == "Secret" else one for one in given]
    local = broken(*given, **named)
    try:
        raise ValueError(texts, local)
    except ValueError as error:
        error.add_note(repr(texts))
        raise RuntimeError(f"{{texts}} {{local}}") from error

module.{name} = fails
for other in list(sys.modules.values()):
    if getattr(other, {name!r}, None) is broken:
        setattr(other, {name!r}, fails)
from hubctl.cli import main
sys.exit(main(sys.argv[1:]))
"""
STEPS = {
    "secrets.value": "value_of",
    "secrets.mirror": "as_json",
    "secrets.sops": "find_sops",
    "secrets.splicing": "with_values",
    "secrets.encrypted": "read_encrypted",
    "adapters.writing": "write_held",
    "adapters.programs": "run_program",
}


@pytest.mark.parametrize("module", STEPS)
def test_a_bug_at_each_step_leaves_a_log_without_the_secret(held: Fleet, hunt: Hunt, module: str) -> None:
    before = tree(held)
    script = BUG.format(module=module, name=STEPS[module])
    done = subprocess.run(
        [sys.executable, "-c", script, *SET], cwd=held.root, env={**environment(held), **hunt.environment},
        input=f"{hunt.canary.text}2".encode(), capture_output=True, check=False,
    )  # fmt: skip
    hunt.heard("stdout", done.stdout)
    hunt.heard("stderr", done.stderr)

    (log,) = hunt.temporary.glob("hubctl-*.log")
    assert (done.returncode, tree(held) == before or module == "adapters.writing") == (3, True)
    assert "builtins.RuntimeError" in log.read_text()
    assert hunt.found(held.root) == []
