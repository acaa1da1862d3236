"""Setting scalars: the bytes of the values change and no other, or nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from hubctl.errors import Unparseable, UnsafeEdit
from hubctl.text.parse import locate, parse
from hubctl.text.quoting import House, chosen_style, quote_majority, stands_plain, unquoted_by_ruamelfmt, written
from hubctl.text.source import BOM
from hubctl.text.splice import Splice, inner_splices, spliced
from hubctl.text.tree import Path, Scalar, Stream
from hubctl.text.verify import Entry, Place, Targets, check, outline, readings
from hubctl.text.walk import BY_HAND, scalar_at


@dataclass(frozen=True, slots=True)
class ScalarEdit:
    """The whole new text of the scalar at `path` of one document, counted from 0."""

    document: int
    path: Path
    value: str


def set_scalars(data: bytes, edits: Sequence[ScalarEdit], *, house: House = House()) -> bytes:  # noqa: B008  # frozen
    """Return the text with the scalars set, every other byte as it was: line ends, BOM, layout, comments, quotes.

    A value that is there already as a string gives the same bytes. Where the old spelling allows, only the
    differing characters of each word change, in any style; else the scalar is written anew on one line. The result
    is read by two parsers and must differ from the old text in exactly these values, each a string to YAML 1.1,
    YAML 1.2 and Go's YAML. `UnsafeEdit` with code otherwise: `parse`, `missing`, `alias`, `duplicate-key`,
    `tagged`, `collection`, `root`, `layout`, `formatter`, `verify`.
    """
    try:
        stream = parse(data)
    except Unparseable as error:
        raise unreadable(error) from None
    house = house if house.formatter else replace(house, quote=quote_majority([stream]) or house.quote)
    targets: dict[Place, str] = {}
    scalars: dict[Place, Scalar] = {}
    for edit in edits:
        place: Place = (edit.document, edit.path)
        scalar = scalar_at(stream, edit.document, edit.path)
        if targets.setdefault(place, edit.value) != edit.value:
            raise ValueError("two edits set one scalar to different values")
        scalars[place] = scalar
    targets = {place: value for place, value in targets.items() if not stands(scalars[place], value)}
    if not targets:
        return data
    text = checked(stream, scalars, targets, house)
    return ((BOM if stream.bom else "") + text).encode()


def stands(scalar: Scalar, value: str) -> bool:
    """Tell whether a scalar is this text already, as a string for every reader."""
    return scalar.value == value and (scalar.style != "plain" or stands_plain(value, flow=scalar.flow))


def checked(stream: Stream, scalars: dict[Place, Scalar], targets: Targets, house: House) -> str:
    """Return the edited text that passes the check: the smallest splices, else each scalar anew."""
    before = outline(locate(stream.text))
    whole: list[Splice] = []
    inner: list[Splice] = []
    for place, value in targets.items():
        old = scalars[place]
        anew = whole_splice(stream.text, old, value, house)
        whole.append(anew)
        keeps = old.style in ("literal", "folded") or chosen_style(value, old, house=house) == old.style
        smallest = inner_splices(stream.text, old, value) if keeps and old.value else None
        inner += [anew] if smallest is None else smallest
    with suppress(UnsafeEdit):
        return attempt(stream.text, inner, before, targets)
    try:
        return attempt(stream.text, whole, before, targets)
    except UnsafeEdit:
        refuse_disputed(stream.text)
        raise


def attempt(text: str, splices: list[Splice], before: list[Entry], targets: Targets) -> str:
    """Return the spliced text, or raise `UnsafeEdit` where it does not mean what was wanted."""
    after = spliced(text, splices)
    try:
        entries = readings(after, locate(after))
    except Unparseable:
        raise UnsafeEdit("the edited text would not parse; nothing was written", code="verify") from None
    check(before, entries, targets)
    return after


def refuse_disputed(text: str) -> None:
    """Raise `UnsafeEdit` where two parsers did not agree on the text before it was edited: it is the text's fault."""
    try:
        readings(text, locate(text))
    except Unparseable as error:
        raise unreadable(error) from None


def whole_splice(text: str, old: Scalar, value: str, house: House) -> Splice:
    """Return the splice that writes a scalar anew; refused where a formatter or the layout does not allow it."""
    spelling = spelled_anew(value, old, house)
    if old.start < old.end:
        return Splice(old.start, old.end, spelling)
    before = text[: old.start].rstrip(" \t")[-1:]
    if before not in (":", "-"):
        raise UnsafeEdit(f"no value is written at line {old.line}", code="layout", hint=BY_HAND)
    return Splice(old.start, old.start, spelling if text[old.start - 1].isspace() else f" {spelling}")


def spelled_anew(value: str, old: Scalar, house: House) -> str:
    """Return the spelling of a value in the place of `old`; refused where ruamelfmt would remove needed quotes."""
    spelling = written(value, old, house=house)
    if house.formatter == "ruamelfmt" and spelling.startswith("'") and unquoted_by_ruamelfmt(value):
        raise UnsafeEdit(
            f"the value at line {old.line} needs quotes that ruamelfmt would remove",
            code="formatter",
            hint="choose another value: without quotes Helm or YAML 1.1 would not read a string",
        )
    return spelling


def unreadable(error: Unparseable) -> UnsafeEdit:
    """Return the refusal of a text that cannot be read."""
    return UnsafeEdit(f"cannot be edited: {error.message}, line {error.line}", code="parse", hint=BY_HAND)
