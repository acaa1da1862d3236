"""What makes a proposal the same proposal: its scope, its branch, its id and the marker that says so (pure)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from hubctl.proposals.plan import Change

TRAILER = "Hubctl-Proposal"
BEGIN = "<!-- hubctl:begin -->"
END = "<!-- hubctl:end -->"
PREFIX = "hubctl/"
MARKED_PLACES = 500
_BRANCH_LIMIT = 100
_HASH_LENGTH = 8
_SPOT = 10
_MARKER = re.compile(r"<!-- hubctl:v1 ([A-Za-z0-9+/=]{1,40000}) -->")
_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Marker:
    """What the hidden marker of a pull request's body says.

    `scope` names the unit of review, `title` the short hash of the title hubctl wrote, `places` the `place_id` of
    each change. `narrowed`: the selection was narrower than a unit of review; `selection` names it, `""` everything.
    """

    id: str
    scope: str
    title: str
    places: tuple[str, ...] = ()
    narrowed: bool = False
    selection: str = ""

    def __str__(self) -> str:
        data: dict[str, object] = {"id": self.id, "places": [*self.places], "scope": self.scope, "title": self.title}
        data |= {"narrowed": True} if self.narrowed else {}
        data |= {"selection": self.selection} if self.selection else {}
        text = json.dumps(data, sort_keys=True, separators=(",", ":"))
        return f"<!-- hubctl:v1 {base64.b64encode(text.encode()).decode()} -->"


def parse_marker(body: str) -> Marker | None:
    """Return the first marker in a body, None where there is none that can be read."""
    found = _MARKER.search(body)
    if found is None:
        return None
    try:
        data = json.loads(base64.b64decode(found[1], validate=True))
        narrowed = data.get("narrowed") is True
        places, selection = tuple(data["places"]), data.get("selection", "")
        marker = Marker(data["id"], data["scope"], data["title"], places, narrowed=narrowed, selection=selection)
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    words = (marker.id, marker.scope, marker.title, marker.selection, *marker.places)
    return marker if all(isinstance(word, str) for word in words) and _ID.fullmatch(marker.id) else None


def proposal_id(changes: Iterable[Change]) -> str:
    """Return the sha256 over the sorted (file, yaml pointer, image, old, new, new digest) of all changes."""
    return sha256_of(sorted(_facts(change) for change in changes))


def place_id(change: Change) -> str:
    """Return a short hash of one place and, behind it, one of what it is changed to, whatever it was before."""
    file, pointer, image, _, new, digest = _facts(change)
    return spot_of([file, pointer, image]) + sha256_of([new, digest])[:_SPOT]


def spot(place: str) -> str:
    """Return the part of a `place_id` that stands for the place, whatever it is changed to."""
    return place[:_SPOT]


def spot_of(data: object) -> str:
    """Return the `spot` of a place that is named by what JSON can say."""
    return sha256_of(data)[:_SPOT]


def text_id(text: str) -> str:
    """Return a short hash of a text, line ends counted as LF."""
    return hashlib.sha256(lf(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def lf(text: str) -> str:
    """Return `text` with LF line ends: a body edited on the web comes back with CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def branch_name(verb: str, scope: str) -> str:
    """Return `hubctl/VERB/SCOPE`, the scope as one flat segment of `[a-z0-9._-]`, at most 100 characters.

    `hub-leap/prod` becomes `hub-leap-prod`, any other `/` becomes `--`. A scope that is cut, or that does not
    read back from its segment, gets a hash of the whole scope, so that two scopes never share a branch.
    """
    prefix = f"{PREFIX}{verb}/"
    flat = scope.replace("/", "-", 1) if scope.startswith("hub-") else scope
    slug = re.sub(r"[^a-z0-9._-]|\.(?=\.)", "-", flat.replace("/", "--").lower())
    room = _BRANCH_LIMIT - len(prefix)
    same = slug.replace("--", "/") == flat and "-/" not in flat and "/-" not in flat
    if same and len(slug) <= room and not slug.endswith((".lock", ".")):
        return f"{prefix}{slug}"
    return prefix + hashed(slug[: room - _HASH_LENGTH - 1], scope)


def hashed(slug: str, scope: str) -> str:
    """Return a slug made unmistakable by a hash of what it stands for."""
    return f"{slug}-{hashlib.sha256(scope.encode('utf-8', 'surrogatepass')).hexdigest()[:_HASH_LENGTH]}"


def sha256_of(data: object) -> str:
    """Return the sha256 of what JSON can say, in its one compact form."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def _facts(change: Change) -> tuple[str, str, str, str, str, str]:
    site = change.site
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in site.path)
    if site.document:
        pointer = f"{site.document}#{pointer}"
    return (site.file, pointer, change.image, change.old or "", change.new, change.digest)
