"""A tag that should stay where it is, written with a digest that it does not point at any more."""

from __future__ import annotations

from dataclasses import replace

from hubctl.images.case import Case
from hubctl.images.choice import Keep, Take
from hubctl.images.moving import STAY
from hubctl.images.shape import shape_of


def told_of_move(case: Case, answer: Take | Keep) -> Take | Keep:
    """Return the answer, saying so where the written tag was moved away from the written digest.

    `up-to-date` becomes `tag-moved`: what runs is the digest, and nobody who reads the tag would know. Pauses to ask
    for that one digest. Where it could not be asked the reason says so: what is newer was answered without it.
    """
    written = case.written_digest
    if written is None or not case.listed or case.policy.kind == "to" or shape_of(case.tag).cls not in STAY:
        return answer
    now = case.digest_if_told(case.tag)
    if now is None:
        failure = case.failure(case.tag)
        if isinstance(answer, Take) or failure is None:
            return answer
        return replace(answer, why=f"{answer.why}; where `{case.tag}` points could not be asked: {failure.why}")
    if now == written or now.partition(":")[0] != written.partition(":")[0]:
        return answer
    moved = f"tag was moved: `{case.tag}` points at {now}, no longer at {written}"
    if isinstance(answer, Take):
        return replace(answer, warnings=(*answer.warnings, moved))
    code = "tag-moved" if answer.code == "up-to-date" else answer.code
    return Keep(code, f"{answer.why}; {moved}", answer.candidates, answer.refused)
