"""Writing files of the work tree: each old or new and never torn, several all or none."""

from __future__ import annotations

import os
import secrets
import signal
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from hubctl.adapters.files import TEMPORARY_SUFFIX, sweep
from hubctl.adapters.lock import locked
from hubctl.adapters.regular import read_regular, real_path
from hubctl.errors import HubctlError, UnsafeEdit
from hubctl.show import show

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
