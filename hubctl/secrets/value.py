"""What may be stored as a secret; no message says anything of a value, its length neither (pure)."""

from __future__ import annotations

import re
from typing import TypeAlias

from hubctl.errors import HubctlError
from hubctl.secret import Secret

Stored: TypeAlias = Secret | bool | int | float | None  # what one key of a file holds, decrypted; text is a secret

MOST_BYTES = 1_000_000
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
_SURROGATE = re.compile("[\ud800-\udfff]")
MISREAD = frozenset({"<<", "="})  # go-yaml writes both without quotes, and other parsers stop at them


def value_of(data: bytes) -> Secret:
    """Return the value that `data` spells, byte for byte, the last line end kept.

    HubctlError, code `bad-value`, for what is not UTF-8 and as `refuse_value`.
    """
    try:
        value = Secret(data.decode())
    except UnicodeDecodeError:
        value = None
    if value is None:  # raised out here, for the exception above holds the bytes
        raise _refused("the value is not UTF-8")
    refuse_value(value)
    return value


def refuse_value(value: Secret) -> None:
    """Raise HubctlError, code `bad-value`, for a value that is no secret or that parsers read differently.

    Refused are the empty text and line ends alone, control characters but tab and line end (a carriage return belongs
    before a line feed), more than 1 MB, and `<<` and `=` alone.
    """
    text = value.reveal()
    if not text.strip("\r\n"):
        raise _refused("the value is empty")
    if _SURROGATE.search(text):
        raise _refused("the value is not UTF-8")
    if len(text.encode()) > MOST_BYTES:
        raise _refused("the value is larger than 1 MB")
    if _NOT_TEXT.search(text):
        raise _refused("the value has a control character", "a text may have tabs and line ends, no others")
    if text in MISREAD:
        raise _refused("the value is one that YAML reads as something else")


def _refused(message: str, hint: str | None = None) -> HubctlError:
    return HubctlError(message, hint=hint, code="bad-value")
