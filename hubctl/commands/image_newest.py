"""`hubctl image newest`: the engine for one reference, without a repository."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hubctl.adapters.clock import Waiting
from hubctl.commands import codes
from hubctl.commands.answering import Answers, answering
from hubctl.commands.choosing import Query, decided
from hubctl.commands.noticing import dead
from hubctl.commands.reports import NewestReport
from hubctl.commands.requests import ImageNewest, Sources
from hubctl.commands.unanswered import failure
from hubctl.commands.world import World
from hubctl.errors import HubctlError, NotFound
from hubctl.images.case import BARE_TAG
from hubctl.images.choice import Keep, Policy, Take, Unknown
from hubctl.images.choose import Question
from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.pattern import compile_pattern
from hubctl.images.policy import parse_policy, policy_for, resolve_policy
from hubctl.images.reference import Reference
from hubctl.images.shape import shape_of
from hubctl.images.typed import parse_typed
from hubctl.settings import Settings
from hubctl.show import show

_NOT_ASKED = NoAnswer("no-answer", "nothing about this image depends on its tags")


def run(request: ImageNewest, world: World) -> NewestReport:
    """Return what may follow the reference; a question that failed is part of the report.

    UsageError for a reference or a policy that cannot be read.
    """
    reference = parse_typed(request.reference)
    policy = _policy(reference, request, world.settings)
    question = Question(reference.name.key, reference.tag, reference.digest, policy, history=True)
    moves = question.bare or shape_of(question.tag or "").cls in ("moving", "line")
    with answering(world, request.sources, Waiting(request.sources.max_wait), fresh=moves) as answers:
        report = _answered(reference, question, answers, request.sources, world.now)
    return replace(report, notes=(*report.notes, *answers.notes))


def _answered(
    reference: Reference, question: Question, answers: Answers, sources: Sources, now: dt.datetime
) -> NewestReport:
    asked = question.policy.kind != "pin" and (question.bare or question.tag is not None)
    listing = answers.tags_of([reference.name])[reference.name] if asked else _NOT_ASKED
    choice = decided(Query(reference.name, question), listing, answers, now)
    if isinstance(choice, Unknown):
        code, error = failure(reference.name, choice, sources)
        return NewestReport(reference, choice, exit_code=code, error=error)
    digest = choice.digest if isinstance(choice, Take) else _digest_now(reference, choice, answers)
    if not isinstance(listing, Listing):
        return NewestReport(reference, choice, digest)
    missed = _matches_nothing(reference, question.policy, listing)
    code = missed.exit_code if missed else codes.DONE
    notes = (*listing.notes, *dead(reference.name, listing, now))
    return NewestReport(reference, choice, digest, notes, code, missed)


def _policy(reference: Reference, request: ImageNewest, settings: Settings) -> Policy:
    """Return the policy of the flag, else of the first rule that speaks of the image wherever it stands."""
    flag = parse_policy(request.policy, origin="--policy") if request.policy is not None else None
    anywhere = [rule for rule in settings.policies if rule.path is None]
    rule = policy_for(anywhere, image=str(reference.name), key=reference.name.key, file="")
    return resolve_policy(rule=rule, flag=flag, settings_age=settings.minimum_age)


def _digest_now(reference: Reference, choice: Keep, answers: Answers) -> str | None:
    """Return the digest of the image that stays: the written one, else what the tag points at now."""
    if reference.digest or choice.code == "pinned":
        return reference.digest
    pair = (reference.name, reference.tag or BARE_TAG)
    found = answers.digests_of([pair])[pair]
    return found if isinstance(found, str) else None


def _matches_nothing(reference: Reference, policy: Policy, listing: Listing) -> HubctlError | None:
    """Return the failure of a pattern on the command line that no tag of the registry has."""
    if policy.origin != "--policy" or policy.pattern is None:
        return None
    regex = compile_pattern(policy.pattern)
    if any(regex.fullmatch(tag.name) for tag in listing.tags):
        return None
    message = f"no tag of `{show(str(reference.name))}` matches `{show(policy.pattern)}`"
    hint = f"see them with `hubctl image tags {show(str(reference.name))}`"
    return NotFound(message, hint=hint, code="no-such-tag")
