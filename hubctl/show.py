"""Foreign text made harmless, and small turns of phrase for messages."""

from __future__ import annotations

from collections.abc import Iterable

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# letters by category, yet drawn as nothing: Hangul fillers, the braille blank, variation selectors and the like
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | set(map(chr, range(0xFE00, 0xFE10)))
_WORD_LIMIT = 100
_WORDS_LIMIT = 5000


def _escaped(char: str) -> str:
    code = ord(char)
    return _NAMED.get(char) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")


def show(text: str, limit: int = 200) -> str:
    r"""Return foreign `text` as one line that no terminal, log or Actions runner can mistake for a command.

    Whatever is not printable (control, C1, ESC, bidirectional, zero-width, lone surrogates, odd blanks) stands
    as `\n`, `\u001b` or `\U000e0001`; at most `limit` characters, the last an ellipsis where text was cut.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    pieces: list[str] = []
    length = 0
    for char in text[: limit + 1]:
        piece = char if char.isprintable() and char not in _INVISIBLE else _escaped(char)
        length += len(piece)
        pieces.append(piece)
    if length <= limit:
        return "".join(pieces)
    while pieces and length > limit - 1:
        length -= len(pieces.pop())
    return "".join(pieces) + "…"


def near(word: str, words: Iterable[str]) -> list[str]:
    """Return at most three of `words` that look like `word`, the nearest first; case does not count."""
    import difflib  # noqa: PLC0415  # only a mistyped name needs it

    known = {entry[:_WORD_LIMIT].lower(): entry for entry in sorted(set(words))[:_WORDS_LIMIT]}
    wanted = word[:_WORD_LIMIT].lower()
    found = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    longer = [entry for entry in known if len(wanted) > 1 and wanted in entry and entry not in found]
    return [known[entry] for entry in [*found, *longer][:3]]


def plural(count: int, noun: str) -> str:
    """Return `1 place`, `2 places`, `0 entries`, `3 branches`."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("y") and noun[-2:-1] not in {"a", "e", "o", "u"}:
        return f"{count} {noun[:-1]}ies"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{count} {noun}es"
    return f"{count} {noun}s"
