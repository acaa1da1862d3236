"""`hubctl image tags`: what a registry has under one name, without a repository."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from hubctl.adapters.clock import Waiting
from hubctl.commands.answering import Answers, answering
from hubctl.commands.noticing import dead
from hubctl.commands.reports import TagsReport
from hubctl.commands.requests import ImageTags, Sources
from hubctl.commands.unanswered import failure
from hubctl.commands.world import World
from hubctl.errors import NotFound, UsageError
from hubctl.images.facts import ImageFacts, NoAnswer, TagFact, believed
from hubctl.images.ranking import newest_first
from hubctl.images.reference import ImageName, Reference
from hubctl.images.typed import parse_typed
from hubctl.show import near, plural, show

_LOOKED_INTO = 20  # images of a list without dates or digests


def run(request: ImageTags, world: World) -> TagsReport:
    """Return every tag of an image, or the one that is named; a question that failed is part of the report.

    UsageError for what is no reference, and for a digest without a tag.
    """
    reference = parse_typed(request.reference)
    name = reference.name
    if reference.digest and not reference.tag:
        raise UsageError("a digest without a tag has no line in a list of tags", hint=f"ask for `{name}`, or one tag")
    waiting = Waiting(request.sources.max_wait)
    with answering(world, request.sources, waiting, fresh=reference.tag is not None) as answers:
        report = _answered(reference, answers, request.sources, world.now)
    return replace(report, asides=answers.notes)


def _answered(reference: Reference, answers: Answers, sources: Sources, now: dt.datetime) -> TagsReport:
    name = reference.name
    listing = answers.tags_of([name])[name]
    if isinstance(listing, NoAnswer):
        code, error = failure(name, listing, sources)
        return TagsReport(name, None, (), exit_code=code, error=error)
    notes = (*listing.notes, *dead(name, listing, now))
    report = TagsReport(name, listing.source, newest_first(listing.tags), notes)
    return _one(report, reference, reference.tag, answers, sources) if reference.tag else _many(report, answers)


def _many(report: TagsReport, answers: Answers) -> TagsReport:
    """Look into the newest images where the list has no dates or digests of them."""
    bare = [tag.name for tag in report.tags if not _is_told(tag)]
    asked = [tag.name for tag in report.tags[:_LOOKED_INTO] if not _is_told(tag)]
    if not report.tags:
        return replace(report, notes=(*report.notes, "the registry's list of tags is empty"))
    if not asked:
        return report
    found = _look(report.name, asked, answers)
    tags = newest_first(_filled(tag, found.get(tag.name)) for tag in report.tags)
    return replace(report, tags=tags, notes=(*report.notes, *_told(found), *_left(len(bare) - len(asked))))


def _one(report: TagsReport, reference: Reference, tag: str, answers: Answers, sources: Sources) -> TagsReport:
    """Return the one tag with all that is known of it; one that is missing in the list is asked for nevertheless."""
    image = _look(report.name, [tag], answers)[tag]
    listed = [each for each in report.tags if each.name == tag]
    if isinstance(image, NoAnswer) and image.code == "no-such-tag":
        return _no_such_tag(report, tag)
    if isinstance(image, NoAnswer) and not image.is_about_tag:
        code, error = failure(report.name, image, sources)
        return replace(report, tags=tuple(listed), exit_code=code, error=error)
    known = _filled(listed[0] if listed else TagFact(tag, source=report.source or "oci"), image)
    notes = [*report.notes, *([] if listed else [f"`{tag}` is not in the registry's list"])]
    if isinstance(image, NoAnswer):
        notes.append(f"`{tag}`: {image.why}")
    elif reference.digest and image.digest != reference.digest:
        notes.append(f"`{tag}` points at another digest than the written one")
    else:
        notes += [*image.notes, f"platforms: {', '.join(map(show, image.platforms)) or 'none named'}"]
    return replace(report, tags=(known,), notes=tuple(notes))


def _no_such_tag(report: TagsReport, tag: str) -> TagsReport:
    close = ", ".join(f"`{each}`" for each in near(tag, [each.name for each in report.tags]))
    name = show(str(report.name))
    hint = f"did you mean {close}?" if close else f"see them with `hubctl image tags {name}`"
    error = NotFound(f"no tag `{tag}` of `{name}`", hint=hint, code="no-such-tag")
    return replace(report, tags=(), exit_code=error.exit_code, error=error)


def _look(name: ImageName, tags: Iterable[str], answers: Answers) -> dict[str, ImageFacts | NoAnswer]:
    found = answers.inspect_all((name, tag) for tag in tags)
    return {tag: image for (_, tag), image in found.items()}


def _is_told(tag: TagFact) -> bool:
    return tag.digest is not None and (tag.pushed or believed(tag.created)) is not None


def _filled(tag: TagFact, image: ImageFacts | NoAnswer | None) -> TagFact:
    if not isinstance(image, ImageFacts):
        return tag
    return replace(tag, digest=image.digest, created=image.created or tag.created)


def _told(found: Mapping[str, ImageFacts | NoAnswer]) -> list[str]:
    refused = [(tag, image) for tag, image in found.items() if isinstance(image, NoAnswer)]
    if not refused:
        return []
    tag, first = refused[0]
    return [f"{plural(len(refused), 'tag')} could not be looked into, the first `{tag}`: {first.why}"]


def _left(count: int) -> list[str]:
    if count <= 0:
        return []
    return [f"the list has no dates or no digests: the {_LOOKED_INTO} newest were looked into, {count} others were not"]
