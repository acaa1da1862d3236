"""The part of a pull request's body that is hubctl's, between two hidden markers; the rest is people's (pure)."""

from __future__ import annotations

from hubctl.proposals.identity import BEGIN, END, lf


def region(body: str) -> str | None:
    """Return hubctl's part with its markers, line ends as LF.

    None where a person took a marker away, doubled one or turned them round: such a body is left alone.
    """
    text = lf(body)
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        return None
    start, end = text.index(BEGIN), text.index(END)
    return text[start : end + len(END)] if start < end else None


def with_region(body: str, wanted: str) -> str:
    """Return `body` with hubctl's part replaced by that of `wanted`, and everything around it kept as it was.

    `body` itself where it, or `wanted`, has no such part.
    """
    new = region(wanted)
    if new is None or region(body) is None:
        return body
    start, end = body.index(BEGIN), body.index(END) + len(END)
    return body[:start] + new + body[end:]


def is_current(body: str, wanted: str) -> bool:
    """Return whether nothing needs to be sent: hubctl's part is the wanted one, or a person took it over."""
    found = region(body)
    return found is None or found == region(wanted)
