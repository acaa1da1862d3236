"""Names of images as people write them: ports, IPv6, many parts, capitals, and two names of one registry."""

from __future__ import annotations

import itertools
import socket
import threading
import time

import pytest

from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.images.reference import parse_name, parse_reference
from tests.registry.conftest import Asking, image, plain
from tests.servers.distribution import distribution
from tests.servers.dockerhub import start_dockerhub
from tests.servers.faults import Answer, Asked, as_json, serve
from tests.servers.tags import many_tags

TAGS = many_tags(5)
LISTED = Listing(tuple(TagFact(name) for name in sorted(tag.name for tag in TAGS)), "oci")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("path", ["b", "a/b", "a/b/c", "a/b/c/d/e", "a__b/c.d", "a--b/0"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_a_port_belongs_to_the_host(asking: Asking, host, path) -> None:
    with serve(distribution({path: TAGS}), host=host) as server:
        text = f"{host}:{server.host.rpartition(':')[2]}/{path}"
        reference = parse_reference(f"{text}:v1")
        assert reference is not None
        assert (str(reference.name), reference.tag) == (text, "v1")
        assert asking({server.host.lower(): plain()}).tags(reference.name) == LISTED
        assert server.urls == [f"GET /v2/{path}/tags/list"]
        assert server.log[0].headers["host"] == server.host.lower()


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
@pytest.mark.parametrize("path", ["b", "a/b/c"])
def test_a_registry_is_asked_by_its_ipv6_address(asking: Asking, path) -> None:
    with serve(distribution({path: TAGS}), host="[::1]") as server:
        name = parse_name(f"{server.host}/{path}")
        assert name is not None
        registry = asking({server.host: plain()})
        assert registry.tags(name) == LISTED
        assert registry.digest(name, TAGS[0].name) == TAGS[0].digest
        assert [asked.headers["host"] for asked in server.log] == [server.host, server.host]


@pytest.mark.parametrize(
    "text",
    ["ghcr.io/A/b", "ghcr.io/a/B", "127.0.0.1:5000/A", "ghcr.io/a//b", "ghcr.io//a", "ghcr.io/a/", "ghcr.io./a/b",
     "qu\u0430y.io/a/b", "ghcr.io/\u0430/b", "[::1/a", "[::1]x/a", "::1/a", "[::1]:/a", "ghcr.io:/a", "ghcr.io:x/a",
     "a b/c", "ghcr.io/a/-b", "ghcr.io/a/b_", "ghcr.io/" + "a" * 250, "ghcr.io/../a", "https://ghcr.io/a/b"],
)  # fmt: skip
def test_what_no_registry_could_hold_is_no_name(text) -> None:
    assert parse_name(text) is None
    assert parse_reference(f"{text}:v1") is None


def test_three_spellings_of_docker_hub_are_asked_once(asking: Asking) -> None:
    images = {"library/mysql": TAGS}
    with start_dockerhub(images, otherwise=distribution(images)) as server:
        registry = asking({"docker.io": plain(mirror=server.base, kind="dockerhub")})
        hosts = ("", "docker.io/", "index.docker.io/", "registry-1.docker.io/", "docker.io/library/", "library/")
        names = [image(f"{host}mysql") for host in hosts]
        answers = registry.tags_of(names)
        assert list(answers) == names
        assert len({answer for answer in answers.values() if isinstance(answer, Listing)}) == 1
        assert len(server.urls) == 1
        looked = registry.inspect_all((name, "latest") for name in names)
        assert {facts.digest for facts in looked.values() if isinstance(facts, ImageFacts)} == {TAGS[-1].digest}
        assert len(server.urls) == 3


def test_a_digest_is_asked_of_each_name_and_never_of_another_host(asking: Asking) -> None:
    images = {"a/b": TAGS}
    with serve(distribution(images)) as one, serve(lambda _: Answer(404)) as other:
        registry = asking({"one.example": plain(mirror=one.base), "two.example": plain(mirror=other.base)})
        answers = registry.tags_of([image("one.example/a/b"), image("two.example/a/b")])
        assert list(answers.values()) == [LISTED, NoAnswer("no-such-image", f"`{other.host}` has no image `a/b`")]


def test_two_names_of_one_server_share_its_four_places(asking: Asking) -> None:
    busy, most = itertools.count(), []
    now: list[int] = []
    lock = threading.Lock()

    def answer(_: Asked) -> Answer:
        number = next(busy)
        with lock:
            now.append(number)
            most.append(len(now))
        time.sleep(0.01)
        with lock:
            now.remove(number)
        return as_json({"tags": ["v1"]})

    with serve(answer) as server:
        entry = plain(mirror=f"{server.base}/{{host}}")
        registry = asking({"one.example": entry, "two.example": entry})
        names = [image(f"{host}.example/a/i{number}") for host in ("one", "two") for number in range(12)]
        assert {len(answer.tags) for answer in registry.tags_of(names).values() if isinstance(answer, Listing)} == {1}
        assert len(server.urls) == 24
        assert max(most) <= 4
