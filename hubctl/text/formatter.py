"""A YAML text written anew as ruamelfmt does it; for files that hubctl makes, never for one that is there."""

from __future__ import annotations

import io
import sys

from hubctl.errors import Unparseable


def formatted(text: str) -> str:
    """Return the text as a round trip of ruamel.yaml writes it: two blanks, no line folded, quotes where needed.

    Comments stay. `Unparseable`, without a word of the text, where it is not YAML.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  # 18 ms that only new files pay
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  # the same

    yaml = YAML(typ="rt", pure=True)
    yaml.width = sys.maxsize
    written = io.StringIO()
    try:
        yaml.dump(yaml.load(text), written)
    except (YAMLError, ValueError):
        written = io.StringIO()
    if not written.getvalue():  # raised out here, for the exception above holds the text
        raise Unparseable("not valid YAML")
    return written.getvalue()
