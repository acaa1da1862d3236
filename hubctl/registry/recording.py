"""A recording: every answer of a run as one JSON file, from which the run can be played again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeAlias, TypeVar

from hubctl.errors import Unparseable
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import ImageName, is_tag
from hubctl.registry.facts_as_json import (
    Json,
    Written,
    image_as_json,
    listing_as_json,
    refusal_as_json,
    tag_as_json,
)
from hubctl.show import show

Pair: TypeAlias = tuple[ImageName, str]
Past: TypeAlias = tuple[TagFact, ...]
_T = TypeVar("_T")

VERSION = 1
_MOST_PAST = 100_000


class Answers(Protocol):
    """Whoever answers questions about images."""

    @property
    def notes(self) -> tuple[str, ...]: ...
    def tags_of(self, names: Iterable[ImageName]) -> Mapping[ImageName, Listing | NoAnswer]: ...
    def digests_of(self, tags: Iterable[Pair]) -> Mapping[Pair, str | NoAnswer]: ...
    def inspect_all(self, tags: Iterable[Pair]) -> Mapping[Pair, ImageFacts | NoAnswer]: ...
    def history_of(self, tags: Iterable[Pair]) -> Mapping[Pair, Past | NoAnswer]: ...


class Recording:
    """Passes questions on and takes every answer down."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._lists: Json = {}
        self._tags: dict[str, dict[str, Json]] = {}
        self._lock = threading.Lock()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know."""
        return self._answers.notes

    def tags_of(self, names: Iterable[ImageName]) -> Mapping[ImageName, Listing | NoAnswer]:
        """Return tag lists."""
        answers = self._answers.tags_of(names)
        with self._lock:
            for name, answer in answers.items():
                self._lists[name.key] = _written(answer, listing_as_json)
        return answers

    def digests_of(self, tags: Iterable[Pair]) -> Mapping[Pair, str | NoAnswer]:
        """Return digests."""
        return self._taken("digests", self._answers.digests_of(tags), lambda digest: digest)

    def inspect_all(self, tags: Iterable[Pair]) -> Mapping[Pair, ImageFacts | NoAnswer]:
        """Return what tags point at."""
        return self._taken("inspected", self._answers.inspect_all(tags), image_as_json)

    def history_of(self, tags: Iterable[Pair]) -> Mapping[Pair, Past | NoAnswer]:
        """Return where tags pointed before."""
        return self._taken("history", self._answers.history_of(tags), lambda past: [tag_as_json(fact) for fact in past])

    def as_bytes(self) -> bytes:
        """Return the recording, the same for the same answers."""
        lists = {key: {"list": listing} for key, listing in self._lists.items()}
        images = {key: {**lists.get(key, {}), **self._tags.get(key, {})} for key in {*lists, *self._tags}}
        whole = {"version": VERSION, "images": images}
        return (json.dumps(whole, indent=1, sort_keys=True) + "\n").encode()

    def _taken(
        self, what: str, answers: Mapping[Pair, _T | NoAnswer], as_json: Callable[[_T], object]
    ) -> Mapping[Pair, _T | NoAnswer]:
        with self._lock:
            for (name, tag), answer in answers.items():
                self._tags.setdefault(name.key, {}).setdefault(what, {})[tag] = _written(answer, as_json)
        return answers


class Replay:
    """Answers from a recording alone; `file` is its name in messages."""

    def __init__(self, text: bytes, file: str) -> None:
        """Read the recording; Unparseable for anything that is none, of another version, or holds a wrong value."""
        self._file = file
        self._lists: dict[str, Listing | NoAnswer] = {}
        self._digests: dict[tuple[str, str], str | NoAnswer] = {}
        self._inspected: dict[tuple[str, str], ImageFacts | NoAnswer] = {}
        self._history: dict[tuple[str, str], Past | NoAnswer] = {}
        for key, image in _images(text, file).items():
            self._read(key, image)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return that nothing was asked."""
        return (f"answers are those of `{show(self._file)}`: no registry was asked",)

    def tags_of(self, names: Iterable[ImageName]) -> Mapping[ImageName, Listing | NoAnswer]:
        """Return tag lists."""
        return {name: self._lists.get(name.key) or self._missing(f"the tags of `{name}`") for name in names}

    def digests_of(self, tags: Iterable[Pair]) -> Mapping[Pair, str | NoAnswer]:
        """Return digests."""
        return self._given(self._digests, tags, "where `{}` points")

    def inspect_all(self, tags: Iterable[Pair]) -> Mapping[Pair, ImageFacts | NoAnswer]:
        """Return what tags point at."""
        return self._given(self._inspected, tags, "what `{}` points at")

    def history_of(self, tags: Iterable[Pair]) -> Mapping[Pair, Past | NoAnswer]:
        """Return where tags pointed before."""
        return self._given(self._history, tags, "the past of `{}`")

    def _given(
        self, known: Mapping[tuple[str, str], _T | NoAnswer], tags: Iterable[Pair], what: str
    ) -> Mapping[Pair, _T | NoAnswer]:
        answers: dict[Pair, _T | NoAnswer] = {}
        for name, tag in tags:
            found = known.get((name.key, tag))
            answers[name, tag] = self._missing(what.format(f"{name}:{tag}")) if found is None else found
        return answers

    def _missing(self, what: str) -> NoAnswer:
        return NoAnswer("no-answer", f"not asked: `{show(self._file)}` does not hold {what}")

    def _read(self, key: str, image: Written) -> None:
        fields = image.fields("list", "digests", "inspected", "history")
        if "list" in fields:
            self._lists[key] = fields["list"].or_refusal(Written.listing)
        self._digests |= _by_tag(key, fields, "digests", Written.digest)
        self._inspected |= _by_tag(key, fields, "inspected", Written.image_facts)
        self._history |= _by_tag(key, fields, "history", _past)


def _written(answer: _T | NoAnswer, as_json: Callable[[_T], object]) -> object:
    return refusal_as_json(answer) if isinstance(answer, NoAnswer) else as_json(answer)


def _images(text: bytes, file: str) -> Mapping[str, Written]:
    try:
        whole = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise Unparseable("not UTF-8", file=file, line=line, code="bad-recording") from None
    except json.JSONDecodeError as error:
        raise Unparseable(f"not JSON: {error.msg}", file=file, line=error.lineno, code="bad-recording") from None
    except (ValueError, RecursionError):
        raise Unparseable("not JSON that can be read", file=file, code="bad-recording") from None
    top = Written(whole, "", file)
    version = top.fields().get("version")
    if version is None or version.value != VERSION or isinstance(version.value, bool):
        raise Unparseable(f"no recording of version {VERSION}", file=file, code="bad-recording")
    fields = top.fields("version", "images")
    if "images" not in fields:
        raise Unparseable("no recording: it is without `images`", file=file, code="bad-recording")
    return fields["images"].fields()


def _by_tag(
    key: str, fields: Mapping[str, Written], what: str, read: Callable[[Written], _T]
) -> dict[tuple[str, str], _T | NoAnswer]:
    answers: dict[tuple[str, str], _T | NoAnswer] = {}
    for tag, written in fields[what].fields().items() if what in fields else ():
        if not is_tag(tag):
            written.wrong("of no tag")
        answers[key, tag] = written.or_refusal(read)
    return answers


def _past(at: Written) -> Past:
    return tuple(item.tag_fact() for item in at.items(_MOST_PAST))
