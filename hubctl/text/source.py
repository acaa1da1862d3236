"""Bytes to text: encoding, size and the characters that parsers disagree about, all before any parsing."""

from __future__ import annotations

import re

from hubctl.errors import Unparseable

MAX_BYTES = 2_000_000
MAX_DEPTH = 64
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"

# A lone CR, NEL, LS and PS are line breaks for some parsers only: `# c<LS>z: 1` hides a key from half of them.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_SUSPECT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # one class: three times as fast
_REASONS = {
    "\r": "a carriage return without a line feed",
    "\x85": "an unusual line separator, U+0085",
    "\u2028": "an unusual line separator, U+2028",
    "\u2029": "an unusual line separator, U+2029",
    BOM: "a byte order mark inside the text",
}
_DEEP_FLOW = re.compile(r"(?:[\[{]\s*){%d}" % (MAX_DEPTH + 1))  # noqa: UP031  # braces everywhere in this pattern


def decode(data: bytes, file: str = "") -> tuple[str, bool]:
    """Return the text without its BOM, every line end kept, and whether there was one.

    `Unparseable` with the line for text over 2 MB, text that is not UTF-8, a character parsers read differently,
    or more than 64 brackets opened in a row.
    """
    if len(data) > MAX_BYTES:
        raise Unparseable(f"larger than {MAX_BYTES // 1_000_000} MB", file=file)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unparseable("not UTF-8", file=file, line=data.count(b"\n", 0, error.start) + 1) from None
    bom = text.startswith(BOM)
    text = text.removeprefix(BOM)
    if _SUSPECT.search(text) and (found := _REFUSED.search(text)):
        reason = _REASONS.get(found.group(), "a control character")
        raise Unparseable(reason, file=file, line=text.count("\n", 0, found.start()) + 1)
    brackets = text.count("[") + text.count("{")
    if brackets > MAX_DEPTH and (found := _DEEP_FLOW.search(text)):
        raise Unparseable(too_deep(), file=file, line=text.count("\n", 0, found.start()) + 1)
    return text, bom


def too_deep() -> str:
    """Return the sentence for text nested beyond the limit."""
    return f"nested more than {MAX_DEPTH} levels deep"
