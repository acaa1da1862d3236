"""Trying candidates in their order until one is confirmed: it exists, runs on linux/amd64 and is not the same image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from hubctl.images.board import Tally, none_left
from hubctl.images.case import MOST_ASKED, Case
from hubctl.images.choice import Keep, Take
from hubctl.images.evidence import day, evidence, inspect_both, is_older, no_image, runs_here, too_young, warnings
from hubctl.images.facts import PLATFORM, ImageFacts

BRANCH_LABEL = "repo2docker.ref"  # the branch a repo2docker-action build came from, never a commit


@dataclass(frozen=True, slots=True)
class Manner:
    """How candidates are tried.

    `noun` begins the reason of the one taken. `unordered`: its name says nothing of its age, so no date may show it
    older and its branch must be the current one's; `branch_known`: a branch that cannot be compared does not pass.
    """

    noun: str
    twin_of: str | None = None
    unordered: bool = False
    branch_known: bool = False


def pick(case: Case, ranked: Sequence[str], manner: Manner, tally: Tally) -> Take | Keep | None:
    """Return the first of `ranked` (newest first) that is confirmed; None where each was dropped into `tally`.

    A candidate with the digest that runs today ends the search with `same-digest`: it is the newest, and no change.
    """
    seen = 0
    for index, tag in enumerate(ranked):
        dropped = _never(case, tag)
        if dropped is None:
            if _is_beyond(case, tag):
                tally.lost.update(dict.fromkeys(ranked[index:], f"not tried: {MOST_ASKED} others were looked into"))
                return none_left(tally)
            _look_ahead(case, ranked, index, seen)
            seen += tag in case.known.images
            dropped = _too_early(case, tag) or _same_or_gone(case, tag) or _unfit(case, tag, manner)
        if dropped is None:
            for other in ranked[index + 1 :]:
                tally.lost.setdefault(other, f"older than `{tag}`")
            return _take(case, tag, manner)
        code, why = dropped
        tally.drop(tag, code, why)
        if code == "same-digest":
            tally.lost[tag] = f"the same image as `{case.tag}`"
            return Keep(code, f"`{tag}` is the same image as `{case.tag}`: {why}")
    return None


def _never(case: Case, tag: str) -> tuple[str, str] | None:
    fact = case.tags[tag]
    if fact.expires:
        return "unconfirmed", f"expires {day(fact.expires)}"
    barred = case.barred(tag)
    return ("group", barred) if barred else None


def _look_ahead(case: Case, ranked: Sequence[str], index: int, seen: int) -> None:
    """Pause to look into more tags at once the more of them were no good.

    The first is asked about alone, then twice as many as before each time: a thousand that are too young or for
    another platform are a dozen rounds and not a thousand. `seen` of those before `index` were looked into.
    """
    known = case.known.images
    if seen and not (ranked[index] in known or _is_known_too_young(case, ranked[index])):
        behind = (tag for tag in islice(ranked, index, None) if not (tag in known or case.failure(tag)))
        ahead = (tag for tag in behind if not (_never(case, tag) or _is_known_too_young(case, tag)))
        case.images(list(islice(ahead, min(seen + 1, MOST_ASKED - seen))))


def _is_beyond(case: Case, tag: str) -> bool:
    """Return whether so many images were looked into that no other one is."""
    return len(case.known.images) >= MOST_ASKED and tag not in case.known.images


def _is_known_too_young(case: Case, tag: str) -> bool:
    moment = case.pushed(tag) or case.created_at_hand(tag)
    return moment is not None and case.now - moment < case.policy.minimum_age


def _too_early(case: Case, tag: str) -> tuple[str, str] | None:
    young = too_young(case, tag)
    return ("too-young", young) if young else None


def _same_or_gone(case: Case, tag: str) -> tuple[str, str] | None:
    # Every answer starts the decision over, so once an image was looked into its own digest is compared here.
    if not (case.listed or case.written_digest):
        return None
    asked = [tag] if case.written_digest else [tag, case.tag]
    digests = case.digests(asked)
    digest = digests.get(tag)
    if digest is None:
        return "unconfirmed", no_image(case, tag)
    return ("same-digest", digest) if digest == case.current_digest() else None


def _unfit(case: Case, tag: str, manner: Manner) -> tuple[str, str] | None:
    image = case.images([tag]).get(tag) if not manner.unordered else inspect_both(case, tag)[0]
    if image is None:
        return "unconfirmed", no_image(case, tag)
    if not runs_here(image):
        return "unconfirmed", f"has no {PLATFORM} image"
    older = is_older(case, tag) if manner.unordered and not case.policy.allow_downgrade else None
    if older:
        return "downgrade", older
    return _branch_build(case, tag, image, manner)


def _branch_build(case: Case, tag: str, image: ImageFacts, manner: Manner) -> tuple[str, str] | None:
    """Return why the image counts as a build of another branch.

    A commit tag must come from the branch of the current image. A date or a version may be built from a git tag as
    well, so there only two branches that differ speak against it.
    """
    branch = image.labels.get(BRANCH_LABEL)
    if not manner.unordered and not (branch or "").startswith("refs/heads/"):
        return None
    current = _current_branch(case)
    if not manner.unordered and not (current or "").startswith("refs/heads/"):
        return None
    if branch and current and branch != current:
        return "ambiguous", f"built from {branch}, the current image from {current}"
    if manner.branch_known and not (branch and current):
        return "ambiguous", f"its branch is not known and a moving tag points elsewhere than `{tag}`"
    return None


def _current_branch(case: Case) -> str | None:
    current = case.images([case.tag]).get(case.tag) if case.listed else None
    return current.labels.get(BRANCH_LABEL) if current else None


def _take(case: Case, tag: str, manner: Manner) -> Take:
    image = case.images([tag])[tag]
    seen = evidence(case, tag, image, manner.twin_of)
    why = [manner.noun]
    if seen.pushed:
        why.append(f"pushed {day(seen.pushed)}")
    elif seen.created:
        why.append(f"created {day(seen.created)}")
    notes = (*warnings(case), *image.notes)
    if manner.unordered:
        branch = image.labels.get(BRANCH_LABEL)
        if branch and branch == _current_branch(case):
            why.append(branch)
        else:
            notes += (f"branch not checked: `{BRANCH_LABEL}` is not known of both images",)
    return Take(tag, image.digest, ", ".join(why), seen, warnings=notes, size=image.size)
