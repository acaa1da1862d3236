"""Scalars as Helm reads them: sigs.k8s.io/yaml over yaml.v2, then JSON with every number a float64 (pure).

The rules are those of `resolve.go` and `decode.go` of yaml.v2 2.4 and `convertToJSONableObject` of sigs.k8s.io/yaml
1.4, which Helm 3.17 uses; each row of their behaviour in the tests was seen from that library.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from array import array
from decimal import Decimal

from hubctl.errors import Unparseable
from hubctl.text.tree import Alias, Node, Scalar

Plain = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"
_EXACT = 2**53  # whole numbers beyond are rounded: JSON in Go knows float64 alone
_TRUE = ("y", "yes", "true", "on")
_FALSE = ("n", "no", "false", "off")
_WORDS: dict[str, bool | None] = {
    **{spelled: True for word in _TRUE for spelled in (word, word.capitalize(), word.upper())},
    **{spelled: False for word in _FALSE for spelled in (word, word.capitalize(), word.upper())},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_NOT_FINITE = {f"{sign}.{word}": float(f"{sign}inf") for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")} | {
    f".{word}": math.nan for word in ("nan", "NaN", "NAN")
}
_WHOLE = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_OCTAL = re.compile(r"^([-+]?)0[oO]?(?=[0-7])")
_INNER_SIGN = re.compile(r"0b([-+][01]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_POINT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", re.DOTALL)
_LONGEST = 400  # digits of a number that is not out of range


def helm_scalar(node: Scalar, *, file: str = "") -> Plain:
    """Return the value a scalar has for Helm; whole numbers beyond 2**53 are rounded as JSON rounds them.

    `Unparseable`, with the line, where Helm refuses the whole file: infinities and NaN, a value its tag does not fit.
    """
    value = _resolved(node, file)
    if isinstance(value, float) and not math.isfinite(value):
        raise Unparseable("a number that JSON cannot hold", file=file, line=node.line)
    if isinstance(value, int) and abs(value) > _EXACT:
        return int(float(value))
    return value


def helm_key(node: Node, *, file: str = "") -> str:
    """Return the text a key has for Helm: `yes` is `true`, `0x1f` is `31`, `2025.10` is `2025.1`.

    `Unparseable`, with the line, where Helm refuses the whole file: null, a list or a mapping as a key, a number
    that is no int64.
    """
    scalar = node.target if isinstance(node, Alias) else node
    if not isinstance(scalar, Scalar):
        raise Unparseable("a key that is a list or a mapping", file=file, line=node.line)
    value = _resolved(scalar, file)
    if value is None:
        raise Unparseable("a key that is null", file=file, line=node.line)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value >= 2**63:
        raise Unparseable("a key that is a number out of range", file=file, line=node.line)
    return _float_key(value) if isinstance(value, float) else str(value)


def is_merge(node: Node) -> bool:
    """Tell whether a key is `<<`, unquoted or with the tag `!!merge`."""
    if not isinstance(node, Scalar) or node.value != "<<":
        return False
    return node.tag == f"{_TAG}merge" or (node.tag is None and node.style == "plain")


def _resolved(node: Scalar, file: str) -> Plain:
    if node.tag is None:
        return plain_for_helm(node.value) if node.style == "plain" else node.value
    kind = node.tag.removeprefix(_TAG)
    if kind == "binary":
        return _decoded(node, file)
    if kind not in ("int", "float", "bool", "null", "timestamp"):
        return node.value  # `!!str`, and any tag that is not YAML's own
    if kind == "timestamp" and _DATE.fullmatch(node.value):
        return node.value
    found = plain_for_helm(node.value)
    if kind == "float" and type(found) is int:
        return float(found)
    if {"int": int, "float": float, "bool": bool, "null": type(None)}.get(kind) is type(found):
        return found
    raise Unparseable(f"a value that is no {kind} under the tag `!!{kind}`", file=file, line=node.line)


def _decoded(node: Scalar, file: str) -> str:
    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", node.value), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise Unparseable("no base64 under the tag `!!binary`", file=file, line=node.line) from None


def plain_for_helm(text: str) -> Plain:
    """Return what unquoted text stands for in yaml.v2: dates are text, `1e400` is out of range and text, too."""
    if text in _WORDS:
        return _WORDS[text]
    if text in _NOT_FINITE:
        return _NOT_FINITE[text]
    if text[0] == ".":
        number = float(text) if _POINT.fullmatch(text) else math.inf
        return number if math.isfinite(number) else text
    if text[0] not in "+-0123456789" or _DATE.fullmatch(text):
        return text
    return _number(text.replace("_", ""), text)


def _number(bare: str, text: str) -> Plain:
    inner = _INNER_SIGN.fullmatch(bare)
    if len(bare) <= _LONGEST and (inner or _WHOLE.fullmatch(bare)):
        whole = int(inner[1], 2) if inner else int(_OCTAL.sub(r"\g<1>0o", bare), 0)
        unsigned = bare[0] not in "+-"
        if -(2**63) <= whole < 2**63 or (unsigned and whole < 2**64):
            return whole
    number = float(bare) if _FLOAT.fullmatch(bare) else math.inf
    return number if math.isfinite(number) else text


def _float_key(value: float) -> str:
    """Return what Go's `strconv.FormatFloat(value, 'g', -1, 32)` makes of a key: the shortest float32."""
    if math.isnan(value):
        return ".nan"
    short = _float32(value)
    if math.isinf(short):
        return ".inf" if short > 0 else "-.inf"
    digits = next(text for text in (f"{short:.{n}e}" for n in range(17)) if _float32(float(text)) == short)
    mantissa, _, exponent = digits.partition("e")
    power = int(exponent)
    if power < -4 or power >= 6:
        return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return format(Decimal(digits), "f")


def _float32(value: float) -> float:
    return array("f", [value])[0]
