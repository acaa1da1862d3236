"""`python -m docs.record`: plays every command the pages show, writes down what it prints, and draws the pictures."""

from __future__ import annotations

from pathlib import Path

from docs.pages import PAGES, ROOT, fenced, rewritten
from docs.picture import demo_picture
from docs.playing import playground
from docs.pull_request_picture import pull_request_picture

PICTURE = ROOT / "docs" / "demo.svg"
PULL_REQUEST = ROOT / "docs" / "pull-request.svg"


def recorded(page: str) -> str:
    """Return a page with every whole output as the commands print it now."""
    if not any(fenced(page, "console")):
        return page
    with playground() as play:
        return rewritten(page, play)


def _renew(file: Path, text: str) -> None:
    if not file.exists() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    for page in PAGES:
        _renew(page, recorded(page.read_text("utf-8")))
    _renew(PICTURE, demo_picture())
    _renew(PULL_REQUEST, pull_request_picture())
