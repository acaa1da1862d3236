"""Secret files made and changed: bytes in, bytes out; nothing is written into the repository.

Each way is the same: the verifier, then sops on a copy, the verifier again, a look whether only what was wanted
differs, the new ciphertext put into the file's own bytes, and those decrypted and compared, which proves the MAC.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import TypeAlias

from hubctl.errors import AuthNeeded, HubctlError
from hubctl.secret import Secret
from hubctl.secrets.encrypted import Encrypted, read_encrypted
from hubctl.secrets.mirror import as_json, mirrored
from hubctl.secrets.opened import value_at, values_of
from hubctl.secrets.permitted import path_text, refuse_path, refuse_structure
from hubctl.secrets.recipients import agree, drift
from hubctl.secrets.sops import Sops
from hubctl.secrets.source import Source
from hubctl.secrets.splicing import emptied, held, laid_out, refuse_more, with_block, with_values, without_entry
from hubctl.secrets.value import refuse_value
from hubctl.show import show

__all__ = ["Source", "Value", "changed", "made", "rotated", "synced", "value_at", "values_of", "without"]

Value: TypeAlias = Secret | bool
_Path: TypeAlias = tuple[str, ...]


def made(sops: Sops, source: Source, values: Mapping[_Path, Value]) -> bytes:
    """Return a new file with these values, encrypted as its rule says and laid out as ruamelfmt does.

    HubctlError where the rule, a path or a value is none that can be stored, and where sops fails.
    """
    _refuse(source, values)
    with mirrored(sops, source) as mirror:
        data = mirror.encrypt(as_json(_nested(values)))
    _clean(source.with_data(data))
    new = source.with_data(laid_out(data))
    _clean(new)
    _read_back(sops, new, values)
    return new.ciphertext


def changed(sops: Sops, source: Source, values: Mapping[_Path, Value]) -> bytes:
    """Return the file with these values, in new keys or in the place of old ones; `source.data` where all are there.

    HubctlError as `made`, and where the verifier finds anything in the file: then sops is not started.
    """
    before = source.checked()
    _refuse(source, values)
    for path in values:
        refuse_structure(source.file, before, path)
    with mirrored(sops, source) as mirror:
        for path, value in values.items():
            mirror.set(path, as_json(_revealed(value)))
        data = mirror.read()
    if data == source.data:
        _read_back(sops, source, values)
        return data
    after = _clean(source.with_data(data))
    refuse_more(source.file, before, after, values)
    new = source.with_data(with_values(source, data, after, tuple(values)))
    _clean(new)
    _read_back(sops, new, values)
    return new.ciphertext


def without(sops: Sops, source: Source, path: _Path) -> bytes:
    """Return the file without what stands at a path, and without the parents that would be empty.

    `source.data` where nothing stands there. HubctlError as `changed`; for a mapping or a list, too.
    """
    before = source.checked()
    refuse_path(path, source.rule.encrypting)
    refuse_structure(source.file, before, path)
    if before.kind_at(path) == "absent":
        return source.ciphertext
    top = emptied(source, path)
    with mirrored(sops, source) as mirror:
        mirror.unset(top)
        data = mirror.read()
    after = _clean(source.with_data(data))
    refuse_more(source.file, before, after, (path,))
    if after.kind_at(top) != "absent":
        raise _refused(source, "the key is still there")
    new = source.with_data(without_entry(source, data, top))
    _clean(new)
    _prove(sops, new)
    return new.ciphertext


def rotated(sops: Sops, source: Source) -> bytes:
    """Return the file with the same values under a new data key. HubctlError as `changed`."""
    before = source.checked()
    with mirrored(sops, source) as mirror:
        plain, data = mirror.decrypt(), mirror.rotate()
    after = _clean(source.with_data(data))
    old, now = held(before), held(after)
    kept = any(text == now.get(path) for path, text in old.items() if str(text).startswith("ENC["))
    if kept or old.keys() != now.keys() or before.recipients != after.recipients:
        raise _refused(source, "the new file does not hold the same keys under another data key")
    new = source.with_data(with_block(source, data, after))
    _clean(new)
    if new.ciphertext.count(b"#ENC[") != source.ciphertext.count(b"#ENC["):
        raise _refused(source, "sops would lose a comment of the file")
    with mirrored(sops, new) as mirror:
        if not hmac.compare_digest(mirror.decrypt(), plain):
            raise _refused(source, "the new file does not hold the same values")
    return new.ciphertext


def synced(sops: Sops, source: Source) -> bytes:
    """Return the file encrypted to the recipients of its rule, under a new data key where one left.

    `source.data` where it is already. HubctlError as `changed`, and where sops cannot bring it there.
    """
    before, wanted = source.checked(drifted=True), source.rule.recipients
    if agree(before.recipients, wanted):
        return source.ciphertext
    with mirrored(sops, source) as mirror:
        mirror.update_keys()
        data = mirror.read()
    after = read_encrypted(data, source.file)
    if not agree(after.recipients, wanted):
        raise _refused(source, f"sops cannot bring its recipients to the rule: {drift(after.recipients, wanted)}")
    new = source.with_data(data)
    if (held(before), before.encrypting) != (held(after), _clean(new).encrypting):
        raise _refused(source, "sops changed more than the recipients")
    new = source.with_data(with_block(source, data, after))
    _clean(new)
    try:
        _prove(sops, new)
    except AuthNeeded as error:
        said = f"`{show(source.file)}`: none of your keys would open it afterwards, so nothing was written"
        raise AuthNeeded(said, hint="let somebody run this whom the rule names") from error
    return rotated(sops, new) if before.recipients.missing_from(wanted) else new.ciphertext


def _refuse(source: Source, values: Mapping[_Path, Value]) -> None:
    """Raise HubctlError for what cannot be stored; nothing that is said holds anything of a value."""
    for path, value in values.items():
        refuse_path(path, source.rule.encrypting)
        if isinstance(value, Secret):
            refuse_value(value)
    for path in values:
        if any(path[:length] in values for length in range(1, len(path))):
            raise HubctlError(f"`{path_text(path)}`: a value is to be stored above it, too", code="bad-path")


def _nested(values: Mapping[_Path, Value]) -> dict[str, object]:
    root: dict[str, object] = {}
    for path, value in values.items():
        place = root
        for key in path[:-1]:
            place = place.setdefault(key, {})  # type: ignore[assignment]  # no path is the beginning of another
        place[path[-1]] = _revealed(value)
    return root


def _revealed(value: Value) -> str | bool:
    return value.reveal() if isinstance(value, Secret) else value


def _clean(source: Source) -> Encrypted:
    """Return a file that sops made as a value; HubctlError, code `sops`, where the verifier finds anything in it."""
    try:
        return source.checked()
    except HubctlError as error:
        raise HubctlError(f"sops made a file that cannot be kept: {error.message}", code="sops") from None


def _read_back(sops: Sops, source: Source, values: Mapping[_Path, Value]) -> None:
    """Raise HubctlError unless each value is what the file gives."""
    with mirrored(sops, source) as mirror:
        for path, value in values.items():
            found = mirror.extract(path)
            if isinstance(value, bool):
                found, wanted = found.strip(), b"true" if value else b"false"
            else:
                wanted = value.reveal().encode()
            if not hmac.compare_digest(found, wanted):
                raise _refused(source, f"`{path_text(path)}` is not read back as it was given")


def _prove(sops: Sops, source: Source) -> None:
    """Raise HubctlError unless the file can be decrypted, which proves its MAC."""
    with mirrored(sops, source) as mirror:
        mirror.prove()


def _refused(source: Source, reason: str) -> HubctlError:
    return HubctlError(f"`{show(source.file)}`: {reason}; nothing was written", code="sops")
