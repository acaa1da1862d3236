"""Artifact Registry and gcr.io: names, digests and dates in one answer, and everything that may be wrong with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from hubctl.images.facts import Listing, NoAnswer, TagFact
from tests.registry.conftest import Asking, image, login_of, plain
from tests.servers.faults import Answer, Asked, as_json, serve
from tests.servers.google import start_google
from tests.servers.tags import Tag, many_tags

TAGS = [replace(tag, created=tag.pushed - dt.timedelta(hours=3)) for tag in many_tags(251)]
NAME = image("r.example/some/image")
ONE = "sha256:" + "1" * 64
TWO = "sha256:" + "2" * 64
TIME = dt.datetime(2026, 6, 4, 10, tzinfo=dt.UTC)
MS = str(int(TIME.timestamp() * 1000))


def fact(tag: Tag) -> TagFact:
    """What the list tells of a tag whose image had no other tag before."""
    return TagFact(tag.name, tag.digest, tag.pushed, tag.created, source="google")


def told(asking: Asking, tags: object, manifest: object, **more: object) -> Listing | NoAnswer:
    with serve(lambda _: as_json({"name": "x", "tags": tags, "manifest": manifest, **more})) as server:
        answer = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        return answer if isinstance(answer, Listing) else replace(answer, why=answer.why.replace(server.host, "HOST"))


def test_one_request_tells_digests_and_dates_of_all_tags(asking: Asking) -> None:
    with start_google({"some/image": TAGS}) as server:
        listing = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        assert listing == Listing(tuple(fact(tag) for tag in sorted(TAGS, key=lambda tag: tag.name)), "google")
        assert server.urls == ["GET /v2/some/image/tags/list"]


@pytest.mark.parametrize("link", ['<{next}>; rel="next"', '<{absolute}>; rel="next"', None])
def test_a_list_in_pages_is_read_to_its_end(asking: Asking, link) -> None:
    with start_google({"some/image": TAGS}, page=100, link=link) as server:
        listing = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        assert isinstance(listing, Listing)
        assert set(listing.tags) == {fact(tag) for tag in TAGS}
        assert len(server.urls) == 3


@pytest.mark.parametrize("link", ["<https://evil.example/v2/>; rel=next", "<//evil.example/>; rel=next"])
def test_a_next_page_elsewhere_is_no_answer(asking: Asking, link) -> None:
    with start_google({"some/image": TAGS}, page=100, link=link) as server:
        answer = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        why = f"`{server.host}` names a next page on `evil.example`, which is not followed"
        assert answer == NoAnswer("no-answer", why)
        assert len(server.urls) == 1


def test_a_list_that_leads_back_to_itself_ends(asking: Asking) -> None:
    with start_google({"some/image": TAGS}, page=100, link="<{first}>; rel=next") as server:
        listing = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        assert isinstance(listing, Listing)
        assert (len(listing.tags), len(server.urls)) == (100, 2)


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (None, TagFact("v1", source="google")),
        ({}, TagFact("v1", source="google")),
        ({ONE: {}}, TagFact("v1", source="google")),
        ({ONE: {"tag": None}}, TagFact("v1", source="google")),
        ({ONE: {"tag": ["v2"]}}, TagFact("v1", source="google")),
        ({ONE: {"tag": ["v1"]}}, TagFact("v1", ONE, source="google")),
        ({ONE: {"tag": ["v1", "v1"], "timeUploadedMs": MS}}, TagFact("v1", ONE, TIME, source="google")),
        ({ONE: {"tag": ["v1"], "timeCreatedMs": MS}}, TagFact("v1", ONE, None, TIME, source="google")),
        ({ONE: {"tag": ["v1"], "timeUploadedMs": ""}}, TagFact("v1", ONE, source="google")),
        ({ONE: {"tag": ["v1"], "timeUploadedMs": "0", "timeCreatedMs": "0"}}, TagFact("v1", ONE, source="google")),
        ({ONE: {"tag": ["v1"], "timeCreatedMs": "315532800000"}}, TagFact("v1", ONE, source="google")),
        ({ONE: {"tag": ["v1"], "timeCreatedMs": "-62135596800000"}}, TagFact("v1", ONE, source="google")),
        ({ONE: {"tag": ["v1"], "timeUploadedMs": "9" * 20}}, TagFact("v1", ONE, source="google")),
        ({ONE: {"tag": ["v1"], "timeUploadedMs": MS[:-3] + "789"}},
         TagFact("v1", ONE, TIME.replace(microsecond=789_000), source="google")),
        ({ONE: {"tag": ["v1"], "timeUploadedMs": MS}, TWO: {"tag": ["v1"]}}, TagFact("v1", source="google")),
        ({ONE: {"tag": ["v1"], "mediaType": 5, "imageSizeBytes": [], "layerId": None}},
         TagFact("v1", ONE, source="google")),
        ({ONE: {"tag": ["v1", "", "a b", f"sha256-{'a' * 64}.sig", ONE]}}, TagFact("v1", ONE, source="google")),
    ],
)  # fmt: skip
def test_what_the_map_does_not_tell_is_not_known(asking: Asking, manifest, expected) -> None:
    assert told(asking, ["v1"], manifest) == Listing((expected,), "google")


def test_a_list_without_a_map_is_a_list(asking: Asking) -> None:
    with serve(lambda _: as_json({"tags": ["v1", None, "", ONE]})) as server:
        listing = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        assert listing == Listing((TagFact("v1", source="google"),), "google")


def test_what_lies_below_an_image_is_no_tag_of_it(asking: Asking) -> None:
    nested = [5, {"name": "v9"}, "v9"]
    assert told(asking, None, {ONE: {"tag": ["v1"]}}, child=nested) == Listing((), "google")


@pytest.mark.parametrize(
    ("tags", "manifest", "what"),
    [
        ("v1", {}, "`tags` is no list"),
        ([5], {}, "a tag is no text"),
        (["v1"], [], "`manifest` is no object"),
        (["v1"], "x", "`manifest` is no object"),
        (["v1"], {"latest": {"tag": ["v1"]}}, "a key of `manifest` is no digest"),
        (["v1"], {"md5:" + "0" * 32: {"tag": ["v1"]}}, "a key of `manifest` is no digest"),
        (["v1"], {"SHA256:" + "1" * 64: {"tag": ["v1"]}}, "a key of `manifest` is no digest"),
        (["v1"], {ONE: ["v1"]}, "an image of `manifest` is no object"),
        (["v1"], {ONE: None}, "an image of `manifest` is no object"),
        (["v1"], {ONE: {"tag": "v1"}}, "`tag` is no list"),
        (["v1"], {ONE: {"tag": [1]}}, "an entry of `tag` is no text"),
        (["v1"], {ONE: {"tag": [None]}}, "an entry of `tag` is no text"),
        (["v1"], {ONE: {"tag": ["v1"], "timeUploadedMs": 5}}, "`timeUploadedMs` is no text"),
        (["v1"], {ONE: {"tag": ["v1"], "timeUploadedMs": True}}, "`timeUploadedMs` is no text"),
        (["v1"], {ONE: {"tag": ["v1"], "timeUploadedMs": "soon"}}, "`timeUploadedMs` is no time in milliseconds"),
        (["v1"], {ONE: {"tag": ["v1"], "timeUploadedMs": "1.5"}}, "`timeUploadedMs` is no time in milliseconds"),
        (["v1"], {ONE: {"tag": ["v1"], "timeUploadedMs": "\u0661"}}, "`timeUploadedMs` is no time in milliseconds"),
        (["v1"], {ONE: {"tag": ["v1"], "timeCreatedMs": "9" * 5000}}, "`timeCreatedMs` is no time in milliseconds"),
        (["v1"], {ONE: {"tag": ["v1"], "timeCreatedMs": {}}}, "`timeCreatedMs` is no text"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_no_answer(asking: Asking, tags, manifest, what) -> None:
    assert told(asking, tags, manifest) == NoAnswer("no-answer", f"`HOST` answered in an unknown form: {what}")


def test_a_tag_that_moved_to_an_older_image_has_the_date_of_that_image(asking: Asking) -> None:
    old, new = (Tag(name, name, TIME + dt.timedelta(days=days)) for name, days in (("old", 0), ("new", 1)))
    again = Tag("again", "old", TIME + dt.timedelta(days=2))
    with start_google({"some/image": [old, new, again]}) as server:
        listing = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        assert isinstance(listing, Listing)
        assert {fact.name: fact.pushed for fact in listing.tags} == {
            "old": TIME,
            "new": TIME + dt.timedelta(days=1),
            "again": TIME,
        }


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_is_refused_is_asked_once(asking: Asking, config, status) -> None:
    with serve(lambda _: Answer(status)) as server:
        answer = asking({"r.example": plain(mirror=server.base, kind="google")}).tags(NAME)
        assert isinstance(answer, NoAnswer)
        assert answer.code == ("no-such-image" if status == 404 else "denied")
        registry = asking(
            {"r.example": plain(mirror=server.base, kind="google")}, login_of(config, server.host, "oauth2accesstoken")
        )
        assert isinstance(registry.tags(NAME), NoAnswer)
        assert len(server.urls) == 2


def test_a_private_image_is_listed_with_its_dates_by_the_stored_login(asking: Asking, config) -> None:
    def guarded(asked: Asked, page: dict[str, object]) -> object:
        if asked.headers.get("authorization", "").startswith("Basic "):
            return page
        return as_json({}, 401, ("WWW-Authenticate", 'Basic realm="x"'))

    with start_google({"some/image": TAGS[:5]}, change=guarded) as server:
        registry = asking(
            {"r.example": plain(mirror=server.base, kind="google")}, login_of(config, server.host, "_json_key")
        )
        expected = tuple(fact(tag) for tag in sorted(TAGS[:5], key=lambda tag: tag.name))
        assert registry.tags(NAME) == Listing(expected, "google")


@pytest.mark.slow
def test_a_map_over_eight_mebibytes_is_no_answer(asking: Asking) -> None:
    many = {f"sha256:{number:064x}": {"tag": [], "timeUploadedMs": MS} for number in range(80_000)}
    why = "no answer from `HOST`: the answer is larger than 8388608 bytes"
    assert told(asking, ["v1"], many) == NoAnswer("no-answer", why)
