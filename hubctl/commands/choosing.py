"""From questions to choices: the pure engine decides, the registry is asked for exactly what it lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from hubctl.adapters.threads import side_by_side
from hubctl.fleet.staging import Wait
from hubctl.images.case import usable_tags
from hubctl.images.choice import Ask, Choice, Keep, Take
from hubctl.images.choose import Known, Question, choose
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.groups import Chosen, Group, barred_by_lists, barred_by_others, held_back, refusal_of
from hubctl.images.reference import ImageName

Pair: TypeAlias = tuple[ImageName, str]

_ROUNDS = 30  # of a group that does not come to agree
AT_ONCE = 8  # questions in work a host; the registry itself keeps at most four requests in flight to it


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
    """A question together with the name by which the registry knows the image.

    `wait` is what its places wait for before they follow staging, None where they need not.
    """

    name: ImageName
    question: Question
    wait: Wait | None = None


def choose_all(
    queries: Sequence[Query],
    listings: Mapping[str, Listing | NoAnswer],
    registry: Asked,
    now: dt.datetime,
    groups: Sequence[Group] = (),
) -> dict[Query, Choice]:
    """Return a choice for each distinct query; `listings` is keyed by the normalised image name.

    The images of one group move together: what one of them cannot take, none takes, so their places are decided
    again until all agree; members without a place among the queries are looked into for what would be taken. Where
    one of them could not be told, none moves. `listings` holds all their members.
    """
    distinct = list(dict.fromkeys(queries))
    listings, barred = _of_groups(groups, distinct, listings)
    choices: dict[Query, Choice] = {}
    silent: dict[Pair, Choice] = {}
    pending = distinct
    for _ in range(_ROUNDS):
        choices |= _decide_all(pending, listings, registry, now, barred)
        silent |= _of_silent(groups, choices, registry, silent)
        chosen = _chosen(choices, silent)
        again = [group for group in groups if _bar_more(group, chosen, barred)]
        keys = frozenset[str]().union(*(group.keys for group in again))
        pending = [query for query in distinct if query.name.key in keys]
        if not pending:
            break
    for query in pending:
        why = "its images did not agree on a tag: each refuses what the others would take"
        choices[query] = Keep("group", why) if isinstance(choices[query], Take) else choices[query]
    return choices | _held_back(groups, choices, _chosen(choices, silent))


def _of_silent(
    groups: Sequence[Group], choices: Mapping[Query, Choice], registry: Asked, silent: Mapping[Pair, Choice]
) -> dict[Pair, Choice]:
    """Return what speaks against tags that would be taken for members of a group that no query is about."""
    asked = {query.name.key for query in choices if query.question.needs_tags}
    wanted: dict[Pair, None] = {}
    for group in groups:
        taken = [each.tag for query, each in choices.items() if query.name.key in group.keys and isinstance(each, Take)]
        members = [member for member in group.members if member.key not in asked]
        wanted |= dict.fromkeys((member, tag) for member in members for tag in taken if (member, tag) not in silent)
    answers = registry.inspect_all(wanted) if wanted else {}
    refusals = {pair: refusal_of(pair[1], answer) for pair, answer in answers.items()}
    return {pair: refusal for pair, refusal in refusals.items() if refusal}


def _of_groups(
    groups: Sequence[Group], queries: Sequence[Query], listings: Mapping[str, Listing | NoAnswer]
) -> tuple[Mapping[str, Listing | NoAnswer], dict[str, dict[str, str]]]:
    """Return the listings, refused for all members where one is missing, and the tags that not all members have."""
    named = next((query.question.policy.tag for query in queries if query.question.policy.kind == "to"), None)
    refused: dict[str, NoAnswer] = {}
    barred: dict[str, dict[str, str]] = {}
    for group in groups:
        found = barred_by_lists(group, listings, named)
        for key in group.keys:
            if isinstance(found, NoAnswer):
                refused[key] = found
            barred[key] = {} if isinstance(found, NoAnswer) else dict(found)
    return {**listings, **refused}, barred


def _decide_all(
    queries: Sequence[Query],
    listings: Mapping[str, Listing | NoAnswer],
    registry: Asked,
    now: dt.datetime,
    barred: Mapping[str, Mapping[str, str]],
) -> dict[Query, Choice]:
    def decide(query: Query) -> Choice:
        return decided(query, listings[query.name.key], registry, now, barred=barred.get(query.name.key))

    # By host, so that one that is slow or limits requests keeps no other waiting.
    by_host: dict[str, list[Query]] = {}
    for query in queries:
        by_host.setdefault(query.name.host, []).append(query)
    found = side_by_side(by_host.values(), decide, workers=AT_ONCE)
    return {query: found[query] for query in queries}  # whoever answered first is not the first


def _bar_more(group: Group, chosen: Sequence[Chosen], barred: dict[str, dict[str, str]]) -> bool:
    """Add to `barred` what a member refused, and return whether that was new to another."""
    more = barred_by_others(group, chosen, barred)
    for key, tags in more.items():
        barred[key] |= tags
    return bool(more)


def _held_back(
    groups: Sequence[Group], choices: Mapping[Query, Choice], chosen: Sequence[Chosen]
) -> dict[Query, Choice]:
    """Return the places that would move beside one of their group that could not be told."""
    held: dict[Query, Choice] = {}
    for group in groups:
        if unknown := held_back(group, chosen):
            members = (query for query in choices if query.name.key in group.keys)
            held |= {query: unknown for query in members if isinstance(choices[query], Take)}
    return held


def _chosen(choices: Mapping[Query, Choice], silent: Mapping[Pair, Choice]) -> list[Chosen]:
    places = [Chosen(query.name, query.question.tag, choice) for query, choice in choices.items()]
    return places + [Chosen(name, None, choice) for (name, _), choice in silent.items()]


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
    tags = usable_tags(listing) if isinstance(listing, Listing) else None
    while True:
        answer = choose(query.question, Known(listing, digests, images, past, barred, tags), now)
        if not isinstance(answer, Ask):
            return answer
        asked = [(query.name, tag) for tag in answer.tags]
        if answer.what == "digest":
            digests |= {tag: found for (_, tag), found in registry.digests_of(asked).items()}
        elif answer.what == "inspect":
            images |= {tag: found for (_, tag), found in registry.inspect_all(asked).items()}
        else:
            past |= {tag: found for (_, tag), found in registry.history_of(asked).items()}
