"""Tokens: how they are asked for, how long they are kept, and what is done when they are refused."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubctl.adapters.http import Reply
from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.registry.address import endpoint
from hubctl.registry.answers import Unanswered
from hubctl.registry.challenge import Challenge
from hubctl.registry.credentials import Login
from hubctl.registry.line import Request
from hubctl.registry.token import LoginRefused, Token, fetch_token
from hubctl.secret import Secret
from tests.registry.conftest import Asking, image, plain
from tests.servers.faults import Answer, Asked, Server, as_json, in_turn, serve

AT = endpoint("r.forge.example", "a/b", {})
ASKED = "https://r.forge.example/v2/a/b/tags/list"
PASSWORD, IDENTITY = "canary:pass:word", "canary-identity"
BASIC = "Basic " + base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
ROBOT = Login("a file", "robot", Secret(PASSWORD))
MACHINE = Login("a file", "<token>", identity=Secret(IDENTITY))
LISTED = Listing((TagFact("v1"),), "oci")


class Address:
    """A token address that answers in turn and keeps what it was asked."""

    def __init__(self, *answers: tuple[int, object]) -> None:
        self.left = list(answers)
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        status, body = self.left.pop(0)
        return Reply(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode(), request.url)


def fetched(address: Address, login: Login | None = None, **parameters: str) -> Token:
    challenge = Challenge("bearer", {"realm": "https://r.forge.example/token", "service": "S"} | parameters)
    return fetch_token(challenge, ASKED, AT, login, address)


@pytest.mark.parametrize(
    ("said", "life"),
    [
        ({}, 60),
        ({"expires_in": 300}, 300),
        ({"expires_in": 0.5}, 0.5),
        ({"expires_in": None}, 60),
        ({"expires_in": 0}, 60),
        ({"expires_in": -1}, 60),
        ({"expires_in": "300"}, 60),
        ({"expires_in": True}, 60),
        ({"expires_in": float("nan")}, 60),
        ({"expires_in": float("inf")}, 60),
        ({"expires_in": 10**30}, 60),
        ({"expires_in": [300]}, 60),
    ],
)
def test_a_token_lives_as_long_as_it_says_and_is_renewed_five_seconds_early(said, life) -> None:
    before = time.monotonic()
    token = fetched(Address((200, {"token": "t"} | said)))
    assert before + life - 5 <= token.until <= time.monotonic() + life - 5
    assert token.fresh is (life > 5)
    assert "t" not in repr(token.header)


@pytest.mark.parametrize(
    ("answer", "header"),
    [
        ({"token": "t"}, "Bearer t"),
        ({"access_token": "a"}, "Bearer a"),
        ({"token": "t", "access_token": "a"}, "Bearer t"),
        ({"token": "", "access_token": "a"}, "Bearer a"),
        ({"token": None, "access_token": "a", "refresh_token": "canary"}, "Bearer a"),
    ],
)
def test_a_token_has_either_name(answer, header) -> None:
    for login in (None, ROBOT, MACHINE):
        assert fetched(Address((200, answer)), login).header == Secret(header)


@pytest.mark.parametrize(
    ("realm", "parameters", "url"),
    [
        ("https://r.forge.example/token", {}, "https://r.forge.example/token?service=S&scope=repository%3Aa%2Fb%3Apull"),
        ("/auth?x=1", {}, "https://r.forge.example/auth?x=1&service=S&scope=repository%3Aa%2Fb%3Apull"),
        ("token", {"service": ""}, "https://r.forge.example/v2/a/b/tags/token?scope=repository%3Aa%2Fb%3Apull"),
        ("https://r.forge.example/t#f", {"scope": "aws"},
         "https://r.forge.example/t?service=S&scope=aws+repository%3Aa%2Fb%3Apull"),
        ("https://r.forge.example/t", {"scope": "repository:a/b:pull,push"},
         "https://r.forge.example/t?service=S&scope=repository%3Aa%2Fb%3Apull"),
        ("https://r.forge.example/t", {"scope": "repository(plugin):a/b:*"},
         "https://r.forge.example/t?service=S&scope=repository%28plugin%29%3Aa%2Fb%3Apull"),
        ("https://r.forge.example/t", {"service": "a&scope=x b\u00e9"},
         "https://r.forge.example/t?service=a%26scope%3Dx+b%C3%A9&scope=repository%3Aa%2Fb%3Apull"),
    ],
)  # fmt: skip
def test_a_token_is_asked_for_at_the_realm_with_service_and_scope(realm, parameters, url) -> None:
    address = Address((200, {"token": "t"}))
    fetched(address, ROBOT, realm=realm, **parameters)
    assert [(asked.method, asked.url, asked.body) for asked in address.asked] == [("GET", url, None)]
    assert [asked.authorization for asked in address.asked] == [Secret(BASIC)]
    assert "offline" not in url


@pytest.mark.parametrize("status", [404, 405])
def test_an_identity_token_is_sent_as_a_form_and_shown_where_there_is_no_such_form(status) -> None:
    address = Address((status, b"<html>"), (200, {"token": "t"}))
    assert fetched(address, MACHINE).header == Secret("Bearer t")
    form, shown = address.asked
    assert (form.method, form.url, form.headers, form.authorization) == (
        "POST", "https://r.forge.example/token", {"Content-Type": "application/x-www-form-urlencoded"}, None
    )  # fmt: skip
    assert form.body == (
        b"grant_type=refresh_token&service=S&client_id=hubctl&scope=repository%3Aa%2Fb%3Apull"
        b"&refresh_token=canary-identity"
    )
    assert (shown.method, shown.body) == ("GET", None)
    assert shown.authorization == Secret("Basic " + base64.b64encode(f"<token>:{IDENTITY}".encode()).decode())
    assert all(IDENTITY not in f"{each!r}{each.url}" for each in address.asked)


@pytest.mark.parametrize("login", [ROBOT, MACHINE])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_login_that_is_refused_says_so(login, status) -> None:
    with pytest.raises(LoginRefused) as caught:
        fetched(Address((status, {"error": "invalid_grant", "error_description": "canary"})), login)
    assert caught.value.message == f"`r.forge.example` gives no token for `a/b` (status {status})"


@pytest.mark.parametrize("login", [None, ROBOT, MACHINE])
@pytest.mark.parametrize("status", [204, 302, 402, 418, 500])
def test_any_other_answer_is_no_refusal(login, status) -> None:
    with pytest.raises(Unanswered) as caught:
        fetched(Address(*[(status, b"canary")] * 6), login)
    assert caught.value.code == "no-answer"
    assert "canary" not in caught.value.message


def guarded(address: Server, good: str, error: str = "") -> Callable[[Asked], Answer]:
    """A registry that shows its list to one token alone."""

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("authorization") == good:
            return as_json({"tags": ["v1"]})
        return as_json({}, 401, ("WWW-Authenticate", f'Bearer realm="{address.base}/token",service="x"{error}'))

    return answer


def stored(folder: Path, host: str, **entry: str) -> dict[str, str]:
    (folder / "config.json").write_text(json.dumps({"auths": {host: entry}}))
    return {"DOCKER_CONFIG": str(folder)}


@pytest.mark.parametrize("error", ["", ',error="invalid_token"', ',error="insufficient_scope"'])
@pytest.mark.parametrize(("good", "asked"), [("Bearer t0", 1), ("Bearer t1", 2), ("Bearer never", 2)])
def test_a_token_that_is_refused_is_renewed_once(asking: Asking, *, error, good, asked) -> None:
    count = iter(range(9))
    with (
        serve(lambda _: as_json({"token": f"t{next(count)}"})) as address,
        serve(guarded(address, good, error)) as server,
    ):
        got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert (got == LISTED) is (good != "Bearer never")
        assert isinstance(got, Listing) or (isinstance(got, NoAnswer) and got.code == "denied")
        assert len(address.log) == asked


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("entry", [{"auth": BASIC.removeprefix("Basic ")}, {"identitytoken": IDENTITY}])
def test_a_stale_login_leads_to_one_question_without_it_and_a_note(
    asking: Asking, config: Path, *, status, entry
) -> None:
    def token(asked: Asked) -> Answer:
        return Answer(status) if asked.method == "POST" or "authorization" in asked.headers else as_json({"token": "t"})

    with serve(token) as address, serve(guarded(address, "Bearer t")) as server:
        got = asking({server.host: plain()}, stored(config, server.host, **entry)).tags(image(f"{server.host}/a/b"))
        assert isinstance(got, Listing)
        assert got.tags == LISTED.tags
        assert [
            f"was asked without the stored login: `{server.host}` gives no token" in note for note in got.notes
        ] == [True]
        assert len(address.log) == 2
        assert "canary" not in repr(got)
        assert IDENTITY not in server.text
        assert BASIC not in server.text


@pytest.mark.parametrize(
    "headers",
    [
        [("WWW-Authenticate", 'Basic realm="Forge"'), ("WWW-Authenticate", 'Bearer realm="{base}/token",service="x"')],
        [("WWW-Authenticate", 'Bearer realm="{base}/token",service="x", Basic realm="Forge"')],
        [("WWW-Authenticate", "Negotiate YII/+x==, BEARER Realm={base}/token, Service=x")],
        [("www-authenticate", 'Digest realm="a, Bearer b", nonce="\\"", bearer realm = "{base}/token"')],
        [("WWW-Authenticate", 'Bearer realm="{base}/token",realm="https://evil.example/"')],
    ],
)  # fmt: skip
def test_the_token_is_fetched_whatever_stands_beside_its_challenge(asking: Asking, config: Path, headers) -> None:
    with serve(lambda _: as_json({"token": "t"})) as address:
        given = tuple((name, value.replace("{base}", address.base)) for name, value in headers)

        def answer(asked: Asked) -> Answer:
            good = asked.headers.get("authorization") == "Bearer t"
            return as_json({"tags": ["v1"]}) if good else as_json({}, 401, *given)

        with serve(answer) as server:
            environment = stored(config, server.host, auth=BASIC.removeprefix("Basic "))
            assert asking({server.host: plain()}, environment).tags(image(f"{server.host}/a/b")) == LISTED
            assert [asked.headers["authorization"] for asked in address.log] == [BASIC]
            assert BASIC not in server.text


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer realm=", 'Bearer realm="', "garbage", '"', "Digest realm=x"])
def test_a_challenge_that_leads_nowhere_is_a_refusal(asking: Asking, config: Path, header) -> None:
    with serve(lambda _: as_json({}, 401, ("WWW-Authenticate", header))) as server:
        environment = stored(config, server.host, auth=BASIC.removeprefix("Basic "))
        got = asking({server.host: plain()}, environment).tags(image(f"{server.host}/a/b"))
        assert isinstance(got, NoAnswer)
        assert got.code == "denied"
        assert len(server.log) == 1
        assert BASIC not in server.text


def test_a_token_that_ends_soon_is_renewed_before_each_question(asking: Asking) -> None:
    tokens = in_turn(*(as_json({"token": f"t{number}", "expires_in": 3}) for number in range(5)))
    with serve(tokens) as address:

        def answer(asked: Asked) -> Answer:
            if asked.headers.get("authorization", "").startswith("Bearer t"):
                return as_json({"tags": ["v1"]}, 200, ("Docker-Content-Digest", "sha256:" + "a" * 64))
            return as_json({}, 401, ("WWW-Authenticate", f'Bearer realm="{address.base}/token"'))

        with serve(answer) as server:
            registry = asking({server.host: plain()})
            name = image(f"{server.host}/a/b")
            assert registry.tags(name) == LISTED
            assert registry.digest(name, "v1") == "sha256:" + "a" * 64
            assert [asked.headers.get("authorization") for asked in server.log] == [
                None, "Bearer t0", None, "Bearer t1"
            ]  # fmt: skip
