"""Whether two files say the same: ciphertext is another one each time, so it takes a key to tell."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator

from hubctl.errors import AuthNeeded, HubctlError
from hubctl.secret import Secret
from hubctl.secrets.encrypted import Encrypted, read_encrypted
from hubctl.secrets.opened import values_of
from hubctl.secrets.reading import SOPS, read_contents
from hubctl.secrets.sops import Sops
from hubctl.secrets.source import Source
from hubctl.text.tree import Mapping, Scalar

_CIPHERTEXT = re.compile(r"ENC\[[^\]]*\]")


def mean_the_same(sops: Sops, before: bytes | None, new: Source, standing: Source) -> bool:
    """Return whether `standing`, which came from `before`, is what `new` came to from there, other ciphertext apart.

    That is so where it passes the verifier, has the same text around its ciphertext, the same recipients, new
    ciphertext in the same places (in all of them after a rotation) and, decrypted, the same values, which are compared
    in memory and in constant time. False where it cannot be read; AuthNeeded where no key opens it.
    """
    try:
        return _same_form(before, new, standing) and hmac.compare_digest(_held(sops, new), _held(sops, standing))
    except AuthNeeded:
        raise
    except HubctlError:
        return False


def _same_form(before: bytes | None, new: Source, standing: Source) -> bool:
    first, second = new.checked(), standing.checked()
    if (first.recipients, first.encrypting) != (second.recipients, second.encrypting):
        return False
    if _around(new) != _around(standing):
        return False
    old = read_encrypted(before, new.file) if before is not None else None
    return tuple(_renewed(first, old)) == tuple(_renewed(second, old))


def _renewed(file: Encrypted, old: Encrypted | None) -> Iterator[tuple[object, bool]]:
    """Yield each value's place, and whether its ciphertext is another one than before."""
    for path, text in file.leaves.items():
        yield path, old is None or old.leaves.get(path) != text


def _around(source: Source) -> str:
    """The text of a file without its ciphertext and without its `sops` block."""
    stream = read_contents(source.data or b"", source.file).stream
    root = stream.documents[0]
    keys = [key for key, _ in root.pairs if isinstance(key, Scalar)] if isinstance(root, Mapping) else []
    starts = [0, *(key.start for key in keys), len(stream.text)]
    named = ["", *(key.value for key in keys)]
    pieces = (
        stream.text[start:end] for start, end, name in zip(starts, starts[1:], named, strict=False) if name != SOPS
    )
    return _CIPHERTEXT.sub("ENC", "".join(pieces))


def _held(sops: Sops, source: Source) -> bytes:
    """All values of a file with their places and kinds, as bytes that compare."""
    values = values_of(sops, source)
    spelled = [
        [[*path], type(value).__name__, value.reveal() if isinstance(value, Secret) else value]
        for path, value in values.items()
    ]
    return json.dumps(spelled).encode()
