"""The stage of the demo: a fleet in a git repository with a bare remote, a registry, a forge, an environment.

Everything stands in one temporary folder and on loopback ports, and is gone when the `with` block ends.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree, ignore_patterns, which

from hubctl.demo.forge import Forge
from hubctl.demo.images import PUBLISHED
from hubctl.demo.registry import Registry
from hubctl.demo.serving import serving
from hubctl.errors import GitRefused, ToolMissing

REPOSITORY = "example/fleet"
TOKEN = "made-up-word"  # noqa: S105  # opens nothing but the forge of this process
NOW = "1781524800"  # 2026-06-15 12:00 UTC: the day of the story, so that its text is the same each time
LONGEST_STEP = 120

IDENTITY = """\
[user]
    name = Demo Engineer
    email = engineer@example.org
[init]
    defaultBranch = main
[advice]
    detachedHead = false
"""

SETTINGS = """\
version: 1
# The only difference to real use: every registry is asked at one address on this machine.
registries:
  "*": {{mirror: "{registry}/{{host}}", insecure: true}}
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One command as a user types it, what it printed (stdout and stderr, as on a terminal) and its exit code."""

    command: str
    output: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays; commands run in `fleet` with `environment` and nothing else."""

    fleet: Path
    forge: Forge
    environment: Mapping[str, str]

    def hubctl(self, *arguments: str) -> Step:
        """Return what the real program does with `arguments`, run as a process of its own."""
        return self._step(" ".join(("hubctl", *arguments)), [sys.executable, "-m", "hubctl", *arguments])

    def git(self, *arguments: str) -> Step:
        """Return what git says."""
        return self._step(" ".join(("git", *arguments)), ["git", *arguments])

    def _step(self, command: str, argv: list[str]) -> Step:
        done = subprocess.run(
            argv,
            cwd=self.fleet,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=LONGEST_STEP,
            check=False,
        )
        return Step(command, done.stdout, done.returncode)


@contextlib.contextmanager
def staged(environment: Mapping[str, str]) -> Iterator[Stage]:
    """Set the stage, and clear it away however the block ends.

    `environment` is the user's; only where programs are found is taken from it. Raises `ToolMissing` without
    git, `GitRefused` where git fails.
    """
    if which("git", path=environment.get("PATH")) is None:
        raise ToolMissing("`git` is not installed", hint="install git 2.28 or later; the demo needs nothing else")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hubctl-demo-"))).resolve()
        fleet, remote = folder / "fleet", folder / "remote.git"
        clean = _environment(folder, environment)
        _lay_out(folder)
        _make_repositories(fleet, remote, clean)
        forge = Forge(REPOSITORY, TOKEN, lambda branch: _tip(remote, branch, clean))
        registry_address = stack.enter_context(serving(Registry(PUBLISHED).answer))
        forge_address = stack.enter_context(serving(forge.answer))
        (folder / "settings.yaml").write_text(SETTINGS.format(registry=registry_address), encoding="utf-8")
        yield Stage(fleet, forge, clean | {"GITHUB_API_URL": forge_address})


def _environment(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: environment[name] for name in ("PATH", "PYTHONPATH") if name in environment}
    home = str(folder / "home")
    return kept | {
        "HOME": home,
        "XDG_CONFIG_HOME": f"{home}/.config",
        "XDG_CACHE_HOME": f"{home}/.cache",
        "TMPDIR": str(folder / "tmp"),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "SOURCE_DATE_EPOCH": NOW,
        "HUBCTL_SETTINGS": str(folder / "settings.yaml"),
        "GH_TOKEN": TOKEN,
    }


def _lay_out(folder: Path) -> None:
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    (folder / "home" / ".gitconfig").write_text(IDENTITY, encoding="utf-8")
    with as_file(files("hubctl.example") / "clusters") as example:
        copytree(example, folder / "fleet" / "config" / "clusters", ignore=ignore_patterns("__pycache__"))


def _make_repositories(fleet: Path, remote: Path, environment: Mapping[str, str]) -> None:
    date = f"{NOW} +0000"
    dated = {**environment, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for arguments in (
        ("init", "--quiet", "--bare", "--initial-branch=main", str(remote)),
        ("init", "--quiet", "--initial-branch=main"),
        ("remote", "add", "origin", str(remote)),
        ("add", "--all"),
        ("commit", "--quiet", "--message=Set up the example fleet"),
        ("push", "--quiet", "--set-upstream", "origin", "main"),
    ):
        _git(fleet, arguments, dated)


def _tip(remote: Path, branch: str, environment: Mapping[str, str]) -> str | None:
    found = _git(remote, ("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}"), environment)
    return found.strip() or None


def _git(folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST_STEP,
        check=False,
    )
    if done.returncode:
        raise GitRefused(f"`git {arguments[0]}` failed on the demo's stage: {done.stderr.strip()}")
    return done.stdout
