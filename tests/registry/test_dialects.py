"""Quay, Docker Hub and the plain API over one table of more than a thousand tags, their wrong types and redirects."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image
from tests.servers.distribution import distribution
from tests.servers.dockerhub import start_dockerhub
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.quay import start_quay
from tests.servers.tags import Tag, expiring, many_tags

TAGS = many_tags(1_050)
DATES = [tag for tag in TAGS if tag.name.startswith("202")]
NAME = image("r.example/some/image")


@contextlib.contextmanager
def start(dialect: str, tags: list[Tag]) -> Iterator[tuple[Server, dict[str, RegistryEntry]]]:
    """Run the dialect for one image; the entry sends the host's questions there."""
    images = {"some/image": tags}
    rest = distribution(images)
    running = {
        "quay": lambda: start_quay(images, otherwise=rest),
        "dockerhub": lambda: start_dockerhub(images, otherwise=rest),
        "oci": lambda: serve(rest),
    }[dialect]
    with running() as server:
        yield server, {"r.example": RegistryEntry(mirror=server.base, insecure=True, kind=dialect)}  # type: ignore[arg-type] # one of its words


DIALECTS = ["quay", "dockerhub", "oci"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_reads_more_than_a_thousand_tags(asking: Asking, dialect) -> None:
    with start(dialect, TAGS) as (server, registries):
        listing = asking(registries).tags(NAME)
        assert isinstance(listing, Listing), listing
        assert (listing.source, len(listing.tags), listing.notes) == (dialect, 1_050, ())
        known = {tag.name: tag for tag in TAGS}
        for fact in listing.tags:
            tag = known[fact.name]
            dated = dialect != "oci"
            assert fact == TagFact(
                tag.name, tag.digest if dated else None, tag.pushed if dated else None, None, None, dialect
            )
        assert len(server.urls) == {"quay": 11, "dockerhub": 11, "oci": 2}[dialect]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_image_that_does_not_exist_is_said(asking: Asking, dialect) -> None:
    with start(dialect, TAGS) as (server, registries):
        answer = asking(registries).tags(image("r.example/no/such"))
        assert answer == NoAnswer("no-such-image", f"`{server.host}` has no image `no/such`")
        assert len(server.urls) == 1


def test_a_tag_that_will_vanish_is_known_on_quay(asking: Asking) -> None:
    end = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)
    newest = DATES[-1].name
    with start("quay", expiring(TAGS, newest, end)) as (_, registries):
        listing = asking(registries).tags(NAME)
        assert isinstance(listing, Listing)
        assert [(fact.name, fact.expires) for fact in listing.tags if fact.expires] == [(newest, end)]


# ---- wrong answers

QUAY_TAG = {"name": "v1", "start_ts": 1, "manifest_digest": "sha256:" + "a" * 64}
HUB_TAG = {"name": "v1", "digest": "sha256:" + "a" * 64, "tag_last_pushed": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"tags": None}, "`tags` is no list"),
        ({"tags": {}}, "`tags` is no list"),
        ({"tags": ["v1"]}, "a tag is no object"),
        ({"tags": [QUAY_TAG | {"name": 5}]}, "`name` is no text"),
        ({"tags": [QUAY_TAG | {"name": None}]}, "`name` is no text"),
        ({"tags": [QUAY_TAG | {"start_ts": "1"}]}, "`start_ts` is no whole number"),
        ({"tags": [QUAY_TAG | {"start_ts": True}]}, "`start_ts` is no whole number"),
        ({"tags": [QUAY_TAG | {"end_ts": 1.5}]}, "`end_ts` is no whole number"),
        ({"tags": [QUAY_TAG | {"expiration": 5}]}, "`expiration` is no text"),
        ({"tags": [QUAY_TAG | {"expiration": "soon"}]}, "`expiration` is no date"),
        ({"tags": [QUAY_TAG | {"manifest_digest": "sha256:x"}]}, "`manifest_digest` is no digest"),
        ({"has_additional": "yes"}, "`has_additional` is no true or false"),
    ],
)
def test_a_wrong_type_from_quay_is_no_answer(asking: Asking, changed, what) -> None:
    with start_quay({"some/image": TAGS[:5]}, change=lambda _, page: page | changed) as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind="quay")
        why = f"`{server.host}` answered in an unknown form: {what}"
        assert asking({"r.example": entry}).tags(NAME) == NoAnswer("no-answer", why)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"results": None}, "`results` is no list"),
        ({"results": [1]}, "a tag is no object"),
        ({"results": [HUB_TAG | {"name": ["v1"]}]}, "`name` is no text"),
        ({"results": [HUB_TAG | {"digest": 5}]}, "`digest` is no text"),
        ({"results": [HUB_TAG | {"digest": "md5:x"}]}, "`digest` is no digest"),
        ({"results": [HUB_TAG | {"tag_last_pushed": 5}]}, "`tag_last_pushed` is no text"),
        ({"results": [HUB_TAG | {"tag_last_pushed": "soon"}]}, "`tag_last_pushed` is no date"),
        ({"next": 5}, "`next` is no text"),
    ],
)
def test_a_wrong_type_from_docker_hub_is_no_answer(asking: Asking, changed, what) -> None:
    with start_dockerhub({"some/image": TAGS[:5]}, change=lambda _, page: page | changed) as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind="dockerhub")
        why = f"`{server.host}` answered in an unknown form: {what}"
        assert asking({"r.example": entry}).tags(NAME) == NoAnswer("no-answer", why)


def test_old_tags_of_docker_hub_may_lack_a_digest_and_a_date(asking: Asking) -> None:
    tags = [
        {"name": "old", "digest": "", "tag_last_pushed": None, "last_updated": "2020-01-02T03:04:05.6Z"},
        {"name": "older", "tag_status": "inactive"},
        {"name": f"sha256-{'a' * 64}.sig"},
    ]
    with start_dockerhub({"some/image": TAGS[:5]}, change=lambda _, page: page | {"results": tags}) as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind="dockerhub")
        pushed = dt.datetime(2020, 1, 2, 3, 4, 5, 600_000, dt.UTC)
        assert asking({"r.example": entry}).tags(NAME) == Listing(
            (TagFact("old", pushed=pushed, source="dockerhub"), TagFact("older", source="dockerhub")), "dockerhub"
        )


def test_a_tag_of_quay_without_a_start_was_pushed_when_it_was_modified(asking: Asking) -> None:
    tag = {"name": "v1", "last_modified": "Thu, 04 Jun 2026 10:00:00 -0000"}
    with start_quay({"some/image": TAGS[:5]}, change=lambda _, page: page | {"tags": [tag]}) as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind="quay")
        pushed = dt.datetime(2026, 6, 4, 10, tzinfo=dt.UTC)
        assert asking({"r.example": entry}).tags(NAME) == Listing(
            (TagFact("v1", pushed=pushed, source="quay"),), "quay"
        )


@pytest.mark.parametrize("kind", ["quay", "dockerhub"])
def test_a_list_with_dates_follows_redirects_on_its_own_host_alone(asking: Asking, kind) -> None:
    images = {"some/image": TAGS}
    starting = start_quay if kind == "quay" else start_dockerhub
    entry = RegistryEntry(mirror="", insecure=True, kind=kind)

    def moved(to: str, asked: Asked) -> Answer | None:
        again = "moved=1" in asked.url
        return None if again else Answer(308, headers=(("Location", f"{to}{asked.url}&moved=1"),))

    with starting(images, change=lambda asked, page: moved("", asked) or page) as server:
        listing = asking({"r.example": replace(entry, mirror=server.base)}).tags(NAME)
        assert isinstance(listing, Listing), listing
        assert len(listing.tags) == len(TAGS)
    with starting(images, change=lambda asked, _: moved("https://evil.example", asked)) as server:
        assert isinstance(asking({"r.example": replace(entry, mirror=server.base)}).tags(NAME), NoAnswer)
    with starting(images, change=lambda asked, _: Answer(302, headers=(("Location", asked.url),))) as server:
        assert isinstance(asking({"r.example": replace(entry, mirror=server.base)}).tags(NAME), NoAnswer)
        assert len(server.urls) == 6


@pytest.mark.parametrize("kind", ["quay", "dockerhub"])
def test_another_status_than_success_is_no_answer(asking: Asking, kind) -> None:
    starting = start_quay if kind == "quay" else start_dockerhub
    with starting({"some/image": TAGS}, change=lambda *_: Answer(410)) as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind=kind)
        answer = asking({"r.example": entry}).tags(NAME)
        assert answer == NoAnswer("no-answer", f"`{server.host}` answered with status 410")


def test_one_mirror_of_two_registries_is_asked_in_the_dialect_of_each(asking: Asking) -> None:
    images = {"some/image": TAGS[:5]}
    with start_quay(images, otherwise=distribution(images)) as server:
        quay, plain = (RegistryEntry(mirror=server.base, insecure=True, kind=kind) for kind in ("quay", "oci"))
        registry = asking({"q.example": quay, "r.example": plain})
        listings = [registry.tags(image(f"{host}/some/image")) for host in ("q.example", "r.example")]
        assert [answer.source for answer in listings if isinstance(answer, Listing)] == ["quay", "oci"]


def test_the_next_page_of_docker_hub_stays_on_its_host(asking: Asking) -> None:
    with start_dockerhub(
        {"some/image": TAGS}, change=lambda _, page: page | {"next": "https://evil.example/v2/?page=2"}
    ) as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind="dockerhub")
        why = f"`{server.host}` names a next page on `evil.example`, which is not followed"
        assert asking({"r.example": entry}).tags(NAME) == NoAnswer("no-answer", why)


@pytest.mark.parametrize("kind", ["quay", "dockerhub"])
def test_pages_without_end_stop(asking: Asking, kind) -> None:
    endless = {"has_additional": True} if kind == "quay" else {"next": "?page=1&page_size=100"}
    starting = start_quay if kind == "quay" else start_dockerhub
    with starting({"some/image": TAGS[:5]}, change=lambda _, page: page | endless) as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind=kind)
        assert isinstance(asking({"r.example": entry}).tags(NAME), Listing)
        assert len(server.urls) == 2


# ---- private images


def login(folder: Path, host: str) -> dict[str, str]:
    auth = base64.b64encode(b"robot:canary").decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return {"DOCKER_CONFIG": str(folder)}


def guarded(tags: list[Tag]):
    """The distribution API behind Basic authentication."""
    open_door = distribution({"some/private": tags})

    def answer(asked: Asked) -> Answer:
        if "authorization" in asked.headers:
            return open_door(asked)
        return as_json({}, 401, ("WWW-Authenticate", 'Basic realm="x"'))

    return answer


@pytest.mark.parametrize(("kind", "code"), [("quay", "denied"), ("dockerhub", "no-such-image")])
def test_a_private_image_is_listed_by_the_plain_api_with_a_login(asking: Asking, config: Path, kind, code) -> None:
    tags = TAGS[:5]
    starting = (
        start_quay({}, private=["some/private"], otherwise=guarded(tags))
        if kind == "quay"
        else start_dockerhub({}, otherwise=guarded(tags))
    )
    with starting as server:
        entry = RegistryEntry(mirror=server.base, insecure=True, kind=kind)
        name = image("r.example/some/private")
        refused = asking({"r.example": entry}).tags(name)
        assert isinstance(refused, NoAnswer)
        assert refused.code == code
        assert [url for url in server.urls if "/tags/list" in url] == []
        server.log.clear()
        listing = asking({"r.example": entry}, login(config, server.host)).tags(name)
        assert listing == Listing(
            tuple(TagFact(name) for name in sorted(tag.name for tag in tags)),
            "oci",
            (f"push dates are not known: the tag list of `{server.host}` with dates takes no such login",),
        )
        own = [asked for asked in server.log if "tags/list" not in asked.url]
        assert ["authorization" in asked.headers for asked in own] == [False], "the login is not for that API"
