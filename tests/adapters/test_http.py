"""The one way to speak HTTP, against servers that do all that servers should not."""

from __future__ import annotations

import http.client
import inspect
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests.exceptions
import trustme
import urllib3.exceptions

from hubctl import __version__
from hubctl.adapters.http import Http, NoReply, Reply
from hubctl.adapters.transport import FAILURES, meaning
from hubctl.secret import Secret
from tests.servers.faults import Answer, as_json, dripping, exactly, serve

START = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def speaking() -> Iterator[Http]:
    http = Http({})
    yield http
    http.close()


def refused(http: Http, url: str, **given) -> NoReply:
    with pytest.raises(NoReply) as caught:
        http.request("GET", url, **given)
    return caught.value


def test_gives_back_what_the_server_said(speaking: Http) -> None:
    headers = (("X-One", "1"), ("Link", "<a>; rel=prev"), ("link", "<b>; rel=next"))
    with serve(lambda _: Answer(418, b"teapot", headers)) as server:
        reply = speaking.request("POST", f"{server.base}/x?y=1", headers={"A": "b"}, body=b"body")
        assert reply == Reply(
            418,
            {"x-one": "1", "link": "<a>; rel=prev, <b>; rel=next", "content-length": "6"},
            b"teapot",
            f"{server.base}/x?y=1",
        )
        (asked,) = server.log
        assert (asked.method, asked.url, asked.body) == ("POST", "/x?y=1", b"body")
        assert asked.headers == {
            "host": server.host,
            "a": "b",
            "user-agent": f"hubctl/{__version__}",
            "accept-encoding": "identity",
            "content-length": "4",
        }


def test_shows_the_authorization_it_is_given_and_none_of_its_own(
    speaking: Http, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login robot password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serve(lambda _: Answer()) as server:
        speaking.request("GET", server.base, authorization=Secret("Bearer t"))
        speaking.request("GET", server.base)
        assert [asked.headers.get("authorization") for asked in server.log] == ["Bearer t", None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_follows_no_redirect(speaking: Http, status) -> None:
    with serve(lambda _: Answer(status, headers=(("Location", "/elsewhere"),))) as server:
        reply = speaking.request("GET", server.base)
        assert (reply.status, reply.headers["location"], len(server.log)) == (status, "/elsewhere", 1)


def test_keeps_no_cookie(speaking: Http) -> None:
    with serve(lambda _: Answer(headers=(("Set-Cookie", "canary=1"),))) as server:
        speaking.request("GET", server.base)
        speaking.request("GET", server.base)
        assert "canary" not in server.text


def test_opens_one_connection_for_requests_in_a_row() -> None:
    http = Http({})
    peers = set()
    with serve(lambda asked: Answer()) as server:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(20):
            http.request("GET", server.base)
        peers.add(len(list(Path("/proc/self/fd").iterdir())) - before)
    http.close()
    assert peers == {2}, "one descriptor here, one at the server in this process"


def test_answers_many_threads(speaking: Http) -> None:
    with serve(lambda asked: as_json(asked.url)) as server:
        replies: dict[int, bytes] = {}

        def ask(number: int) -> None:
            for _ in range(5):
                replies[number] = speaking.request("GET", f"{server.base}/{number}").body

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert replies == {number: f'"/{number}"'.encode() for number in range(12)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "slow",
    [
        dripping([START + b"Content-Length: 100\r\n\r\n", *[b"x"] * 100], 0.05),
        dripping([START + b"\r\n", *[b"x"] * 100], 0.05),
        dripping([b"H"] * 100, 0.05),
        dripping([START, *[b"X-A: b\r\n"] * 90], 0.05),
        dripping([START + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 100], 0.05),
        dripping([b""] * 100, 0.05),
    ],
)
def test_the_whole_answer_has_one_deadline(speaking: Http, slow) -> None:
    with serve(lambda _: slow) as server:
        started = time.monotonic()
        problem = refused(speaking, server.base, seconds=0.3)
        assert time.monotonic() - started < 3  # each drips for five seconds
        assert (problem.reason, problem.timed_out, problem.temporary) == ("the answer took too long", True, False)


def test_a_deadline_also_ends_connecting(speaking: Http) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        problem = refused(speaking, f"http://127.0.0.1:{port}/", seconds=0.4)
        assert time.monotonic() - started < 3
        for each in waiting:
            each.close()
        assert problem.reason == "no connection came about in time"


@pytest.mark.parametrize("head", [START + b"Connection: close\r\nContent-Length: 101\r\n\r\n", START + b"\r\n"])
def test_a_body_over_its_limit_is_refused(speaking: Http, head) -> None:
    body = b"x" * 101
    with serve(lambda _: exactly(head + body)) as server:
        assert refused(speaking, server.base, limit=100).reason == "the answer is larger than 100 bytes"
        assert speaking.request("GET", server.base, limit=101).body == body


def test_an_endless_body_is_not_read_to_its_end(speaking: Http) -> None:
    def endless(stream) -> None:
        stream.write(START + b"\r\n")
        while True:
            stream.write(b"0" * 65536)

    with serve(lambda _: Answer(raw=endless)) as server:
        assert refused(speaking, server.base, limit=1024).reason == "the answer is larger than 1024 bytes"


def test_the_body_of_an_error_is_cut(speaking: Http) -> None:
    with serve(lambda _: Answer(500, b"x" * 100_000)) as server:
        assert speaking.request("GET", server.base).body == b"x" * 65536


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_compressed_answer_is_refused(speaking: Http, coding) -> None:
    with serve(lambda _: Answer(200, b"x", (("Content-Encoding", coding),))) as server:
        assert refused(speaking, server.base).reason == "it sent a compressed answer though none was asked for"


def test_control_characters_in_headers_are_harmless(speaking: Http) -> None:
    raw = START + b"Connection: close\r\nA: x\x1b[31m\x00y\x85z\r\nContent-Length: 0\r\n\r\n"
    with serve(lambda _: exactly(raw)) as server:
        assert speaking.request("GET", server.base).headers == {
            "connection": "close",
            "a": "x [31m y z",
            "content-length": "0",
        }


def test_a_header_that_is_too_large_is_no_answer_because_it_could_name_a_next_page(speaking: Http) -> None:
    link = b"Link: <" + b"x" * 60_000 + b">; rel=next\r\n"
    end = b"Content-Length: 0\r\n\r\n"
    with serve(lambda _: exactly(START + b"Connection: close\r\n" + link + end)) as server:
        assert len(speaking.request("GET", server.base).headers["link"]) > 60_000
    with serve(lambda _: exactly(START + link + link + end)) as server:
        problem = refused(speaking, server.base)
        assert (problem.reason, problem.temporary) == ("a header is larger than 65536 bytes", False)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 xyz\r\n\r\n",
        START + b"Content-Length: 5\r\n\r\nabc",
        START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        START + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
        START + b"X: 1\r\n" * 200 + b"\r\n",
        START + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_a_broken_answer_is_no_answer(speaking: Http, raw) -> None:
    with serve(lambda _: exactly(raw)) as server:
        problem = refused(speaking, server.base)
        assert (problem.reason, problem.temporary) == ("the connection broke", True)
        assert problem.message == f"no answer from `{server.host}`: the connection broke"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/?k=canary", "the connection was refused"),
        ("ftp://h/canary", "the URL cannot be read"),
        ("canary", "the URL cannot be read"),
        ("http:///canary", "the URL cannot be read"),
        ("http://h:99999/canary", "the URL cannot be read"),
        ("http://[::1/canary", "the URL cannot be read"),
        ("http://h/canary\r\nX: y", "the URL cannot be read"),
        ("http://u:canary@h/", "the URL holds a user name"),
        ("http://a.example\\.b.example/canary", "the URL cannot be read"),
        ("http://a.example\\@b.example/canary", "the URL holds a user name"),
        ("http://a b.example/canary", "the URL cannot be read"),
        ("http://%6c%6fcalhost/canary", "the URL cannot be read"),
        ("http://[::1]b.example/canary", "the URL cannot be read"),
        ("http://[fe80::1%25lo]/canary", "the URL cannot be read"),
        ("http://qu\u0430y.io/", "the URL holds other characters than ASCII"),
        (f"http://{'a' * 64}.example/canary", "the request cannot be sent"),
        ("http://a..b/canary", "the request cannot be sent"),
    ],
)
def test_a_url_that_cannot_be_asked_is_said_without_its_secrets(speaking: Http, url, reason) -> None:
    problem = refused(speaking, url, authorization=Secret("Bearer canary"))
    assert problem.reason == reason
    assert "canary" not in f"{problem!r} {problem.message} {problem.hint} {problem.__cause__}"


@pytest.mark.parametrize("text", ["Bearer canary\r\nX: y", "Bearer canary\u2028", " canary"])
def test_an_authorization_that_cannot_be_sent_is_not_shown(speaking: Http, text) -> None:
    with serve(lambda _: Answer()) as server:
        problem = refused(speaking, server.base, authorization=Secret(text))
        assert (problem.reason, server.log) == ("the request cannot be sent", [])
        assert "canary" not in repr(problem)


def test_an_answer_with_two_lengths_is_none(speaking: Http) -> None:
    raw = START + b"Content-Length: 5\r\nContent-Length: 1000\r\n\r\nshort"
    with serve(lambda _: exactly(raw)) as server:
        problem = refused(speaking, server.base)

    assert (problem.reason, problem.temporary) == ("the headers of its answer contradict each other", False)


def test_a_name_that_does_not_resolve_is_unreachable(speaking: Http) -> None:
    problem = refused(speaking, "http://nosuch.invalid/")
    assert (problem.reason, problem.unreachable) == ("its name cannot be resolved", True)


def test_no_answer_shows_only_what_may_be_shown() -> None:
    reply = Reply(200, {"location": "canary"}, b"canary", "https://h/?canary")
    assert repr(reply) == "Reply(status=200)"


# ---- TLS


def contexts() -> tuple[trustme.CA, ssl.SSLContext]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return authority, context


def test_trusts_the_authorities_it_is_told_and_no_others(tmp_path) -> None:
    authority, context = contexts()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with serve(lambda _: Answer(200, b"x"), tls=context, host="localhost") as server:
        told = Http({"REQUESTS_CA_BUNDLE": str(bundle)})
        assert told.request("GET", server.base).body == b"x"
        by_address = server.base.replace("localhost", "127.0.0.1")
        assert refused(told, by_address).reason == "its certificate is not trusted"
        untold = Http({})
        problem = refused(untold, server.base)
        assert (problem.reason, problem.temporary) == ("its certificate is not trusted", False)
        for http in (told, untold):
            http.close()


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_authorities_are_named_as_requests_and_docker_have_it(tmp_path, name) -> None:
    authority, context = contexts()
    bundle, garbage = tmp_path / "ca.pem", tmp_path / "garbage.pem"
    authority.cert_pem.write_to_path(str(bundle))
    garbage.write_text("canary")
    with serve(lambda _: Answer(200, b"x"), tls=context, host="localhost") as server:
        lower = {"SSL_CERT_FILE": str(garbage)} if name != "SSL_CERT_FILE" else {}
        told = Http({name: str(bundle)} | lower)
        assert told.request("GET", server.base).body == b"x"
        absent = Http({name: str(tmp_path / "absent.pem")})
        assert refused(absent, server.base).reason == f"`{name}` names no file that exists"
        unreadable = Http({name: str(garbage)})
        problem = refused(unreadable, server.base)
        assert (problem.reason, problem.no_tls) == ("no TLS connection came about", False)
        for http in (told, absent, unreadable):
            http.close()


def test_a_deadline_holds_over_tls(tmp_path) -> None:
    authority, context = contexts()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with serve(lambda _: dripping([b"H"] * 100, 0.05), tls=context, host="localhost") as server:
        http = Http({"REQUESTS_CA_BUNDLE": str(bundle)})
        started = time.monotonic()
        assert refused(http, server.base, seconds=0.3).timed_out
        assert time.monotonic() - started < 3
        http.close()


def test_plain_http_behind_https_is_said(speaking: Http) -> None:
    with serve(lambda _: Answer()) as server:
        problem = refused(speaking, server.base.replace("http:", "https:"))
        assert (problem.reason, problem.no_tls) == ("no TLS connection came about", True)


def test_who_hangs_up_on_a_greeting_of_tls_may_speak_plain_http(speaking: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.recv(2048)

        threading.Thread(target=hang_up, daemon=True).start()
        assert refused(speaking, f"https://127.0.0.1:{listening.getsockname()[1]}/").no_tls


# ---- proxies


@pytest.mark.parametrize(
    ("environment", "through"),
    [
        ({"http_proxy": "{proxy}"}, True),
        ({"HTTP_PROXY": "{proxy}"}, True),
        ({"all_proxy": "{proxy}"}, True),
        ({"https_proxy": "{proxy}"}, False),
        ({"http_proxy": "{proxy}", "no_proxy": "r.example"}, False),
        ({"http_proxy": "{proxy}", "no_proxy": "*"}, False),
        ({"http_proxy": "{proxy}", "no_proxy": "a.b, .example"}, False),
        ({"http_proxy": "{proxy}", "no_proxy": "*.example"}, False),
        ({"http_proxy": "{proxy}", "no_proxy": "r.example:8080"}, False),
        ({"http_proxy": "{proxy}", "no_proxy": "r.example:9"}, True),
        ({"http_proxy": "{proxy}", "NO_PROXY": "example.org"}, True),
        ({"http_proxy": "{proxy}", "no_proxy": "xr.example,ample"}, True),
    ],
)
def test_goes_through_the_proxy_the_environment_names(environment, through) -> None:
    with serve(lambda asked: Answer(200, b"proxied")) as proxy:
        http = Http({name: value.format(proxy=proxy.base) for name, value in environment.items()})
        if through:
            assert http.request("GET", "http://r.example:8080/x").body == b"proxied"
            assert proxy.urls == ["GET http://r.example:8080/x"]
        else:
            assert refused(http, "http://r.example:8080/x").unreachable
            assert proxy.log == []
        http.close()


def test_a_network_can_be_excepted_from_the_proxy(speaking: Http) -> None:
    with serve(lambda _: Answer(200, b"direct")) as server, serve(lambda _: Answer(200, b"proxied")) as proxy:
        for no_proxy, body in (("127.0.0.0/8", b"direct"), ("10.0.0.0/8,::1/128", b"proxied")):
            http = Http({"http_proxy": proxy.base, "no_proxy": no_proxy})
            assert http.request("GET", server.base).body == body
            http.close()


def test_a_proxy_shows_its_password_only_to_itself() -> None:
    with serve(lambda _: Answer(200, b"x")) as proxy:
        http = Http({"http_proxy": proxy.base.replace("//", "//user:canary@")})
        http.request("GET", "http://r.example/")
        assert "proxy-authorization" in proxy.log[0].headers
        http.close()
    http = Http({"https_proxy": "http://user:canary@127.0.0.1:1"})
    problem = refused(http, "https://r.example/")
    assert problem.unreachable
    assert "canary" not in f"{problem!r}{problem.__cause__}"
    http.close()


@pytest.mark.parametrize(
    ("answer", "reason", "temporary"),
    [
        (Answer(407, b"<html>log in</html>"), "the proxy wants a login (status 407)", False),
        (Answer(403, b"<html>canary</html>"), "the proxy refused (status 403)", False),
        (Answer(502, b"<html>canary</html>"), "the proxy refused (status 502)", True),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_told_apart_from_the_host(answer, reason, temporary) -> None:
    with serve(lambda _: answer) as proxy:
        http = Http({"https_proxy": proxy.base.replace("//", "//user:canary@")})
        problem = refused(http, "https://r.example/x?canary")
        assert (problem.reason, problem.temporary, problem.unreachable) == (reason, temporary, True)
        assert "canary" not in f"{problem!r}{problem.__cause__}"
        assert proxy.urls == ["CONNECT r.example:443"]
        http.close()


def test_a_proxy_that_wants_a_login_is_not_taken_for_the_host_it_hides() -> None:
    with serve(lambda _: Answer(407, b"<html>log in</html>")) as proxy:
        http = Http({"http_proxy": proxy.base})
        problem = refused(http, "http://r.example/x")
        assert (problem.reason, problem.unreachable) == ("the proxy wants a login (status 407)", True)
        http.close()


# ---- ending


def test_closing_ends_what_is_under_way() -> None:
    http = Http({})
    seen: list[NoReply] = []
    arrived = threading.Event()

    def answer(_: object) -> Answer:
        arrived.set()
        return dripping([b"H"] * 100, 0.05)

    with serve(answer) as server:
        asking = threading.Thread(target=lambda: seen.append(refused(http, server.base)))
        asking.start()
        arrived.wait(5)
        http.close()
        asking.join(1)
        assert not asking.is_alive()
        assert len(seen) == 1
        assert refused(http, server.base).reason == "the run is ending"


def every_failure() -> list[type[Exception]]:
    found = [http.client.HTTPException, http.client.IncompleteRead, OSError, TimeoutError, ConnectionResetError]
    for module in (requests.exceptions, urllib3.exceptions):
        found += [
            kind
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if issubclass(kind, Exception) and not issubclass(kind, Warning)
        ]
    return found


@pytest.mark.parametrize("kind", every_failure(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_failure_of_the_libraries_has_a_meaning(kind) -> None:
    assert issubclass(kind, FAILURES)
    problem = kind.__new__(kind)
    for connected in (True, False):
        reason, flags = meaning(problem, connected=connected, over=False)
        assert reason
        assert flags <= {"timed_out", "temporary", "unreachable"}


def test_the_libraries_are_imported_only_when_something_is_asked() -> None:
    program = (
        "import sys; from hubctl.adapters.http import Http; import hubctl.registry.ask; Http({}).close();"
        "print(sorted({'requests', 'urllib3', 'ssl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
