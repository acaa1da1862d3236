"""A unified diff as git writes it, of bytes, so that `git apply` takes it back."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

_NAMED = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
_NEW_FILE = "new file mode 100644"
_NO_NEWLINE = b"\\ No newline at end of file\n"


def unified_diff(file: str, before: bytes | None, after: bytes) -> bytes:
    """Return the diff of one file with three lines of context, `b""` where nothing differs.

    `before` is None for a file that is made, which git writes as one against `/dev/null`, and without names where it
    is empty. Names are quoted as git does with `core.quotePath` (git-config(1)); lines end at LF alone, a CR is text.
    """
    if before == after:
        return b""
    old, new = _quoted("a/" + file), _quoted("b/" + file)
    made = f"{_NEW_FILE}\n" if before is None else ""
    names = f"--- {'/dev/null' if before is None else _marked(old)}\n+++ {_marked(new)}\n"
    hunks = b"".join(_hunks(before or b"", after))
    return f"diff --git {old} {new}\n{made}{names if hunks else ''}".encode() + hunks


def _hunks(before: bytes, after: bytes) -> Iterator[bytes]:
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), n=3, lineterm=b"\n")
    for number, line in enumerate(lines):
        if number >= 2:  # the two name lines of difflib are not quoted
            yield line if line.endswith(b"\n") else line + b"\n" + _NO_NEWLINE


def _lines(data: bytes) -> list[bytes]:
    pieces = data.split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _marked(name: str) -> str:
    # git ends a name that holds a blank with a tab, so that patch(1) knows where it stops
    return name + "\t" if " " in name and not name.startswith('"') else name


def _quoted(name: str) -> str:
    data = name.encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in b'"\\' for byte in data):
        return name
    return '"' + "".join(_escaped(byte) for byte in data) + '"'


def _escaped(byte: int) -> str:
    if byte in _NAMED:
        return _NAMED[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
