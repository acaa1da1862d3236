"""When text must be quoted, and with which quotes: YAML 1.1, YAML 1.2 and Go's YAML all have to read a string."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hubctl.errors import Unparseable
from hubctl.text.data import data
from hubctl.text.parse import parse
from hubctl.text.tree import Scalar, Stream, Style
from hubctl.text.walk import leaves

Quote: TypeAlias = Literal["single", "double"]
Formatter: TypeAlias = Literal["ruamelfmt", "prettier"]


@dataclass(frozen=True, slots=True)
class House:
    """A repository's style: the formatter its hooks run, if any, and the quotes a new quoted value takes."""

    formatter: Formatter | None = None
    quote: Quote = "single"


_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
_RESERVED = frozenset(
    ["", "~", "=", "<<", ".nan", ".NaN", ".NAN"]
    + [spelling for word in _WORDS for spelling in (word, word.capitalize(), word.upper())]
)
# Matched with every `_` removed, as Go does; PyYAML and ruamel allow `_` among digits. None begins with `_`.
_NUMBER = re.compile(
    r"[-+]?(?:0x[-+]?[0-9a-f]+|0b[-+]?[01]+|0o[-+]?[0-7]+"
    r"|(?:[0-9]+\.?[0-9]*|\.[0-9]*)(?:e[-+]?[0-9]+)?"
    r"|\.inf)",
    re.IGNORECASE,
)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?")
_BLANK_NUMBER = re.compile(r"(?:[-+]|[-+]?0[xbo])_+", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", re.DOTALL)
_NOT_PLAIN = re.compile(
    r"""\s|[\[\]{},#&*!|>'"%@`]|[-?:](?:\s|$)|---|\.\.\.|.*?(?::\s|\s\#|:$|\s$)""", re.DOTALL | re.VERBOSE
)
_NOT_IN_FLOW = re.compile(r"[?:]|.*(?:[\[\]{},]|:\?)", re.DOTALL)
# What ruamel.yaml's resolver for YAML 1.2 takes for something else than a string, so that ruamelfmt keeps the quotes.
_KEPT_BY_RUAMELFMT = re.compile(
    r"|~|=|<<|null|Null|NULL|true|True|TRUE|false|False|FALSE|\.(?:nan|NaN|NAN)"
    r"|[-+]?(?:0b[01_]+|0o?[0-7_]+|[0-9_]+|0x[0-9a-fA-F_]+|\.inf|\.Inf|\.INF"
    r"|[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+][0-9]+)?)"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|"
    r"[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)

_MARKS: dict[Quote, str] = {"single": "'", "double": '"'}
_FORMATTERS: tuple[Formatter, ...] = ("ruamelfmt", "prettier")
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    "\x85": "\\N",
    "\xa0": "\\_",
    "\u2028": "\\L",
    "\u2029": "\\P",
}


def stands_plain(value: str, *, flow: bool) -> bool:
    """Tell whether unquoted `value` is legal there and a string to PyYAML, ruamel.yaml, yaml.v2, yaml.v3 and Helm."""
    return is_legal_plain(value, flow=flow) and reads_as_text(value)


def is_legal_plain(value: str, *, flow: bool) -> bool:
    """Tell whether unquoted `value` is one scalar to every reader, of whatever type."""
    return value.isprintable() and not _NOT_PLAIN.match(value) and not (flow and _NOT_IN_FLOW.match(value))


def reads_as_text(value: str) -> bool:
    """Tell whether all those readers take unquoted `value` for a string and not for a number, date, bool or null."""
    if value in _RESERVED or _DATE.fullmatch(value):
        return False
    bare = value.replace("_", "")
    number = _NUMBER.fullmatch(bare) or _SEXAGESIMAL.fullmatch(bare) or _BLANK_NUMBER.fullmatch(value)
    return not number or value.startswith("_")


def unquoted_by_ruamelfmt(value: str) -> bool:
    """Tell whether ruamelfmt drops the quotes of `value` although another reader needs them."""
    needed = is_legal_plain(value, flow=False) and not reads_as_text(value)
    return needed and not _KEPT_BY_RUAMELFMT.fullmatch(value)


def chosen_style(value: str, old: Scalar, *, house: House) -> Style:
    """Return `plain`, `single` or `double` for a new value in the place of an old one.

    Plain stays plain where the new value stands plain. Quotes stay and keep their kind, but ruamelfmt drops those
    that were needed and no longer are. Where quotes become needed they are the house's, ruamelfmt's always; the
    other kind where the value brings that kind inside. What is not printable needs double quotes.
    """
    strange = {ord(letter): "x" for letter in old.value if not letter.isprintable()}
    familiar = value.translate(strange)  # what the old text holds unescaped the new one may hold too
    quoted = old.style in ("single", "double")
    chosen = quoted and stands_plain(old.value, flow=old.flow)
    ruamelfmt = house.formatter == "ruamelfmt"
    if stands_plain(familiar, flow=old.flow) and (not quoted or (ruamelfmt and not chosen)):
        return "plain"
    if not familiar.isprintable():
        return "double"
    if ruamelfmt and not chosen:
        return "double" if "'" in value else "single"
    kind: Quote = ("single" if old.style == "single" else "double") if quoted else house.quote
    other: Quote = "double" if kind == "single" else "single"
    brings = _MARKS[kind] in value and _MARKS[kind] not in old.value
    return other if brings and not {_MARKS[other], "\\"} & set(value) else kind


def written(value: str, old: Scalar, *, house: House) -> str:
    """Return the spelling of `value`, quotes included, in the place of `old`; always on one line."""
    style = chosen_style(value, old, house=house)
    if style == "plain" and value.isprintable():
        return value
    if style == "single" and value.isprintable():
        return f"'{spelled(value, 'single')}'"
    return f'"{spelled(value, "double")}"'


def spelled(value: str, style: Style) -> str:
    """Return the characters that stand for `value` inside a scalar of this style, without the quotes."""
    if style == "single":
        return value.replace("'", "''")
    if style == "double":
        return "".join(_ESCAPES.get(letter) or (letter if letter.isprintable() else escape(letter)) for letter in value)
    return value


def escape(letter: str) -> str:
    """Return the numeric escape of a character in double quotes."""
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote_majority(streams: Iterable[Stream]) -> Quote | None:
    """Return the kind of quotes most values have of those that could have either, None without a majority."""
    seen = Counter(
        leaf.style
        for stream in streams
        for root in stream.documents
        for leaf in leaves(root)
        if isinstance(leaf, Scalar)
        and leaf.style in ("single", "double")
        and not set("'\"\\") & set(stream.text[leaf.start + 1 : leaf.end - 1])
    )
    if seen["single"] == seen["double"]:
        return None
    return "single" if seen["single"] > seen["double"] else "double"


def detect_house(hooks: bytes | None, file: str, neighbours: Iterable[bytes] = ()) -> House:
    """Return the style `file` must keep.

    `hooks` is the content of `.pre-commit-config.yaml` (None without one): its ruamelfmt and prettier hooks count
    where their `files` and `exclude` patterns take `file`. `neighbours` are other configuration files, whose
    majority of quotes counts without a formatter. What cannot be read counts for nothing.
    """
    formatter = formatter_of(configuration(hooks or b""), file)
    if formatter is not None:
        return House(formatter, "single" if formatter == "ruamelfmt" else "double")
    return House(None, quote_majority(readable(neighbours)) or "single")


def readable(texts: Iterable[bytes]) -> Iterator[Stream]:
    """Yield the texts that parse."""
    for text in texts:
        with suppress(Unparseable):
            yield parse(text)


def configuration(text: bytes) -> object:
    """Return the first document of a text as plain values, None where it cannot be read."""
    with suppress(Unparseable):
        return next((data(root) for root in parse(text).documents), None)
    return None


def formatter_of(config: object, file: str) -> Formatter | None:
    """Return the YAML formatter that pre-commit runs on `file`, None without one."""
    hooks = [hook for repository in entries(config, "repos") for hook in entries(repository, "hooks")]
    for hook in hooks if takes(config, file) else ():
        for name in _FORMATTERS:
            if name in str(hook.get("id")) and takes(hook, file):
                return name
    return None


def entries(config: object, key: str) -> list[dict[str, object]]:
    """Return the mappings in the list under `key`, none where the shape is another."""
    found = config.get(key) if isinstance(config, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def takes(config: object, file: str) -> bool:
    """Tell whether pre-commit's `files` and `exclude` patterns, Python regexes, let a file through."""
    files, exclude = (config.get("files"), config.get("exclude")) if isinstance(config, dict) else (None, None)
    with suppress(re.error):
        return bool(re.search(str(files or ""), file) and not re.search(str(exclude or "^$"), file))
    return False
