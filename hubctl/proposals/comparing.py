"""What changed in the source of an image: a link that compares both sides, as far as labels allow one (pure).

Labels are claims, and an image inherits those of its base. So nothing of a label is written but what has the form of
an address on a known forge, and both sides have to agree on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hubctl.images.choice import Origin
from hubctl.images.shape import shape_of
from hubctl.proposals.markdown import code
from hubctl.proposals.moves import Move

_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})"
_NAME = r"(?!\.{0,2}(?:\.git)?/?$)[A-Za-z0-9._-]{1,100}?"
_END = r"(?:\.git)?/?"
_FLAT = re.compile(rf"https://(?P<host>(?i:github\.com|codeberg\.org))/(?P<path>{_OWNER}/{_NAME}){_END}")
_DEEP = re.compile(
    rf"https://(?P<host>(?i:gitlab\.com))/(?P<path>{_OWNER}(?:/[A-Za-z0-9_][A-Za-z0-9_-]{{0,99}}){{0,8}}/{_NAME}){_END}"
)
_COMPARE = {
    "github.com": "https://github.com/{path}/compare/{old}...{new}",
    "codeberg.org": "https://codeberg.org/{path}/compare/{old}...{new}",
    "gitlab.com": "https://gitlab.com/{path}/-/compare/{old}...{new}",
}
_REVISION = re.compile(r"[0-9a-f]{7,64}")
_URL_LIMIT = 400
_NAMED = 5

_NO_LABEL = "the image carries no source label"


def compared(moves: Sequence[Move], length: int) -> list[str]:
    """Return the lines of "Changes in the image": a link for each move that has one, else why it is unknown."""
    links: list[str] = []
    unknown: dict[str, set[str]] = {}
    for move in moves:
        url, why = compare_link(move)
        if url:
            links.append(f"- {code(move.image)}: [{code(_range(url))}]({url}), as the labels of both images claim")
        else:
            unknown.setdefault(why, set()).add(move.image)
    lines = links[:length]
    if len(links) > length:
        lines.append(f"- cut here: {len(links) - length} more links")
    return lines + [f"- unknown: {why}{_images(unknown[why], len(moves))}" for why in sorted(unknown)]


def compare_link(move: Move) -> tuple[str, str]:
    """Return the address that shows what changed between both images, else an empty one and why there is none.

    By `org.opencontainers.image.source` and `.revision` of both; for commit tags by `repo2docker.repo`, whose tags
    repo2docker-action cuts from the commit.
    """
    if move.before is None or move.after is None:
        return "", "the image before could not be looked into"
    url, why = _by_revision(move.before, move.after)
    return (url, why) if url else (_by_tag(move, move.before, move.after), why)


def _by_revision(before: Origin, after: Origin) -> tuple[str, str]:
    if not (before.source and after.source):
        return "", _NO_LABEL if not (before.source or after.source) else "only one of both images has a source label"
    old, new = _place(before.source), _place(after.source)
    if old is None or new is None:
        return "", "the source label is no repository on github.com, gitlab.com or codeberg.org"
    if _key(old) != _key(new):
        return "", "both images name different repositories as their source"
    revisions = _revision(before.revision), _revision(after.revision)
    if not (revisions[0] and revisions[1]):
        return "", "a source label without a revision that is a commit"
    if revisions[0] == revisions[1]:
        return "", "both images carry the same revision label, which a base image may have left there"
    return _url(new, revisions[0], revisions[1])


def _by_tag(move: Move, before: Origin, after: Origin) -> str:
    """Return the link of two images of repo2docker whose tags are commits, an empty text for all others."""
    old, new = _place(before.repository or ""), _place(after.repository or "")
    commits = shape_of(move.old).cls == shape_of(move.new).cls == "commit"
    if not commits or old is None or new is None or _key(old) != _key(new):
        return ""
    return _url(new, move.old, move.new)[0]


def _place(label: str) -> tuple[str, str] | None:
    """Return host and path of a label that is a repository on a known forge."""
    found = _FLAT.fullmatch(label) or _DEEP.fullmatch(label) if len(label) <= _URL_LIMIT else None
    return (found["host"].lower(), found["path"]) if found else None


def _key(place: tuple[str, str]) -> tuple[str, str]:
    return place[0], place[1].lower()


def _revision(label: str | None) -> str:
    text = (label or "").lower()
    return text if _REVISION.fullmatch(text) else ""


def _url(place: tuple[str, str], old: str, new: str) -> tuple[str, str]:
    return _COMPARE[place[0]].format(path=place[1], old=old, new=new), ""


def _range(url: str) -> str:
    old, _, new = url.rpartition("/")[2].partition("...")
    return f"{old[:12]}...{new[:12]}"


def _images(images: set[str], moves: int) -> str:
    if moves == 1:
        return ""
    named = ", ".join(code(image) for image in sorted(images)[:_NAMED])
    more = f" and {len(images) - _NAMED} more" if len(images) > _NAMED else ""
    return f": {named}{more}"
