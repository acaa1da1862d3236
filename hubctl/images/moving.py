"""Tags that move by themselves: what they point at, what they pointed at before, and the fixed twin of `--pin`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import islice

from hubctl.images.board import Tally
from hubctl.images.case import MOST_ASKED, Case
from hubctl.images.choice import Keep, Take
from hubctl.images.evidence import day, evidence, no_image, runs_here, too_young, warnings
from hubctl.images.facts import PLATFORM, ImageFacts, NoAnswer, TagFact
from hubctl.images.order import is_docker_stack, shut_out
from hubctl.images.shape import Key, Shape, TagClass, order_key, shape_of, tag_date

# Classes whose tags stay where they are, the most telling first.
STAY: tuple[TagClass, ...] = ("date", "date8", "version", "chartpress", "git-describe", "commit")
FIRST_BATCH = 8
GROWTH = 3  # each answer starts the decision over, so the next batch is this many times all that was asked before


def keep_moving(case: Case) -> Keep:
    """Return why a tag that moves stays, with what it points at now, since when, and its fixed twin.

    At most one digest is asked for, and the past where the question wants it; what could not be asked is said.
    """
    why = [f"`{case.tag}` moves by itself: each start pulls what it points at by then"]
    digest = case.digest_at_hand(case.tag)
    if digest is None and case.listed:
        digest = case.digest_if_told(case.tag)
    if digest:
        pushed = case.pushed(case.tag)
        why.append(f"now {digest}" + (f", since {day(pushed)}" if pushed else "") + _twin_at_hand(case, digest))
    elif failure := case.failure(case.tag):
        why.append(f"what it points at could not be asked: {failure.why}")
    else:
        why.append("it is not in the registry's list: deleted, or a typing error")
    why += _past(case, digest)
    return Keep("line" if shape_of(case.tag).cls == "line" else "moving", "; ".join(why))


def choose_twin(case: Case, tally: Tally) -> Take | Keep:
    """Return the fixed tag that is the same image as the moving one now, the best of several by `twin_ranks`.

    Where the list has no digests, those of the candidates are asked for class by class in growing batches, and the
    first class that holds a twin ends the search. `no-twin` where none does; `Unknown` where one could not be asked.
    """
    digest = case.digests([case.tag]).get(case.tag)
    if digest is None:
        return Keep("unconfirmed", f"`{case.tag}`: {_missing(case)}")
    if case.written_digest and digest != case.written_digest and (young := too_young(case, case.tag)):
        return Keep("too-young", f"`{case.tag}`: {young}")
    classes = _classes(case, tally)
    for tags in classes:
        for twin in _same(case, tags, digest):
            if why := case.barred(twin):
                tally.drop(twin, "group", why)
                continue
            # Every answer starts the decision over, so an image that is another one by now is no twin any more.
            image = case.images([twin]).get(twin)
            if image and runs_here(image):
                _explain(case, [tag for each in classes for tag in each], digest, tally)
                return _pinned(case, twin, image)
            tally.drop(twin, "unconfirmed", f"has no {PLATFORM} image" if image else no_image(case, twin))
    for code in ("group", "unconfirmed"):
        if code in tally.codes:
            return Keep(code, tally.codes[code])
    shut = "".join(f"; `{tag}` is not taken: {tally.lost[tag]}" for tag in case.of_digest(tally.lost, digest)[:1])
    asked = f"; only {MOST_ASKED} tags were asked" if len(_asked(case)) >= MOST_ASKED else ""
    return Keep("no-twin", f"no fixed tag is the same image as `{case.tag}` ({digest}){shut}{asked}")


def _explain(case: Case, tags: Sequence[str], digest: str, tally: Tally) -> None:
    for tag in tags:
        known = case.digest_at_hand(tag)
        why = "the same image under a name that says less" if known == digest else f"another image than `{case.tag}`"
        tally.lost.setdefault(tag, why if known else "not asked about: a twin was found before")


def _twin_at_hand(case: Case, digest: str) -> str:
    same = _known_as(case, digest)
    return f", the same as `{same[0]}`" if same else ""


def _known_as(case: Case, digest: str) -> list[str]:
    """Return the fixed tags that are known to be an image, the most telling first."""
    return [tag for tags in _classes(case, Tally(), digest) for tag in tags]


def _past(case: Case, digest: str | None) -> list[str]:
    """Return when the tag moved and what it was before, as far as the registry remembers."""
    if not case.history:
        return []
    past = case.past(case.tag)
    if isinstance(past, NoAnswer):
        return [f"what it was before could not be asked: {past.why}"]
    before = next((fact for fact in past if fact.digest and fact.digest != digest), None)
    moved = _moved(past, digest)
    if before is None or before.digest is None:
        return []
    names = _known_as(case, before.digest)
    return [(f"moved {moved}, " if moved else "") + f"before that `{names[0] if names else before.digest}`"]


def _moved(past: Sequence[TagFact], digest: str | None) -> str | None:
    """Return the day the tag came to `digest`: the first of the pushes that did not change it since."""
    came = None
    for fact in past:
        if fact.digest != digest:
            break
        came = fact.pushed or came
    return day(came) if came else None


def _classes(case: Case, tally: Tally, digest: str | None = None) -> list[list[str]]:
    """Return the tags that stay where they are, class by class, in each the best first; what is shut out is lost.

    With a `digest` only the tags that are known to be that image.
    """
    line = order_of_line(case.tag)
    groups: dict[tuple[int, int], list[list[str]]] = {}
    for shape, alike in case.usable.by_shape.items():
        if shape.cls not in STAY:
            continue
        tags = _let_through(case, shape, case.of_digest(alike, digest) if digest else alike, line, tally)
        if tags:
            groups.setdefault(_rank(case, shape, line), []).append(tags)
    return [_newest_first(case, groups[rank]) for rank in sorted(groups)]


def _let_through(case: Case, shape: Shape, alike: Iterable[str], line: Key | None, tally: Tally) -> list[str]:
    tags = []
    for tag in alike:
        if why := _shut_out(case, tag, shape) or (_crossing(case, tag, shape, line) if line else None):
            tally.lost[tag] = why
        else:
            tags.append(tag)
    return tags


def order_of_line(tag: str) -> Key | None:
    """Return the numbers of a release line such as `v4.4`, None for any other tag."""
    return tuple(int(part) for part in tag.removeprefix("v").split(".")) if shape_of(tag).cls == "line" else None


def _rank(case: Case, shape: Shape, line: Key | None) -> tuple[int, int]:
    """Return how telling a class is: for a line its versions first; names with a prefix behind those without."""
    if line and shape.cls == "version" and not shape.prefix:
        return -1, 0
    # docker-stacks pushes `python-3.13.14` and its like again with each build, so they do not stay.
    moves = shape.cls == "version" and shape.prefix and is_docker_stack(case.image)
    return (len(STAY) if moves else STAY.index(shape.cls)), int(bool(shape.prefix))


def _shut_out(case: Case, tag: str, shape: Shape) -> str | None:
    if expires := case.tags[tag].expires:
        return f"expires {day(expires)}"
    dated = shape.cls in ("date", "date8")
    return shut_out(case, tag, tag_date(tag)) if dated or case.policy.ignore else None


def _crossing(case: Case, tag: str, shape: Shape, line: Key) -> str | None:
    key = order_key(tag)
    if key and shape.cls == "version" and not shape.prefix and key[: len(line)] != line:
        return f"not of the line `{case.tag}`"
    return None


def _newest_first(case: Case, shapes: Sequence[Sequence[str]]) -> list[str]:
    """Return tags of one class by their key, commits by their push; without one those listed last are first."""
    together = {tag for tags in shapes for tag in tags}
    listed = shapes[0] if len(shapes) == 1 else [tag for tag in case.tags if tag in together]
    backwards = list(reversed(listed))
    if shape_of(backwards[0]).ordered:
        return sorted(backwards, key=lambda tag: order_key(tag) or (), reverse=True)
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(backwards, key=lambda tag: case.pushed(tag) or never, reverse=True)


def _same(case: Case, tags: Sequence[str], digest: str) -> list[str]:
    """Return those of a class that are the image, asking in growing batches until one is."""
    same = case.of_digest(tags, digest)
    if not same:
        asked = _asked(case)
        case.digests([tag for tag in asked if case.failure(tag)])  # the twin may be one that could not be asked
        batch = min(FIRST_BATCH + GROWTH * len(asked), MOST_ASKED - len(asked))
        unasked = (tag for tag in tags if not (case.digest_at_hand(tag) or case.failure(tag)))
        case.digests(list(islice(unasked, batch)))
    return same


def _asked(case: Case) -> list[str]:
    return [tag for tag in case.known.digests if tag != case.tag]


def _pinned(case: Case, twin: str, image: ImageFacts) -> Take:
    pushed = case.pushed(twin)
    why = f"twin of `{case.tag}`" + (f", pushed {day(pushed)}" if pushed else "")
    notes = (*warnings(case), *image.notes)
    return Take(twin, image.digest, why, evidence(case, twin, image, case.tag), warnings=notes, size=image.size)


def _missing(case: Case) -> str:
    return no_image(case, case.tag) if case.listed else "it is not in the registry, so nothing says what it points at"
