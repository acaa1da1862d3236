"""A tag that somebody named: by `--to`, or a tag that moves, with a digest beside it or without."""

from __future__ import annotations

from dataclasses import replace

from hubctl.images.case import Case
from hubctl.images.choice import Keep, Take
from hubctl.images.evidence import day, evidence, inspect_both, is_older, no_image, runs_here, too_young, warnings
from hubctl.images.facts import PLATFORM, ImageFacts
from hubctl.images.shape import order_key, shape_of

# The text of such a tag stays the same while its image does not, so naming a tag says more than the digest does.
_MOVES = ("moving", "line")


def choose_moved_digest(case: Case) -> Take | Keep:
    """Return the digest the tag points at now, for a reference whose tag stays and whose digest is replaced.

    `up-to-date` where the digest is the written one; `unconfirmed` where the tag is gone, for `--to` `no-such-tag`.
    """
    digest = case.digests([case.tag]).get(case.tag)
    if digest == case.written_digest:
        return Keep("up-to-date", f"`{case.tag}` still points at the written digest")
    image = case.images([case.tag]).get(case.tag)
    if image is None:
        return _gone(case, case.tag)
    if not runs_here(image):
        return Keep("unconfirmed", f"`{case.tag}` points at an image without {PLATFORM}")
    if young := too_young(case, case.tag):
        return Keep("too-young", f"`{case.tag}`: {young}")
    pushed = case.pushed(case.tag)
    why = f"`{case.tag}` moved to another digest" + (f", pushed {day(pushed)}" if pushed else "")
    seen = evidence(case, case.tag, image)
    return Take(case.tag, image.digest, why, seen, warnings=image.notes, size=image.size)


def choose_named(case: Case) -> Take | Keep:
    """Return the tag of `--to` once it is confirmed, even of another shape; a moving or expiring one with a warning.

    `no-such-tag` where it does not exist; `group` where not every image of its group has it; `downgrade` where its
    name, or of commit and unlike tags a date, shows it older than the current one and the policy forbids that.
    """
    tag = case.policy.tag or ""
    if tag == case.tag:
        return choose_moved_digest(case) if case.written_digest else Keep("up-to-date", f"`{tag}` is written already")
    image, _ = inspect_both(case, tag)
    if image is None:
        return _gone(case, tag)
    if barred := case.barred(tag):
        return Keep("group", f"`{tag}`: {barred}")
    older = _older(case, tag)
    refused = _refused(case, tag, image)
    if not refused and older and not case.policy.allow_downgrade:
        refused = Keep("downgrade", f"`{tag}` is older than `{case.tag}`: {older}")
    if refused:
        return refused
    notes = (*warnings(case), *image.notes, *_cautions(case, tag), *([f"a downgrade: {older}"] if older else []))
    return replace(_named(case, tag, image), warnings=notes)


def _gone(case: Case, tag: str) -> Keep:
    failure = case.failure(tag)
    if failure and failure.code == "unconfirmed":
        return Keep("unconfirmed", f"`{tag}`: {no_image(case, tag)}")
    code = "no-such-tag" if case.policy.kind == "to" else "unconfirmed"
    return Keep(code, f"`{tag}` does not exist in the registry")


def _refused(case: Case, tag: str, image: ImageFacts) -> Keep | None:
    if not runs_here(image):
        return Keep("unconfirmed", f"`{tag}` has no {PLATFORM} image")
    if image.digest == case.current_digest() and (case.written_digest or shape_of(case.tag).cls not in _MOVES):
        return Keep("same-digest", f"`{tag}` is the same image as `{case.tag}`: {image.digest}")
    young = too_young(case, tag)
    return Keep("too-young", f"`{tag}`: {young}") if young else None


def _named(case: Case, tag: str, image: ImageFacts) -> Take:
    pushed = case.pushed(tag)
    why = "named by --to" + (f", pushed {day(pushed)}" if pushed else "")
    return Take(tag, image.digest, why, evidence(case, tag, image), size=image.size)


def _older(case: Case, tag: str) -> str | None:
    shape = shape_of(tag)
    if shape.cls in _MOVES or shape_of(case.tag).cls in _MOVES:
        return None
    key, current = order_key(tag), order_key(case.tag)
    if shape == shape_of(case.tag) and key and current:
        return f"by its {shape.cls}" if key < current else None
    return is_older(case, tag)


def _cautions(case: Case, tag: str) -> list[str]:
    fact = case.tags.get(tag)
    cautions = []
    if shape_of(tag).cls == "moving":
        cautions.append(f"`{tag}` is a moving tag: what it points at changes without a pull request")
    if fact and fact.expires:
        cautions.append(f"`{tag}` expires {day(fact.expires)}")
    return cautions
