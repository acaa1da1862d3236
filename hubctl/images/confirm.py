"""Trying candidates in their order until one is confirmed: it exists, runs on linux/amd64 and is not the same image."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import islice

from hubctl.images.case import MOST_ASKED, Case
from hubctl.images.choice import Candidate, Evidence, Keep, Take
from hubctl.images.facts import PLATFORM, ImageFacts
from hubctl.images.shape import Shape, order_key, shape_of

BRANCH_LABEL = "repo2docker.ref"  # the branch a repo2docker-action build came from, never a commit
CANDIDATE_LIMIT = 2_000

# Where every candidate was dropped, the first of these that befell one names the result.
_NONE_LEFT = ("too-young", "ambiguous", "downgrade", "unconfirmed", "group")
# What speaks against a tag for one image speaks against it for all of its group; these speak of the site alone.
_OF_SITE = ("same-digest", "downgrade")


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


@dataclass(slots=True)
class Tally:
    """What was dropped so far, and why: `lost` by tag for `--explain`, `codes` of the candidates that were tried.

    `refused` are the tags that the image's group should not take either.
    """

    lost: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def drop(self, tag: str, code: str, why: str) -> None:
        self.lost[tag] = why
        self.codes.setdefault(code, f"`{tag}`: {why}")
        if code not in _OF_SITE:
            self.refused[tag] = why

    def shut_out(self, tag: str, why: str) -> None:
        """Note a tag that is no candidate at all."""
        self.lost[tag] = self.refused[tag] = why


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


def none_left(tally: Tally) -> Keep | None:
    """Return why nothing is taken where candidates were tried and all were dropped; None where none was tried."""
    for code in _NONE_LEFT:
        if code in tally.codes:
            return Keep(code, tally.codes[code])
    return None


def board(case: Case, tally: Tally, winner: str | None = None) -> tuple[Candidate, ...]:
    """Return every tag but the current one with why it lost: the current shape first, newest first."""
    shape = shape_of(case.tag)

    def rank(tag: str) -> tuple[tuple[int, ...], float, str]:
        key = order_key(tag) if shape_of(tag) == shape else None
        moment = None if key else case.moment(tag)
        return key or (), moment.timestamp() if moment else 0.0, tag

    left_out = {case.tag, winner}
    alike = [tag for tag in case.usable.by_shape.get(shape, ()) if tag not in left_out]
    ranked = [winner] if winner and winner != case.tag else []
    ranked += nlargest(CANDIDATE_LIMIT, alike, key=rank)
    if len(ranked) < CANDIDATE_LIMIT:
        unlike = (tag for tag in case.tags if tag not in left_out and shape_of(tag) != shape)
        ranked += nlargest(CANDIDATE_LIMIT, unlike, key=rank)
    return tuple(
        Candidate(
            tag,
            None if tag == winner else tally.lost.get(tag) or _by_shape(tag, shape),
            case.pushed(tag),
            case.created_at_hand(tag),
        )
        for tag in ranked[:CANDIDATE_LIMIT]
    )


def _by_shape(tag: str, shape: Shape) -> str:
    other = shape_of(tag)
    return "not newer than the current tag" if other == shape else f"another shape: {other}"


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


def _span(age: dt.timedelta) -> str:
    hours = age / dt.timedelta(hours=1)
    return f"{hours / 24:g} days" if hours % 24 == 0 else f"{hours:g} hours"
