"""Where a value may be stored or removed: decided from the ciphertext's structure, for sops damages files (pure).

`sops set` replaces a scalar by a mapping, a mapping by a text, does nothing for an index in a mapping, panics for a
key in a list, stores in clear what stands below a key that ends in `_unencrypted`, and sops 3.11 damages the file at
the key `sops`; all of these but the panics with exit code 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from hubctl.errors import HubctlError
from hubctl.secrets.creation_rules import Encrypting
from hubctl.secrets.encrypted import Encrypted, KindAt
from hubctl.secrets.reading import SOPS
from hubctl.secrets.value import MISREAD
from hubctl.show import show
from hubctl.text.walk import key_path

MOST_KEYS = 64
_CLEAR = "_unencrypted"
_ONE_KEY = "name one of the keys in it"
_KINDS: dict[KindAt, str] = {"mapping": "a mapping", "list": "a list", "leaf": "a value", "empty": "an empty value"}


def refuse_path(path: tuple[str, ...], encrypting: Encrypting) -> None:
    """Raise HubctlError, code `bad-path`, for keys that sops cannot address, or whose value it would leave in clear."""
    name = path_text(path)
    if not path or "" in path:
        raise _refused("a key path has at least one key, and no empty one")
    if len(path) > MOST_KEYS:
        raise _refused(f"a key path has at most {MOST_KEYS} keys")
    if any("[" in key or not key.isprintable() for key in path):
        raise _refused(
            f"`{name}`: sops cannot address a key with `[` or a control character", "use a plain word as the key"
        )
    if not MISREAD.isdisjoint(path):
        raise _refused(f"`{name}`: a key of `<<` or `=` is read as something else", "use a plain word as the key")
    if path[0] == SOPS:
        raise _refused(f"`{name}`: the key `sops` at the top of a file is sops' own")
    if any(key.endswith(_CLEAR) for key in path):
        raise _refused(f"`{name}`: sops leaves in clear what stands below a key that ends in `{_CLEAR}`")
    if not encrypting.covers(path):
        raise _refused(
            f"`{name}`: the rule of `.sops.yaml` leaves this value in clear", "mend the rule, or store it elsewhere"
        )


def refuse_structure(file: str, encrypted: Encrypted, path: tuple[str, ...]) -> None:
    """Raise HubctlError, code `collection`, where a value or list stands above a path, or no value at it."""
    above = encrypted.kinds_above(path)
    if above is not None:
        part, kind = above
        raise _in_the_way(file, part, kind, "nothing can be stored below it")
    kind = encrypted.kind_at(path)
    if kind in ("mapping", "list"):
        raise _in_the_way(file, path, kind, "it is no value", _ONE_KEY if kind == "mapping" else None)


def path_text(path: Sequence[str]) -> str:
    """Return keys as text for messages, spelled as they are typed."""
    return show(key_path(None, tuple(path)), 400)


def _in_the_way(file: str, path: tuple[str, ...], kind: KindAt, why: str, hint: str | None = None) -> HubctlError:
    said = f"`{show(file)}`: {_KINDS[kind]} stands at `{path_text(path)}`: {why}"
    return HubctlError(said, hint=hint, code="collection")


def _refused(message: str, hint: str | None = None) -> HubctlError:
    return HubctlError(message, hint=hint, code="bad-path")
