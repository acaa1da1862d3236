"""What earlier runs kept: small files below one private folder, written whole or not at all, never needed."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hubctl.adapters.files import TEMPORARY_SUFFIX, sweep
from hubctl.show import show

_STAGING = "tmp"
_KEY = "key"
_KEY_LENGTH = 32
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def cache_root(environment: Mapping[str, str]) -> Path | None:
    """Return `$XDG_CACHE_HOME/hubctl`, else `~/.cache/hubctl`; None without a home.

    XDG Base Directory specification: a relative path is ignored.
    """
    folder, home = environment.get("XDG_CACHE_HOME", ""), environment.get("HOME", "")
    if not folder.startswith("/"):
        folder = f"{home}/.cache" if home.startswith("/") else ""
    return Path(folder, "hubctl") if folder and "\0" not in folder else None


class CacheFolder:
    """Entries by name (`blobs/sha256/…`); many threads and processes may use one folder at once.

    Without a `root` nothing is kept and nothing found. What the disk refuses is never an error: `problem` says it
    once, and nothing more is written in this run. A folder that others could write is not used at all.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._made: set[str] = set()
        self._private: bool | None = None
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """What is wrong with the folder, a sentence for the user; None where nothing was noticed."""
        return self._problem

    def read(self, name: str, most: int) -> bytes | None:
        """Return the bytes of an entry, None without one; what is no file of at most `most` bytes is dropped."""
        if not self._is_private():
            return None
        path = f"{self._root}/{name}"
        try:
            descriptor = os.open(path, _READING)
        except OSError as error:
            if error.errno == errno.ELOOP:
                self.drop(name)
            return None
        try:
            seen = os.fstat(descriptor)
            if stat.S_ISREG(seen.st_mode) and seen.st_size <= most:
                data = os.read(descriptor, seen.st_size + 1)
                if len(data) == seen.st_size:
                    return data
        except OSError:
            return None
        finally:
            os.close(descriptor)
        self.drop(name)
        return None

    def write(self, name: str, data: bytes) -> None:
        """Keep an entry: it is there whole or not at all, and what stood in its place is replaced."""
        if self._problem or not self._is_private():
            return
        try:
            self._folder(Path(name).parent.as_posix())
            temporary = self._staged(data)
            try:
                temporary.replace(f"{self._root}/{name}")
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            self._failed(error)

    def drop(self, name: str) -> None:
        """Remove an entry, whatever it is; a folder only where it is empty."""
        path = Path(f"{self._root}/{name}")
        with suppress(OSError):
            if stat.S_ISDIR(path.lstat().st_mode):
                path.rmdir()
            else:
                path.unlink()

    def key(self) -> bytes | None:
        """Return 32 random bytes that are the same in every run of this user; None where they cannot be kept."""
        kept = self.read(_KEY, _KEY_LENGTH)
        if kept is not None and len(kept) == _KEY_LENGTH:
            return kept
        if self._root is None or self._problem or not self._is_private():
            return None
        if kept is not None:
            self.drop(_KEY)
        try:
            temporary = self._staged(secrets.token_bytes(_KEY_LENGTH))
            with suppress(FileExistsError):  # another process was faster: its key counts
                os.link(temporary, self._root / _KEY)
            temporary.unlink(missing_ok=True)
        except OSError as error:
            self._failed(error)
        return self.read(_KEY, _KEY_LENGTH)

    def _is_private(self) -> bool:
        """Whether the folder is ours alone to write, or not there yet."""
        if self._root is None:
            return False
        if self._private is None:
            try:
                seen = self._root.stat()
                self._private = seen.st_uid == os.geteuid() and not seen.st_mode & 0o022
            except OSError:
                return True
            if not self._private:
                self._problem = f"the cache `{show(str(self._root))}` can be written by others and is not used"
        return self._private

    def _staged(self, data: bytes) -> Path:
        """Return a new file with the data, in a folder of its own so that what a killed run left is found quickly."""
        folder = self._folder(_STAGING)
        temporary = folder / f".{secrets.token_hex(8)}{TEMPORARY_SUFFIX}"
        descriptor = os.open(temporary, _CREATING, 0o600)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return temporary

    def _folder(self, name: str) -> Path:
        """Return a folder below the root, made with its parents for this user alone."""
        folder = Path(f"{self._root}/{name}")
        with self._lock:
            if name not in self._made:
                for path in (*reversed(folder.parents), folder):
                    with suppress(FileExistsError):
                        path.mkdir(mode=0o700)
                self._made.add(name)
                if name == _STAGING:
                    sweep(folder)
        return folder

    def _failed(self, error: OSError) -> None:
        reason = (error.strerror or "input or output error").lower()
        self._problem = self._problem or f"nothing is kept in the cache `{show(str(self._root))}`: {reason}"
