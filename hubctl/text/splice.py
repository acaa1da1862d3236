"""The smallest change of the source text that gives a scalar another value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from hubctl.text.quoting import spelled
from hubctl.text.tree import Scalar, Style

BLANKS = " \t\r\n"

_WORDS = re.compile(r"([ \t\r\n]+)")
_ESCAPED = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n[ \t]*|.)|.", re.DOTALL)
_SINGLE = re.compile(r"''|.", re.DOTALL)
_NAMED = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}


class Splice(NamedTuple):
    """Characters `start:end` of a text and what takes their place."""

    start: int
    end: int
    text: str


class _Letter(NamedTuple):
    """One character of a value, not a blank, and where it is spelled."""

    value: str
    start: int
    end: int


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return the text with all splices applied at once; `ValueError` where two overlap, which is a bug."""
    parts: list[str] = []
    position = 0
    for splice in sorted(splices):
        if splice.start < position:
            raise ValueError("splices overlap")
        parts += [text[position : splice.start], splice.text]
        position = splice.end
    return "".join([*parts, text[position:]])


def inner_splices(text: str, old: Scalar, value: str) -> list[Splice] | None:
    """Return the splices that change only the differing characters of each word, the style staying as it is.

    None where the words cannot be matched with their spelling: another number of words, other blanks between
    them, a word that appears or vanishes.
    """
    letters = spelling(text, old)
    before, after = _WORDS.split(old.value), _WORDS.split(value)
    if [letter.value for letter in letters] != [letter for letter in old.value if letter not in BLANKS]:
        return None
    if len(before) != len(after) or before[1::2] != after[1::2]:
        return None
    splices: list[Splice] = []
    first = 0
    for word, other in zip(before[::2], after[::2], strict=True):
        if word != other:
            if not word or not other:
                return None
            splices.append(word_splice(letters[first : first + len(word)], other, old.style))
        first += len(word)
    return splices


def word_splice(word: list[_Letter], other: str, style: Style) -> Splice:
    """Return the splice from the first to the last letter in which two words differ."""
    shorter = min(len(word), len(other))
    head = next((at for at in range(shorter) if word[at].value != other[at]), shorter)
    tail = next((at for at in range(shorter - head) if word[-1 - at].value != other[-1 - at]), shorter - head)
    changed = word[head : len(word) - tail]
    start = changed[0].start if changed else word[head].start if head < len(word) else word[-1].end
    end = changed[-1].end if changed else start
    return Splice(start, end, spelled(other[head : len(other) - tail], style))


def spelling(text: str, old: Scalar) -> list[_Letter]:
    """Return the characters of a scalar's source that are no blanks, each with its value and span.

    Folding and indentation touch blanks alone, so these are the value's own in every style.
    """
    raw = text[old.start : old.end]
    start = old.start
    if old.style in ("literal", "folded"):
        header = len(raw.partition("\n")[0])
        raw, start = raw[header:], start + header
    elif old.style in ("single", "double"):
        raw, start = raw[1:-1], start + 1
    pattern = _ESCAPED if old.style == "double" else _SINGLE
    tokens = pattern.finditer(raw) if old.style in ("single", "double") else re.finditer(r"[^ \t\r\n]", raw)
    letters = [_Letter(meant(found.group()), start + found.start(), start + found.end()) for found in tokens]
    return [letter for letter in letters if letter.value not in BLANKS]


def meant(spelt: str) -> str:
    """Return the character that a letter, a doubled quote or an escape stands for; a folded break is a blank."""
    if spelt == "''":
        return "'"
    if len(spelt) < 2:
        return spelt
    kind, digits = spelt[1], spelt[2:]
    if kind in "xuU":
        return chr(int(digits, base=16))
    return " " if kind in BLANKS else _NAMED.get(kind, kind)
