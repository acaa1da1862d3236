"""The second reader: ruamel.yaml's pure parser, the reference for every edit."""

from __future__ import annotations

from collections.abc import Iterator

from hubctl.errors import Unparseable
from hubctl.text.events import Event, uniform


def reference_events(text: str, file: str = "") -> Iterator[Event]:
    """Yield the events of ruamel's pure parser; `Unparseable` where it stumbles, without a word of the text.

    `pure=True` is spelled out because ruamel otherwise takes an old libyaml wherever one is installed.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  # 18 ms that only edits pay
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  # the same

    try:
        for raw in YAML(typ="safe", pure=True).parse(text):
            event = uniform(raw, file)
            if event is not None:
                yield event
    except (YAMLError, ValueError, OverflowError) as error:  # the last two: an escape beyond U+10FFFF
        mark = getattr(error, "problem_mark", None)
        raise Unparseable("not valid YAML", file=file, line=mark.line + 1 if mark else 1) from None
