"""GitHub's registry: oldest push first, a hundred tags a page; the list is read to its end and walked backwards."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest

from hubctl.commands.choosing import Query, decided
from hubctl.images.choice import Choice, Keep, Policy, Take
from hubctl.images.choose import Question
from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.images.reference import ImageName
from hubctl.registry.ask import Registry
from tests.registry.conftest import Asking, image, login_of, plain
from tests.servers.faults import Answer, Asked, Server
from tests.servers.ghcr import start_ghcr
from tests.servers.tags import Tag

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def commit(number: int) -> Tag:
    """A commit tag, pushed an hour after the one before it."""
    name = hashlib.sha1(str(number).encode()).hexdigest()[:12]
    moment = START + dt.timedelta(hours=number)
    return Tag(name, name, moment, created=moment, branch="main")


COMMITS = [commit(number) for number in range(1_480)]


def with_latest(on: Tag, tags: list[Tag] = COMMITS) -> list[Tag]:
    """The tags with `latest`, which was pushed first of all and moved since."""
    return [replace(on, name="latest"), *tags]


def decide(registry: Registry, tag: str, name: ImageName) -> Choice:
    listing = registry.tags(name)
    return decided(Query(name, Question(name.key, tag, None, Policy())), listing, registry, NOW)


def asked_of(server: Server, method: str, part: str) -> list[str]:
    """The paths of the requests that were let in."""
    return [
        one.url for one in server.log if one.method == method and part in one.url and "authorization" in one.headers
    ]


def test_the_twin_of_latest_is_found_on_the_last_of_fifteen_pages_with_a_handful_of_heads(asking: Asking) -> None:
    newest, name = COMMITS[-2], image("ghcr.example/an/image")
    with start_ghcr({"an/image": with_latest(newest)}) as server:
        answer = decide(asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")}), COMMITS[3].name, name)
        assert isinstance(answer, Take)
        assert (answer.tag, answer.digest, answer.evidence.twin_of) == (newest.name, newest.digest, "latest")
        assert answer.evidence.source == "ghcr"
        assert len(asked_of(server, "GET", "/tags/list")) == 15
        heads = [url.rpartition("/")[2] for url in asked_of(server, "HEAD", "/manifests/")]
        assert sorted(heads) == sorted(["latest", COMMITS[3].name, *(tag.name for tag in COMMITS[-4:])])


def test_a_page_is_never_taken_for_the_list(asking: Asking) -> None:
    dates = [
        Tag(f"{day:%Y.%m.%d}", f"{day}", day)
        for day in (START + dt.timedelta(days=number) for number in range(150))
    ]  # fmt: skip
    with start_ghcr({"an/image": dates}) as server:
        registry = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")})
        answer = decide(registry, dates[0].name, image("ghcr.example/an/image"))
        assert isinstance(answer, Take)
        assert answer.tag == dates[-1].name
        expected = Listing(tuple(TagFact(tag.name, source="ghcr") for tag in dates), "ghcr")
        assert registry.tags(image("ghcr.example/an/image")) == expected


def test_a_current_tag_that_is_latest_needs_two_heads(asking: Asking) -> None:
    with start_ghcr({"an/image": with_latest(COMMITS[-1])}) as server:
        registry = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")})
        answer = decide(registry, COMMITS[-1].name, image("ghcr.example/an/image"))
        assert isinstance(answer, Keep)
        assert answer.code == "up-to-date"
        assert len(asked_of(server, "HEAD", "/manifests/")) == 2


def test_without_a_moving_tag_the_images_say_when_they_were_built(asking: Asking) -> None:
    few = COMMITS[:12]
    with start_ghcr({"an/image": few}) as server:
        answer = decide(
            asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")}),
            few[3].name,
            image("ghcr.example/an/image"),
        )
        assert isinstance(answer, Take)
        assert (answer.tag, answer.evidence.created) == (few[-1].name, few[-1].created)


def test_a_name_of_three_parts_is_asked_whole(asking: Asking) -> None:
    tags = COMMITS[:3]
    with start_ghcr({"an/image/below": tags}) as server:
        registry = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")})
        expected = Listing(tuple(TagFact(tag.name, source="ghcr") for tag in tags), "ghcr")
        assert registry.tags(image("ghcr.example/an/image/below")) == expected
        assert asked_of(server, "GET", "/token") == []
        assert [one.query["scope"] for one in server.log if one.path == "/token"] == [
            "repository:an/image/below:pull"
        ]  # fmt: skip


def test_the_registry_alone_is_asked_whatever_login_there_is(asking: Asking, config) -> None:
    with start_ghcr({"an/image": COMMITS[:3]}) as server:
        environment = login_of(config, server.host, "user") | {"GITHUB_TOKEN": "canary", "GH_TOKEN": "canary"}
        registry = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")}, environment)
        assert isinstance(registry.tags(image("ghcr.example/an/image")), Listing)
        assert {one.path.split("/")[1] for one in server.log} == {"token", "v2"}


@pytest.mark.parametrize("token", [401, 403])
def test_a_private_image_is_refused_and_never_taken_for_an_empty_one(asking: Asking, token) -> None:
    def refused(asked: Asked, _: Answer) -> Answer:
        return Answer(token)

    with start_ghcr({"an/image": COMMITS[:3]}, change=refused) as server:
        answer = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")}).tags(image("ghcr.example/an/image"))
        assert isinstance(answer, NoAnswer)
        assert answer.code == "denied"


def test_a_page_that_is_asked_again_comes_once(asking: Asking) -> None:
    failed: list[str] = []

    def sometimes(asked: Asked, given: Answer) -> Answer:
        if "last=" in asked.url and asked.url not in failed:
            failed.append(asked.url)
            return Answer(502)
        return given

    with start_ghcr({"an/image": COMMITS[:350]}, change=sometimes) as server:
        registry = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")}, pause=0.0)
        listing = registry.tags(image("ghcr.example/an/image"))
        assert isinstance(listing, Listing)
        assert [fact.name for fact in listing.tags] == [tag.name for tag in COMMITS[:350]]
        assert len(failed) == 3


@pytest.mark.slow
def test_ninety_nine_thousand_tags_are_read_and_decided(asking: Asking) -> None:
    many = [Tag(f"{number:012x}", str(number), START) for number in range(99_000)]
    with start_ghcr({"an/image": [*many, replace(many[-1], name="latest")]}) as server:
        registry = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")})
        answer = decide(registry, many[0].name, image("ghcr.example/an/image"))
        assert isinstance(answer, Take)
        assert answer.tag == many[-1].name
        assert len(asked_of(server, "GET", "/tags/list")) == 991
        assert len(asked_of(server, "HEAD", "/manifests/")) == 6


@pytest.mark.slow
def test_more_tags_than_a_list_may_have_are_an_error_not_a_cut(asking: Asking) -> None:
    many = [Tag(f"{number:012x}", str(number), START) for number in range(100_100)]
    with start_ghcr({"an/image": many}) as server:
        answer = asking({"ghcr.example": plain(mirror=server.base, kind="ghcr")}).tags(image("ghcr.example/an/image"))
        why = f"`{server.host}` lists more than 1000 pages or 100000 tags of one image"
        assert answer == NoAnswer("no-answer", why)
