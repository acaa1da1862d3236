r"""A policy's regular expression, refused where some tag could make it backtrack for ever.

A pattern may come from a file that a pull request can write and the tags from a hostile registry, while Python's
engine needs exponential time for `(a+)+b`. So the parsed expression is inspected once: its cost is the number of
ways in which it could read one tag, counted upwards, and above a limit it is refused. A repeat costs nothing where
what follows it cannot begin with what it repeats (`[0-9]+\.`), for then there is only one place to stop.
"""

from __future__ import annotations

import importlib
import re
import string
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hubctl.errors import UsageError
from hubctl.show import show

PATTERN_LIMIT = 256
TAG_LIMIT = 128  # by the grammar of tags
WAYS_LIMIT = 2_000  # one `.*` that could stop anywhere and some choices; not two such

_ALPHABET = frozenset(string.ascii_letters + string.digits + "._-")
_CATEGORIES = {"DIGIT": string.digits, "WORD": string.ascii_letters + string.digits + "_", "SPACE": ""}
_Node: TypeAlias = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of an expression: the ways to read it, the characters it may begin with, whether it may be empty."""

    ways: int
    first: frozenset[str]
    empty: bool


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern; UsageError where it is no regular expression, too long or could run for ever."""
    if len(pattern) > PATTERN_LIMIT:
        raise UsageError(f"the pattern is longer than {PATTERN_LIMIT} characters: `{show(pattern, 60)}`")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # The parser is the standard library's own, without a public name since 3.11.
            tree = importlib.import_module("re._parser").parse(pattern)
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise UsageError(f"not a regular expression: `{show(pattern, 60)}`: {show(str(error), 80)}") from error
    if _sequence(list(tree), _Part(1, frozenset(), empty=True)).ways > WAYS_LIMIT:
        raise _slow("too many repeats that could each stop anywhere")
    return compiled


def _sequence(nodes: Sequence[_Node], behind: _Part) -> _Part:
    """Return what `nodes` and all `behind` them amount to, built from the last node to the first."""
    for operator, argument in reversed(nodes):
        behind = _node(str(operator), argument, behind)
    return behind


def _node(operator: str, argument: Any, behind: _Part) -> _Part:  # noqa: ANN401  # the parser's tree is untyped
    match operator:
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
            part = _Part(behind.ways, _characters(operator, argument), empty=False)
        case "AT":
            part = behind
        case "SUBPATTERN":
            part = _sequence(list(argument[-1]), behind)
        case "ATOMIC_GROUP":
            part = _sequence(list(argument), behind)
        case "BRANCH":
            part = _branch([_sequence(list(nodes), behind) for nodes in argument[1]])
        case "ASSERT" | "ASSERT_NOT":
            looked = _sequence(list(argument[1]), _Part(1, _ALPHABET, empty=True))
            part = _Part(behind.ways * looked.ways, behind.first, behind.empty)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            low, high, nodes = argument
            part = _repeat(low, high, nodes, behind)
        case _:
            raise UsageError("a policy's pattern may not refer back to its own groups")
    return part


def _branch(parts: Sequence[_Part]) -> _Part:
    first = frozenset[str]().union(*(part.first for part in parts))
    return _Part(sum(part.ways for part in parts), first, empty=any(part.empty for part in parts))


def _repeat(low: int, high: int, nodes: Any, behind: _Part) -> _Part:  # noqa: ANN401  # the parser's tree is untyped
    body = _sequence(list(nodes), _Part(1, behind.first, behind.empty))
    if high > 1 and (body.ways > 1 or _width_varies(nodes)):
        raise _slow("a repeat inside a repeat")
    settled = low == high or not (body.first & behind.first)
    ways = 1 if settled else min(high, TAG_LIMIT) - min(low, TAG_LIMIT) + 1
    first = body.first if low else body.first | behind.first
    return _Part(behind.ways * ways * body.ways, first, empty=behind.empty and (low == 0 or body.empty))


def _width_varies(nodes: Any) -> bool:  # noqa: ANN401  # the parser's tree is untyped
    low, high = nodes.getwidth()
    return bool(low != high)


def _characters(operator: str, argument: Any) -> frozenset[str]:  # noqa: ANN401  # the parser's tree is untyped
    """Return the characters of a tag that one place takes, in both cases: `(?i)` may stand anywhere."""
    if operator == "ANY":
        return _ALPHABET
    if operator == "LITERAL":
        return _both_cases(chr(argument))
    if operator == "NOT_LITERAL":
        return _all_but(_both_cases(chr(argument)))
    if str(argument[0][0]) == "NEGATE":
        return _all_but(frozenset[str]().union(*(_members(str(kind), value) for kind, value in argument[1:])))
    return frozenset[str]().union(*(_members(str(kind), value) for kind, value in argument))


def _all_but(taken: frozenset[str]) -> frozenset[str]:
    # Letters stay in, because one case of them may be all that is taken: too wide a set errs towards refusing.
    return _ALPHABET - {char for char in taken if not char.isalpha()}


def _members(kind: str, value: Any) -> frozenset[str]:  # noqa: ANN401  # the parser's tree is untyped
    if kind == "LITERAL":
        return _both_cases(chr(value))
    if kind == "RANGE":
        low, high = value
        if high > 127:
            raise UsageError("a tag is plain ASCII, so a policy's pattern is, too")
        return _both_cases("".join(char for char in _ALPHABET if low <= ord(char) <= high))
    name = str(value).removeprefix("CATEGORY_")
    named = frozenset(_CATEGORIES[name.removeprefix("NOT_")])
    return _ALPHABET - named if name.startswith("NOT_") else named


def _both_cases(chars: str) -> frozenset[str]:
    if not chars.isascii():  # `(?i)` would let some of these stand for ASCII letters
        raise UsageError("a tag is plain ASCII, so a policy's pattern is, too")
    return frozenset(chars.lower()) | frozenset(chars.upper())


def _slow(why: str) -> UsageError:
    return UsageError(
        f"the pattern could take for ever on some tag: {why}",
        hint=r"say what separates the parts, like `v[0-9]+\.[0-9]+\.[0-9]+`, and repeat single characters only",
    )
