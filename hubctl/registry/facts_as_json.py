"""Facts as JSON and back, read with suspicion: a file of facts can come from anywhere (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, TypeAlias, TypeVar

from hubctl.errors import Unparseable
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import is_digest
from hubctl.registry.answers import MOST_TAGS, usable_tag
from hubctl.registry.times import from_iso
from hubctl.show import show

Json: TypeAlias = dict[str, object]
_T = TypeVar("_T")

_CODES = frozenset({"denied", "no-such-image", "no-such-tag", "unconfirmed", "no-answer"})
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PLATFORM = re.compile(r"[\w.-]{1,64}/[\w.-]{1,64}(/[\w.-]{1,64})?", re.ASCII)
_SENTENCE = 4_000
_LABEL = 64 * 1024


def moment_as_text(moment: datetime) -> str:
    """Return an aware UTC moment as RFC 3339: `2026-06-05T12:00:00Z`."""
    return moment.isoformat().replace("+00:00", "Z")


def tag_as_json(fact: TagFact) -> Json:
    """Return a tag; what is not known of it is left out."""
    moments = {"pushed": fact.pushed, "created": fact.created, "expires": fact.expires}
    known = {key: moment_as_text(moment) for key, moment in moments.items() if moment}
    digest = {"digest": fact.digest} if fact.digest else {}
    return {"name": fact.name, **digest, **known, "source": fact.source}


def listing_as_json(listing: Listing) -> Json:
    """Return a tag list in its own order."""
    return {
        "source": listing.source,
        "notes": list(listing.notes),
        "tags": [tag_as_json(fact) for fact in listing.tags],
    }


def image_as_json(facts: ImageFacts) -> Json:
    """Return what a tag points at."""
    created = {"created": moment_as_text(facts.created)} if facts.created else {}
    size = {} if facts.size is None else {"size": facts.size}
    return {
        "digest": facts.digest,
        "platforms": list(facts.platforms),
        **created,
        **size,
        "labels": dict(facts.labels),
        "notes": list(facts.notes),
    }


def refusal_as_json(answer: NoAnswer) -> Json:
    """Return why there was no answer."""
    return {"code": answer.code, "why": answer.why}


@dataclass(frozen=True, slots=True)
class Written:
    """A value in a file of JSON and where it stands there; every question is answered or raises Unparseable."""

    value: object
    place: str
    file: str

    def wrong(self, what: str) -> NoReturn:
        """Raise Unparseable: this value is not what belongs here."""
        raise Unparseable(f"`{show(self.place, 160) or 'the file'}` is {what}", file=self.file, code="bad-recording")

    def fields(self, *known: str) -> Mapping[str, Written]:
        """Return the fields of an object; with `known`, no others may stand in it."""
        if not isinstance(self.value, dict):
            self.wrong("no object")
        read = {key: Written(value, f"{self.place}.{key}".lstrip("."), self.file) for key, value in self.value.items()}
        for key in read.keys() - known if known else ():
            read[key].wrong("an unknown field")
        return read

    def items(self, most: int = MOST_TAGS) -> list[Written]:
        """Return the items of a list."""
        if not isinstance(self.value, list) or len(self.value) > most:
            self.wrong(f"no list of at most {most} items")
        return [Written(value, f"{self.place}[{index}]", self.file) for index, value in enumerate(self.value)]

    def text(self, most: int = _SENTENCE) -> str:
        """Return a text of at most `most` characters."""
        if not isinstance(self.value, str) or len(self.value) > most:
            self.wrong(f"no text of at most {most} characters")
        return self.value

    def sentence(self) -> str:
        """Return a text that can be shown as it is."""
        return show(self.text(), _SENTENCE)

    def matching(self, test: Callable[[str], object], kind: str) -> str:
        """Return a text that passes `test`."""
        text = self.text()
        return text if test(text) else self.wrong(f"no {kind}")

    def digest(self) -> str:
        """Return a sha256 or sha512 digest."""
        return self.matching(is_digest, "digest")

    def moment(self) -> datetime:
        """Return an RFC 3339 moment."""
        return from_iso(self.text()) or self.wrong("no moment such as `2026-06-05T12:00:00Z`")

    def number(self) -> int:
        """Return a whole number of at least 0."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            self.wrong("no whole number of at least 0")
        return self.value

    def tag_fact(self) -> TagFact:
        """Return one tag."""
        fields = self.fields("name", "digest", "pushed", "created", "expires", "source")
        return TagFact(
            _needed(self, fields, "name").matching(usable_tag, "tag"),
            digest=fields["digest"].digest() if "digest" in fields else None,
            pushed=_moment(fields, "pushed"),
            created=_moment(fields, "created"),
            expires=_moment(fields, "expires"),
            source=_needed(self, fields, "source").matching(_WORD.fullmatch, "source"),
        )

    def listing(self) -> Listing:
        """Return a tag list."""
        fields = self.fields("source", "notes", "tags")
        return Listing(
            tuple(item.tag_fact() for item in _needed(self, fields, "tags").items()),
            _needed(self, fields, "source").matching(_WORD.fullmatch, "source"),
            _notes(fields),
        )

    def image_facts(self) -> ImageFacts:
        """Return what a tag points at."""
        fields = self.fields("digest", "platforms", "created", "size", "labels", "notes")
        labels = fields["labels"].fields() if "labels" in fields else {}
        return ImageFacts(
            digest=_needed(self, fields, "digest").digest(),
            platforms=tuple(item.matching(_PLATFORM.fullmatch, "platform") for item in _items(fields, "platforms")),
            created=_moment(fields, "created"),
            labels={key: label.text(_LABEL) for key, label in labels.items()},
            size=fields["size"].number() if "size" in fields else None,
            notes=_notes(fields),
        )

    def or_refusal(self, read: Callable[[Written], _T]) -> _T | NoAnswer:
        """Return what `read` makes of this value, or the refusal that stands in its place."""
        if not (isinstance(self.value, dict) and "code" in self.value):
            return read(self)
        fields = self.fields("code", "why")
        code = fields["code"].matching(_CODES.__contains__, "code of a question without answer")
        return NoAnswer(code, _needed(self, fields, "why").sentence())


def _needed(at: Written, fields: Mapping[str, Written], key: str) -> Written:
    return fields[key] if key in fields else at.wrong(f"without `{key}`")


def _moment(fields: Mapping[str, Written], key: str) -> datetime | None:
    return fields[key].moment() if key in fields else None


def _items(fields: Mapping[str, Written], key: str) -> list[Written]:
    return fields[key].items() if key in fields else []


def _notes(fields: Mapping[str, Written]) -> tuple[str, ...]:
    return tuple(item.sentence() for item in _items(fields, "notes"))
