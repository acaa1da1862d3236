"""A secret that nothing may keep, and the hunt for it: in output, files, objects of git, HTTP and every process."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.forge.double import Forge
from tests.secrets.parts import Fleet, Outcome, with_sops

_MOST = 64 * 1024 * 1024
_CUT = {0: 0, 1: 2, 2: 3}  # characters of base64 that hold bits of so many bytes before a text
# What makes programs talk: hubctl, Typer, Python, git, curl, sops and Go.
LOUD = {
    "DEBUG": "1",
    "HUBCTL_DEBUG": "1",
    "LOG_LEVEL": "DEBUG",
    "VERBOSE": "1",
    "TYPER_STANDARD_TRACEBACK": "1",
    "_TYPER_STANDARD_TRACEBACK": "1",
    "PYTHONVERBOSE": "",
    "PYTHONFAULTHANDLER": "1",
    "GIT_TRACE": "1",
    "GIT_TRACE_CURL": "1",
    "GIT_TRACE_PACKET": "1",
    "GIT_TRACE_SETUP": "1",
    "GIT_CURL_VERBOSE": "1",
    "GIT_TRACE_REDACT": "0",
    "GOTRACEBACK": "crash",
    "SOPS_LOG_LEVEL": "debug",
}


@dataclass(frozen=True)
class Canary:
    """A secret of two random parts around characters that JSON, YAML, a shell and a URL write in other ways."""

    first: str = field(default_factory=lambda: secrets.token_hex(12))
    second: str = field(default_factory=lambda: secrets.token_hex(12))

    @property
    def text(self) -> str:
        return f"{self.first}\"é\\ '{self.second}"

    @cached_property
    def needles(self) -> Mapping[str, bytes]:
        """Return what is looked for: each part as text and base64, and JSON, hex and hashes of the whole."""
        found = {"JSON": json.dumps(self.text)[1:-1].encode()}
        for name, part in (("first part", self.first.encode()), ("second part", self.second.encode())):
            found[name] = part
            found[f"{name}, two bytes a character"] = part.decode().encode("utf-16-le")
            found[f"{name}, hex"] = part.hex().encode()
            for before, cut in _CUT.items():
                found[f"{name}, base64 from {before}"] = base64.b64encode(b"\0" * before + part)[cut:-4]
        for text in (self.text, f"{self.text}\n"):
            for kind in ("md5", "sha1", "sha256", "sha512"):
                digest = hashlib.new(kind, text.encode()).digest()
                name = f"{kind} of {len(text)}"
                found |= {f"{name}, base64": base64.b64encode(digest), name: digest.hex().encode()}
        capitals = {f"{name}, capitals": needle.upper() for name, needle in found.items() if _is_hex(needle)}
        return found | capitals

    def found_in(self, data: bytes) -> list[str]:
        """Return in which forms the canary is in some bytes."""
        return [name for name, needle in self.needles.items() if needle in data]


def _is_hex(needle: bytes) -> bool:
    return len(needle) >= 32 and all(chr(letter) in "0123456789abcdef" for letter in needle)


class Watching(threading.Thread):
    """Reads the command line and the environment of a process and of all below it, as fast as it can."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pids = {pid}
        self.over = threading.Event()
        self.cmdlines: set[bytes] = set()
        self.environs: set[bytes] = set()

    def run(self) -> None:
        while not self.over.is_set():
            for pid in tuple(self.pids):
                with contextlib.suppress(OSError):
                    self.pids.update(_children(pid))
                    self.cmdlines.add(Path(f"/proc/{pid}/cmdline").read_bytes())
                    self.environs.add(Path(f"/proc/{pid}/environ").read_bytes())

    def stop(self) -> None:
        self.over.set()
        self.join()


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


@dataclass
class Hunt:
    """Runs hubctl with folders of its own for all that it may write, every trace on, and hunts the canary afterwards.

    What is found is a list of places; `[]` is what a test wants.
    """

    folder: Path
    canary: Canary = field(default_factory=Canary)
    cmdlines: set[bytes] = field(default_factory=set)
    environs: set[bytes] = field(default_factory=set)
    since: float = field(default_factory=lambda: time.time() - 1)
    _said: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that lead to this hunt's own folders, and those that make programs talk."""
        names = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
        places = {name: self.folder / name.lower() for name in names} | {"TMPDIR": self.temporary}
        for place in places.values():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = {name: str(place) for name, place in places.items()}
        return {**LOUD, **own, "GIT_TRACE2_EVENT": str(self.temporary / "git-trace")}

    def started(
        self,
        fleet: Fleet,
        *words: str,
        env: Mapping[str, str] | None = None,
        at: Path | None = None,
        before: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        """Start hubctl with pipes for all streams; `before` are the words of a program that starts it."""
        environment = {**os.environ, "PATH": with_sops(), **fleet.environment, **self.environment, **(env or {})}
        return subprocess.Popen(
            [*before, sys.executable, "-m", "hubctl", *words],
            cwd=at or fleet.root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self,
        fleet: Fleet,
        *words: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        at: Path | None = None,
        before: Sequence[str] = (),
        shown: bool = False,
    ) -> Outcome:
        """Run hubctl to its end, watched; `shown` where stdout is to have the canary."""
        process = self.started(fleet, *words, env=env, at=at, before=before)
        watching = Watching(process.pid)
        watching.start()
        try:
            out, err = process.communicate(stdin.encode(), timeout=200)
        finally:
            watching.stop()
        self.cmdlines |= watching.cmdlines
        self.environs |= watching.environs
        self.heard("stderr", err)
        if not shown:
            self.heard("stdout", out)
        return Outcome(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def heard(self, where: str, data: bytes) -> None:
        """Keep what was said, for the hunt."""
        self._said.append((where, data))

    def found(self, *repositories: Path, files: Iterable[Path] = (), forge: Forge | None = None) -> list[str]:
        """Return every place that has the canary, of all runs so far.

        Looked at are output, command lines and environments; all files of the repositories, of `files` and of this
        hunt's folders, of HOME, /dev/shm and what is new in /tmp; all objects of git; all that the forge was sent.
        """
        places = [*self._said]
        places += [("a command line", text) for text in self.cmdlines]
        places += [("an environment", text) for text in self.environs]
        folders = [self.folder, Path(os.environ["HOME"]), Path("/dev/shm"), *repositories, *files, *_strays(self.since)]
        if forge is not None:
            repositories = (*repositories, forge.bare_path)
            places += [(f"{call}", f"{call} {call.headers}".encode() + call.body) for call in forge.log]
        for folder in folders:
            places += contents(folder)
        places += [(f"objects of {repository}", objects(repository)) for repository in repositories]
        return sorted({f"{where}: {form}" for where, data in places for form in self.canary.found_in(data)})


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield names, ends of links and bytes of all files below a folder, or of one file."""
    if not folder.is_dir():
        yield from _content(folder)
    for place, _, names in os.walk(folder):
        yield place, os.fsencode(place)
        for name in names:
            yield from _content(Path(place, name))


def _content(file: Path) -> Iterator[tuple[str, bytes]]:
    yield str(file), os.fsencode(file.name)
    with contextlib.suppress(OSError):
        seen = file.lstat()
        if stat.S_ISLNK(seen.st_mode):
            yield str(file), os.fsencode(file.readlink())
        elif stat.S_ISREG(seen.st_mode) and seen.st_size <= _MOST:
            yield str(file), file.read_bytes()


def _strays(since: float) -> Iterator[Path]:
    """Yield what hubctl or sops may have left, since then, in the folders for temporary files of everybody."""
    for folder in {tempfile.gettempdir(), "/tmp", "/var/tmp"}:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                known = entry.name.startswith(("hubctl-", "sops", "age", "git-"))
                if entry.stat(follow_symlinks=False).st_ctime >= since and (known or not entry.is_dir()):
                    yield Path(entry.path)


def objects(repository: Path) -> bytes:
    """Return every object of a repository, those that nothing refers to and the index' own, too."""
    words = ("cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")
    return subprocess.run(["git", *words], cwd=repository, check=True, capture_output=True).stdout
