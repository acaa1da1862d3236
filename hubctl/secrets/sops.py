"""sops itself: found where nobody else can have put it, new enough, and run with what it needs and no more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hubctl.adapters.programs import Ended, changeable_by_others, lies_in, programs_on_path, run_program
from hubctl.errors import ToolMissing
from hubctl.secrets.environment import environment_for_sops
from hubctl.show import show

MINIMUM = (3, 11, 0)  # the first whose `set` reads a value from stdin: before, it stood among the arguments
SECONDS = 60.0
_PROBING = 20.0
LARGEST = 16 * 1024 * 1024  # bytes of output: a file of 2 MB, each character escaped
_VERSION = re.compile(rb"sops (\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?![\w.])")
_FROM = (
    "install sops 3.11.0 or later by your system's packages or from https://github.com/getsops/sops/releases, into a "
    "folder of `PATH` that only you or root can write to"
)


@dataclass(frozen=True, slots=True)
class Sops:
    """The program; `environment` is the user's, `here` the current folder, `seconds` the time for one call."""

    path: Path
    version: tuple[int, int, int]
    environment: Mapping[str, str] = field(repr=False)
    here: Path
    seconds: float = SECONDS

    @property
    def version_text(self) -> str:
        """The version as it is written: `3.11.0`."""
        return ".".join(map(str, self.version))

    def run(self, words: Iterable[str], stdin: bytes, folder: Path, vaults: Iterable[str] = ()) -> Ended:
        """Run sops in `folder` and return how it ended, by 60 s at the latest; `stdin` and output are pipes.

        `vaults` are the addresses of HashiCorp Vault that may be asked.
        """
        environment = environment_for_sops(self.environment, self.here, vaults)
        return run_program(
            self.path, tuple(words), stdin, environment, seconds=self.seconds, most=LARGEST, cwd=folder, umask=0o077
        )


def find_sops(environment: Mapping[str, str], root: Path) -> Sops:
    """Return the first sops on PATH, which is the one that a shell would start.

    ToolMissing, with the reason, where there is none, where its folder stands on PATH by a relative path, where it
    lies in the repository at `root`, where others may write to it or its folder, where it is no sops, and where it is
    older than 3.11.0. No later one takes its place: the user would not know which one is used.
    """
    path = next(programs_on_path("sops", environment), None)
    if path is None:
        raise ToolMissing("`sops` is not installed", hint=_FROM)
    _refuse_untrusted(path, root, environment.get("HOME"))
    here = Path(os.curdir).absolute()
    probe = Sops(path, MINIMUM, environment, here, _PROBING)
    version = _version_of(probe.run(("--disable-version-check", "--version"), b"", Path("/")))
    if version is None:
        raise _refused(path, "it is not sops")
    if version < MINIMUM:
        raise _refused(path, f"it is version {'.'.join(map(str, version))}, and 3.11.0 is the oldest that is safe")
    return Sops(path, version, environment, here)


def _refuse_untrusted(path: Path, root: Path, home: str | None) -> None:
    if not path.is_absolute():
        raise _refused(path, "its folder stands on `PATH` by a relative path")
    if lies_in(path, root, home):
        raise _refused(path, "it lies in the repository")
    place = changeable_by_others(path)
    if place is not None:
        raise _refused(path, f"others may write to `{show(str(place))}`", f"`chmod go-w {show(str(place))}`")


def _version_of(ended: Ended) -> tuple[int, int, int] | None:
    found = _VERSION.match(ended.stdout) if ended.code == 0 else None
    return None if found is None else (int(found[1]), int(found[2]), int(found[3] or 0))


def _refused(path: Path, reason: str, hint: str = _FROM) -> ToolMissing:
    return ToolMissing(f"`{show(str(path))}` is not started: {reason}", hint=hint)
