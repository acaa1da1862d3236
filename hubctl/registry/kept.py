"""The cache of registries' answers: what digests stand for, and a memory of each image name for each who asks."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading

from hubctl.adapters.cache import CacheFolder
from hubctl.registry.address import Endpoint
from hubctl.registry.blobs import Blobs
from hubctl.registry.credentials import Login
from hubctl.registry.memory import Memory

_LARGEST_MEMORY = 64 * 1024 * 1024
_NOBODY = "anonymous"


class Kept:
    """Opened once a run; memories are read when first needed and written by `save`."""

    def __init__(self, folder: CacheFolder) -> None:
        self.blobs = Blobs(folder)
        self._folder = folder
        self._memories: dict[str, Memory] = {}
        self._lock = threading.Lock()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the cache."""
        return (self._folder.problem,) if self._folder.problem else ()

    def memory(self, at: Endpoint, login: Login | None) -> Memory:
        """Return what is known of an image name to whoever asks with `login`; never what others were told."""
        key = self._folder.key()
        name = None if key is None else f"lists/{_who_asks_what(at, login, key)}.json"
        with self._lock:
            if name is None:
                return Memory(None)
            if name not in self._memories:
                self._memories[name] = Memory(self._folder.read(name, _LARGEST_MEMORY))
            return self._memories[name]

    def save(self) -> None:
        """Write what was learnt since it was read."""
        for name, memory in list(self._memories.items()):  # threads that a signal left behind go on
            if memory.changed:
                self._folder.write(name, memory.as_bytes())


def _who_asks_what(at: Endpoint, login: Login | None, key: bytes) -> str:
    secrets = (login.password, login.identity, login.bearer) if login else ()
    who = [login.origin, login.username, *(secret and secret.reveal() for secret in secrets)] if login else _NOBODY
    asked = json.dumps([at.host, at.base, at.api, at.dialect, at.name, who])
    return hmac.new(key, asked.encode(), hashlib.sha256).hexdigest()
