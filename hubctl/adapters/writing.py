"""Writing files of the work tree: each old or new and never torn, several all or none."""

from __future__ import annotations

import os
import secrets
import signal
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Protocol

from hubctl.adapters.files import TEMPORARY_SUFFIX, sweep
from hubctl.adapters.lock import locked
from hubctl.adapters.targets import Target, opened_target
from hubctl.errors import HubctlError, UnsafeEdit
from hubctl.show import show

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NEW_MODE = 0o644  # less what the umask takes


class Edit(Protocol):
    """The whole bytes of one file, relative to the repository's root, before (None: it is to be made) and after."""

    @property
    def file(self) -> str: ...
    @property
    def before(self) -> bytes | None: ...
    @property
    def after(self) -> bytes: ...


class _Interrupted(Exception):
    """A signal arrived while files were written; it goes on once they are as they were."""


def write_all(root: Path, edits: Sequence[Edit], *, lock_wait: float = 10.0) -> None:
    """Take the write lock of the checkout, waiting at most `lock_wait` seconds, and write every edit or none.

    As `write_held`; HubctlError, code `locked`, where another run holds the lock.
    """
    if edits:
        with locked(root, wait=lock_wait):
            write_held(root, edits)


def write_held(root: Path, edits: Sequence[Edit], *, follow_links: bool = True) -> None:
    """Write every edit or none, for who holds the lock of the checkout: temporary files beside, all flushed.

    First the files that are not there yet are linked to their names, never over something, then the others renamed
    over: a run that is killed leaves at most a new file that nothing refers to. Mode and links are kept, unless
    `follow_links` is off: then a link in a path is refused. On a failure, and on SIGINT, SIGTERM or SIGHUP while
    writing, what was made is removed and what was replaced gets its old bytes back, and the signal goes on.
    UnsafeEdit, code `changed-on-disk`, where a file no longer holds `before`; HubctlError where the disk refuses or
    (code `link`) a path has a link; Unparseable for a target that is no regular file inside the repository.
    """
    with _signals_held() as arrived, ExitStack() as folders:
        targets = _targets(root, edits, folders, follow_links=follow_links)
        for folder in {target.real.parent for target in targets}:
            sweep(folder)
        for target in targets:
            _sweep_before(target)
        with suppress(_Interrupted):
            _replace_all(targets, arrived)
    if arrived:
        signal.raise_signal(arrived[0])
        raise KeyboardInterrupt  # a handler that returned: what was restored must not look written


def _targets(root: Path, edits: Sequence[Edit], folders: ExitStack, *, follow_links: bool) -> list[Target]:
    """Return what is to be written, those that are to be made first."""
    targets: dict[Path, Target] = {}
    for edit in edits:
        opened = opened_target(root, edit.file, edit.before, edit.after, follow_links=follow_links)
        target = folders.enter_context(opened)
        other = targets.setdefault(target.real, target)
        if (other.before, other.after) != (target.before, target.after):
            raise UnsafeEdit(f"`{show(other.name)}` and `{show(target.name)}` are one file with two different edits")
    return sorted(targets.values(), key=lambda target: target.before is not None)


def _replace_all(targets: Sequence[Target], arrived: Sequence[int]) -> None:
    staged: list[tuple[Target, str]] = []
    replaced: list[tuple[Target, str]] = []
    try:
        for target in targets:
            _go_on(arrived)
            target.compare()
            staged.append((target, _staged(target, target.after)))
        for target, temporary in staged:
            _go_on(arrived)
            target.compare()
            replaced.append((target, temporary))
            _put(target, temporary)
        for target in targets:
            target.refuse_swapped()
        _go_on(arrived)
    except BaseException:
        _restore(replaced)
        raise
    finally:
        for target, temporary in staged:
            _unlink(target, temporary)


def _go_on(arrived: Sequence[int]) -> None:
    if arrived:
        raise _Interrupted


def _staged(target: Target, data: bytes) -> str:
    """The name of a flushed file beside the target, with its mode and, where allowed, its owner."""
    temporary = _temporary_name(target, secrets.token_hex(8) + TEMPORARY_SUFFIX)
    mode = _NEW_MODE if target.before is None else 0o600
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, mode, dir_fd=target.folder)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with open(descriptor, "wb") as opened:  # noqa: PTH123  # a descriptor, not a path
            seen = target.stat()
            if seen is not None and (seen.st_uid, seen.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(PermissionError):
                    os.fchown(descriptor, seen.st_uid, seen.st_gid)
            opened.write(data)
            opened.flush()
            if seen is not None:
                os.fchmod(descriptor, stat.S_IMODE(seen.st_mode))
            os.fsync(descriptor)
    except BaseException as error:
        _unlink(target, temporary)
        if isinstance(error, OSError):
            raise _unwritable(target, error) from error
        raise
    return temporary


def _put(target: Target, temporary: str) -> None:
    """Give the target the staged file: by a link, which never replaces anything, where it is to be made."""
    name, folder = target.real.name, target.folder
    try:
        if target.before is None:
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        else:
            os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except OSError as error:
        raise _unwritable(target, error) from error


def _sweep_before(target: Target) -> None:
    """Remove what killed runs left when they wrote this very file, however young: who holds the lock is alone."""
    start = _temporary_name(target, "")
    length = len(_temporary_name(target, secrets.token_hex(8) + TEMPORARY_SUFFIX))
    for name in os.listdir(target.folder):  # noqa: PTH208  # a descriptor, not a path
        if name.startswith(start) and name.endswith(TEMPORARY_SUFFIX) and len(name) == length:
            with suppress(OSError):  # a read-only folder refuses what is to be written, too
                _unlink(target, name)


def _temporary_name(target: Target, end: str) -> str:
    return f".{target.real.name[:60]}.{end}"


def _unlink(target: Target, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=target.folder)


def _restore(replaced: Sequence[tuple[Target, str]]) -> None:
    """Take away every target that was made, give back the old bytes of every other that holds the new ones."""
    lost: list[str] = []
    for target, temporary in replaced:
        try:
            if target.before is None:
                _take_away(target, temporary)
            elif target.read() == target.after:
                _put(target, _staged(target, target.before))
        except HubctlError:
            lost.append(f"`{show(target.name)}`")
    if lost:
        raise HubctlError(f"could not be put back as they were: {', '.join(lost)}", hint="see `git diff`")


def _take_away(target: Target, temporary: str) -> None:
    """Remove what was made, unless somebody else's file is there by now."""
    seen = target.stat()
    try:
        staged = os.stat(temporary, dir_fd=target.folder, follow_symlinks=False)
        if seen is not None and os.path.samestat(seen, staged):
            _unlink(target, target.real.name)
    except OSError as error:
        raise _unwritable(target, error) from error


def _unwritable(target: Target, error: OSError) -> HubctlError:
    if isinstance(error, FileExistsError):
        said = f"`{show(target.name)}` appeared on disk meanwhile; nothing was written"
        return UnsafeEdit(said, hint="run the command again", code="changed-on-disk")
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
