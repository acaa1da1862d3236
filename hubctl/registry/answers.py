"""What every question shares: how it fails, how much time it may take, and JSON read with suspicion."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from typing import TypeVar

from hubctl.errors import HubctlError
from hubctl.images.facts import NoAnswer
from hubctl.images.reference import is_digest, is_tag
from hubctl.images.shape import is_signature
from hubctl.registry.times import from_iso

_T = TypeVar("_T")

MOST_PAGES = 1_000
MOST_TAGS = 100_000
_GLANCE = 256


class Unanswered(HubctlError):
    """A question that got no usable answer; `code` is one of those of NoAnswer, `reached` whether any came."""

    default_code = "no-answer"

    def __init__(self, message: str, *, code: str | None = None, reached: bool = True) -> None:
        super().__init__(message, code=code)
        self.reached = reached

    def as_value(self) -> NoAnswer:
        """Return the same as a value that can be kept beside answers."""
        return NoAnswer(self.code, self.message)


class Allowance:
    """The seconds one question may take in all; waiting for a limit that the server sets is not among them."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Seconds that remain, 0 at least."""
        return max(0.0, self._left)

    def spend(self, seconds: float) -> None:
        """Take the seconds that passed."""
        with self._lock:
            self._left -= seconds


def read_object(body: bytes, host: str) -> dict[str, object]:
    """Return the JSON object in `body`; Unanswered for anything else, however deep or long."""
    return expect(_read(body, host), dict, host, "its answer")


def read_list(body: bytes, host: str) -> list[object]:
    """Return the JSON list in `body`; Unanswered as `read_object`."""
    return expect(_read(body, host), list, host, "its answer")


def _read(body: bytes, host: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        page = body[:_GLANCE].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body"))
        hint = ", but with a web page: is a proxy or a login page in between?" if page else ""
        raise Unanswered(f"`{host}` did not answer in JSON{hint}") from None


def unknown_form(host: str, what: str) -> Unanswered:
    """Return the refusal of an answer that is not of the form its API has."""
    return Unanswered(f"`{host}` answered in an unknown form: {what}")


def expect(value: object, kind: type[_T], host: str, what: str) -> _T:
    """Return `value` if it is of `kind` (a bool is no int), else raise Unanswered naming `what` was wrong."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise unknown_form(host, f"{what} is no {_NAMES[kind]}")
    return value


def optional(value: object, kind: type[_T], host: str, what: str) -> _T | None:
    """Return None for null or an absent field, else as `expect`."""
    return None if value is None else expect(value, kind, host, what)


def expect_digest(value: object, host: str, what: str) -> str:
    """Return `value` if it is a digest, else raise Unanswered naming `what`."""
    digest = expect(value, str, host, what)
    if not is_digest(digest):
        raise unknown_form(host, f"{what} is no digest")
    return digest


def optional_moment(value: object, host: str, what: str) -> datetime | None:
    """Return the moment of an RFC 3339 text, None for null and an empty one; Unanswered for anything else."""
    text = optional(value, str, host, what)
    if not text:
        return None
    moment = from_iso(text)
    if moment is None:
        raise unknown_form(host, f"{what} is no date")
    return moment


_NAMES: dict[type, str] = {dict: "object", list: "list", str: "text", int: "whole number", bool: "true or false"}


def usable_tag(value: object) -> str | None:
    """Return a tag name a reference can hold, None for signatures, digests, nulls and hostile text."""
    if not isinstance(value, str) or not is_tag(value) or is_signature(value):
        return None
    return value
