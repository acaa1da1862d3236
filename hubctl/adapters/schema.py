"""Data against hubctl's own JSON Schemas; the one file that knows jsonschema, and it fetches nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from hubctl.show import near, show

Place: TypeAlias = tuple[str | int, ...]

_LIMIT = 50  # findings
KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


def problems(instance: object, schema_name: str) -> list[tuple[Place, str]]:
    """Return where and how `instance` departs from `schemas/SCHEMA_NAME.schema.json`, at most 50 findings.

    A place is the keys and list indexes that lead there; an unknown or missing key is its own place. Messages are in
    hubctl's words, with foreign text escaped. `instance` is bounded data, as `hubctl.text.data` gives it.
    """
    found: set[tuple[Place, str]] = set()
    for error in _validator(schema_name).iter_errors(instance):
        found.update(_told(error))
        if len(found) >= _LIMIT:
            break
    return sorted(found, key=lambda one: ([str(step) for step in one[0]], one[1]))[:_LIMIT]


@cache
def _validator(name: str) -> Any:  # noqa: ANN401  # jsonschema's validator, imported late
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # 70 ms that only a settings or fleet check needs
    from referencing import Registry  # noqa: PLC0415  # the same

    # An empty registry: a `$ref` that leads elsewhere fails instead of being fetched.
    registry: Registry[Any] = Registry()
    text = resources.files("hubctl.schemas").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text), registry=registry)


def _told(error: Any) -> Iterator[tuple[Place, str]]:  # noqa: ANN401  # jsonschema's ValidationError, imported late
    place: Place = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for key in sorted(set(error.instance) - set(known)):
            yield (*place, key), _unknown_key(key, list(known))
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield (*place, key), f"`{key}` is missing"
    else:
        yield place, f"{_name(place)} is not {_expected(error)}"


def _unknown_key(key: str, known: list[str]) -> str:
    nearest = near(key, known)[:1]
    return f"unknown key `{show(key, 80)}`" + "".join(f", did you mean `{word}`?" for word in nearest)


def _name(place: Place) -> str:
    return f"`{show('.'.join(map(str, place)), 120)}`" if place else "the file"


def _expected(error: Any) -> str:  # noqa: ANN401  # the same
    if error.validator == "type":
        kinds = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        return " or ".join(KINDS[kind] for kind in kinds)
    if error.validator == "enum":
        return "one of " + ", ".join(f"`{word}`" for word in error.validator_value)
    if error.validator == "const":
        return f"`{error.validator_value}`"
    return str(error.schema.get("description", "as it should be"))
