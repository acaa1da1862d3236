"""A name without a tag where there is no `latest`: the newest tag of the kind that was pushed last."""

from __future__ import annotations

import datetime as dt

from hubctl.images.board import Tally, none_left
from hubctl.images.case import Case
from hubctl.images.choice import Keep, Take
from hubctl.images.commit import choose_commit
from hubctl.images.confirm import Manner, pick
from hubctl.images.moving import STAY
from hubctl.images.order import shut_out
from hubctl.images.shape import Key, Shape, noun_of, order_key, shape_of, tag_date

_LISTED = 5


def choose_newest(case: Case, tally: Tally) -> Take | Keep:
    """Return the newest tag of the shape whose last push is the latest, by the order of that shape.

    Without dates of push it is the shape that says most: a date, a version, a build number, a commit; of several the
    one with the most tags. `ambiguous` where no tag of the list has a shape that stays.
    """
    shapes: dict[Shape, list[str]] = {}
    for tag in case.tags:
        if (shape := shape_of(tag)).cls not in STAY:
            continue
        if why := shut_out(case, tag, tag_date(tag)):
            tally.shut_out(tag, why)
        else:
            shapes.setdefault(shape, []).append(tag)
    if not shapes:
        named = ", ".join(f"`{tag}`" for tag in sorted(case.tags)[:_LISTED])
        return Keep("ambiguous", f"there is no `{case.tag}`, and no tag that has an order: {named}")
    shape = max(shapes, key=lambda shape: _rank(case, shape, shapes[shape]))
    for other, tags in shapes.items():
        if other != shape:
            tally.lost.update(dict.fromkeys(tags, f"another shape: {other}, the last push is of {shape}"))
    answer = _newest(case, shape, shapes[shape], tally) or none_left(tally)
    return answer or Keep("ambiguous", f"nothing tells which tag of the shape {shape} is the newest")


def _rank(case: Case, shape: Shape, tags: list[str]) -> tuple[dt.datetime, int, int, int, str]:
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    last = max((pushed for tag in tags if (pushed := case.pushed(tag))), default=never)
    return last, -STAY.index(shape.cls), -len(shape.prefix), len(tags), str(shape)


def _newest(case: Case, shape: Shape, tags: list[str], tally: Tally) -> Take | Keep | None:
    if not shape.ordered:
        return choose_commit(case, tags, tally)
    keys: dict[str, Key] = {tag: key for tag in tags if (key := order_key(tag))}
    ranked = sorted(keys, key=lambda tag: (keys[tag], tag), reverse=True)
    return pick(case, ranked, Manner(f"newest {noun_of(shape.cls)}"), tally)
