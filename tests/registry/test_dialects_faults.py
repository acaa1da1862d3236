"""Every list with dates under every fault: outages, limits, cuts, liars, endless lists, and where logins never go."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from collections.abc import Callable
from email.utils import format_datetime
from pathlib import Path

import pytest

from hubctl.images.facts import Listing, NoAnswer
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image
from tests.servers.faults import Answer, Asked, Server, as_json, exactly, in_turn, serve

NAME = image("r.example/some/image")
KINDS = ["quay", "dockerhub", "harbor", "ecr"]
FIRST, SECOND = [f"v{number}" for number in range(100)], ["latest"]
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
CANARY = "Basic " + base64.b64encode(b"robot:canary").decode()


def page(kind: str, names: list[str], following: int | None = None) -> Answer:
    """Return a page of the dialect; `following` is the number of the page behind it."""
    link = [("Link", f'<?page={following}>; rel="next"')] if following else []
    if kind == "quay":
        return as_json({"tags": [{"name": name} for name in names], "has_additional": bool(following)})
    if kind == "dockerhub":
        more = f"?page={following}" if following else None
        return as_json({"count": 7, "results": [{"name": name} for name in names], "next": more})
    if kind == "harbor":
        tags = [{"name": name} for name in names]
        return as_json([{"digest": "sha256:" + "a" * 64, "tags": tags}] if tags else [], 200, *link)
    return as_json({"name": "some/image", "tags": names}, 200, *link)


def settings(server: Server, kind: str) -> dict[str, RegistryEntry]:
    return {"r.example": RegistryEntry(mirror=server.base, insecure=True, kind=kind)}  # type: ignore[arg-type] # one of its words


def login(folder: Path, host: str) -> dict[str, str]:
    auths = {host: {"auth": CANARY.removeprefix("Basic ")}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return {"DOCKER_CONFIG": str(folder)}


def listed(answer: object) -> list[str]:
    assert isinstance(answer, Listing), answer
    return [fact.name for fact in answer.tags]


LIMITS = [
    ("Retry-After", "0"),
    ("Retry-After", format_datetime(PAST, usegmt=True)),
    ("X-Retry-After", str(int(PAST.timestamp()))),
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "fault",
    [
        Answer(500),
        Answer(503, b"<html>"),
        *(Answer(429, b"slow down", (limit,)) for limit in LIMITS),
        exactly(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"),
    ],
)
@pytest.mark.parametrize("midway", [False, True])
def test_a_fault_that_passes_leaves_the_list_whole(asking: Asking, *, kind, fault, midway) -> None:
    first, second = page(kind, FIRST, 2), page(kind, SECOND)
    answers = (first, fault, second) if midway else (fault, first, second)
    with serve(in_turn(*answers)) as server:
        assert listed(asking(settings(server, kind)).tags(NAME)) == FIRST + SECOND
        assert len(server.urls) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Retry-After", "3600"),
        ("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT"),
        ("X-Retry-After", "4102444800"),
    ],
)
def test_a_limit_midway_that_lasts_is_no_answer_with_the_time_to_come_back(asking: Asking, kind, header, value) -> None:
    with serve(in_turn(page(kind, FIRST, 2), Answer(429, headers=((header, value),)))) as server:
        answer = asking(settings(server, kind)).tags(NAME)
        assert isinstance(answer, NoAnswer)
        assert answer.code == "no-answer"
        assert answer.why.startswith(f"no answer from `{server.host}`: it limits requests; come back at 20")
        assert len(server.urls) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_of_a_limit_changes_nothing(asking: Asking, kind) -> None:
    left = (("RateLimit-Limit", "100;w=21600"), ("RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "4102444800"))
    answer = page(kind, SECOND)
    with serve(lambda _: Answer(200, answer.body, left)) as server:
        assert listed(asking(settings(server, kind)).tags(NAME)) == SECOND


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: Answer(200, body[:-2]),
        lambda _body: Answer(200, b"<html><h1>Sign in</h1></html>"),
        lambda _body: Answer(200, b""),
        lambda _body: Answer(200, b"[" * 100_000),
        lambda _body: Answer(200, b'"v1"'),
        lambda _body: Answer(204),
        lambda body: Answer(200, body + b" " * 9 * 1024 * 1024),
        lambda body: Answer(200, gzip.compress(body), (("Content-Encoding", "gzip"),)),
        lambda body: Answer(200, gzip.compress(body)),
        lambda _body: Answer(418),
    ],
)
def test_a_page_that_cannot_be_read_is_no_answer_even_behind_one_that_can(asking: Asking, kind, spoil) -> None:
    spoilt = spoil(page(kind, SECOND).body)
    for answers in ((spoilt,), (page(kind, FIRST, 2), spoilt)):
        with serve(in_turn(*answers)) as server:
            answer = asking(settings(server, kind)).tags(NAME)
            assert isinstance(answer, NoAnswer), answer
            assert answer.code == "no-answer"


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_page_ends_the_list_whatever_it_promises(asking: Asking, kind) -> None:
    with serve(in_turn(page(kind, FIRST, 2), page(kind, [], 3))) as server:
        assert listed(asking(settings(server, kind)).tags(NAME)) == FIRST
        assert len(server.urls) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_comes_again_ends_the_list(asking: Asking, kind) -> None:
    with serve(lambda _: page(kind, FIRST, 1)) as server:
        assert listed(asking(settings(server, kind)).tags(NAME)) == FIRST
        assert len(server.urls) == 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "requests"), [(1, 1_001), (30_000, 4)])
def test_a_list_without_end_is_an_error_and_not_a_cut(asking: Asking, kind, size, requests) -> None:
    count = iter(range(10**6))

    def endless(_asked: Asked) -> Answer:
        number = next(count)
        return page(kind, [f"t{number}-{tag}" for tag in range(size)], number + 2)

    with serve(endless) as server:
        why = f"`{server.host}` lists more than 1000 pages or 100000 tags of one image"
        assert asking(settings(server, kind)).tags(NAME) == NoAnswer("no-answer", why)
        assert len(server.urls) == requests


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_are_no_tags(asking: Asking, kind) -> None:
    hostile = ["-x", "a b", "$(id)", "@x", "](", "a\nb", "x" * 129, "\u202ev1", "v\u0661", "", "sha256:" + "a" * 64]
    with serve(lambda _: page(kind, [*hostile, "ok"])) as server:
        assert listed(asking(settings(server, kind)).tags(NAME)) == ["ok"]


# ---- logins


def guarded(kind: str, then: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """Return a server that shows its own list to nobody, and the plain one to the login."""

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("authorization") == CANARY:
            return then(asked)
        own = kind != "ecr" and not asked.path.endswith("/tags/list")
        return Answer(404) if own else Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))

    return answer


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["redirect", "link"])
def test_no_login_reaches_a_foreign_host(asking: Asking, config: Path, kind, how) -> None:
    with serve(lambda _: page(kind, SECOND)) as foreign:
        there = foreign.base.replace("127.0.0.1", "localhost")

        def leading(asked: Asked) -> Answer:
            if how == "redirect":
                return Answer(307, headers=(("Location", there + asked.url),))
            if asked.path.endswith("/tags/list"):
                body = as_json({"name": "some/image", "tags": FIRST}).body
            else:
                body = page(kind, FIRST).body
            return Answer(200, body, (("Link", f'<{there}/v2/x>; rel="next"'),))

        with serve(guarded(kind, leading)) as server:
            entry = RegistryEntry(mirror=server.base, insecure=True, kind=kind)
            asking({"r.example": entry}, login(config, server.host)).tags(NAME)
            assert CANARY in server.text
        assert "canary" not in foreign.text
        assert CANARY not in foreign.text
        assert "authorization" not in foreign.text


@pytest.mark.parametrize("kind", ["quay", "dockerhub"])
def test_a_list_that_takes_no_login_is_not_shown_one(asking: Asking, config: Path, kind) -> None:
    with serve(guarded(kind, lambda _: page("oci", SECOND))) as server:
        assert listed(asking(settings(server, kind), login(config, server.host)).tags(NAME)) == SECOND
        own = [asked for asked in server.log if "/tags/list" not in asked.path]
        assert ["authorization" in asked.headers for asked in own] == [False]
        assert {asked.method for asked in server.log} == {"GET"}, "no password is sent to log in"
