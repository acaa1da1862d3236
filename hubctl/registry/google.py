"""Artifact Registry's tag list, and that of gcr.io: the distribution API's with digests and dates beside the names.

Source: google/go-containerregistry `pkg/v1/google/list.go`. The dates are those of the manifest: a tag that moves to
an image that was there before has that image's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from hubctl.images.facts import TagFact, believed
from hubctl.registry import oci
from hubctl.registry.answers import Allowance, expect, expect_digest, optional, unknown_form
from hubctl.registry.line import Lines
from hubctl.registry.session import Session
from hubctl.registry.times import from_seconds

SOURCE = "google"
_MILLISECONDS = re.compile(r"-?\d{1,20}", re.ASCII)


def list_tags(session: Session, _lines: Lines, allowance: Allowance) -> tuple[TagFact, ...]:
    """Return all tags in the list's order; Unanswered as oci.tag_pages.

    Of a tag that the list shows on no image, or on two, only its name is known.
    """
    host = session.at.host
    names: dict[str, None] = {}
    told: dict[str, TagFact] = {}
    for answer in oci.tag_pages(session, allowance):
        names |= dict.fromkeys(oci.tag_names(answer, host))
        for digest, manifest in (optional(answer.get("manifest"), dict, host, "`manifest`") or {}).items():
            for fact in _facts(digest, expect(manifest, dict, host, "an image of `manifest`"), host):
                known = told.setdefault(fact.name, fact)
                told[fact.name] = fact if known.digest == digest else TagFact(fact.name, source=SOURCE)
    return tuple(told.get(name) or TagFact(name, source=SOURCE) for name in names)


def _facts(digest: str, manifest: Mapping[str, object], host: str) -> list[TagFact]:
    """Return the tags of one image, none for one without."""
    expect_digest(digest, host, "a key of `manifest`")
    tags = optional(manifest.get("tag"), list, host, "`tag`") or []
    names = [expect(tag, str, host, "an entry of `tag`") for tag in tags]
    pushed, created = (_moment(manifest, key, host) for key in ("timeUploadedMs", "timeCreatedMs"))
    return [TagFact(name, digest, pushed, created, source=SOURCE) for name in names]


def _moment(manifest: Mapping[str, object], key: str, host: str) -> datetime | None:
    """Return the moment of a text of milliseconds; None for constants and for what no calendar holds."""
    text = optional(manifest.get(key), str, host, f"`{key}`")
    if not text:
        return None
    if not _MILLISECONDS.fullmatch(text):
        raise unknown_form(host, f"`{key}` is no time in milliseconds")
    seconds, rest = divmod(int(text), 1000)
    moment = from_seconds(seconds)
    return believed(moment.replace(microsecond=rest * 1000)) if moment else None
