"""Amazon's registries: the distribution API, and for a private one what `aws` tells of its images, dates included.

`aws ecr describe-images` is ECR's DescribeImages (botocore `ecr/2015-09-21`): tags, digests and push dates in one
call. Its requests are signed by keys that hubctl never reads.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from hubctl.images.facts import TagFact
from hubctl.registry import oci
from hubctl.registry.answers import (
    MOST_TAGS,
    Allowance,
    Unanswered,
    expect,
    expect_digest,
    optional,
    read_object,
    unknown_form,
    usable_tag,
)
from hubctl.registry.hosts import ecr_home
from hubctl.registry.line import Lines
from hubctl.registry.session import Aws, Session
from hubctl.registry.times import from_iso, from_seconds

SOURCE = "ecr"
_AWS = "aws"
_SECONDS = 60.0
_FAR = 1e11  # seconds, some thousand years on
_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{0,255}")


def list_tags(session: Session, _lines: Lines, allowance: Allowance) -> tuple[TagFact, ...]:
    """Return all tags: of a private registry with digests and dates where `aws` tells them, else their names.

    Why `aws` did not is a note of the session; Unanswered as oci.list_tags.
    """
    home = ecr_home(session.at.host)
    if home is not None and session.aws is not None and _NAME.fullmatch(session.at.name):
        account, region = home
        which = ("--registry-id", account, "--region", region, "--repository-name", session.at.name)
        try:
            return _described(session.aws, which, allowance)
        except Unanswered as problem:
            session.notes.append(f"push dates are not known: {problem.message}")
    return oci.list_tags(session, allowance, SOURCE)


def _described(aws: Aws, which: tuple[str, ...], allowance: Allowance) -> tuple[TagFact, ...]:
    started = time.monotonic()
    arguments = ("ecr", "describe-images", *which, "--filter", "tagStatus=TAGGED", "--output", "json")
    printed, problem = aws(arguments, min(_SECONDS, allowance.left))
    allowance.spend(time.monotonic() - started)
    if problem is not None:
        raise Unanswered(f"`aws ecr describe-images` gave no list: {problem}")
    facts: dict[str, TagFact] = {}
    for image in expect(read_object(printed, _AWS).get("imageDetails"), list, _AWS, "`imageDetails`"):
        for fact in _facts(expect(image, dict, _AWS, "an image")):
            facts.setdefault(fact.name, fact)
    if len(facts) > MOST_TAGS:
        raise Unanswered(f"`{_AWS}` lists more than {MOST_TAGS} tags of one image")
    return tuple(facts.values())


def _facts(image: dict[str, object]) -> Iterator[TagFact]:
    """Yield the tags of one image; one without tags is nothing that can be written down."""
    digest = expect_digest(image.get("imageDigest"), _AWS, "`imageDigest`")
    pushed = _moment(image.get("imagePushedAt"))
    for tag in optional(image.get("imageTags"), list, _AWS, "`imageTags`") or []:
        if (name := usable_tag(expect(tag, str, _AWS, "a tag"))) is not None:
            yield TagFact(name, digest=digest, pushed=pushed, source=SOURCE)


def _moment(value: object) -> datetime | None:
    """Return when an image was pushed: a text with its zone, or seconds as the first version of `aws` writes them."""
    if value is None:
        return None
    moment = from_iso(value) if isinstance(value, str) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _FAR:
        start = from_seconds(int(value))
        moment = start and start + timedelta(seconds=value % 1)
    if moment is None:
        raise unknown_form(_AWS, "`imagePushedAt` is no date")
    return moment
