"""Values against a chart's own JSON Schema, which anybody may have written: nothing is fetched, all is bounded.

Helm checks values by `values.schema.json` of a chart with a validator of draft 7 (gojsonschema), its subcharts' too.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Literal

from hubctl.adapters.schema import KINDS, Place
from hubctl.errors import HubctlError, Unparseable
from hubctl.show import near, show

MAX_STEPS = 50_000  # keywords looked at for one hub; the schema of the JupyterHub chart needs some thousands
MAX_FINDINGS = 50
_LONGEST_LIST = 1_000  # whose items are compared with each other
_SECONDS = 2.0
_AGAIN = 0.5  # seconds
_DEEPEST = 100  # levels of a schema in JSON
_CHOICES = frozenset({"const", "enum", "type"})


class SchemaUnusable(HubctlError):
    """A schema that cannot be used as it is: no schema, one that leads elsewhere, in a circle, or takes too long."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where values depart from a schema, and how.

    `missing` is about a key that is not there (the last step of `place`), `unknown` about one that should not be,
    `form` about a mapping or list as a whole, `value` about one value.
    """

    place: Place
    kind: Literal["missing", "unknown", "form", "value"]
    message: str


def schema_in_json(text: bytes, file: str) -> object:
    """Return the schema in the bytes of a `values.schema.json`; Unparseable where that is no JSON."""
    try:
        found: object = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise Unparseable("not JSON in UTF-8", file=file, line=line) from None
    if _is_deep(found, _DEEPEST):
        raise Unparseable(f"nested more than {_DEEPEST} levels deep", file=file)
    return found


def _is_deep(value: object, levels: int) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return bool(inner) and (levels == 0 or any(_is_deep(one, levels - 1) for one in inner))


class ChartSchema:
    """A schema that was found to be one, ready for many hubs."""

    def __init__(self, schema: object) -> None:
        self.schema = schema
        self._validator: Any = None

    def departures(self, values: object) -> tuple[Departure, ...]:
        """Return where `values` depart from the schema, at most 50; `SchemaUnusable` where that cannot be told."""
        with _refusals():
            if self._validator is None:
                self._validator = _validator(self.schema)
            self._validator.budget.steps = 0
            found: set[Departure] = set()
            for error in self._validator.check(values):
                found.update(_told(error))
                if len(found) >= MAX_FINDINGS:
                    break
        return tuple(sorted(found, key=lambda one: ([str(step) for step in one.place], one.message)))[:MAX_FINDINGS]


@dataclass(slots=True)
class _Budget:
    steps: int = 0

    def spend(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise SchemaUnusable(f"the schema takes more than {MAX_STEPS:,} steps for one hub")


@dataclass(frozen=True, slots=True)
class _Checked:
    budget: _Budget
    check: Callable[[object], Iterator[Any]]


def _validator(schema: object) -> _Checked:
    """Return a validator of the draft a schema names, else of draft 7, whose every keyword spends of one budget."""
    from jsonschema import Draft7Validator  # noqa: PLC0415  # 70 ms that only a check needs
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  # the same
    from jsonschema.validators import extend, validator_for  # noqa: PLC0415  # the same
    from referencing import Registry  # noqa: PLC0415  # the same

    if not isinstance(schema, Mapping | bool):
        raise SchemaUnusable("a schema is a mapping")
    base: Any = validator_for(schema, default=Draft7Validator)
    try:
        base.check_schema(schema)
    except SchemaError as error:
        place = ".".join(str(step) for step in error.absolute_path)
        raise SchemaUnusable(f"no schema: `{show(place, 120) or 'the whole file'}` is not what it must be") from None
    _refuse_remote(schema)
    budget = _Budget()
    limited = {name: _limited(check, budget) for name, check in base.VALIDATORS.items()}
    limited["uniqueItems"] = _limited(_bounded(base.VALIDATORS["uniqueItems"]), budget)
    extend_with: Any = extend
    extended = extend_with(base, limited)
    # An empty registry: a `$ref` that leads elsewhere fails instead of being fetched.
    registry: Registry[Any] = Registry()
    return _Checked(budget, extended(schema, registry=registry).iter_errors)


def _limited(check: Any, budget: _Budget) -> Any:  # noqa: ANN401  # a keyword of jsonschema
    def limited(*given: Any) -> Iterator[Any]:  # noqa: ANN401  # its arguments
        budget.spend()
        yield from check(*given) or ()

    return limited


def _bounded(check: Any) -> Any:  # noqa: ANN401  # a keyword of jsonschema
    def bounded(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: ANN401  # the same
        if isinstance(instance, list) and len(instance) > _LONGEST_LIST:
            raise SchemaUnusable(f"`uniqueItems` on a list of more than {_LONGEST_LIST:,} items")
        yield from check(validator, wanted, instance, schema) or ()

    return bounded


def _refuse_remote(schema: object) -> None:
    """Refuse a `$ref` that is not of this file, before anything hangs on whether it is reached."""
    known = {str(one["$id"]) for one in _mappings(schema) if isinstance(one.get("$id"), str)}
    for one in _mappings(schema):
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            target = one.get(keyword)
            if isinstance(target, str) and not target.startswith("#") and target.partition("#")[0] not in known:
                raise SchemaUnusable(f"`$ref` leads out of the file and is not fetched: `{show(target, 120)}`")


def _mappings(schema: object) -> Iterator[Mapping[str, Any]]:
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(value for key, value in one.items() if key not in {"enum", "const", "default", "examples"})
        elif isinstance(one, list):
            waiting.extend(one)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what a schema does to the library into `SchemaUnusable`, after two seconds, too."""
    import re  # noqa: PLC0415  # for its error alone

    from referencing.exceptions import Unresolvable  # noqa: PLC0415  # only a check needs it

    try:
        with _within(_SECONDS):
            yield
    except Unresolvable as error:
        raise SchemaUnusable(f"`$ref` leads nowhere: `{show(str(error.ref), 120)}`") from None
    except RecursionError:
        raise SchemaUnusable("`$ref` leads in a circle") from None
    except re.error as error:
        raise SchemaUnusable(f"a pattern is no regular expression: {show(str(error), 80)}") from None


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise `SchemaUnusable` in here after some seconds: Python's regular expressions heed signals alone.

    Only the main thread can be stopped so; elsewhere the count of steps is the only limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SchemaUnusable(f"the schema takes more than {seconds:g} seconds for one hub")

    before = signal.signal(signal.SIGALRM, stop)
    # once more after a while: where it arrives in a finalizer, Python throws away what is raised
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _told(error: Any) -> Iterator[Departure]:  # noqa: ANN401  # jsonschema's ValidationError, imported late
    place: Place = tuple(error.absolute_path)
    if error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield Departure((*place, key), "missing", f"`{show(_name((*place, key)), 160)}` is missing")
    elif error.validator == "additionalProperties":
        for key in _unknown(error):
            yield Departure((*place, key), "unknown", _unknown_key(key, list(error.schema.get("properties", {}))))
    elif error.validator in {"anyOf", "oneOf"}:
        meant = _meant(error)
        if meant:
            for inner in meant:
                yield from _told(inner)
        else:
            yield Departure(place, "form", f"{_called(place)} fits none of the forms the chart takes, or several")
    else:
        whole = isinstance(error.instance, dict | list) and error.validator != "type"
        yield Departure(place, "form" if whole else "value", f"{_called(place)} is not {_expected(error)}")


def _unknown(error: Any) -> list[str]:  # noqa: ANN401  # the same
    """The keys that `additionalProperties` is about: those that neither a property nor a pattern names."""
    import re  # noqa: PLC0415  # only here

    patterns = error.schema.get("patternProperties", {})
    known = error.schema.get("properties", {})
    return sorted(
        key for key in error.instance if key not in known and not any(re.search(one, key) for one in patterns)
    )


def _meant(error: Any) -> list[Any]:  # noqa: ANN401  # the same
    """The errors of the one form that was meant: the only one that fails by nothing that tells forms apart."""
    forms: dict[Any, list[Any]] = {}
    for inner in error.context:
        forms.setdefault(inner.schema_path[0], []).append(inner)
    meant = [found for found in forms.values() if not any(one.validator in _CHOICES for one in found)]
    return meant[0] if len(meant) == 1 else []


def _unknown_key(key: str, known: list[str]) -> str:
    nearest = near(key, known)[:1]
    return f"unknown key `{show(key, 80)}`" + "".join(f", did you mean `{show(word, 80)}`?" for word in nearest)


def _called(place: Place) -> str:
    return f"`{show(_name(place), 160)}`" if place else "the whole"


def _name(place: Place) -> str:
    return ".".join(map(str, place))


def _expected(error: Any) -> str:  # noqa: ANN401  # the same
    wanted = error.validator_value
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return " or ".join(KINDS.get(str(kind), show(str(kind), 40)) for kind in kinds)
    if error.validator == "enum":
        return "one of " + ", ".join(f"`{show(str(word), 40)}`" for word in wanted[:10])
    worded = {
        "const": "`{}`",
        "maxItems": "a list of at most {}",
        "maximum": "at most {}",
        "minItems": "a list of at least {}",
        "minimum": "at least {}",
        "pattern": "a text like `{}`",
    }
    told = worded.get(error.validator)
    return told.format(show(str(wanted), 80)) if told else f"as its `{show(str(error.validator), 40)}` wants it"
