"""A company's proxy between hubctl and all registries: shown its login, never trusted, never taken for a registry."""

from __future__ import annotations

import base64
import json

import pytest

from tests.cli.playground import COMMON, COMMON_FILE, IMAGES, Playground
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, serve

LOGIN = "user:canary-proxy"
SHOWN = "Basic " + base64.b64encode(LOGIN.encode()).decode()
ONE = ("bump-image", "--json", "--image", "quay.io/leap/notebook", "--max-wait", "0")
PORTAL = "is a proxy or a login page in between?"
PAGE = b"<!DOCTYPE html><html>canary-proxy</html>"


def plain_settings(playground: Playground) -> str:
    """Ask quay.io's images at a host that is reached over http, so that a proxy sees whole requests."""
    path = playground.root.parent / "proxied.yaml"
    entry = {"mirror": "http://mirror.example/{host}", "insecure": True}
    path.write_text(json.dumps({"registries": {"quay.io": entry}}))
    return str(path)


def through(proxy: str) -> dict[str, str]:
    named = proxy.replace("//", f"//{LOGIN}@")
    return {"HTTP_PROXY": named, "HTTPS_PROXY": named, "NO_PROXY": "127.0.0.1"}


@pytest.mark.slow
def test_registries_are_asked_through_the_proxy_that_alone_sees_its_login(playground: Playground) -> None:
    with serve(distribution(IMAGES)) as proxy:
        done = playground.run("-v", "--settings", plain_settings(playground), *ONE, **through(proxy.base))
        assert (done.code, [change["new"] for change in done.json["changes"]]) == (0, ["2026.06.04"])
        assert {asked.headers["proxy-authorization"] for asked in proxy.log} == {SHOWN}
        assert all("authorization" not in asked.headers for asked in proxy.log)
        assert "canary-proxy" not in done.out + done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(407, PAGE), "the proxy wants a login (status 407)"),
        (Answer(403, PAGE), "the proxy refused (status 403)"),
        (Answer(502, PAGE), "the proxy refused (status 502)"),
    ],
)
def test_a_proxy_that_opens_no_way_is_never_up_to_date(playground: Playground, answer, reason) -> None:
    settings = playground.root.parent / "none.yaml"
    settings.write_text("version: 1\n")
    with serve(lambda _: answer) as proxy:
        done = playground.run("-v", "--settings", str(settings), *ONE, **through(proxy.base), HUBCTL_SETTINGS="")
        assert done.code == 9
        assert [(each["code"], each["why"]) for each in done.json["unknown"]] == [
            ("no-answer", f"no answer from `quay.io`: {reason}")
        ]
        assert {asked.method for asked in proxy.log} == {"CONNECT"}
        assert "canary-proxy" not in done.out + done.err
        assert playground.read(COMMON_FILE) == COMMON


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(407, PAGE), "no answer from `mirror.example`: the proxy wants a login (status 407)"),
        (Answer(502, PAGE), "no answer from `mirror.example`: it answered with status 502"),
        (Answer(200, PAGE), "`mirror.example` did not answer in JSON, but with a web page: " + PORTAL),
        (Answer(302, PAGE, (("Location", "http://portal.example/login?canary-proxy"),)),
         "`mirror.example` sends to `portal.example` without TLS, which is not followed"),
        (Answer(511, PAGE), "`mirror.example` answered with status 511"),
    ],
)  # fmt: skip
def test_the_page_of_a_proxy_or_a_captive_portal_is_no_answer(playground: Playground, answer, reason) -> None:
    with serve(lambda _: answer) as proxy:
        done = playground.run("-v", "--settings", plain_settings(playground), *ONE, **through(proxy.base))
        assert done.code == 9
        assert [(each["code"], each["why"]) for each in done.json["unknown"]] == [("no-answer", reason)]
        assert "canary-proxy" not in done.out + done.err
        assert playground.read(COMMON_FILE) == COMMON


def test_a_host_that_no_proxy_names_is_asked_directly(playground: Playground) -> None:
    with serve(lambda _: Answer(502)) as proxy:
        done = playground.run(*ONE, **through(proxy.base))
        assert (done.code, proxy.log) == (0, [])
