"""A registry of plain values, and the loop in which a caller answers what choosing asks."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace

from hubctl.images.choice import Ask, Keep, Policy, Take, Unknown
from hubctl.images.choose import Known, Question, choose
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact

NOW = dt.datetime(2026, 8, 20, 12, tzinfo=dt.UTC)
GONE = NoAnswer("no-such-tag", "404")
NO_IMAGE = NoAnswer("unconfirmed", "an old schema")
DOWN = NoAnswer("no-answer", "the host did not answer within 30 s")
DENIED = NoAnswer("denied", "403")


def digest_of(content: str) -> str:
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def at(text: str) -> dt.datetime:
    """Return a moment from `2026-06-05` or `2026-06-05T10:00`."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Pushed:
    """One tag as it is in the registry; tags of equal `content` have one digest."""

    tag: str
    content: str = ""
    pushed: str | None = None
    created: str | None = None
    branch: str | None = None
    platforms: tuple[str, ...] = ("linux/amd64", "linux/arm64")
    expires: str | None = None
    listed: bool = True
    head: NoAnswer | None = None
    inspect: NoAnswer | None = None

    @property
    def digest(self) -> str:
        return digest_of(self.content or self.tag)

    def fact(self, *, digests: bool, source: str) -> TagFact:
        return TagFact(
            self.tag,
            digest=self.digest if digests else None,
            pushed=at(self.pushed) if self.pushed else None,
            expires=at(self.expires) if self.expires else None,
            source=source,
        )

    def image(self) -> ImageFacts | NoAnswer:
        labels = {"repo2docker.ref": self.branch} if self.branch else {}
        created = at(self.created) if self.created else None
        return self.inspect or ImageFacts(self.digest, self.platforms, created, labels, 1234)


@dataclass
class Simulated:
    """`source` `quay` lists digests (and dates where given), `oci` names alone; `asked` records every round."""

    pushed: list[Pushed]
    source: str = "oci"
    asked: list[Ask] = field(default_factory=list)
    past: dict[str, tuple[TagFact, ...] | NoAnswer] = field(default_factory=dict)

    def listing(self) -> Listing:
        rich = self.source == "quay"
        facts = [each.fact(digests=rich, source=self.source) for each in self.pushed if each.listed]
        if not rich:
            facts = [replace(fact, pushed=None) for fact in facts]
        return Listing(tuple(facts), self.source)

    def decide(
        self,
        tag: str | None,
        *,
        image="quay.io/acme/base",
        digest=None,
        policy=None,
        now=NOW,
        pin=False,
        history=False,
        barred=None,
        candidates=True,
    ) -> Take | Keep | Unknown:
        question = Question(image, tag, digest, policy or Policy(), pin=pin, history=history, candidates=candidates)
        known = Known(self.listing(), barred=barred)
        by_tag = {each.tag: each for each in self.pushed}
        self.asked = []
        while isinstance(answer := choose(question, known, now), Ask):
            asked_before = {"digest": known.digests, "inspect": known.images, "history": known.past}[answer.what]
            assert answer.tags
            assert len(set(answer.tags)) == len(answer.tags)
            assert not set(answer.tags) & set(asked_before)
            self.asked.append(answer)
            if answer.what == "digest":
                found = {tag: by_tag[tag].head or by_tag[tag].digest if tag in by_tag else GONE for tag in answer.tags}
                known = replace(known, digests={**known.digests, **found})
            elif answer.what == "history":
                known = replace(known, past={tag: self.past.get(tag, ()) for tag in answer.tags})
            else:
                images = {tag: by_tag[tag].image() if tag in by_tag else GONE for tag in answer.tags}
                known = replace(known, images={**known.images, **images})
        return answer


def tags(*names: str) -> list[Pushed]:
    return [Pushed(name) for name in names]


def outcome(answer: Take | Keep | Unknown) -> str:
    """Return the new tag, or the code of what keeps the old one."""
    return answer.tag if isinstance(answer, Take) else answer.code
