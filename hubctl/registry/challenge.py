"""`WWW-Authenticate` read as RFC 9110 writes it, and as registries really send it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  # the grammar's name for a word
_SCHEME = re.compile(rf"({_TOKEN})(?=\s|,|$)", re.ASCII)
_PARAMETER = re.compile(rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))', re.ASCII)
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))", re.ASCII)
_SEPARATOR = re.compile(r"[\s,]+", re.ASCII)
_UNREADABLE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"])[^,"]*', re.ASCII)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate: `scheme` in lower case, parameter names in lower case, values unescaped."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Return the challenges of one header, or of several joined by commas, in their order.

    Takes commas and escapes inside quotes, unquoted values (`service=gcr.io`), any case of the scheme and token68.
    What cannot be read is left out up to the next comma, quotes without an end to the end. Of a parameter that
    stands twice the first counts.
    """
    found: list[tuple[str, dict[str, str]]] = []
    at, after_comma = 0, True
    while at < len(header):
        if separator := _SEPARATOR.match(header, at):
            at, after_comma = separator.end(), after_comma or "," in separator[0]
            continue
        if found and (parameter := _PARAMETER.match(header, at)):
            value = parameter[3] if parameter[2] is None else re.sub(r"\\(.)", r"\1", parameter[2])
            _holder(found, after_comma=after_comma).setdefault(parameter[1].lower(), value)
        elif found and not after_comma and not found[-1][1] and (parameter := _TOKEN68.match(header, at)):
            pass  # credentials of a scheme that hubctl does not speak
        elif parameter := _SCHEME.match(header, at):
            found.append((parameter[1].lower(), {}))
        else:
            parameter = _UNREADABLE.match(header, at)
        at, after_comma = parameter.end() if parameter else len(header), False
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


def _holder(found: list[tuple[str, dict[str, str]]], *, after_comma: bool) -> dict[str, str]:
    """Return the parameters one more belongs to: after a comma those of a challenge that has some already.

    In `Bearer scope=repository:a/b:pull,push,service=x` the word `push` is no scheme of its own.
    """
    if after_comma and not found[-1][1] and len(found) > 1:
        return found[-2][1]
    return found[-1][1]
