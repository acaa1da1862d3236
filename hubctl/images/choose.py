"""Which tag a site should move to: `choose` answers from what is known, or says which facts it still needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from hubctl.images.bare import choose_newest
from hubctl.images.board import Tally, board, by_shape, candidate, none_left
from hubctl.images.case import Case, Known, Pause, Question, open_case
from hubctl.images.choice import Ask, Keep, Take, Unknown
from hubctl.images.commit import choose_by_moment, choose_commit
from hubctl.images.confirm import Manner, pick
from hubctl.images.drift import told_of_move
from hubctl.images.evidence import day
from hubctl.images.facts import NoAnswer
from hubctl.images.moving import choose_twin, keep_moving
from hubctl.images.named import choose_moved_digest, choose_named
from hubctl.images.order import (
    FROZEN_DOCKER_STACKS,
    infer_order,
    is_frozen_docker_stack,
    named_day,
    newest_by_push,
    pattern_keys,
    shut_out,
)
from hubctl.images.pattern import compile_pattern
from hubctl.images.shape import ORDERED, Key, Shape, noun_of, order_key, shape_of, tag_date

__all__ = ["Known", "Question", "choose"]

# Tags of one build are pushed within minutes of each other; only what comes a day later is newer.
SAME_BUILD = dt.timedelta(days=1)
_LISTED = 5
_NOT_FOR_THE_IMAGE = ("unconfirmed", "too-young", "no-such-tag")


def choose(question: Question, known: Known, now: dt.datetime) -> Take | Keep | Unknown | Ask:
    """Return the decision for one site, or `Ask` with exactly the tags whose digest or image it needs to go on.

    The caller answers an `Ask` in a larger `Known` and calls again; only tags nobody asked for are ever named, so
    this ends. `Unknown` says that the registry did not answer; it is never replaced by `up-to-date`. `now` is aware.
    UsageError where the policy's pattern is refused by `compile_pattern`.
    """
    if question.policy.kind == "pin":
        return Keep("pinned", question.policy.reason or "no reason given")
    if question.tag is None and not question.bare:
        return Keep("digest-only", "the reference has a digest and no tag, so nothing says which images may follow")
    if isinstance(known.listing, NoAnswer):
        return Unknown(known.listing.code, known.listing.why)
    case = open_case(question, known, known.listing, now)
    tally = Tally()
    try:
        answer = told_of_move(case, _decide(case, tally, pin=question.pin or question.bare))
    except Pause as pause:
        return pause.answer
    if known.barred is not None:
        answer = replace(answer, refused=_refused(case, answer, tally))
    if answer.candidates or not question.candidates:
        return answer
    return replace(answer, candidates=board(case, tally, answer.tag if isinstance(answer, Take) else None))


def _refused(case: Case, answer: Take | Keep, tally: Tally) -> tuple[tuple[str, str], ...]:
    """Return the tags that are not for this image, so that nothing of its group takes them."""
    named = case.policy.tag if case.policy.kind == "to" else None
    if named and isinstance(answer, Keep) and answer.code in _NOT_FOR_THE_IMAGE:
        return ((named, answer.why),)
    return tuple(tally.refused.items())


def _decide(case: Case, tally: Tally, *, pin: bool) -> Take | Keep:
    if case.policy.kind == "to":
        return choose_named(case)
    if not case.tags:
        raise Pause(Unknown("no-answer", "the registry's list of tags is empty"))
    if case.policy.kind == "pattern":
        return _choose_by_pattern(case, tally)
    if case.bare and not case.listed:
        return choose_newest(case, tally)
    shape = shape_of(case.tag)
    if shape.cls in ("moving", "line"):
        return _decide_moving(case, tally, pin=pin)
    if shape.cls == "free":
        return _keep_free(case)
    return _choose_inferred(case, shape, tally)


def _decide_moving(case: Case, tally: Tally, *, pin: bool) -> Take | Keep:
    if pin:
        return choose_twin(case, tally)
    return choose_moved_digest(case) if case.written_digest else keep_moving(case)


def _keep_free(case: Case) -> Keep:
    newest = newest_by_push(case, [tag for tag in case.tags if tag != case.tag], _LISTED)
    pushed = {tag: case.pushed(tag) for tag in newest}
    names = ", ".join(f"`{tag}` ({day(moment)})" for tag, moment in pushed.items() if moment)
    shape = shape_of(case.tag)
    why = "a free-form name has no order" + (f"; last pushed: {names}" if names else "")
    return Keep("free", why, tuple(candidate(case, tag, by_shape(tag, shape)) for tag in newest))


def _choose_inferred(case: Case, shape: Shape, tally: Tally) -> Take | Keep:
    alike = [tag for tag in case.usable.by_shape.get(shape, ()) if tag != case.tag]
    candidates = _allowed(case, {tag: tag_date(tag) for tag in alike}, tally)
    answer: Take | Keep | None
    if shape.ordered:
        keys = {tag: key for tag in candidates if (key := order_key(tag))}
        noun = f"newest {noun_of(shape.cls)}"
        answer = _choose_by_key(case, keys, order_key(case.tag), noun, tally)
    else:
        answer = choose_commit(case, candidates, tally) if candidates else None
    if isinstance(answer, Keep):
        return answer
    others = _newer_of_another_shape(case, shape, answer.tag if answer else case.tag, alone=not alike)
    named = "newer tags of another shape: " + ", ".join(f"`{tag}`" for tag in others)
    if answer:
        return replace(answer, warnings=(*answer.warnings, named)) if others else answer
    which = "newest" if alike else "the only tag"
    return Keep("other-shape", f"{which} of its shape ({shape}); {named}") if others else _nothing_newer(case)


def _allowed(case: Case, days: dict[str, dt.date | None], tally: Tally) -> list[str]:
    """Return the tags that may be candidates, in the list's order; the others are lost in `tally`."""
    for tag, named in days.items():
        if why := shut_out(case, tag, named):
            tally.shut_out(tag, why)
    return [tag for tag in days if tag not in tally.lost]


def _choose_by_key(
    case: Case, keys: dict[str, Key], current: Key | None, noun: str, tally: Tally
) -> Take | Keep | None:
    """Return the largest key above the current one; None where there is none. Dates of push never order these."""
    ranked = sorted(keys, key=lambda tag: (keys[tag], tag), reverse=True)
    # Going back is for a current tag that should not be run: gone from the list, or shut out by the policy.
    held = case.listed and not shut_out(case, case.tag, tag_date(case.tag))
    back = case.policy.allow_downgrade and not held
    newer = [tag for tag in ranked if current is None or back or keys[tag] > current]
    tally.lost.update(dict.fromkeys(ranked[len(newer) :], "not newer than the current tag"))
    answer = pick(case, newer, Manner(noun), tally) or none_left(tally)
    if answer is None and ranked and not case.listed:
        return Keep("downgrade", f"`{case.tag}` is not in the registry's list, and `{ranked[0]}` is not newer")
    return answer


def _nothing_newer(case: Case) -> Keep:
    where = "" if case.listed else ", and it is not in the registry's list itself"
    frozen = f"; {FROZEN_DOCKER_STACKS}" if is_frozen_docker_stack(case.image) else ""
    return Keep("up-to-date", f"no newer tag of the shape of `{case.tag}`{where}{frozen}")


def _newer_of_another_shape(case: Case, shape: Shape, than: str, *, alone: bool) -> list[str]:
    """Return at most five ordered or commit tags of other shapes that are newer than `than`, of the current shape.

    Where the current tag has others of its shape, a commit tag can be left behind by dates or versions; an ordered
    one is not by the commits that its repository goes on building, nor by variants with a prefix of their own, but
    where its shape is pushed no more. `alone` without dates, all may be newer.
    """
    if shape.ordered and not alone:
        return _after_the_end_of_the_shape(case, shape)
    written = case.written_digest if than == case.tag else None
    digest, current = written or case.digest_at_hand(than), case.moment(than)
    others: list[tuple[float, str]] = []
    for tag in case.tags:
        other = shape_of(tag)
        comparable = other.cls in ORDERED or (other.cls == "commit" and alone)
        same_image = digest is not None and case.digest_at_hand(tag) == digest
        if other == shape or not comparable or same_image or shut_out(case, tag, tag_date(tag)):
            continue
        moment = case.moment(tag)
        comes_later = moment and current and moment >= current + SAME_BUILD
        if comes_later or (alone and not (moment and current and case.listed)):
            others.append((moment.timestamp() if moment else 0.0, tag))
    return [tag for _, tag in sorted(others, reverse=True)[:_LISTED]]


def _after_the_end_of_the_shape(case: Case, shape: Shape) -> list[str]:
    """Return at most five ordered tags that were pushed after every tag of a shape; none where a date is missing."""
    pushes = [case.pushed(tag) for tag in case.tags if shape_of(tag) == shape]
    known = [pushed for pushed in pushes if pushed]
    if len(known) < len(pushes):
        return []
    last = max(known)
    later: list[tuple[dt.datetime, str]] = []
    for tag in case.tags:
        other, pushed = shape_of(tag), case.pushed(tag)
        unlike = other != shape and other.cls in ORDERED and other.prefix == shape.prefix
        if unlike and pushed and pushed >= last + SAME_BUILD and not shut_out(case, tag, tag_date(tag)):
            later.append((pushed, tag))
    return [tag for _, tag in sorted(later, reverse=True)[:_LISTED]]


def _choose_by_pattern(case: Case, tally: Tally) -> Take | Keep:
    regex = compile_pattern(case.policy.pattern or "")
    written = () if case.bare else (case.tag,)
    tags = {tag: match for tag in (*case.tags, *written) if (match := regex.fullmatch(tag))}
    matches = {tag: match for tag, match in tags.items() if tag in written or shape_of(tag).cls != "moving"}
    tally.lost.update((tag, "does not match the pattern") for tag in case.tags if tag not in matches)
    here = case.tag in matches
    others = [tag for tag in matches if tag != case.tag]
    if not others:
        code = "up-to-date" if here else "other-shape"
        return Keep(code, f"no other tag of the registry matches the pattern `{case.policy.pattern}`")
    order = case.policy.order or infer_order(case.tag if here else None, others)
    keyed = order in ("date", "version", "number")
    keys = pattern_keys(matches, order) if order and keyed else dict.fromkeys(matches)
    days = {tag: named_day(tag, keys[tag], order) if order else None for tag in others}
    candidates = _allowed(case, days, tally)
    if order and keyed:
        unkeyed = [tag for tag in candidates if not keys[tag]]
        tally.lost.update(dict.fromkeys(unkeyed, f"holds nothing to order by {order}"))
        ordered = {tag: key for tag in candidates if (key := keys[tag])}
        answer = _choose_by_key(case, ordered, keys.get(case.tag), f"newest {order} of the pattern", tally)
    elif order == "created":
        answer = choose_by_moment(case, candidates, tally, unordered=False)
    else:
        answer = choose_commit(case, candidates, tally)
    return answer or _nothing_newer_of_pattern(case, candidates)


def _nothing_newer_of_pattern(case: Case, candidates: Sequence[str]) -> Keep:
    return Keep("up-to-date", f"none of the {len(candidates)} other tags of the pattern is newer than `{case.tag}`")
