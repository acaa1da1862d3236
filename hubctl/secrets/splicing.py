"""What sops changed, put into the file's own bytes, so that a diff has the lines that matter (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from hubctl.errors import HubctlError, UnsafeEdit
from hubctl.secrets.encrypted import Encrypted
from hubctl.secrets.reading import SOPS, entry, read_contents
from hubctl.secrets.source import Source
from hubctl.show import show
from hubctl.text.data import data
from hubctl.text.edit import ScalarEdit, set_scalars
from hubctl.text.formatter import formatted
from hubctl.text.inserting import Addition, insert_scalars
from hubctl.text.removing import remove_entry, replace_entry
from hubctl.text.tree import Mapping, Node, Path, Scalar
from hubctl.text.walk import key_text, resolve

_STAMPS = ("lastmodified", "mac", "version")


def refuse_more(file: str, before: Encrypted, after: Encrypted, wanted: Iterable[tuple[str, ...]]) -> None:
    """Raise HubctlError, code `sops`, where something else than the wanted values differs in what sops made."""
    paths = frozenset(wanted)
    kept, now = ({path: text for path, text in held(one).items() if path not in paths} for one in (before, after))
    if kept != now or (before.recipients, before.encrypting) != (after.recipients, after.encrypting):
        raise HubctlError(f"`{show(file)}`: sops changed more than was asked; nothing was written", code="sops")


def held(encrypted: Encrypted) -> dict[Path, object]:
    """Return each value as it is read, however it is laid out: ciphertext, and what sops leaves in clear."""
    return {path: data(resolve(encrypted.root, path)) for path in encrypted.leaves}


def with_values(source: Source, made: bytes, after: Encrypted, paths: Iterable[tuple[str, ...]]) -> bytes:
    """Return the file with the ciphertext that sops `made` at these paths, and its stamps; other bytes as they were."""
    if source.kind == "json":
        return _ended(source, made)
    root = _root(source.ciphertext, source.file)
    edits = [ScalarEdit(0, path, after.leaves[path]) for path in paths if resolve(root, path) is not None]
    new = [Addition(0, path, after.leaves[path]) for path in paths if resolve(root, path) is None]
    last = isinstance(root, Mapping) and key_text(root.pairs[-1][0]) == SOPS
    try:
        text = insert_scalars(source.ciphertext, new, before=SOPS if last else None)
        return set_scalars(text, [*edits, *_stamps(source.file, made)])
    except UnsafeEdit:
        return laid_out(made)


def without_entry(source: Source, made: bytes, path: tuple[str, ...]) -> bytes:
    """Return the file without the entry at a path, with the stamps of what sops `made`."""
    if source.kind == "json":
        return _ended(source, made)
    try:
        return set_scalars(remove_entry(source.ciphertext, 0, path), _stamps(source.file, made))
    except UnsafeEdit:
        return laid_out(made)


def emptied(source: Source, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path that holds nothing besides what stands at `path`: itself, or its highest such parent."""
    root = _root(source.ciphertext, source.file)
    while len(path) > 1 and isinstance(above := resolve(root, path[:-1]), Mapping) and len(above.pairs) == 1:
        path = path[:-1]
    return path


def with_block(source: Source, made: bytes, after: Encrypted) -> bytes:
    """Return the file with the values and the `sops` block that sops `made`, laid out as near as can be.

    Comments have no path by which they could be put into their place: a file with any is laid out anew.
    """
    if source.kind == "json":
        return _ended(source, made)
    text = source.ciphertext.decode()
    root = _root(source.ciphertext, source.file)
    changed = ((path, value) for path, value in held(after).items() if data(resolve(root, path)) != value)
    edits = [ScalarEdit(0, path, value) for path, value in changed if isinstance(value, str)]
    lines = frozenset(text.splitlines())
    blocks = [_block(one) for one in (laid_out(made).decode(), made.decode())]
    nearest = max(blocks, key=lambda block: len(lines & frozenset(block.splitlines())))
    try:
        if "#" not in text:
            return replace_entry(set_scalars(source.ciphertext, edits), 0, SOPS, nearest)
    except UnsafeEdit:
        pass
    return laid_out(made)


def laid_out(made: bytes) -> bytes:
    """Return what sops `made` as ruamelfmt lays it out; as it is where a comment would get lost, as those in braces."""
    new = formatted(made.decode()).encode()
    return new if new.count(b"#") == made.count(b"#") else made


def _ended(source: Source, made: bytes) -> bytes:
    """Return JSON that ends as the file does, with a line end or without one."""
    return made.rstrip(b"\n") + (b"\n" if source.ciphertext.endswith(b"\n") else b"")


def _block(text: str) -> str:
    """Return the lines of the `sops` block, which sops writes as the last."""
    return text[f"\n{text}".rindex("\nsops:") :]


def _stamps(file: str, made: bytes) -> list[ScalarEdit]:
    block = entry(_root(made, file), SOPS)
    found = ((name, entry(block, name)) for name in _STAMPS)
    return [ScalarEdit(0, (SOPS, name), node.value) for name, node in found if isinstance(node, Scalar)]


def _root(text: bytes, file: str) -> Node | None:
    return read_contents(text, file).stream.documents[0]
