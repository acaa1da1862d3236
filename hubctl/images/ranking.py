"""A list of tags for people: the newest first, as far as anything tells."""

from __future__ import annotations

from collections.abc import Iterable

from hubctl.images.facts import TagFact, believed
from hubctl.images.reference import is_tag
from hubctl.images.shape import TagClass, is_signature, order_key, shape_of

# Without dates: what moves is asked about most, then what its name orders, the most telling first.
_UNDATED: tuple[TagClass, ...] = ("moving", "date", "date8", "version", "chartpress", "git-describe", "line", "commit")


def newest_first(tags: Iterable[TagFact]) -> tuple[TagFact, ...]:
    """Return the tags that can be images, the newest first; what no image could be called and signatures are left out.

    First those with a date of push, else of creation, by that date; then the others by shape and, where the shape has
    an order, by its key; what nothing orders stays as listed.
    """
    usable = [tag for tag in tags if is_tag(tag.name) and not is_signature(tag.name)]
    dated = [(moment, tag) for tag in usable if (moment := tag.pushed or believed(tag.created))]
    dated.sort(key=lambda pair: (pair[0], order_key(pair[1].name) or ()), reverse=True)
    undated = [tag for tag in usable if not (tag.pushed or believed(tag.created))]
    undated.sort(key=_rank)
    return (*(tag for _, tag in dated), *undated)


def _rank(tag: TagFact) -> tuple[int, str, tuple[int, ...]]:
    shape, key = shape_of(tag.name), order_key(tag.name) or ()
    place = _UNDATED.index(shape.cls) if shape.cls in _UNDATED else len(_UNDATED)
    return place, str(shape), tuple(-number for number in key)
