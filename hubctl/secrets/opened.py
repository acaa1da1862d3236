"""What a secret file holds, decrypted: through a pipe into memory, never anywhere else."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping

from hubctl.errors import HubctlError
from hubctl.secret import Secret
from hubctl.secrets.encrypted import Encrypted
from hubctl.secrets.mirror import mirrored
from hubctl.secrets.sops import Sops
from hubctl.secrets.source import Source
from hubctl.secrets.value import Stored
from hubctl.show import show

_PARTS = re.compile(r"\AENC\[AES256_GCM,data:([^,]*),.*,type:(\w+)\]\Z", re.DOTALL)


def values_of(sops: Sops, source: Source) -> Mapping[tuple[str | int, ...], Stored]:
    """Return every value of a file by its keys and indexes, in text order; empty mappings and lists have none.

    Text is a `Secret`, a date too. HubctlError where the verifier finds anything: then sops is not started.
    AuthNeeded where no key opens the file.
    """
    source.checked()
    return opened(sops, source)


def opened(sops: Sops, source: Source) -> Mapping[tuple[str | int, ...], Stored]:
    """Return what `values_of` does for a file that was checked already."""
    with mirrored(sops, source) as mirror:
        data = mirror.decrypt()
    return dict(_leaves(_parsed(data, source.file), ()))


def value_at(sops: Sops, source: Source, path: tuple[str, ...]) -> Stored:
    """Return the value at a path of keys, text to the last byte.

    HubctlError as `values_of`, where nothing, a mapping or a list stands there, and for text of another length than its
    ciphertext has.
    """
    encrypted = source.checked()
    kind = encrypted.kind_at(path)
    if kind not in ("leaf", "empty"):
        there = "there is no such key" if kind == "absent" else f"a {kind} stands there, not a value"
        raise HubctlError(f"`{show(source.file)}`: {there}", code="missing" if kind == "absent" else "collection")
    with mirrored(sops, source) as mirror:
        data = mirror.extract(path)
    written, size = _type_of(encrypted, path)
    if written == "str" and len(data) != size:
        raise HubctlError(f"`{show(source.file)}`: sops gave something else than the value", code="sops")
    return _typed(data, written, source.file)


def _type_of(encrypted: Encrypted, path: tuple[str, ...]) -> tuple[str, int]:
    """Return the type of a value as its ciphertext names it, and its bytes: AES-GCM keeps their number; "" in clear."""
    found = _PARTS.search(encrypted.leaves[path])
    return ("", 0) if found is None else (found[2], len(base64.b64decode(found[1])))


def _typed(data: bytes, kind: str, file: str) -> Stored:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:  # raised out here, for the exception above holds the value
        raise HubctlError(f"`{show(file)}`: the value is not text", code="collection")
    if kind == "bool":
        return text.strip() == "true"
    if kind in ("int", "float"):
        return _number(text)
    if not kind and text.strip() == "null":
        return None
    return Secret(text.removesuffix("\n") if kind == "time" else text)


def _number(text: str) -> Stored:
    """Return a number; one that Python spells in another way stays text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return Secret(text.removesuffix("\n"))


def _parsed(data: bytes, file: str) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        pass
    raise HubctlError(f"`{show(file)}`: sops gave something else than values", code="sops")


def _leaves(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Stored]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, (*path, index))
    elif isinstance(value, bool | int | float) or value is None:
        yield path, value
    else:
        yield path, Secret(str(value))
