"""From questions to choices: the pure engine decides, the registry is asked for exactly what it lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from hubctl.adapters.threads import side_by_side
from hubctl.images.choice import Ask, Choice
from hubctl.images.choose import Known, Question, choose
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import ImageName

Pair: TypeAlias = tuple[ImageName, str]

_AT_ONCE = 16  # questions in work; the registry itself keeps at most four requests in flight to a host


class Asked(Protocol):
    """What choosing needs of a registry; each call answers with facts or a `NoAnswer`, never with an exception."""

    def digests_of(self, tags: Iterable[Pair]) -> Mapping[Pair, str | NoAnswer]:
        """Return the digest each tag has now."""
        ...

    def inspect_all(self, tags: Iterable[Pair]) -> Mapping[Pair, ImageFacts | NoAnswer]:
        """Return what each tag points at."""
        ...

    def history_of(self, tags: Iterable[Pair]) -> Mapping[Pair, tuple[TagFact, ...] | NoAnswer]:
        """Return what each tag pointed at, newest first, `expires` being when it left; empty where nobody remembers."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """A question together with the name by which the registry knows the image."""

    name: ImageName
    question: Question


def choose_all(
    queries: Sequence[Query], listings: Mapping[str, Listing | NoAnswer], registry: Asked, now: dt.datetime
) -> dict[Query, Choice]:
    """Return a choice for each distinct query; `listings` is keyed by the normalised image name."""
    distinct = list(dict.fromkeys(queries))

    def decide(query: Query) -> Choice:
        return decided(query, listings[query.name.key], registry, now)

    return side_by_side([distinct], decide, workers=_AT_ONCE)


def decided(
    query: Query,
    listing: Listing | NoAnswer,
    registry: Asked,
    now: dt.datetime,
    *,
    barred: Mapping[str, str] | None = None,
) -> Choice:
    """Return the choice for one query, asking until the engine needs no more.

    `barred` are the tags that the image's group does not take, with the reason; None where it is in no group.
    """
    digests: dict[str, str | NoAnswer] = {}
    images: dict[str, ImageFacts | NoAnswer] = {}
    past: dict[str, tuple[TagFact, ...] | NoAnswer] = {}
    while True:
        answer = choose(query.question, Known(listing, digests, images, past, barred), now)
        if not isinstance(answer, Ask):
            return answer
        asked = [(query.name, tag) for tag in answer.tags]
        if answer.what == "digest":
            digests |= {tag: found for (_, tag), found in registry.digests_of(asked).items()}
        elif answer.what == "inspect":
            images |= {tag: found for (_, tag), found in registry.inspect_all(asked).items()}
        else:
            past |= {tag: found for (_, tag), found in registry.history_of(asked).items()}
