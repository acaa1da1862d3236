"""Bytes of a secret file to a tree, by the store of sops that wrote it (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hubctl.errors import Unparseable
from hubctl.secrets.as_json import read_json
from hubctl.text.parse import parse
from hubctl.text.source import decode
from hubctl.text.tree import Mapping, Node, Scalar, Stream

Store: TypeAlias = Literal["yaml", "json", "binary"]

SOPS = "sops"
_BLANKS = " \t\r\n"
_LINE_STORES = (".env", ".ini")
_OF_LINES = re.compile(r"^(?:sops_version\s*=|\[sops\]\s*$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Contents:
    """A file as sops reads it; `binary` is the JSON envelope `{"data": …, "sops": …}` of any bytes."""

    stream: Stream
    store: Store


def read_contents(data: bytes, file: str) -> Contents:
    """Return what stands in a file: JSON where it is called `.json` or is JSON, else YAML.

    `Unparseable` with the line, never with a word of the text, for what is neither, over a limit, or of the stores of
    lines (dotenv, ini), which hubctl does not check.
    """
    text, bom = decode(data, file)
    named = file.lower().endswith(".json")
    if named or text.lstrip(_BLANKS).startswith("{"):
        try:
            root = read_json(("\ufeff" if bom else "") + text, file)
        except Unparseable:
            if named:
                raise
        else:
            return Contents(Stream(text, bom, (root,)), "binary" if _is_envelope(root) else "json")
    if file.lower().endswith(_LINE_STORES) or _OF_LINES.search(text):
        raise Unparseable("a file of lines (dotenv, ini), which hubctl does not check", file=file)
    return Contents(parse(data, file), "yaml")


def entry(root: Node | None, key: str) -> Node | None:
    """Return the first value under a key of a mapping, None where there is none."""
    pairs = root.pairs if isinstance(root, Mapping) else ()
    return next((value for name, value in pairs if isinstance(name, Scalar) and name.value == key), None)


def _is_envelope(root: Node) -> bool:
    keys = [key.value for key, _ in root.pairs if isinstance(key, Scalar)] if isinstance(root, Mapping) else []
    return sorted(keys) == ["data", SOPS] and isinstance(entry(root, "data"), Scalar)
