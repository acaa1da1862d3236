"""From questions to choices: the pure engine decides, the registry is asked for exactly what it lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from hubctl.images.choice import Ask, Choice
from hubctl.images.choose import Known, Question, choose
from hubctl.images.facts import ImageFacts, Listing, NoAnswer
from hubctl.images.reference import ImageName

_AT_ONCE = 16  # questions in work; the registry itself keeps at most four requests in flight to a host


class Asked(Protocol):
    """What choosing needs of a registry; each call answers with facts or a `NoAnswer`, never with an exception."""

    def digest(self, name: ImageName, tag: str) -> str | NoAnswer:
        """Return the digest a tag has now."""
        ...

    def inspect(self, name: ImageName, tag: str) -> ImageFacts | NoAnswer:
        """Return what a tag points at."""
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

    return dict(zip(distinct, _in_parallel(decide, distinct), strict=True))


def decided(query: Query, listing: Listing | NoAnswer, registry: Asked, now: dt.datetime) -> Choice:
    """Return the choice for one query, asking until the engine needs no more."""
    digests: dict[str, str | NoAnswer] = {}
    images: dict[str, ImageFacts | NoAnswer] = {}
    while True:
        answer = choose(query.question, Known(listing, digests, images), now)
        if not isinstance(answer, Ask):
            return answer
        for tag in answer.tags:
            if answer.what == "digest":
                digests[tag] = registry.digest(query.name, tag)
            else:
                images[tag] = registry.inspect(query.name, tag)


def _in_parallel(work: Callable[[Query], Choice], queries: Sequence[Query]) -> list[Choice]:
    pool = ThreadPoolExecutor(max_workers=_AT_ONCE)
    try:
        return list(pool.map(work, queries))
    finally:
        # An interrupt must not wait for servers that are slow to answer.
        pool.shutdown(wait=False, cancel_futures=True)
