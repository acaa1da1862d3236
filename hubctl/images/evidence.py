"""What is known of one tag: when it was pushed and built, whether it runs here, and what a choice of it may show."""

from __future__ import annotations

import datetime as dt

from hubctl.images.case import Case
from hubctl.images.choice import Evidence
from hubctl.images.facts import PLATFORM, ImageFacts


def day(moment: dt.datetime) -> str:
    return moment.date().isoformat()


def is_older(case: Case, tag: str) -> str | None:
    """Return what shows the image of `tag` older than the current one, None where no date does."""
    pushed, current = case.pushed(tag), case.pushed(case.tag)
    if pushed and current and pushed < current:
        return f"pushed {day(pushed)}, before the current tag ({day(current)})"
    created, current = case.created_at_hand(tag), case.created_at_hand(case.tag)
    if created and current and created < current:
        return f"created {day(created)}, before the current tag ({day(current)})"
    return None


def inspect_both(case: Case, tag: str) -> tuple[ImageFacts | None, ImageFacts | None]:
    """Return what `tag` and the current tag point at, None where one of them does not exist; asked together."""
    images = case.images([tag, case.tag] if case.listed else [tag])
    return images.get(tag), images.get(case.tag)


def evidence(case: Case, tag: str, image: ImageFacts, twin_of: str | None = None) -> Evidence:
    fact = case.tags.get(tag)
    return Evidence(
        source=fact.source if fact else case.source,
        pushed=case.pushed(tag),
        created=case.created_at_hand(tag),
        digest=image.digest,
        twin_of=twin_of,
    )


def warnings(case: Case) -> tuple[str, ...]:
    if case.bare:
        return () if case.listed else (f"there is no `{case.tag}`: the newest tag of the kind that was pushed last",)
    failure = case.failure(case.tag)
    if case.listed and not (failure and failure.code == "no-such-tag"):
        return ()
    return (f"the current tag `{case.tag}` is not in the registry's list: deleted, or a typing error",)


def no_image(case: Case, tag: str) -> str:
    """Return why a listed tag that was asked for has no image."""
    failure = case.failure(tag)
    return failure.why if failure and failure.code == "unconfirmed" else "listed, but it no longer exists"


def runs_here(image: ImageFacts) -> bool:
    return any(platform == PLATFORM or platform.startswith(PLATFORM + "/") for platform in image.platforms)


def too_young(case: Case, tag: str) -> str | None:
    """Return why the tag has not the policy's minimum age; an unknown age counts as too young."""
    if not case.policy.minimum_age:
        return None
    moment = case.pushed(tag) or case.created_at_hand(tag)
    if moment is None:
        case.images([tag])
        moment = case.created_at_hand(tag)
    if moment is None:
        return "its age is unknown"
    if case.now - moment < case.policy.minimum_age:
        verb = "pushed" if case.pushed(tag) else "created"
        return f"{verb} {day(moment)}, younger than {_span(case.policy.minimum_age)}"
    return None


def _span(age: dt.timedelta) -> str:
    hours = age / dt.timedelta(hours=1)
    return f"{hours / 24:g} days" if hours % 24 == 0 else f"{hours:g} hours"
