"""GitHub's own description of its API: which operation a request is, and whether both bodies fit it."""

from __future__ import annotations

import functools
import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker

EXCERPT = Path(__file__).with_name("openapi.json.gz")
# GitHub answers these everywhere and describes them almost nowhere.
UNDESCRIBED = {301, 302, 304, 307, 401, 403, 404, 409, 410, 422, 429}


@dataclass(frozen=True)
class Operation:
    """One method of one path template, with every `$ref` replaced by what it names."""

    method: str
    template: str
    pattern: re.Pattern[str]
    described: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


@functools.cache
def operations() -> tuple[Operation, ...]:
    description = json.loads(gzip.decompress(EXCERPT.read_bytes()))
    expanded = _expanded(description["paths"], description, {})
    return tuple(
        Operation(method.upper(), template, _pattern(template, operation), operation)
        for template, methods in expanded.items()
        for method, operation in methods.items()
    )


def operation(method: str, path: str) -> Operation | None:
    return next((found for found in operations() if found.method == method and found.pattern.fullmatch(path)), None)


def request_violations(found: Operation, query: dict[str, list[str]], body: Any) -> list[str]:
    """Say what GitHub's description does not allow in a request; a field it does not know is a violation too."""
    said = []
    parameters = {one["name"]: one["schema"] for one in found.described.get("parameters", ()) if one["in"] == "query"}
    for name, values in query.items():
        if name not in parameters:
            said.append(f"{found.name}: unknown parameter {name}")
        else:
            said += _violations(found.name, f"?{name}", parameters[name], _typed(parameters[name], values[-1]))
    described = found.described.get("requestBody")
    if described is None:
        return [*said, f"{found.name}: a body where none is described"] if body is not None else said
    schema = described["content"]["application/json"]["schema"]
    said += _violations(found.name, "request", schema, body)
    if isinstance(body, dict):
        said += [f"{found.name}: unknown field {name}" for name in sorted(set(body) - _field_names(schema))]
    return said


def response_violations(found: Operation, status: int, body: Any) -> list[str]:
    """Say what GitHub's description does not allow in a response."""
    described = found.described["responses"].get(str(status))
    if described is None:
        return [] if status in UNDESCRIBED else [f"{found.name}: undescribed status {status}"]
    content = described.get("content", {}).get("application/json")
    return _violations(found.name, str(status), content["schema"], body) if content else []


def smallest(found: Operation, status: int) -> Any:
    """Return the smallest body of a response that fits: required members only, null wherever null is allowed."""
    return smallest_of(schema_of(found, status))


def schema_of(found: Operation, status: int) -> dict[str, Any]:
    return dict(found.described["responses"][str(status)]["content"]["application/json"]["schema"])


def _expanded(node: Any, description: dict[str, Any], known: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_expanded(item, description, known) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference not in known:
            _, _, kind, name = reference.split("/")
            known[reference] = _expanded(description["components"][kind][name], description, known)
        return known[reference]
    # a discriminator only points into `oneOf`, by references that no longer exist here
    return {key: _expanded(value, description, known) for key, value in node.items() if key != "discriminator"}


def _pattern(template: str, described: dict[str, Any]) -> re.Pattern[str]:
    parameters = {one["name"]: one for one in described.get("parameters", ()) if one["in"] == "path"}

    def group(name: str) -> str:
        if parameters[name].get("x-multi-segment"):
            return f"(?P<{name}>.+)"
        return f"(?P<{name}>[0-9]+)" if parameters[name]["schema"]["type"] == "integer" else f"(?P<{name}>[^/]+)"

    pieces = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(group(piece) if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)))


def _typed(schema: dict[str, Any], text: str) -> Any:
    return int(text) if schema.get("type") == "integer" and text.isdigit() else text


@functools.cache
def _validator(key: int) -> OAS30Validator:
    return OAS30Validator(_SCHEMAS[key], format_checker=oas30_format_checker)


_SCHEMAS: dict[int, dict[str, Any]] = {}


def _violations(name: str, part: str, schema: dict[str, Any], body: Any) -> list[str]:
    _SCHEMAS[id(schema)] = schema
    return [
        f"{name}: {part}: {error.json_path}: {error.message[:300]}"
        for error in _validator(id(schema)).iter_errors(body)
    ]


def _field_names(schema: dict[str, Any]) -> set[str]:
    names = set(schema.get("properties", {}))
    for choices in ("oneOf", "anyOf", "allOf"):
        for choice in schema.get(choices, ()):
            names |= _field_names(choice)
    return names


def smallest_of(schema: dict[str, Any]) -> Any:
    if schema.get("nullable"):
        return None
    for choices in ("oneOf", "anyOf"):
        if choices in schema:
            return smallest_of(schema[choices][0])
    if "enum" in schema:
        return schema["enum"][0]
    if "allOf" in schema:
        return {key: value for part in schema["allOf"] for key, value in smallest_of(part).items()}
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: smallest_of(properties[name]) for name in schema.get("required", ()) if name in properties}
    texts = {"uri": "https://github.example/", "date-time": "2026-01-01T00:00:00Z"}
    return {"array": [], "boolean": False, "integer": 0, "number": 0}.get(kind, texts.get(schema.get("format", ""), ""))
