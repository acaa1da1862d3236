"""Where a file is written: its folder, held open so that nobody can put another one in its place meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.regular import read_regular, real_path
from hubctl.errors import HubctlError, Unparseable, UnsafeEdit
from hubctl.show import show

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Target:
    """One file, `name` in messages, to be changed from `before` (None: it is to be made) to `after`.

    `real` is its absolute path behind every link, so that a link stays one; `folder` the open folder that it is in.
    `root` is where the walk to it starts each time anew where links are not followed, None where they are.
    """

    name: str
    real: Path
    folder: int
    before: bytes | None
    after: bytes
    root: str | None

    def stat(self) -> os.stat_result | None:
        """Return what the folder has under the name, a link itself; None where it has nothing."""
        try:
            return os.stat(self.real.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def read(self) -> bytes:
        """Return the bytes of the regular file there; NotFound and Unparseable as `read_regular`."""
        return read_regular(Path(self.real.name), self.name, folder=self.folder)

    def compare(self) -> None:
        """Raise UnsafeEdit, code `changed-on-disk`, where the file is no longer what it was when it was read.

        HubctlError, code `link`, where links are not followed and one has come into its path.
        """
        self.refuse_swapped()
        if self.before is None:
            if self.stat() is not None:
                raise self._changed("appeared on disk meanwhile")
        elif self.read() != self.before:
            raise self._changed("changed on disk since it was read")

    def refuse_swapped(self) -> None:
        """Raise HubctlError as `compare` where links are not followed and the path leads elsewhere than it did."""
        if self.root is None:
            return
        seen = self.stat()
        if seen is not None and stat.S_ISLNK(seen.st_mode):
            raise _is_link(self.name, self.name)
        with _walked(self.root, self.name) as folder:
            if not os.path.samestat(os.fstat(folder), os.fstat(self.folder)):
                raise self._changed("is in another folder than when it was read")

    def _changed(self, how: str) -> UnsafeEdit:
        said = f"`{show(self.name)}` {how}; nothing was written"
        return UnsafeEdit(said, hint="run the command again", code="changed-on-disk")


@contextmanager
def opened_target(root: Path, file: str, before: bytes | None, after: bytes, *, follow_links: bool) -> Iterator[Target]:
    """Give the target of one file of the repository at `root`, its folder open.

    HubctlError, code `link`, where `follow_links` is off and the file, or a folder above it, is a symbolic link;
    Unparseable for a path that leads out of the repository; HubctlError where there is no such folder.
    """
    if follow_links:
        real = real_path(root, file)
        folder = _opened(os.fspath(real.parent), file, None)
        try:
            yield Target(file, real, folder, before, after, None)
        finally:
            os.close(folder)
        return
    base = os.path.realpath(root)
    with _walked(base, file) as folder:
        target = Target(file, Path(base, file), folder, before, after, base)
        seen = target.stat()
        if seen is not None and stat.S_ISLNK(seen.st_mode):
            raise _is_link(file, file)
        real_path(root, file)  # the same limits as for everybody: inside, and not of git itself
        yield target


@contextmanager
def _walked(root: str, file: str) -> Iterator[int]:
    """Give the folder of `file`, reached from the root folder by folder, none of them a link."""
    parts = file.split("/")
    if any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise Unparseable("not a path inside the repository", file=show(file) or ".")
    folder = _opened(root, file, None)
    try:
        for number, part in enumerate(parts[:-1], start=1):
            try:
                seen = os.stat(part, dir_fd=folder, follow_symlinks=False)
            except OSError as error:
                raise _unreachable(file, error) from error
            if stat.S_ISLNK(seen.st_mode):
                raise _is_link(file, "/".join(parts[:number]))
            below = _opened(part, file, folder)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)


def _opened(path: str, file: str, folder: int | None) -> int:
    try:
        return os.open(path, _FOLDER, dir_fd=folder)
    except OSError as error:
        raise _unreachable(file, error) from error


def _unreachable(file: str, error: OSError) -> HubctlError:
    reason = (error.strerror or "input or output error").lower()
    return HubctlError(f"`{show(file)}` cannot be written: {reason}", hint="nothing was changed")


def _is_link(file: str, link: str) -> HubctlError:
    which = "it" if link == file else f"`{show(link)}`"
    return HubctlError(
        f"`{show(file)}` is not written: {which} is a symbolic link",
        hint="put the file itself there; nothing was changed",
        code="link",
    )
