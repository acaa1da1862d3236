"""sops at work on a copy: ciphertext in a folder of this user alone, plaintext in pipes, the repository untouched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hubctl.adapters.private import private_copies
from hubctl.adapters.programs import Ended
from hubctl.adapters.regular import read_regular
from hubctl.fleet.layout import RULES_FILE
from hubctl.secret import Secret
from hubctl.secrets.outcome import NO_KEY, Doing, refusal
from hubctl.secrets.recipients import Recipients
from hubctl.secrets.sops import LARGEST, Sops
from hubctl.secrets.source import Source


@dataclass(frozen=True, slots=True)
class Mirror:
    """A folder with the rules and the ciphertext of one file at its own path; only its rules and it are used."""

    folder: Path
    source: Source
    sops: Sops
    recipients: Recipients

    def encrypt(self, plain: Secret) -> bytes:
        """Return the ciphertext of JSON, as YAML."""
        words = ("encrypt", "--input-type", "json", "--output-type", "yaml", "--filename-override", self.source.file)
        return self._call("encrypt", words, plain.reveal().encode()).stdout

    def set(self, path: tuple[str, ...], value: Secret) -> None:
        """Store a value, given as JSON, at a path of keys in the copy."""
        words = ("set", "--idempotent", *self._types(), "--value-stdin", str(self._copy), spelled(path))
        self._call("change", words, value.reveal().encode())

    def unset(self, path: tuple[str, ...]) -> None:
        """Remove what stands at a path of keys from the copy."""
        self._call("change", ("unset", "--idempotent", *self._types(), str(self._copy), spelled(path)))

    def rotate(self) -> bytes:
        """Return the file under a new data key."""
        return self._call("encrypt", ("rotate", *self._types(), str(self._copy))).stdout

    def update_keys(self) -> None:
        """Give the copy the recipients of the rule."""
        self._call("encrypt", ("updatekeys", "-y", "--input-type", self.source.kind, str(self._copy)))

    def decrypt(self) -> bytes:
        """Return all values as JSON."""
        return self._decrypt("json")

    def extract(self, path: tuple[str, ...]) -> bytes:
        """Return the value at a path of keys: text as it is, all else as YAML with a line end."""
        return self._decrypt(self.source.kind, "--extract", spelled(path))

    def prove(self) -> None:
        """Decrypt all and keep nothing, which proves the MAC."""
        self._decrypt(self.source.kind)

    def read(self) -> bytes:
        """Return what the copy is by now."""
        return read_regular(self._copy, self.source.file, LARGEST)  # what is too large for a file the verifier says

    @property
    def _copy(self) -> Path:
        return self.folder / self.source.file

    def _types(self) -> tuple[str, ...]:
        return ("--input-type", self.source.kind, "--output-type", self.source.kind)

    def _decrypt(self, output: str, *words: str) -> bytes:
        given = ("decrypt", "--input-type", self.source.kind, "--output-type", output, *words)
        return self._call("decrypt", given, self.source.ciphertext).stdout

    def _call(self, doing: Doing, words: tuple[str, ...], stdin: bytes = b"") -> Ended:
        given = ("--config", str(self.folder / RULES_FILE), *words)
        ended = self.sops.run(given, stdin, self.folder, self.source.vaults)
        if ended.code != 0:
            encrypting = doing == "encrypt" and ended.code != NO_KEY
            asked = self.source.rule.recipients if encrypting else self.recipients
            raise refusal(ended, doing, self.source.file, asked)
        return ended


@contextmanager
def mirrored(sops: Sops, source: Source) -> Iterator[Mirror]:
    """Give a folder with copies of the file's ciphertext, where there is one, and of the rules."""
    files = {RULES_FILE: source.rules_text or b""}
    if source.data is not None:
        files[source.file] = source.data
    with private_copies(files) as folder:
        yield Mirror(folder, source, sops, source.recipients)


def spelled(path: tuple[str, ...]) -> str:
    """Return a path as sops reads it: quotes inside a key stand as they are, and no key may have `[`."""
    return "".join(f'["{key}"]' for key in path)


def as_json(value: object) -> Secret:
    """Return values as JSON, none of which shows."""
    return Secret(json.dumps(value))
