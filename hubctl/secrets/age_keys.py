"""Which public keys of age sops takes: native, post-quantum, of a plugin, of ssh."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

_CHARSET = {char: value for value, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6
_LONGEST = 4000  # characters; a post-quantum one has two thousand
_PLUGIN = re.compile(r"[A-Za-z0-9+\-._]+")
_SSH = re.compile(r"ssh-\S*[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t].*)?")
_BYTES = {"age": 32, "age1pq": 1216}
_ED25519_BYTES, _RSA_BYTES = 32, 256


@lru_cache(maxsize=4096)
def is_age_recipient(text: str) -> bool:
    """Return whether sops reads `text` as one recipient of age (sops, age/keysource.go; age, internal/bech32)."""
    if text.startswith("ssh-"):
        return len(text) <= _LONGEST and _is_ssh(text)
    if not text.startswith("age1") or text != text.lower() or len(text) > _LONGEST:
        return False
    kind, _, digits = text.rpartition("1")
    length = _bytes_behind(kind, digits)
    if kind in _BYTES:
        return length == _BYTES[kind]
    return length is not None and _PLUGIN.fullmatch(kind.removeprefix("age1")) is not None


def _bytes_behind(kind: str, digits: str) -> int | None:
    """Return how many bytes the digits of a Bech32 text stand for, None where it is not well-formed."""
    values = [_CHARSET.get(digit, -1) for digit in digits]
    if len(values) < _CHECKSUM or -1 in values:
        return None
    expanded = [*(ord(char) >> 5 for char in kind), 0, *(ord(char) & 31 for char in kind)]
    if _polymod([*expanded, *values]) != 1:
        return None
    bits = 5 * (len(values) - _CHECKSUM)
    padding = bits % 8
    last = values[-_CHECKSUM - 1] if bits else 0
    return None if padding >= 5 or last & ((1 << padding) - 1) else bits // 8


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            if top >> place & 1:
                check ^= generator
    return check


def _is_ssh(text: str) -> bool:
    """Return whether a key of ssh is one of the two kinds that age takes; the word before it does not count."""
    found = _SSH.fullmatch(text)
    try:
        blob = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        return False
    match _parts(blob):
        case [b"ssh-ed25519", point]:
            return len(point) == _ED25519_BYTES
        case [b"ssh-rsa", _, modulus]:
            return len(modulus.lstrip(b"\0")) >= _RSA_BYTES
    return False


def _parts(blob: bytes) -> list[bytes]:
    """Return the texts that stand in a key of ssh, each behind its length; [] where they do not fill it (RFC 4253)."""
    parts = []
    while blob:
        end = 4 + int.from_bytes(blob[:4], "big")
        if len(blob) < max(end, 5):
            return []
        parts.append(blob[4:end])
        blob = blob[end:]
    return parts
