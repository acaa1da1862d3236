"""The form of what sops writes in the place of a value, `ENC[AES256_GCM,…]` (pure).

sops: `Encrypt` and `parse` in aes/cipher.go. Its own pattern is open at the end and takes any text between the colons;
this one takes what `Encrypt` can write and nothing else.
"""

from __future__ import annotations

import re

_SIX = "[A-Za-z0-9+/]"  # six bits
_FOUR = "[AEIMQUYcgkosw048]"  # six bits of which the last two are zero: two bytes end here
_TWO = "[AQgw]"  # six bits of which the last four are zero: one byte ends here
_BASE64 = f"(?:{_SIX}{{4}})*+(?:{_SIX}{{4}}|{_SIX}{{2}}{_FOUR}=|{_SIX}{_TWO}==)?"
_IV = f"(?:{_SIX}{{42}}{_FOUR}=|{_SIX}{{16}})"  # 32 bytes; 12 in files of other programs
_TAG = f"{_SIX}{{21}}{_TWO}=="  # 16 bytes
_TYPES = "str|int|float|bool|bytes|time|comment"
_FULL = re.compile(rf"ENC\[AES256_GCM,data:(?!,){_BASE64},iv:{_IV},tag:{_TAG},type:(?:{_TYPES})\]")
_MAC = re.compile(r"ENC\[AES256_GCM,data:[^,=]{171}=,.*,type:str\]")  # 128 bytes, so one `=`
_ALIKE = re.compile(r"enc\[|aes256_gcm", re.IGNORECASE)
_STRICT = re.compile(_BASE64)


def is_ciphertext(text: str) -> bool:
    """Tell whether a text is one ciphertext of sops, all of it and nothing beside it.

    Base64 is canonical (alphabet, padding, unused bits zero), data is not empty, the iv has 32 or 12 bytes, the tag
    16, the type is one that sops knows.
    """
    return _FULL.fullmatch(text) is not None


def is_mac(text: str) -> bool:
    """Tell whether a text is the ciphertext of a MAC: the 128 digits of a SHA-512 (sops: sops.go)."""
    return is_ciphertext(text) and _MAC.match(text) is not None


def resembles_ciphertext(text: str) -> bool:
    """Tell whether a text that is none holds what a reader takes for ciphertext."""
    return _ALIKE.search(text) is not None


def is_base64(text: str) -> bool:
    """Tell whether a text is canonical base64 of at least one byte, on one line."""
    return text != "" and _STRICT.fullmatch(text) is not None
