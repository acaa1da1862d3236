"""Programs called `sops` that do something of their own and then, unless they end, become the real one."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.secrets.parts import tool

_SCRIPT = """\
#!{python} -IS
import os, sys
REAL, FOLDER = {real!r}, {folder!r}
words = sys.argv[1:]
verb = next((word for word in words if word in ("encrypt", "decrypt", "set", "unset", "rotate", "updatekeys")), "")
with open(os.path.join(FOLDER, "started"), "a") as started:
    started.write((verb or "--version") + "\\n")
def play():
    {body}
play()
os.execv(REAL, [REAL, *words])
"""
REPEATS = """
    if verb:
        given = sys.stdin.buffer.read()
        for stream in (1, 2):
            os.write(stream, b"Could not decrypt value: Input string " + given)
        os._exit({code})
"""
# What sops itself prints while it decrypts, and then fails: stdout holds everything.
DECRYPTS_AND_FAILS = """
    if verb == "decrypt":
        import subprocess
        done = subprocess.run([REAL, *words], stdin=0, stdout=subprocess.PIPE)
        for stream in (1, 2):
            os.write(stream, done.stdout)
        os._exit({code})
"""
DIES = """
    if verb:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), {signal})
"""
HANGS = """
    if verb == "{verb}":
        import time
        sys.stdin.buffer.read()
        parent, ends = os.getppid(), time.monotonic() + 300
        while os.getppid() == parent and time.monotonic() < ends:
            time.sleep(0.1)
        os._exit(1)
"""
# Where `encrypt` and `set` are to write ciphertext they write what they were given.
WRITES_CLEAR = """
    if verb in ("set", "encrypt"):
        import json
        given = json.loads(sys.stdin.buffer.read())
        if verb == "encrypt":
            os.write(1, json.dumps(given).encode())
        else:
            with open(words[-2], "a") as copy:
                copy.write("clear: " + json.dumps(given) + "\\n")
        os._exit(0)
"""
SILENT = """
    if verb in ("set", "encrypt"):
        os._exit(0)
"""
RECORDS = """
    import json, resource
    umask = os.umask(0)
    os.umask(umask)
    given = sys.stdin.buffer.read() if verb else b""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
        terminal = True
    except OSError:
        terminal = False
    told = {"words": words, "environment": dict(os.environ), "folder": os.getcwd(), "umask": umask,
        "core": resource.getrlimit(resource.RLIMIT_CORE), "leads": os.getsid(0) == os.getpid(), "terminal": terminal,
        "given": given.decode(), "open": sorted(int(each) for each in os.listdir("/proc/self/fd"))}
    with open(os.path.join(FOLDER, "calls"), "a") as calls:
        calls.write(json.dumps(told) + "\\n")
    source, sink = os.pipe()
    if os.fork() == 0:
        os.close(source)
        os.write(sink, given)
        os._exit(0)
    os.close(sink)
    os.dup2(source, 0)
    os.close(source)
"""


@dataclass(frozen=True)
class Impostor:
    """One that stands in a folder of its own, and what it noted there."""

    folder: Path

    @property
    def path(self) -> str:
        """Return PATH with its folder first."""
        return os.pathsep.join([str(self.folder), os.environ.get("PATH", "")])

    @property
    def calls(self) -> list[str]:
        """Return the verb of each call so far; `--version` for one without."""
        started = self.folder / "started"
        return started.read_text().split() if started.exists() else []


def impostor(folder: Path, body: str) -> Impostor:
    """Make a `sops` in `folder` that runs `body`, Python with `verb` and `words`, before the real one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    script = _SCRIPT.format(python=sys.executable, real=str(tool("sops")), folder=str(folder), body=body.strip())
    (folder / "sops").write_text(script)
    (folder / "sops").chmod(0o755)
    return Impostor(folder)
