"""What Quay alone has: a tag's past, filters that old servers do not know, robots that only the plain API takes."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path

import pytest

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.registry import quay
from hubctl.registry.address import endpoint
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.credentials import Found
from hubctl.registry.line import Lines
from hubctl.registry.session import Session
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image
from tests.servers.faults import Server, as_json, in_turn, serve
from tests.servers.quay import quay_v2, start_quay
from tests.servers.tags import Tag

START = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
NAME = image("r.example/some/image")


def entry(server: Server) -> dict[str, RegistryEntry]:
    return {"r.example": RegistryEntry(mirror=server.base, insecure=True, kind="quay")}


def moved(name: str, times: int) -> list[Tag]:
    """Return a tag that pointed at as many images, one a day."""
    return [Tag(name, f"{name} {number}", START + dt.timedelta(days=number)) for number in range(times)]


def facts(tags: list[Tag]) -> tuple[TagFact, ...]:
    """Return what is known of the places of one tag, newest first."""
    ends = [tag.pushed for tag in tags[1:]] + [tags[-1].expires]
    pairs = zip(tags, ends, strict=True)
    return tuple(TagFact(tag.name, tag.digest, tag.pushed, None, end, "quay") for tag, end in pairs)[::-1]


def past(server: Server, tag: str) -> tuple[TagFact, ...]:
    http = Http({})
    try:
        lines = Lines(http, Waiting(20), max_in_flight=4, pause=0.01)
        session = Session(endpoint("r.example", "some/image", entry(server)), Found(), lines)
        return quay.history(session, lines, tag, Allowance(20))
    finally:
        http.close()


# ---- the past of a tag


@pytest.mark.parametrize(("filters", "requests"), [(True, 1), (False, 4)])
def test_the_past_of_a_tag_is_every_place_it_pointed_at(filters, requests) -> None:
    latest = moved("latest", 20)
    others = [Tag(f"v{number}", "x", START + dt.timedelta(hours=number)) for number in range(300)]
    with start_quay({"some/image": [*others, *latest]}, filters=filters) as server:
        assert past(server, "latest") == facts(latest)
        assert len(server.urls) == requests
        assert server.urls[0] == "GET /api/v1/repository/some/image/tag/?limit=100&page=1&specificTag=latest"


def test_a_long_past_is_read_to_its_start() -> None:
    latest = moved("latest", 250)
    with start_quay({"some/image": latest}) as server:
        assert past(server, "latest") == facts(latest)
        assert len(server.urls) == 3


def test_a_tag_that_never_was_has_no_past() -> None:
    with start_quay({"some/image": moved("latest", 3)}) as server:
        assert past(server, "main") == ()


@pytest.mark.parametrize(("there", "code"), [("private", "denied"), ("no", "no-such-image")])
def test_the_past_of_what_is_not_shown_is_unanswered(there, code) -> None:
    with (
        start_quay({}, private=["some/image"] if there == "private" else []) as server,
        pytest.raises(Unanswered) as raised,
    ):
        past(server, "latest")
    assert raised.value.code == code


def test_a_past_that_comes_again_and_again_ends() -> None:
    latest = moved("latest", 3)
    with start_quay({"some/image": latest}, change=lambda _, page: page | {"has_additional": True}) as server:
        assert past(server, "latest") == facts(latest)
        assert len(server.urls) == 2


# ---- the list


def test_a_server_without_filters_lists_what_is_there_now(asking: Asking) -> None:
    deleted = Tag("deleted", "x", START, expires=START + dt.timedelta(days=1))
    kept = [Tag(f"v{number}", f"v{number}", START) for number in range(3)]
    tags = [*kept, *moved("latest", 250), deleted]
    with start_quay({"some/image": tags}, filters=False) as server:
        listing = asking(entry(server)).tags(NAME)
        assert isinstance(listing, Listing), listing
        assert {fact.name: fact.digest for fact in listing.tags} == {tag.name: tag.digest for tag in tags[:-1]}
        assert {fact.expires for fact in listing.tags} == {None}


def test_what_a_server_with_filters_calls_active_is_believed(asking: Asking) -> None:
    ended = TagFact("v1", None, START, None, START + dt.timedelta(days=1), "quay")
    tag = {"name": "v1", "start_ts": int(START.timestamp()), "end_ts": int(START.timestamp()) + 24 * 3600}
    with start_quay({"some/image": []}, change=lambda *_: {"tags": [tag]}) as server:
        assert asking(entry(server)).tags(NAME) == Listing((ended,), "quay")


def test_an_empty_list_is_a_list(asking: Asking) -> None:
    with start_quay({"some/image": []}) as server:
        assert asking(entry(server)).tags(NAME) == Listing((), "quay")


@pytest.mark.parametrize(
    "odd", [{"reversion": "no"}, {"immutable": 5}, {"is_manifest_list": []}, {"size": 10**400}, {"size": "x"}]
)
def test_fields_that_decide_nothing_may_be_anything(asking: Asking, odd) -> None:
    tag = {"name": "v1", "start_ts": 1_700_000_000} | odd
    with start_quay({"some/image": []}, change=lambda *_: {"tags": [tag]}) as server:
        pushed = dt.datetime.fromtimestamp(1_700_000_000, dt.UTC)
        assert asking(entry(server)).tags(NAME) == Listing((TagFact("v1", pushed=pushed, source="quay"),), "quay")


@pytest.mark.parametrize("start", [-1, 10**30, 253_402_300_800])
def test_a_start_out_of_all_time_is_not_believed(asking: Asking, start) -> None:
    changed = {"last_modified": "Thu, 04 Jun 2026 10:00:00 -0000"}
    tags = [{"name": "v1", "start_ts": start} | changed, {"name": "v2", "start_ts": start}]
    with start_quay({"some/image": []}, change=lambda *_: {"tags": tags}) as server:
        pushed = dt.datetime(2026, 6, 4, 10, tzinfo=dt.UTC)
        expected = (TagFact("v1", pushed=pushed, source="quay"), TagFact("v2", source="quay"))
        assert asking(entry(server)).tags(NAME) == Listing(expected, "quay")


def test_an_end_out_of_all_time_is_no_answer(asking: Asking) -> None:
    tag = {"name": "v1", "start_ts": 1, "end_ts": 10**15}
    with start_quay({"some/image": []}, change=lambda *_: {"tags": [tag]}) as server:
        why = f"`{server.host}` answered in an unknown form: `end_ts` is no date"
        assert asking(entry(server)).tags(NAME) == NoAnswer("no-answer", why)


def test_more_is_promised_and_none_comes(asking: Asking) -> None:
    empty = {"tags": [], "has_additional": True}
    with start_quay({"some/image": []}, change=lambda *_: empty) as server:
        assert asking(entry(server)).tags(NAME) == Listing((), "quay")
        assert len(server.urls) == 1


# ---- robots


def robot(folder: Path, host: str, auth: str = "org+robot:canary") -> dict[str, str]:
    coded = base64.b64encode(auth.encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": coded}}}))
    return {"DOCKER_CONFIG": str(folder)}


def test_a_robot_reads_three_thousand_tags_of_a_private_image(asking: Asking, config: Path) -> None:
    tags = [Tag(f"v{number}", "x", START) for number in range(3_000)]
    images = {"some/image": tags}
    with start_quay({}, private=["some/image"], otherwise=quay_v2(images, private=["some/image"])) as server:
        listing = asking(entry(server), robot(config, server.host)).tags(NAME)
        assert isinstance(listing, Listing), listing
        assert [fact.name for fact in listing.tags] == sorted(tag.name for tag in tags)
        assert len([url for url in server.urls if "/tags/list" in url]) == 32  # the challenge, 30 pages, the empty one
        own = [asked for asked in server.log if asked.path.startswith("/api/")]
        assert [asked.headers.get("authorization") for asked in own] == [None], "robots do not work there"
        tokens = [asked.query for asked in server.log if asked.path == "/v2/auth"]
        assert tokens == [{"service": "quay.test", "scope": "repository:some/image:pull"}]


def test_a_robot_that_was_removed_opens_nothing(asking: Asking, config: Path) -> None:
    rest = quay_v2({"some/image": []}, private=["some/image"])
    with start_quay({}, private=["some/image"], otherwise=rest) as server:
        answer = asking(entry(server), robot(config, server.host, "org+gone:canary")).tags(NAME)
        assert isinstance(answer, NoAnswer)
        assert answer.code == "denied"
        assert "canary" not in answer.why


def test_an_anonymous_token_is_asked_for_with_the_scope_of_the_image(asking: Asking) -> None:
    tag = Tag("v1", "x", START)
    with start_quay({"some/image": [tag]}, otherwise=quay_v2({"some/image": [tag]})) as server:
        assert asking(entry(server)).digest(NAME, "v1") == tag.digest


def test_a_quay_of_ones_own_has_its_list_where_the_settings_say(asking: Asking) -> None:
    tag = Tag("v1", "x", START)
    own = in_turn(as_json({"message": "not here"}, 404))
    with start_quay({"some/image": [tag]}) as api, serve(own) as registry:
        settings = {registry.host: RegistryEntry(insecure=True, kind="quay", api=api.base)}
        listing = asking(settings).tags(image(f"{registry.host}/some/image"))
        assert listing == Listing((TagFact("v1", tag.digest, tag.pushed, None, None, "quay"),), "quay")
        assert registry.urls == []


def test_a_quay_of_ones_own_may_be_asked_over_http_where_no_tls_comes_about(asking: Asking) -> None:
    tags = [Tag(f"v{number}", "x", START) for number in range(150)]
    with start_quay({"some/image": tags}) as proxy:
        reached = {"http_proxy": proxy.base, "https_proxy": proxy.base}
        own = RegistryEntry(insecure=True, kind="quay")
        listing = asking({"r.example:5000": own}, reached).tags(image("r.example:5000/some/image"))
        assert isinstance(listing, Listing), listing
        assert len(listing.tags) == 150
        pages = [url for url in proxy.urls if url.startswith("GET ")]
        below = "http://r.example:5000/api/v1/repository/some/image/tag/?limit=100"
        assert pages == [f"GET {below}&page={page}&onlyActiveTags=true" for page in (1, 2)]
        proxy.log.clear()
        secure = RegistryEntry(kind="quay")
        answer = asking({"r.example:5000": secure}, reached).tags(image("r.example:5000/some/image"))
        assert isinstance(answer, NoAnswer)
        assert {asked.method for asked in proxy.log} == {"CONNECT"}, "plain http is for those who allowed it"
