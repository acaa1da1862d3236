"""What a reviewer wants to know of both images of a change: size, age, and where they say they were built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hubctl.commands.choosing import Asked, Pair, Query
from hubctl.images.choice import Choice, Origin, Take
from hubctl.images.facts import ImageFacts, NoAnswer, believed

_SOURCE = "org.opencontainers.image.source"
_REVISION = "org.opencontainers.image.revision"
_REPO2DOCKER = "repo2docker.repo"


def with_origins(choices: Mapping[Query, Choice], registry: Asked) -> dict[Query, Choice]:
    """Return the choices, with both images looked into where one is taken.

    That is at most one manifest and one config more for each image that moves; the new one was looked into before.
    An image that does not answer is not known: the change itself stands. An old tag that points elsewhere than the
    digest written beside it is not what runs, and one whose digest alone is replaced is another image by now.
    """
    pairs = {query: _pairs(query, choice) for query, choice in choices.items() if isinstance(choice, Take)}
    facts = registry.inspect_all(sorted({pair for both in pairs.values() for pair in both if pair}, key=str))
    looked = dict(choices)
    for query, (old, new) in pairs.items():
        choice = choices[query]
        if isinstance(choice, Take):
            before, after = _facts(facts, old, query.question.digest), _facts(facts, new, choice.digest)
            looked[query] = replace(choice, before=_origin(before), after=_origin(after))
    return looked


def _pairs(query: Query, choice: Take) -> tuple[Pair | None, Pair]:
    old = query.question.tag
    return (query.name, old) if old and old != choice.tag else None, (query.name, choice.tag)


def _facts(facts: Mapping[Pair, ImageFacts | NoAnswer], pair: Pair | None, digest: str | None) -> ImageFacts | None:
    found = facts.get(pair) if pair else None
    return found if isinstance(found, ImageFacts) and digest in (None, found.digest) else None


def _origin(image: ImageFacts | None) -> Origin | None:
    if image is None:
        return None
    return Origin(
        size=image.size,
        created=believed(image.created),
        source=image.labels.get(_SOURCE),
        revision=image.labels.get(_REVISION),
        repository=image.labels.get(_REPO2DOCKER),
    )
