"""What speaks against an image as a whole: nobody pushes it any more, or one place uses it unlike all others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.moving import STAY
from hubctl.images.order import FROZEN_DOCKER_STACKS, is_frozen_docker_stack
from hubctl.images.reference import ImageName, is_tag
from hubctl.images.shape import Shape, is_signature, shape_of

LONGEST_SILENCE = dt.timedelta(days=180)
FEWEST_ALIKE = 3


def silence(name: ImageName, listing: Listing | NoAnswer | None, now: dt.datetime) -> str | None:
    """Return since when nobody pushed an image, None for one that is alive and where that is not known.

    Dead is what had no push for more than 180 days, and docker-stacks on Docker Hub (facts of its publisher). A
    push counts by the first tag of its digest: an old image under a new name is no new one. Where one tag has no
    date of push nothing is said, for that one may be of today.
    """
    last = _last_push(listing) if isinstance(listing, Listing) else None
    if last is not None and (age := now - last) > LONGEST_SILENCE:
        said = f"the last push of `{name}` was on {last.date().isoformat()}, {age.days} days ago"
    elif is_frozen_docker_stack(name.key):
        said = f"`{name}` gets no pushes"
    else:
        return None
    return f"{said}: {FROZEN_DOCKER_STACKS}" if is_frozen_docker_stack(name.key) else said


def replacement(name: ImageName) -> str | None:
    """Return the name under which an image goes on, None where none is known."""
    return f"quay.io/{name.path}" if is_frozen_docker_stack(name.key) else None


def _last_push(listing: Listing) -> dt.datetime | None:
    first: dict[str, dt.datetime] = {}
    for fact in listing.tags:
        if not is_tag(fact.name) or is_signature(fact.name):
            continue
        if fact.pushed is None:
            return None
        image = fact.digest or fact.name
        first[image] = min(fact.pushed, first.get(image, fact.pushed))
    return max(first.values(), default=None)


def lone_shape(tag: str, others: Sequence[str]) -> Shape | None:
    """Return the shape of all other uses of an image where there are at least three and this one is unlike them.

    None where the others move by themselves or are free-form: a fixed tag among them is no error.
    """
    shapes = {shape_of(other) for other in others}
    if len(others) < FEWEST_ALIKE or len(shapes) != 1:
        return None
    (shape,) = shapes
    return shape if shape.cls in STAY and shape != shape_of(tag) else None
