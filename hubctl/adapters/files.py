"""The work tree: which files there are, their bytes, and writing several of them all or none."""

from __future__ import annotations

import os
import secrets
import signal
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from hubctl.adapters.lock import locked
from hubctl.adapters.regular import read_regular, real_path
from hubctl.errors import HubctlError, Unparseable, UnsafeEdit
from hubctl.show import show

COUNT_LIMIT = 200_000  # files of one tree
TEMPORARY_SUFFIX = ".hubctl-tmp"
_STALE_AFTER = 3600.0  # seconds
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class WorkTree:
    """The files below `root`, which is the repository's root; every path is relative to it, with `/`."""

    root: Path

    def paths(self, under: str = "") -> tuple[str, ...]:
        """Return the files and links to files in the folder `under` and below it, sorted.

        Left out: hidden folders (so `.git`), `node_modules`, folders that are links or cannot be read, special
        files, hubctl's temporary files, and names that are not UTF-8. Empty where there is no such folder.
        Unparseable for a tree of more than 200,000 files or an `under` outside the repository.
        """
        start = real_path(self.root, under) if under else self.root
        prefix = f"{under.strip('/')}/" if under else ""
        found: list[str] = []
        for path in _walked(start, prefix):
            if len(found) >= COUNT_LIMIT:
                raise Unparseable(f"more than {COUNT_LIMIT:,} files", file=under or ".")
            found.append(path)
        return tuple(sorted(found))

    def read(self, path: str) -> bytes:
        """Return the bytes of the regular file `path`; a link is followed where it stays in the repository.

        NotFound, code `no-such-file`, where nothing is there; Unparseable for everything else that is no regular
        file of at most 2 MB inside the repository.
        """
        return read_regular(real_path(self.root, path), path)


def _walked(start: Path, prefix: str) -> Iterator[str]:
    waiting = [(os.fspath(start), prefix)]
    while waiting:
        folder, name = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    path = name + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(".") and entry.name != "node_modules":
                            waiting.append((entry.path, f"{path}/"))
                    elif _is_listed(entry):
                        yield path
        except (PermissionError, FileNotFoundError, NotADirectoryError):
            continue


def _is_listed(entry: os.DirEntry[str]) -> bool:
    if entry.name.endswith(TEMPORARY_SUFFIX) or (not entry.name.isascii() and not _is_text(entry.name)):
        return False
    if not entry.is_symlink():
        return entry.is_file()
    try:
        return not entry.is_dir()
    except OSError:
        return True  # a loop: listed, so that reading it can say what is wrong


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def sweep(folder: Path) -> None:
    """Remove what a killed run left in `folder`: `.NAME.*.hubctl-tmp` older than an hour."""
    oldest = time.time() - _STALE_AFTER
    for leftover in folder.glob(f".*{TEMPORARY_SUFFIX}"):
        try:
            if leftover.lstat().st_mtime < oldest:
                leftover.unlink()
        except OSError:
            continue  # another run was quicker, or the folder is read-only: nothing is lost


class Edit(Protocol):
    """The whole bytes of one file, relative to the repository's root, before and after."""

    @property
    def file(self) -> str: ...
    @property
    def before(self) -> bytes: ...
    @property
    def after(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Target:
    name: str
    real: Path  # behind every link, so that a link stays one
    before: bytes
    after: bytes


class _Interrupted(Exception):
    """A signal arrived while files were written; it goes on once they are as they were."""


def write_all(root: Path, edits: Sequence[Edit], *, lock_wait: float = 10.0) -> None:
    """Write every edit or none: temporary files beside, all flushed, then renamed over.

    Mode and links are kept. On a failure, and on SIGINT, SIGTERM or SIGHUP while writing, what was replaced gets its
    old bytes back, temporary files are removed, and the signal goes on.
    UnsafeEdit, code `changed-on-disk`, where a file no longer holds `before`; HubctlError where the disk or another
    run refuses; Unparseable for a target that is no regular file inside the repository.
    """
    if not edits:
        return
    with locked(root, wait=lock_wait):
        with _signals_held() as arrived:
            targets = _targets(root, edits)
            for folder in {target.real.parent for target in targets}:
                sweep(folder)
            with suppress(_Interrupted):
                _replace_all(targets, arrived)
        if arrived:
            signal.raise_signal(arrived[0])
            raise KeyboardInterrupt  # a handler that returned: what was restored must not look written


def _targets(root: Path, edits: Sequence[Edit]) -> list[_Target]:
    targets: dict[Path, _Target] = {}
    for edit in edits:
        target = _Target(edit.file, real_path(root, edit.file), edit.before, edit.after)
        other = targets.setdefault(target.real, target)
        if (other.before, other.after) != (target.before, target.after):
            raise UnsafeEdit(f"`{show(other.name)}` and `{show(target.name)}` are one file with two different edits")
    return list(targets.values())


def _replace_all(targets: Sequence[_Target], arrived: Sequence[int]) -> None:
    staged: list[tuple[_Target, Path]] = []
    replaced: list[_Target] = []
    try:
        for target in targets:
            _go_on(arrived)
            _compare(target)
            staged.append((target, _staged(target, target.after)))
        for target, temporary in staged:
            _go_on(arrived)
            _compare(target)
            replaced.append(target)
            _rename(target, temporary)
        _go_on(arrived)
    except BaseException:
        _restore(replaced)
        raise
    finally:
        for _, temporary in staged:
            temporary.unlink(missing_ok=True)


def _go_on(arrived: Sequence[int]) -> None:
    if arrived:
        raise _Interrupted


def _compare(target: _Target) -> None:
    if read_regular(target.real, target.name) != target.before:
        raise UnsafeEdit(
            f"`{show(target.name)}` changed on disk since it was read; nothing was written",
            hint="run the command again",
            code="changed-on-disk",
        )


def _staged(target: _Target, data: bytes) -> Path:
    """A flushed file beside the target, with its mode and, where allowed, its owner."""
    temporary = target.real.with_name(f".{target.real.name[:60]}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with open(descriptor, "wb") as opened:  # noqa: PTH123  # a descriptor, not a path
            seen = target.real.stat()
            if (seen.st_uid, seen.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(PermissionError):
                    os.fchown(descriptor, seen.st_uid, seen.st_gid)
            opened.write(data)
            opened.flush()
            os.fchmod(descriptor, stat.S_IMODE(seen.st_mode))
            os.fsync(descriptor)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(target, error) from error
        raise
    return temporary


def _rename(target: _Target, temporary: Path) -> None:
    try:
        temporary.replace(target.real)
        descriptor = os.open(target.real.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unwritable(target, error) from error


def _restore(replaced: Sequence[_Target]) -> None:
    """Give back the old bytes of every target that holds the new ones."""
    lost: list[str] = []
    for target in replaced:
        try:
            if read_regular(target.real, target.name) == target.after:
                _rename(target, _staged(target, target.before))
        except HubctlError:
            lost.append(f"`{show(target.name)}`")
    if lost:
        raise HubctlError(f"could not be put back as they were: {', '.join(lost)}", hint="see `git diff`")


def _unwritable(target: _Target, error: OSError) -> HubctlError:
    reason = (error.strerror or "input or output error").lower()
    return HubctlError(f"`{show(target.name)}` cannot be written: {reason}", hint="nothing was changed")


@contextmanager
def _signals_held() -> Iterator[list[int]]:
    """Collect interrupting signals instead of acting on them; only the main thread gets any."""
    arrived: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield arrived
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    acted_on = {number: action for number, action in before.items() if action not in {None, signal.SIG_IGN}}
    for number in acted_on:
        signal.signal(number, hold)
    try:
        yield arrived
    finally:
        for number, action in acted_on.items():
            signal.signal(number, action)
