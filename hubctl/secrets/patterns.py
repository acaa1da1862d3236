"""Regular expressions as Go reads them: the syntax of RE2, searched anywhere in a text, in linear time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

from hubctl.errors import HubctlError

LONGEST = 10_000  # characters of a pattern: a list of names may be long, and a larger one makes no program anyway
DEEPEST = 200  # brackets in brackets; Go refuses a tree higher than 1000, to which one bracket adds up to four levels
KEPT = 512  # compiled patterns: more than the creation rules that one file may have
_MEMORY = 2 << 20  # bytes that one compiled pattern may take
# Go matches a byte that is no UTF-8 as U+FFFD; such a byte of a file's name stands as a lone surrogate in Python.
_LONE = re.compile("[\ud800-\udfff]")
_EXAMPLES = ("a", "Z", "_", "-", "0", ".", " ", "\N{GREEK SMALL LETTER OMEGA}", "jupyterhub", "k.ey 2")
_PLACES = re.compile(r"(?:[\^$()?:|]|\\[AbBz])*")
_ESCAPE = re.compile(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)
_BRACKET = re.compile(r"[()]")


class Program(Protocol):
    """A compiled pattern of RE2."""

    def search(self, text: str) -> object | None: ...


def accepted(pattern: str) -> bool:
    """Return whether Go compiles `pattern` (regexp/syntax of Go, github.com/google/re2/wiki/Syntax)."""
    return _compiled(pattern) is not None


def found_in(pattern: str, text: str) -> bool:
    """Return whether `pattern` matches anywhere in `text`; `HubctlError` for a pattern that Go does not compile."""
    program = _compiled(pattern)
    if program is None:
        raise HubctlError("not a regular expression of Go")
    return program.search(_LONE.sub("\N{REPLACEMENT CHARACTER}", text)) is not None


def matches_all(pattern: str) -> bool:
    """Return whether an accepted pattern matches whatever key there may be, as far as examples show; none is empty."""
    return all(found_in(pattern, example) for example in _EXAMPLES)


def matches_none(pattern: str) -> bool:
    """Return whether an accepted pattern says nothing but where it stands, and no key with a letter matches."""
    return _PLACES.fullmatch(pattern) is not None and not found_in(pattern, _EXAMPLES[0])


@lru_cache(maxsize=KEPT)
def _compiled(pattern: str) -> Program | None:
    import re2  # noqa: PLC0415  # only secrets need it

    if len(pattern) > LONGEST or _LONE.search(pattern) or _is_foreign(pattern):
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        program: Program = re2.compile(pattern, options)
    except re2.error:
        return None
    return program


def _is_foreign(pattern: str) -> bool:
    r"""Return whether RE2 takes what Go refuses: `\C` for any byte, and hundreds of brackets in each other."""
    if "C" in _ESCAPE.findall(pattern):
        return True
    depth = deepest = 0
    for bracket in _BRACKET.findall(_ESCAPE.sub("", pattern)):
        depth += 1 if bracket == "(" else -1
        deepest = max(deepest, depth)
    return deepest > DEEPEST
