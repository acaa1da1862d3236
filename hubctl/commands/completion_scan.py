"""Names in files as a glance at their lines gives them: fast, and right where a file is broken elsewhere (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hubctl.images.reference import parse_name, parse_reference

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_VALUES_FILE = re.compile(r"[^\s\"'#,\[\]{}]+\.ya?ml\b")
_HUBS = re.compile(r"hubs\s*:\s*(?:#.*)?")
_LINE = re.compile(r"(?P<indent> *)(?P<dash>-\s+)?(?P<rest>.*)")
_HUB_NAME = re.compile(r"name\s*:\s+([\"']?)([a-z0-9][a-z0-9._-]*)\1\s*(?:#.*)?")
_WORD = r"[\"']?([A-Za-z0-9][\w./:@+-]*)"
_IMAGE = re.compile(
    rf"^[ \t-]*[\"']?(?:image|build_image|\w*IMAGE\w*)[\"']?[ \t]*:[ \t]+(?:&\S+[ \t]+)?{_WORD}", re.MULTILINE
)
_IN_FLOW = re.compile(rf"[{{,][ \t]*(?:image|build_image)[ \t]*:[ \t]+{_WORD}")
_FLOW_MAP = re.compile(r"\{[^{}\n]*\btag\s*:[^{}\n]*\}")
_FIELD = re.compile(rf"(name|repository|registry|tag)[ \t]*:[ \t]+(?:&\S+[ \t]+)?{_WORD}")
_TAG = re.compile(r"[ -]*tag[ \t]*:")
_MOST_LINES = 20  # of one mapping that are looked at before and after its `tag`


def is_name(text: str) -> bool:
    """Whether a folder's name can be that of a cluster."""
    return _NAME.fullmatch(text) is not None


def listed_files(text: str) -> tuple[str, ...]:
    """Return every path of a YAML file that a `cluster.yaml` names, as it is written."""
    return tuple(_VALUES_FILE.findall(text))


def hub_names(text: str) -> tuple[str, ...]:
    """Return the names under `hubs` of a `cluster.yaml` in block style, in its order."""
    names: list[str] = []
    inside, item, keys = False, -1, -1  # `item` is the column of the list's dashes, `keys` that of a hub's keys
    for line in text.splitlines():
        if line[:1] not in {"", " ", "#", "-"}:
            inside, item = _HUBS.fullmatch(line.rstrip()) is not None, -1
            continue
        found = _LINE.match(line) if inside else None
        if found is None or not found["rest"] or found["rest"].startswith("#"):
            continue
        column = len(found["indent"])
        if found["dash"] and item in {-1, column}:
            item, keys, column = column, found.start("rest"), found.start("rest")
        name = _HUB_NAME.fullmatch(found["rest"]) if column == keys else None
        if name:
            names.append(name[2])
    return tuple(dict.fromkeys(names))


def image_names(text: str) -> frozenset[str]:
    """Return the names of the images that a values file writes, as it writes them."""
    found = {str(reference.name) for word in _references(text) if (reference := parse_reference(word))}
    return frozenset(found | {name for fields in _maps(text) if (name := _name(fields))})


def _references(text: str) -> Iterator[str]:
    yield from _IMAGE.findall(text)
    yield from _IN_FLOW.findall(text)


def _maps(text: str) -> Iterator[Mapping[str, str]]:
    """Yield the fields of each mapping that has a `tag`."""
    for flow in _FLOW_MAP.findall(text):
        yield dict(_FIELD.findall(flow))
    lines = text.splitlines() if "tag" in text else []
    for number, line in enumerate(lines):
        if _TAG.match(line):
            before = reversed(lines[max(number - _MOST_LINES, 0) : number])
            after = lines[number + 1 : number + 1 + _MOST_LINES]
            column = _column(line)
            own = [*_beside(before, column, upwards=True), line] if not _begins(line) else [line]
            yield dict(pair for each in (*own, *_beside(after, column)) for pair in _fields(each))


def _beside(lines: Iterator[str] | list[str], column: int, *, upwards: bool = False) -> Iterator[str]:
    """Yield the lines with a key in the same mapping, seen from one of them."""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if _column(line) < column or (_begins(line) and not upwards and _column(line) <= column):
            return
        if _column(line) == column:
            yield line
            if _begins(line):
                return


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" -"))


def _begins(line: str) -> bool:
    """Whether a list's dash stands before the key, so that the mapping begins here."""
    return line.lstrip().startswith("- ")


def _fields(line: str) -> list[tuple[str, str]]:
    found = _FIELD.match(line.lstrip(" -"))
    return [(found[1], found[2])] if found else []


def _name(fields: Mapping[str, str]) -> str | None:
    """Return what the image of a mapping is called, as `hubctl.images` reads it."""
    name = fields.get("repository") or fields.get("name")
    if not name or "tag" not in fields:
        return None
    registry = fields.get("registry", "").rstrip("/")
    whole = f"{registry}/{name}" if registry else name
    return whole if parse_name(whole) else None
