"""What Docker Hub alone has: counts and pages of its own, old tags without digests, private images and their logins."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image
from tests.servers.distribution import distribution
from tests.servers.dockerhub import start_dockerhub
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import Tag

START = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
NAME = image("r.example/some/image")
DIGEST = "sha256:" + "a" * 64
TAG = {"name": "v1", "digest": DIGEST, "tag_last_pushed": "2026-01-01T00:00:00Z"}
FACT = TagFact("v1", DIGEST, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None, None, "dockerhub")
PAT = base64.b64encode(b"someone:dckr_pat_canary").decode()


def entry(server: Server) -> dict[str, RegistryEntry]:
    return {"r.example": RegistryEntry(mirror=server.base, insecure=True, kind="dockerhub")}


def answered(asking: Asking, page: dict[str, object]) -> Listing | NoAnswer:
    with start_dockerhub({"some/image": []}, change=lambda *_: page) as server:
        return asking(entry(server)).tags(NAME)


def test_pages_are_as_long_as_they_may_be(asking: Asking) -> None:
    tags = [Tag(f"v{number}", f"v{number}", START + dt.timedelta(days=number)) for number in range(250)]
    with start_dockerhub({"some/image": tags}) as server:
        listing = asking(entry(server)).tags(NAME)
        assert isinstance(listing, Listing), listing
        assert [fact.name for fact in listing.tags] == [tag.name for tag in reversed(tags)]
        below = "/v2/namespaces/some/repositories/image/tags?page_size=100"
        assert server.urls == [f"GET {below}&page={page}&ordering=last_updated" for page in (1, 2, 3)]


@pytest.mark.parametrize("count", [0, -1, 10**9, None, "many", {}])
def test_a_wrong_count_decides_nothing(asking: Asking, count) -> None:
    assert answered(asking, {"count": count, "results": [TAG]}) == Listing((FACT,), "dockerhub")


@pytest.mark.parametrize(
    "odd",
    [
        {"tag_status": "inactive"},
        {"tag_status": 5},
        {"full_size": "x"},
        {"images": None},
        {"images": "amd64"},
        {"images": [None, 5, {"digest": 7, "architecture": []}]},
        {"last_updated": None},
        {"v2": "yes", "id": []},
    ],
)
def test_fields_that_decide_nothing_may_be_anything(asking: Asking, odd) -> None:
    assert answered(asking, {"results": [TAG | odd]}) == Listing((FACT,), "dockerhub")


@pytest.mark.parametrize("digest", [None, ""])
def test_a_tag_without_a_digest_is_a_tag(asking: Asking, digest) -> None:
    page = {"results": [TAG | {"digest": digest, "images": [{"digest": DIGEST}]}]}
    assert answered(asking, page) == Listing((TagFact("v1", pushed=FACT.pushed, source="dockerhub"),), "dockerhub")


@pytest.mark.parametrize("following", [None, ""])
def test_no_next_page_ends_the_list(asking: Asking, following) -> None:
    assert answered(asking, {"results": [TAG], "next": following}) == Listing((FACT,), "dockerhub")


@pytest.mark.parametrize(
    ("following", "says"),
    [
        ("http://[::1", "cannot be read"),
        ("https://hub.docker.com.evil.example/v2/", "`hub.docker.com.evil.example`, which is not followed"),
        ("//evil.example/x", "`evil.example`, which is not followed"),
        ("file:///etc/passwd", "names a next page"),
    ],
)
def test_a_next_page_elsewhere_is_no_answer(asking: Asking, following, says) -> None:
    answer = answered(asking, {"results": [TAG], "next": following})
    assert isinstance(answer, NoAnswer)
    assert says in answer.why


def guarded(tags: list[Tag], realm: str) -> Callable[[Asked], Answer]:
    """Return the distribution API whose tokens another host gives."""
    listed = distribution({"some/image": tags})

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("authorization") == "Bearer canary-token":
            return listed(asked)
        challenge = f'Bearer realm="{realm}/token",service="registry.docker.io",scope="repository:some/image:pull"'
        return Answer(401, headers=(("WWW-Authenticate", challenge),))

    return answer


def test_a_password_goes_to_the_token_address_and_never_to_the_api_of_the_hub(asking: Asking, config: Path) -> None:
    tags = [Tag("v1", "v1", START)]

    def token(asked: Asked) -> Answer:
        shown = asked.headers.get("authorization") == f"Basic {PAT}"
        return as_json({"token": "canary-token"}) if shown else Answer(401)

    with (
        serve(token) as auth,
        serve(guarded(tags, auth.base.replace("127.0.0.1", "localhost"))) as registry,
        start_dockerhub({}) as api,
    ):
        (config / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": PAT}}}))
        hosts = (auth.host.replace("127.0.0.1", "localhost"),)
        own = RegistryEntry(insecure=True, kind="dockerhub", api=api.base, token_hosts=hosts)
        name = image(f"{registry.host}/some/image")
        listing = asking({registry.host: own}, {"DOCKER_CONFIG": str(config)}).tags(name)
        note = f"push dates are not known: the tag list of `{registry.host}` with dates takes no such login"
        assert listing == Listing((TagFact("v1"),), "oci", (note,))
        assert len(api.urls) == 1
        for server in (api, registry):
            assert PAT not in server.text
        assert "authorization" not in api.text
