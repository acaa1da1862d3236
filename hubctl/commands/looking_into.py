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
    A digest written beside the old tag is what runs, whatever the tag points at by now. An image that does not answer
    is not known: the change itself stands.
    """
    pairs = {query: _pairs(query, choice) for query, choice in choices.items() if isinstance(choice, Take)}
    facts = registry.inspect_all(sorted({pair for both in pairs.values() for pair in both if pair}, key=str))
    looked = dict(choices)
    for query, (old, new) in pairs.items():
        choice = choices[query]
        if isinstance(choice, Take):
            looked[query] = replace(choice, before=_origin(facts, old), after=_origin(facts, new))
    return looked


def _pairs(query: Query, choice: Take) -> tuple[Pair | None, Pair]:
    old = query.question.digest or query.question.tag
    return (query.name, old) if old else None, (query.name, choice.tag)


def _origin(facts: Mapping[Pair, ImageFacts | NoAnswer], pair: Pair | None) -> Origin | None:
    image = facts.get(pair) if pair else None
    if not isinstance(image, ImageFacts):
        return None
    return Origin(
        size=image.size,
        created=believed(image.created),
        source=image.labels.get(_SOURCE),
        revision=image.labels.get(_REVISION),
        repository=image.labels.get(_REPO2DOCKER),
    )
