"""`WWW-Authenticate` read as RFC 9110 writes it, and as registries really send it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST = 16 * 1024
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  # the grammar's name for a word
_SCHEME = re.compile(rf"\s*({_TOKEN})(?=\s|,|$)", re.ASCII)
_PARAMETER = re.compile(rf'\s*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))', re.ASCII)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate: `scheme` in lower case, parameter names in lower case, values unescaped."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Return the challenges of one header, or of several joined by commas, in their order.

    Takes commas and escapes inside quotes, unquoted values (`service=gcr.io`), any case of the scheme;
    what cannot be read ends the list.
    """
    found: list[tuple[str, dict[str, str]]] = []
    text, at = header[:_LONGEST], 0
    while at < len(text):
        if text[at] in ", \t":
            at += 1
            continue
        parameter = _PARAMETER.match(text, at)
        if parameter and found:
            value = parameter[3] if parameter[2] is None else re.sub(r"\\(.)", r"\1", parameter[2])
            found[-1][1].setdefault(parameter[1].lower(), value)
            at = parameter.end()
            continue
        scheme = _SCHEME.match(text, at)
        if not scheme:
            break
        found.append((scheme[1].lower(), {}))
        at = scheme.end()
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)
