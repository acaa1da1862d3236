"""One question of choosing beside all that is known, and the way to ask for a fact that is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hubctl.images.choice import Ask, Policy, Unknown
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact, believed
from hubctl.images.reference import is_tag
from hubctl.images.shape import Shape, is_signature, shape_of, tag_date

MOST_ASKED = 2_000  # tags of one image that are looked into for one choice
BARE_TAG = "latest"  # what docker pulls where only a name is written


@dataclass(frozen=True, slots=True)
class Question:
    """One site: its image as normalised `host/path`, the tag and digest written there, and the policy in force.

    Without tag and digest it is a bare name, which stands for `latest` as docker reads it. `pin` replaces a tag that
    moves by its fixed twin; `history` asks what such a tag pointed at before, where the registry remembers;
    `candidates` whether the answer tells of every tag why it lost, which for a long list takes as long as the choice.
    """

    image: str
    tag: str | None
    digest: str | None
    policy: Policy
    pin: bool = False
    history: bool = False
    candidates: bool = True

    @property
    def bare(self) -> bool:
        """Whether a name stands here and nothing else."""
        return self.tag is None and self.digest is None

    @property
    def needs_tags(self) -> bool:
        """Whether the list of tags can matter: not to a pin, nor to a reference that is a digest alone."""
        return self.policy.kind != "pin" and (self.tag is not None or self.bare)


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a list that an image can have, in its order: by name, and their names by shape and by digest."""

    by_name: Mapping[str, TagFact]
    by_shape: Mapping[Shape, Sequence[str]]
    by_digest: Mapping[str, Sequence[str]]


def usable_tags(listing: Listing) -> Tags:
    """Return the tags of a list without signatures and what no image could be called."""
    by_name = {fact.name: fact for fact in listing.tags if is_tag(fact.name) and not is_signature(fact.name)}
    by_shape: dict[Shape, list[str]] = {}
    by_digest: dict[str, list[str]] = {}
    for tag, fact in by_name.items():
        by_shape.setdefault(shape_of(tag), []).append(tag)
        if fact.digest:
            by_digest.setdefault(fact.digest, []).append(tag)
    return Tags(by_name, by_shape, by_digest)


@dataclass(frozen=True, slots=True)
class Known:
    """What was learnt of the image so far: the list of tags, digests by `HEAD`, and images looked into, by tag.

    `tags` are the usable ones of the list, kept by whoever asks again and again. `past` holds what a tag pointed at,
    the newest first: `pushed` is when it came there, `expires` when it left.
    `barred` are the tags that the image's group does not take, with the reason; None where it is in no group.
    """

    listing: Listing | NoAnswer
    digests: Mapping[str, str | NoAnswer] = field(default_factory=dict)
    images: Mapping[str, ImageFacts | NoAnswer] = field(default_factory=dict)
    past: Mapping[str, tuple[TagFact, ...] | NoAnswer] = field(default_factory=dict)
    barred: Mapping[str, str] | None = None
    tags: Tags | None = None


class Pause(Exception):
    """Deciding stops here with an answer: `Ask` for the facts it needs, or `Unknown` where they were refused."""

    def __init__(self, answer: Ask | Unknown) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the cleaned list of tags; its methods look a fact up or raise `Pause` to get it."""

    image: str
    tag: str
    written_digest: str | None
    policy: Policy
    now: dt.datetime
    source: str
    usable: Tags
    known: Known
    bare: bool = False  # nothing but a name was asked about; `tag` is the `latest` it stands for
    history: bool = False

    @property
    def tags(self) -> Mapping[str, TagFact]:
        """The tags of the registry's list that an image can have, by name."""
        return self.usable.by_name

    @property
    def listed(self) -> bool:
        """Whether the registry's list holds the current tag."""
        return self.tag in self.tags

    def pushed(self, tag: str) -> dt.datetime | None:
        fact = self.tags.get(tag)
        return fact.pushed if fact else None

    def created_at_hand(self, tag: str) -> dt.datetime | None:
        """Return when the image was built, as far as that is known without asking."""
        fact, image = self.tags.get(tag), self.known.images.get(tag)
        return believed(image.created if isinstance(image, ImageFacts) else fact.created if fact else None)

    def moment(self, tag: str) -> dt.datetime | None:
        """Return the time of push, else of the build, else the day the tag names, without asking."""
        day = tag_date(tag)
        named = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) if day else None
        return self.pushed(tag) or self.created_at_hand(tag) or named

    def digest_at_hand(self, tag: str) -> str | None:
        """Return the digest of a tag as far as it is known without asking."""
        image, asked, fact = self.known.images.get(tag), self.known.digests.get(tag), self.tags.get(tag)
        if isinstance(image, ImageFacts):
            return image.digest
        return asked if isinstance(asked, str) else fact.digest if fact else None

    def of_digest(self, tags: Iterable[str], digest: str) -> list[str]:
        """Return those of `tags` that are known to be one image, without asking."""
        told = {*self.usable.by_digest.get(digest, ()), *self.known.digests, *self.known.images}
        return [tag for tag in tags if tag in told and self.digest_at_hand(tag) == digest]

    def digests(self, tags: Collection[str]) -> dict[str, str]:
        """Return the digests of those of `tags` that exist; pauses to ask for the ones nobody asked for yet."""
        open_tags = [tag for tag in tags if not self.digest_at_hand(tag)]
        self._ask("digest", [tag for tag in open_tags if not self.failure(tag)])
        for tag in open_tags:
            self._refuse(tag)
        return {tag: digest for tag in tags if (digest := self.digest_at_hand(tag))}

    def images(self, tags: Collection[str]) -> dict[str, ImageFacts]:
        """Return manifest and configuration of those of `tags` that exist; pauses to ask for the missing ones."""
        looked = {tag: image for tag in tags if isinstance(image := self.known.images.get(tag), ImageFacts)}
        self._ask("inspect", [tag for tag in tags if tag not in self.known.images and not self.failure(tag)])
        for tag in tags:
            if tag not in looked:
                self._refuse(tag)
        return looked

    def digest_if_told(self, tag: str) -> str | None:
        """Return the digest of one tag; pauses to ask once, and an answer that failed is `failure`, not the end."""
        if not (self.digest_at_hand(tag) or self.failure(tag)):
            self._ask("digest", [tag])
        return self.digest_at_hand(tag)

    def past(self, tag: str) -> tuple[TagFact, ...] | NoAnswer:
        """Return what a tag pointed at, newest first; pauses to ask."""
        if tag not in self.known.past:
            self._ask("history", [tag])
        return self.known.past[tag]

    def barred(self, tag: str) -> str | None:
        """Return why the image's group does not take a tag, None where nothing is against it."""
        return (self.known.barred or {}).get(tag)

    def failure(self, tag: str) -> NoAnswer | None:
        """Return what the registry answered instead of a digest or an image, None where it did not fail."""
        for answer in (self.known.images.get(tag), self.known.digests.get(tag)):
            if isinstance(answer, NoAnswer):
                return answer
        return None

    def current_digest(self) -> str | None:
        """Return the digest that runs today: the one written, else that of the current tag where it exists."""
        if self.written_digest or not self.listed:
            return self.written_digest
        return self.digests([self.tag]).get(self.tag)

    def _ask(self, what: Literal["digest", "inspect", "history"], tags: Sequence[str]) -> None:
        if tags:
            raise Pause(Ask(what, tuple(dict.fromkeys(tags))))

    def _refuse(self, tag: str) -> None:
        """Stop with `Unknown` where a question failed: only some say something of the tag."""
        failure = self.failure(tag)
        if failure and not failure.is_about_tag:
            raise Pause(Unknown(failure.code, f"`{tag}`: {failure.why}"))


def open_case(question: Question, known: Known, listing: Listing, now: dt.datetime) -> Case:
    """Return the case of a reference with a tag, or of a bare name."""
    return Case(
        image=question.image,
        tag=question.tag or BARE_TAG,
        written_digest=question.digest,
        policy=question.policy,
        now=now,
        source=listing.source,
        usable=known.tags or usable_tags(listing),
        known=known,
        bare=question.bare,
        history=question.history,
    )
