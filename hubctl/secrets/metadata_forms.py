"""The form of each field of sops metadata (pure).

Fields are those of `metadata` and of the keys in stores/stores.go of sops 3.8.1 to 3.13.2, their forms those that the
key sources write (age, azkv, gcpkms, hckms, hcvault, kms and pgp, each in its keysource.go).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from hubctl.secrets.ciphertext import is_base64, is_mac
from hubctl.secrets.creation_rules import EncryptingKey

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})")
_VERSION = r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.]{1,40})?"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_PART = r"[A-Za-z0-9._:-]+"
_BECH32 = "[02-9ac-hj-np-z]"
_AGE = re.compile(rf"age1(?:{_BECH32}{{58}}|[a-z0-9+_.-]{{1,60}}1{_BECH32}{{6,4000}})")  # the second: of plugins, pq
_SSH = re.compile(r"(ssh-ed25519|ssh-rsa) ([A-Za-z0-9+/=]{40,3000})(?: [!-~][ -~]{0,200})?")
_ARMOR = r"((?:[A-Za-z0-9+/=]{64}\n)*+(?:[A-Za-z0-9+/][A-Za-z0-9+/=]{0,62}\n)?)"  # the last line may be full, too
_AGE_LINES = re.compile(
    rf"-----BEGIN AGE ENCRYPTED FILE-----\n{_ARMOR}"
    r"-----END AGE ENCRYPTED FILE-----\n?"
)
_PGP_LINES = re.compile(
    r"-----BEGIN PGP MESSAGE-----\n"
    r"(?:Version: GnuPG(?:/MacGPG2)? v[0-9.]{1,12}(?: \([A-Za-z0-9/-]{1,20}\))?\n)?"
    r"(?:Comment: (?:GPGTools - )?https?://gpgtools\.org/?\n)?"
    rf"\n{_ARMOR}"
    r"(?:=[A-Za-z0-9+/]{4}\n)?"
    r"-----END PGP MESSAGE-----\n?"
)
_LONGEST = 10_000  # characters of a pattern
_AGE_MAGIC = b"age-encryption.org/v1\n"


@dataclass(frozen=True, slots=True)
class Form:
    """Whether a text is what sops writes into a field, and whether it always writes the field."""

    fits: Callable[[str], bool]
    needed: bool = True


def is_date(text: str) -> bool:
    """Tell whether a text is a moment of RFC 3339; the future is none of our business."""
    found = _DATE.fullmatch(text)
    try:
        return found is not None and datetime.fromisoformat(found[1] + found[2]) is not None
    except ValueError:
        return False


def is_moment(text: str) -> bool:
    """Tell whether a text is a moment of RFC 3339 in UTC, as `lastmodified` is."""
    return text.endswith("Z") and is_date(text)


def is_age_file(text: str) -> bool:
    """Tell whether a text is one armored file of age: lines of 64 characters, the last may be shorter."""
    found = _AGE_LINES.fullmatch(text)
    joined = found[1].replace("\n", "") if found else ""
    return is_base64(joined) and base64.b64decode(joined).startswith(_AGE_MAGIC)


def is_pgp_message(text: str) -> bool:
    """Tell whether a text is one armored message of OpenPGP, with no header but those of known programs."""
    found = _PGP_LINES.fullmatch(text)
    return found is not None and is_base64(found[1].replace("\n", ""))


def is_age_recipient(text: str) -> bool:
    """Tell whether a text is a recipient of age: its own, of a plugin, or an ssh key with or without its comment."""
    ssh = _SSH.fullmatch(text)
    if ssh is None:
        return _AGE.fullmatch(text) is not None
    kind = ssh[1].encode()
    return is_base64(ssh[2]) and base64.b64decode(ssh[2]).startswith(len(kind).to_bytes(4) + kind)


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a test whether a whole text matches a pattern."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


_CREATED = Form(is_date)
_BASE64 = Form(is_base64)
_ANY_BASE64 = Form(matches(r"[A-Za-z0-9+/_-]+={0,2}"))  # of a service that chooses alphabet and padding itself

ENTRIES: Mapping[str, Mapping[str, Form]] = {
    "age": {"recipient": Form(is_age_recipient), "enc": Form(is_age_file)},
    "pgp": {
        "fp": Form(
            matches(r"(?:0x)?(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})!?")
        ),
        "created_at": _CREATED,
        "enc": Form(is_pgp_message),
    },
    "kms": {
        "arn": Form(matches(r"arn:aws[\w-]*:kms:[a-z0-9-]+:[0-9]+:(?:key/[A-Za-z0-9-]+|alias/[\w/-]+)")),
        "role": Form(matches(r"(?:arn:aws[\w-]*:(?:iam|sts)::[0-9]+:[a-z-]+/[\w+=,.@/-]+)?"), needed=False),
        "aws_profile": Form(matches(r"[\w+=,.@/ -]{0,100}"), needed=False),
        "created_at": _CREATED,
        "enc": _BASE64,
    },
    "gcp_kms": {
        "resource_id": Form(
            matches(
                rf"projects/{_PART}/locations/{_PART}/keyRings/{_PART}/cryptoKeys/{_PART}(?:/cryptoKeyVersions/[0-9]+)?"
            )
        ),
        "created_at": _CREATED,
        "enc": _BASE64,
    },
    "hckms": {
        "key_id": Form(matches(r"[a-z0-9-]+:[A-Za-z0-9-]+")),
        "created_at": _CREATED,
        "enc": _ANY_BASE64,
    },
    "azure_kv": {
        "vault_url": Form(matches(rf"https://{_HOST}/?")),
        "name": Form(matches(r"[A-Za-z0-9-]+")),
        "version": Form(matches(r"[A-Za-z0-9-]*")),
        "created_at": _CREATED,
        "enc": _ANY_BASE64,
    },
    "hc_vault": {
        "vault_address": Form(matches(rf"https?://{_HOST}(?:/[A-Za-z0-9._/-]*)?")),
        "engine_path": Form(matches(r"[A-Za-z0-9._/-]+")),
        "key_name": Form(matches(r"[A-Za-z0-9._-]+")),
        "created_at": _CREATED,
        "enc": Form(matches(r"vault:v[0-9]+:[A-Za-z0-9+/]+={0,2}")),
    },
}

FIELDS: Mapping[str, Form] = {
    "lastmodified": Form(is_moment),
    "mac": Form(is_mac),
    "version": Form(matches(_VERSION)),
    "shamir_threshold": Form(matches(r"[1-9][0-9]{0,2}"), needed=False),
    "mac_only_encrypted": Form(matches("true"), needed=False),
    **{key: Form(lambda text: 0 < len(text) <= _LONGEST, needed=False) for key in get_args(EncryptingKey)},
}
WORD = Form(lambda text: len(text) <= _LONGEST)
