"""What a run notices beside its plan: images that nobody pushes any more, and a tag unlike all others of its image."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from hubctl.commands.planning import Asking
from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.health import lone_shape, replacement, silence
from hubctl.images.reference import ImageName
from hubctl.images.shape import shape_of
from hubctl.images.site import Site
from hubctl.problem import Problem
from hubctl.show import show


def notices(asking: Asking, listings: Mapping[str, Listing | NoAnswer], now: dt.datetime) -> Iterator[Problem]:
    """Yield the problems of the images that are asked about; none of them fails a run.

    `listings` are the answers by normalised image name; what was not asked is missing.
    """
    yield from _dead(asking, listings, now)
    yield from _odd(asking)


def dead(name: ImageName, listing: Listing | NoAnswer, now: dt.datetime) -> tuple[str, ...]:
    """Return the note that nobody pushes an image any more, with what goes on in its place; nothing for one alive."""
    said, other = silence(name, listing, now), replacement(name)
    return (show(said, 400) + (f": use `{other}`" if other else ""),) if said else ()


def _dead(asking: Asking, listings: Mapping[str, Listing | NoAnswer], now: dt.datetime) -> Iterator[Problem]:
    seen: set[str] = set()
    for site in sorted(asking.queries, key=lambda site: (site.file, site.line)):
        name = asking.queries[site].name
        said = silence(name, listings.get(name.key), now) if name.key not in seen else None
        seen.add(name.key)
        if said:
            other = replacement(name)
            mend = f"use `{other}`" if other else "look for its successor, or `# hubctl: pin because …`"
            yield Problem(site.file, site.line, "dead-image", show(said, 400), mend)


def _odd(asking: Asking) -> Iterator[Problem]:
    uses: dict[str, list[Site]] = {}
    for site, names in asking.used.items():
        if site.tag is not None and len(names) == 1:
            uses.setdefault(names[0].key, []).append(site)
    for site, query in asking.queries.items():
        if site.tag is None or query.question.policy.kind == "pin":
            continue
        others = [other.tag for other in uses.get(query.name.key, ()) if other != site and other.tag is not None]
        if shape := lone_shape(site.tag, others):
            said = f"`{site.tag}` is a tag of the shape {shape_of(site.tag)}, all {len(others)} other uses of"
            mend = "correct it, or write `# hubctl: pin because …` beside it"
            yield Problem(site.file, site.line, "odd-tag", f"{said} `{query.name}` have {shape}", mend)
