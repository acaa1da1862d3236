"""Servers that fail, limit, hang and drip: asked again where that helps, and never taken for an answer."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
import threading
import time
from email.utils import format_datetime
from pathlib import Path

import pytest

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.commands.choosing import Query, choose_all
from hubctl.images.case import Question
from hubctl.images.choice import Policy
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.ask import Registry
from hubctl.registry.line import Lines, Request
from tests.registry.conftest import Asking, image, plain
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, as_json, dripping, exactly, in_turn, serve
from tests.servers.tags import many_tags

TAGS = many_tags(5)
NAMES = tuple(TagFact(name) for name in sorted(tag.name for tag in TAGS))
OPEN = distribution({"a/b": TAGS, "c/d": TAGS})
GOOD = as_json({"tags": [fact.name for fact in NAMES]})
NO_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_asked_again(asking: Asking, status) -> None:
    with serve(in_turn(Answer(status), Answer(status), GOOD)) as server:
        assert asking({server.host: plain()}).tags(image(f"{server.host}/a/b")) == Listing(NAMES, "oci")
        assert len(server.log) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_lasting_fault_is_no_answer(asking: Asking, status) -> None:
    with serve(lambda _: Answer(status)) as server:
        why = f"no answer from `{server.host}`: it answered with status {status}"
        assert asking({server.host: plain()}).tags(image(f"{server.host}/a/b")) == NoAnswer("no-answer", why)
        assert len(server.log) == 3


@pytest.mark.parametrize(
    ("status", "code"), [(400, "no-answer"), (403, "denied"), (404, "no-such-image"), (204, "no-answer")]
)
def test_a_clear_answer_is_not_asked_again(asking: Asking, status, code) -> None:
    with serve(lambda _: Answer(status)) as server:
        answer = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(answer, NoAnswer)
        assert answer.code == code
        assert len(server.log) == 1


@pytest.mark.parametrize(
    "broken",
    [exactly(NO_LENGTH + b"{"), exactly(b""), exactly(b"nonsense\r\n\r\n"),
     exactly(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}")],
)  # fmt: skip
def test_a_broken_connection_is_asked_again(asking: Asking, broken) -> None:
    with serve(in_turn(broken, GOOD)) as server:
        assert asking({server.host: plain()}).tags(image(f"{server.host}/a/b")) == Listing(NAMES, "oci")
    with serve(lambda _: broken) as server:
        why = f"no answer from `{server.host}`: the connection broke"
        assert asking({server.host: plain()}).tags(image(f"{server.host}/a/b")) == NoAnswer("no-answer", why)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "form"),
    [(429, "seconds"), (503, "date"), (429, "unix"), (429, "plain unix"), (429, "reset"), (429, "window")],
)
def test_a_limit_is_waited_for(asking: Asking, status, form) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    header = {
        "seconds": ("Retry-After", "1"),
        "date": ("Retry-After", format_datetime(soon, usegmt=True)),
        "unix": ("X-Retry-After", str(int(soon.timestamp()))),
        "plain unix": ("Retry-After", str(int(soon.timestamp()))),
        "reset": ("X-RateLimit-Reset", str(int(soon.timestamp()))),
        "window": ("ratelimit-limit", "100;w=1"),
    }[form]
    with serve(in_turn(Answer(status, headers=(header,)), GOOD)) as server:
        assert asking({server.host: plain()}).tags(image(f"{server.host}/a/b")) == Listing(NAMES, "oci")


def test_a_limit_beyond_the_budget_ends_the_asking_of_that_host(asking: Asking) -> None:
    with serve(lambda _: Answer(429, headers=(("Retry-After", "3600"),))) as server:
        registry = asking({server.host: plain()}, waiting=100)
        before = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3599)
        first = registry.tags(image(f"{server.host}/a/b"))
        assert isinstance(first, NoAnswer)
        stem, _, moment = first.why.rpartition(" ")
        assert stem == f"no answer from `{server.host}`: it limits requests; come back at"
        assert before < dt.datetime.fromisoformat(moment) < before + dt.timedelta(seconds=10)
        second = registry.tags(image(f"{server.host}/c/d"))
        reason = f"it limits requests; come back at {moment}"
        why = f"`{server.host}` is not asked again in this run: {reason}"
        assert second == NoAnswer("no-answer", why)
        assert len(server.log) == 1


def test_without_a_budget_nothing_is_waited_for(asking: Asking) -> None:
    with serve(in_turn(Answer(429, headers=(("Retry-After", "1"),)), GOOD)) as server:
        answer = asking({server.host: plain()}, waiting=0).tags(image(f"{server.host}/a/b"))
        assert isinstance(answer, NoAnswer)
        assert answer.code == "no-answer"
        assert len(server.log) == 1


def test_a_limit_in_the_middle_of_a_list_is_waited_for(asking: Asking) -> None:
    tags = many_tags(251)
    paged = distribution({"a/b": tags}, page=100)
    count = iter(range(100))

    def answer(asked: Asked) -> Answer:
        return Answer(429, headers=(("Retry-After", "0"),)) if next(count) == 1 else paged(asked)

    with serve(answer) as server:
        listing = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(listing, Listing)
        assert len(listing.tags) == 251
        assert len(server.log) == 4


LIMIT = Answer(429, headers=(("Retry-After", "0.3"),))


@pytest.mark.slow
@pytest.mark.parametrize("where", ["tags/list", "HEAD", "/manifests/", "/blobs/", "/token", "POST /token"])
def test_a_limit_is_waited_for_wherever_it_is_met(asking: Asking, config: Path, where) -> None:
    """In a list, at a HEAD, at a manifest, at a blob, and at the token address for both of its forms."""
    limits = iter([LIMIT])

    def answer(asked: Asked) -> Answer:
        if where in f"{asked.method} {asked.url}" and (limit := next(limits, None)) is not None:
            return limit
        if asked.path == "/token":
            return as_json({"token": "t"})
        if "authorization" in asked.headers:
            return OPEN(asked)
        return as_json({}, 401, ("WWW-Authenticate", f'Bearer realm="http://{asked.headers["host"]}/token"'))

    with serve(answer) as server:
        (config / "config.json").write_text(json.dumps({"auths": {server.host: {"identitytoken": "t"}}}))
        identity = {"DOCKER_CONFIG": str(config)} if where == "POST /token" else {}
        registry = asking({server.host: plain()}, identity)
        name = image(f"{server.host}/a/b")
        started = time.monotonic()
        assert registry.tags(name) == Listing(NAMES, "oci")
        assert registry.digest(name, TAGS[1].name) == TAGS[1].digest
        assert isinstance(registry.inspect(name, TAGS[0].name), ImageFacts)
        assert time.monotonic() - started >= 0.3
        assert next(limits, None) is None


def test_a_limit_one_request_meets_holds_for_all_to_that_host(asking: Asking) -> None:
    tags = many_tags(21)
    rest = distribution({"a/b": tags})
    limited = threading.Event()
    times: list[float] = []

    def answer(asked: Asked) -> Answer:
        if not limited.is_set():
            limited.set()
            return LIMIT
        times.append(time.monotonic())
        return rest(asked)

    with serve(answer) as server:
        name = image(f"{server.host}/a/b")
        registry = asking({server.host: plain()})
        started = time.monotonic()
        registry.digests_of([(name, tag.name) for tag in tags])
        early = [at for at in times if at < started + 0.3]
        assert len(times) == 21
        assert len(early) <= 3, "those under way when the limit was met"


@pytest.mark.slow
def test_a_host_that_serves_few_requests_a_second_is_asked_until_all_are_served(asking: Asking) -> None:
    tags = many_tags(9)
    rest = distribution({"a/b": tags})
    lock, last = threading.Lock(), [0.0]

    def answer(asked: Asked) -> Answer:
        with lock:
            if time.monotonic() - last[0] < 0.1:
                return LIMIT
            last[0] = time.monotonic()
        return rest(asked)

    with serve(answer) as server:
        name = image(f"{server.host}/a/b")
        registry = asking({server.host: plain()}, waiting=60)
        answers = registry.digests_of([(name, tag.name) for tag in tags])
        assert answers == {(name, tag.name): tag.digest for tag in tags}


@pytest.mark.parametrize("given", ["-1", "soon", "9" * 400, "Thu, 99 Jun 2026 12:00:00 GMT", "0", ""])
def test_a_limit_that_names_no_time_is_tried_three_times(asking: Asking, given) -> None:
    with serve(lambda _: Answer(429, headers=(("Retry-After", given),))) as server:
        answer = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(answer, NoAnswer)
        assert answer.code == "no-answer"
        assert answer.why.startswith(f"no answer from `{server.host}`: it limits requests")
        assert len(server.log) == 3


def test_the_budget_of_waiting_is_one_for_all_hosts(asking: Asking) -> None:
    with serve(in_turn(LIMIT, GOOD)) as one, serve(in_turn(LIMIT, GOOD)) as other:
        registry = asking({one.host: plain(), other.host: plain()}, waiting=0.5)
        names = [image(f"{host}/a/b") for host in (one.host, other.host)]
        first, second = (registry.tags(name) for name in names)
        assert isinstance(first, Listing)
        assert isinstance(second, NoAnswer)
        assert "it limits requests; come back at" in second.why


def test_a_host_that_waits_or_hangs_delays_no_other(asking: Asking) -> None:
    with serve(lambda _: LIMIT) as limited, serve(lambda _: dripping([b"H"] * 100, 0.05)) as slow, serve(OPEN) as fast:
        hosts = [limited.host, slow.host, fast.host]
        registry = asking({host: plain() for host in hosts}, waiting=3)
        names = [image(f"{host}/a/b") for host in hosts]
        names += [image(f"{host}/c/d{number}") for host in hosts[:2] for number in range(20)]
        asked = threading.Thread(target=registry.tags_of, args=(names,), daemon=True)
        started = time.monotonic()
        asked.start()
        while not fast.log and time.monotonic() - started < 10:
            time.sleep(0.005)
        assert fast.urls == ["GET /v2/a/b/tags/list"]
        assert time.monotonic() - started < 1


def test_a_host_whose_manifests_hang_delays_no_choice_at_another(asking: Asking) -> None:
    slow_images = {f"a/n{number}": TAGS for number in range(20)}
    listed = distribution(slow_images)

    def answer(asked: Asked) -> Answer:
        return listed(asked) if "tags/list" in asked.url else dripping([b"H"] * 100, 0.05)

    with serve(answer) as slow, serve(OPEN) as fast:
        names = [image(f"{slow.host}/{name}") for name in slow_images] + [image(f"{fast.host}/a/b")]
        registry = asking({slow.host: plain(), fast.host: plain()})
        listings = {name.key: listing for name, listing in registry.tags_of(names).items()}
        queries = [Query(name, Question(name.key, "2023.01.01", None, Policy())) for name in names]
        now = dt.datetime(2026, 6, 4, tzinfo=dt.UTC)
        started = time.monotonic()
        threading.Thread(target=choose_all, args=(queries, listings, registry, now), daemon=True).start()
        while not any("/blobs/" in url for url in fast.urls) and time.monotonic() - started < 4:
            time.sleep(0.005)
        assert any("/blobs/" in url for url in fast.urls), fast.urls
        assert time.monotonic() - started < 4  # each answer of the slow one drips for five seconds


@pytest.mark.parametrize("mirrored", [False, True])
def test_four_requests_are_in_flight_to_a_host_whatever_they_are_for(asking: Asking, mirrored) -> None:
    """Lists, manifests, configs and tokens of many images, also where one mirror stands for many registries."""
    tags = many_tags(9)
    hosts = [f"r{number}.example" for number in range(6)]
    images = {f"{host}/i/n{number}": tags for host in hosts for number in range(3)}
    rest = distribution(images)
    lock, running, most = threading.Lock(), [0], [0]

    def answer(asked: Asked) -> Answer:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.004)
        with lock:
            running[0] -= 1
        if asked.path == "/token":
            return as_json({"token": "t"})
        if "authorization" in asked.headers:
            return rest(asked)
        return as_json({}, 401, ("WWW-Authenticate", f'Bearer realm="http://{asked.headers["host"]}/token"'))

    with serve(answer) as server:
        entry = {"*": plain(mirror=server.base + "/{host}")} if mirrored else {server.host: plain()}
        names = [image(name if mirrored else f"{server.host}/{name}") for name in images]
        registry = asking(entry)
        assert all(isinstance(answer, Listing) for answer in registry.tags_of(names).values())
        pairs = [(name, tag.name) for name in names for tag in tags[:3]]
        assert all(isinstance(answer, str) for answer in registry.digests_of(pairs).values())
        assert all(isinstance(answer, ImageFacts) for answer in registry.inspect_all(pairs).values())
        assert most == [4]


def test_a_host_that_cannot_be_reached_is_tried_for_one_image_only(asking: Asking) -> None:
    registry = asking({"127.0.0.1:1": plain()})
    refused = "the connection was refused"
    assert [registry.tags(image(f"127.0.0.1:1/{name}")) for name in ("a/b", "c/d")] == [
        NoAnswer("no-answer", f"no answer from `127.0.0.1:1`: {refused}"),
        NoAnswer("no-answer", f"`127.0.0.1:1` is not asked again in this run: {refused}"),
    ]


def test_without_a_budget_a_host_that_cannot_be_reached_is_tried_once(asking: Asking) -> None:
    registry = asking({"127.0.0.1:1": plain()}, waiting=0)
    whys = [registry.tags(image(f"127.0.0.1:1/{name}")) for name in ("a/b", "c/d")]
    assert [why.why.partition(":1`")[2] for why in whys if isinstance(why, NoAnswer)] == [
        ": the connection was refused",
        " is not asked again in this run: the connection was refused",
    ]


def test_a_limit_that_stays_is_said_with_the_time_to_come_back(asking: Asking) -> None:
    with serve(lambda _: Answer(429, headers=(("Retry-After", "0"),))) as server:
        answer = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(answer, NoAnswer)
        assert answer.why.startswith(f"no answer from `{server.host}`: it limits requests; come back at 20")
        assert len(server.log) == 3


def test_one_image_that_fails_does_not_stop_the_others(asking: Asking) -> None:
    def answer(asked: Asked) -> Answer:
        return exactly(b"nonsense") if "broken" in asked.url else OPEN(asked)

    with serve(answer) as server, serve(OPEN) as other:
        names = [image(f"{server.host}/{name}") for name in ("a/broken", "a/b", "no/such", "c/d")]
        names += [image(f"{other.host}/a/b"), image("127.0.0.1:1/a/b")]
        registry = asking({server.host: plain(), other.host: plain(), "127.0.0.1:1": plain()})
        answers = registry.tags_of(names)
        assert list(answers) == names
        assert [answer.code if isinstance(answer, NoAnswer) else len(answer.tags) for answer in answers.values()] == [
            "no-answer", 5, "no-such-image", 5, 5, "no-answer"
        ]  # fmt: skip


def test_each_question_is_asked_once(asking: Asking) -> None:
    with serve(OPEN) as server:
        registry = asking({server.host: plain()})
        name, tag = image(f"{server.host}/a/b"), TAGS[0].name
        same = image(f"{server.host.upper()}/a/b")
        registry.tags_of([name, same, name])
        for _ in range(2):
            assert isinstance(registry.tags(name), Listing)
            assert isinstance(registry.inspect(name, tag), ImageFacts)
            assert registry.digest(name, tag) == TAGS[0].digest
            assert isinstance(registry.inspect(name, "absent"), NoAnswer)
        assert [url.replace(TAGS[0].name, "TAG") for url in server.urls[:2]] == [
            "GET /v2/a/b/tags/list",
            "GET /v2/a/b/manifests/TAG",
        ]
        assert len(server.urls) == 4, "a list, a manifest, its config, a manifest that is absent"


def test_many_digests_are_asked_side_by_side_but_four_at_a_time(asking: Asking) -> None:
    tags = many_tags(41)
    rest = distribution({"a/b": tags})
    lock, running, most = threading.Lock(), [0], [0]

    def answer(asked: Asked) -> Answer:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1
        return rest(asked)

    with serve(answer) as server:
        name = image(f"{server.host}/a/b")
        registry = asking({server.host: plain()})
        answers = registry.digests_of([(name, tag.name) for tag in tags])
        assert answers == {(name, tag.name): tag.digest for tag in tags}
        assert most == [4]
        looked = registry.inspect_all([(name, tags[0].name), (name, "absent")])
        assert [type(answer) for answer in looked.values()] == [ImageFacts, NoAnswer]


@pytest.mark.slow
@pytest.mark.parametrize(
    "slow",
    [dripping([NO_LENGTH, *[b" "] * 100], 0.05), dripping([b"H"] * 100, 0.05), dripping([b""] * 100, 0.05)],
)
def test_a_host_that_takes_too_long_is_not_asked_again(slow) -> None:
    """The same as thirty and a hundred seconds, with an allowance a test can wait for."""
    http = Http({})
    with serve(lambda _: slow) as server:
        lines = Lines(http, Waiting(10), max_in_flight=4, pause=0.01)
        started = time.monotonic()
        with pytest.raises(Unanswered, match="the answer took too long"):
            lines.ask(Request("GET", f"{server.base}/v2/a/b/tags/list"), Allowance(0.3))
        assert time.monotonic() - started < 3  # it drips for five seconds
        with pytest.raises(Unanswered, match="is not asked again in this run: the answer took too long"):
            lines.ask(Request("GET", f"{server.base}/v2/c/d/tags/list"), Allowance(100))
        assert len(server.log) == 1
    http.close()


def test_a_list_has_seconds_for_all_its_pages_together() -> None:
    http = Http({})
    with serve(OPEN) as server:
        lines = Lines(http, Waiting(10), max_in_flight=4, pause=0.01)
        allowance = Allowance(5)
        lines.ask(Request("GET", f"{server.base}/v2/a/b/tags/list"), allowance)
        assert 0 < allowance.left < 5
        allowance.spend(5)
        with pytest.raises(Unanswered, match="a whole list took longer than 100 seconds"):
            lines.ask(Request("GET", f"{server.base}/v2/a/b/tags/list"), allowance)
    http.close()


def test_a_pause_before_asking_again_counts_as_time_of_the_list() -> None:
    http = Http({})
    with serve(lambda _: Answer(500)) as server:
        lines = Lines(http, Waiting(10), max_in_flight=4, pause=0.2)
        with pytest.raises(Unanswered, match="a whole list took longer than 100 seconds"):
            lines.ask(Request("GET", f"{server.base}/v2/a/b/tags/list"), Allowance(0.1))
        assert len(server.log) == 1
    http.close()


@pytest.mark.slow
def test_a_limit_that_is_waited_for_takes_nothing_from_a_list() -> None:
    http = Http({})
    turns = in_turn(Answer(429, headers=(("Retry-After", "1"),)), Answer(200))
    with serve(turns) as server:
        lines = Lines(http, Waiting(10), max_in_flight=4, pause=0.2)
        assert lines.ask(Request("GET", f"{server.base}/v2/a/b/tags/list"), Allowance(0.9)).status == 200
    http.close()


def test_an_unknown_failure_is_no_answer_for_its_image_alone(asking: Asking) -> None:
    class Broken(Registry):
        def _list(self, name) -> Listing:
            raise ZeroDivisionError

    http = Http({})
    registry = Broken(http, {}, {}, Waiting(0))
    answer = registry.tags(image("quay.io/a/b"))
    assert answer == NoAnswer("no-answer", "hubctl could not read the answer (ZeroDivisionError)")
    http.close()


def test_an_image_whose_mirror_cannot_be_read_is_no_answer(asking: Asking) -> None:
    registry = asking({"quay.io": plain(mirror="nonsense")})
    expected = NoAnswer("no-answer", "`mirror` is no URL hubctl can ask: `nonsense`")
    assert registry.tags(image("quay.io/a/b")) == expected
    assert registry.digest(image("quay.io/a/b"), "v1") == expected


def test_a_host_may_be_asked_over_http_where_no_tls_comes_about(asking: Asking) -> None:
    with serve(OPEN) as proxy:
        reached = {"http_proxy": proxy.base, "https_proxy": proxy.base}
        registry = asking({"r.example:5000": plain()}, reached)
        assert registry.tags(image("r.example:5000/a/b")) == Listing(NAMES, "oci")
        assert registry.tags(image("r.example:5000/c/d")) == Listing(NAMES, "oci")
        assert proxy.urls == [
            "CONNECT r.example:5000",
            "GET http://r.example:5000/v2/a/b/tags/list",
            "GET http://r.example:5000/v2/c/d/tags/list",
        ]
        proxy.log.clear()
        assert isinstance(asking({}, reached).tags(image("r.example:5000/a/b")), NoAnswer)
        assert {url.partition(" ")[0] for url in proxy.urls} == {"CONNECT"}, "plain http is for those who allowed it"


def test_ctrl_c_ends_the_asking_of_many_hosts_at_once() -> None:
    program = """
import sys, threading
from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.images.reference import ImageName
from hubctl.registry.ask import Registry
from hubctl.settings import RegistryEntry
registry = Registry(Http({}), {sys.argv[1]: RegistryEntry(insecure=True)}, {}, Waiting(100))
try:
    registry.tags_of([ImageName(f"{sys.argv[1]}/a/b{number}") for number in range(9)])
except KeyboardInterrupt:
    sys.exit(130)
"""
    arrived = threading.Event()

    def answer(asked: Asked) -> Answer:
        arrived.set()
        return dripping([b"H"] * 200, 0.05)

    with serve(answer) as server:
        child = subprocess.Popen([sys.executable, "-c", program, server.host], stderr=subprocess.PIPE)
        assert arrived.wait(20)
        started = time.monotonic()
        child.send_signal(signal.SIGINT)
        _, told = child.communicate(timeout=20)
        assert (child.returncode, told) == (130, b"")
        assert time.monotonic() - started < 8  # each answer drips for ten seconds
