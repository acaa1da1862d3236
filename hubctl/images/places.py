"""Which scalars of a YAML document write an image, aliases and merge keys followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from hubctl.images.reference import is_digest, parse_name, parse_reference, parse_tag
from hubctl.images.site import Form
from hubctl.text.tree import Alias, Mapping, Node, Path, Scalar, Sequence
from hubctl.text.walk import key_text

# What the key above says of a value. `image`: a reference or an image map; `images`: a map that may hold a tag alone;
# `extra`: a collection of images; `entry`: one of them; `environment`: variables as map or list; `item`: one of that
# list; `variable`: the value of one whose name speaks of an image.
Context: TypeAlias = Literal["", "image", "map", "extra", "entry", "environment", "item", "variable"]

NO_TEXT = frozenset({"", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"})
STRING_TAGS = (None, "!", "tag:yaml.org,2002:str")
IMAGE_MAP_KEYS = frozenset(
    {"name", "repository", "registry", "tag", "digest", "pullPolicy", "pullSecrets", "imagePullPolicy", "<<"}
)
IN_LIST: dict[Context, Context] = {"environment": "item", "extra": "entry"}
_ENVIRONMENT = re.compile(r"env|environment|\w*(?:Env|_env|Environment|_environment)")


class Spot(NamedTuple):
    """A value with the path where it is written and the path where it counts; they differ below aliases."""

    node: Scalar | Mapping | Sequence
    written: Path
    path: Path
    lines: tuple[int, ...]


class Use(NamedTuple):
    """One use of a written image: its scalar, and the spot where that counts."""

    scalar: Scalar
    spot: Spot
    form: Form
    image: str | None
    tag: str | None
    digest: str | None


class Places:
    """One walk over a document with every alias followed; `uses` are in the order of the walk.

    The parser's limit on expanded aliases bounds the walk.
    """

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.shared: dict[int, set[int]] = {}  # alias lines by the identity of each scalar used through them
        self._anchored: dict[int, Path] = {}

    def walk(self, root: Node | None) -> None:
        """Collect the uses of one document, its anchors noted before; an empty one has none."""
        spot = None if root is None else self._spot(root, (), (), ())
        if spot:
            self._visit(spot, "")

    def note_anchors(self, node: Node | None, path: Path = ()) -> None:
        """Remember where each anchored value stands; a document without anchors needs no such walk."""
        if node is None or isinstance(node, Alias):
            return
        if node.anchor is not None:
            self._anchored[id(node)] = path
        for step, child in _children(node):
            self.note_anchors(child, (*path, step))

    def _spot(self, node: Node, written: Path, path: Path, lines: tuple[int, ...]) -> Spot | None:
        """Return the value behind a node, None for an alias of what a repeated key has replaced."""
        if not isinstance(node, Alias):
            return Spot(node, written, path, lines)
        anchored = self._anchored.get(id(node.target))
        return None if anchored is None else self._spot(node.target, anchored, path, (*lines, node.line))

    def _visit(self, spot: Spot, context: Context) -> None:
        node = spot.node
        if isinstance(node, Scalar):
            if spot.lines:
                self.shared.setdefault(id(node), set()).update(spot.lines)
            if context in ("image", "entry", "variable"):
                self._inline(node, spot)
        elif isinstance(node, Mapping):
            fields = self._fields(node, spot)
            self._split(fields, context)
            for key, child in fields.items():
                self._visit(child, _below(context, key, fields))
        else:
            for index, item in enumerate(node.items):
                if value := self._spot(item, (*spot.written, index), (*spot.path, index), spot.lines):
                    self._visit(value, IN_LIST.get(context, ""))

    def _fields(self, node: Mapping, spot: Spot) -> dict[str, Spot]:
        """Return the values by key, the last of repeated keys, then what `<<` merges and no own key hides."""
        fields: dict[str, Spot] = {}
        sources: list[Spot] = []
        for key, value in _children(node):
            if key == "<<":
                sources.extend(self._merged(value, spot))
            elif child := self._spot(value, (*spot.written, key), (*spot.path, key), spot.lines):
                fields[str(key)] = child
        for source in sources:
            merged = self._fields(source.node, source) if isinstance(source.node, Mapping) else {}
            fields = merged | fields
        return fields

    def _merged(self, value: Node, spot: Spot) -> Iterator[Spot]:
        """Yield what one `<<` merges: a mapping or each of a list; it counts where the merging mapping does."""
        merged = self._spot(value, (*spot.written, "<<"), spot.path, spot.lines)
        if merged and isinstance(merged.node, Sequence):
            for index, item in enumerate(merged.node.items):
                if source := self._spot(item, (*merged.written, index), spot.path, merged.lines):
                    yield source
        elif merged:
            yield merged

    def _inline(self, scalar: Scalar, spot: Spot) -> None:
        reference = parse_reference(_text(scalar))
        if reference is not None and _names_an_image(str(reference.name), reference.tag):
            self.uses.append(Use(scalar, spot, "inline", str(reference.name), reference.tag, reference.digest))

    def _split(self, fields: dict[str, Spot], context: Context) -> None:
        spot = fields.get("tag")
        if spot is None or not isinstance(spot.node, Scalar) or "image" in fields:
            return
        written = parse_tag(_text(spot.node))
        if written is None:
            return
        name = _name(fields)
        if not name and context not in ("image", "map", "entry"):
            return
        if name and (parse_name(name) is None or not _is_image_map(fields, name, context)):
            return
        tag, digest = written
        self.uses.append(Use(spot.node, spot, "split", name or None, tag, digest or _digest(fields)))


def _children(node: Node) -> Iterator[tuple[str | int, Node]]:
    """Yield steps and children as written, of repeated keys the last; a key that is a collection is passed over."""
    if isinstance(node, Sequence):
        yield from enumerate(node.items)
    elif isinstance(node, Mapping):
        last = {text: value for key, value in node.pairs if (text := key_text(key)) is not None}
        yield from last.items()


def _below(context: Context, key: str, fields: dict[str, Spot]) -> Context:
    """Return what the key and the context of its mapping say of the value under it."""
    if key in ("image", "build_image"):
        return "image"
    if context == "environment":
        return "variable" if "IMAGE" in key else "item"
    if context == "extra":
        return "entry"
    if key == "value" and (context == "variable" or (context == "item" and "IMAGE" in _field(fields, "name"))):
        return "variable"
    return _of_key(key)


def _of_key(key: str) -> Context:
    if key == "extraImages":
        return "extra"
    if _ENVIRONMENT.fullmatch(key):
        return "environment"
    return "map" if key.lower().endswith("image") else ""


def _name(fields: dict[str, Spot]) -> str:
    """Return the name a map writes or merges, below its `registry` where one stands apart; empty without one.

    Charts that write the registry apart join the two with a slash; asking without it would ask another registry.
    """
    name = _field(fields, "repository") or _field(fields, "name")
    registry = _field(fields, "registry").rstrip("/")
    return f"{registry}/{name}" if registry and name else name


def _digest(fields: dict[str, Spot]) -> str | None:
    digest = _field(fields, "digest")
    return digest if is_digest(digest) else None


def _is_image_map(fields: dict[str, Spot], name: str, context: Context) -> bool:
    """Tell whether name and tag are an image's: one bare word among foreign keys is something else that is tagged."""
    in_place = context in ("image", "map", "entry")
    return _names_an_image(name, None) and (in_place or "/" in name or fields.keys() <= IMAGE_MAP_KEYS)


def _names_an_image(name: str, tag: str | None) -> bool:
    """Tell a name from what only passes the grammar: `10:30`, and a host with its port as in `quay.io:443`."""
    host_and_port = "/" not in name and ("." in name or name == "localhost") and (tag or "").isdigit()
    return not host_and_port and any(char.isalpha() for char in name)


def _field(fields: dict[str, Spot], key: str) -> str:
    spot = fields.get(key)
    return _text(spot.node) if spot is not None and isinstance(spot.node, Scalar) else ""


def _text(scalar: Scalar) -> str:
    """Return the characters of a value whatever type YAML gives them; empty for null, booleans and custom tags."""
    if scalar.tag not in STRING_TAGS or (scalar.style == "plain" and scalar.value in NO_TEXT):
        return ""
    return scalar.value
