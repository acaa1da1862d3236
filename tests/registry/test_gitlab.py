"""GitLab's registry: its tokens come from GitLab itself, its dates from the images that are candidates."""

from __future__ import annotations

import base64
import datetime as dt

from hubctl.commands.choosing import Query, decided
from hubctl.images.choice import Policy, Take
from hubctl.images.choose import Question
from hubctl.images.facts import Listing, NoAnswer, TagFact
from tests.registry.conftest import Asking, image, login_of, plain
from tests.servers.gitlab import start_gitlab
from tests.servers.tags import Tag

DAY = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
NAME = image("registry.example/group/project/image")
PATH = "group/project/image"
COMMITS = [
    Tag(name, name, DAY + dt.timedelta(days=day), created=DAY + dt.timedelta(days=day), branch="main")
    for day, name in enumerate(("c0ffee1", "a0ffee1", "b0ffee1"))
]
VERSIONS = [Tag(f"v6.{minor}.0", f"v6.{minor}.0", DAY) for minor in range(150)]
BASIC = "Basic " + base64.b64encode(b"deploy:canary").decode()


def test_an_anonymous_token_comes_from_gitlab_where_it_is_named(asking: Asking) -> None:
    with start_gitlab({PATH: [*COMMITS, *VERSIONS]}) as (server, forge):
        entry = plain(mirror=server.base, kind="gitlab", token_hosts=("localhost",))
        listing = asking({"registry.example": entry}).tags(NAME)
        names = sorted(tag.name for tag in [*COMMITS, *VERSIONS])
        assert listing == Listing(tuple(TagFact(name, source="gitlab") for name in names), "gitlab")
        scope = f"repository:{PATH}:pull".replace(":", "%3A").replace("/", "%2F")
        assert forge.urls == [f"GET /jwt/auth?service=container_registry&scope={scope}"]


def test_a_login_goes_to_gitlab_only_where_that_is_named(asking: Asking, config) -> None:
    with start_gitlab({PATH: COMMITS}, BASIC) as (server, forge):
        environment = login_of(config, server.host, "deploy")
        entry = plain(mirror=server.base, kind="gitlab", token_hosts=(forge.host,))
        assert isinstance(asking({"registry.example": entry}, environment).tags(NAME), Listing)
        forge.log.clear()
        for hosts in ((), ("elsewhere.example",), (f"{forge.host}1",)):
            entry = plain(mirror=server.base, kind="gitlab", token_hosts=hosts)
            answer = asking({"registry.example": entry}, environment).tags(NAME)
            assert isinstance(answer, NoAnswer)
            assert answer.code == "denied"
            assert "its token address `localhost:" in answer.why
        assert forge.log == []
        assert "canary" not in server.text
        assert BASIC not in server.text


def test_a_wrong_login_is_refused_and_said(asking: Asking, config) -> None:
    with start_gitlab({PATH: COMMITS}, BASIC) as (server, _):
        environment = login_of(config, server.host, "deploy", "stale")
        entry = plain(mirror=server.base, kind="gitlab", token_hosts=("localhost",))
        answer = asking({"registry.example": entry}, environment).tags(NAME)
        assert isinstance(answer, NoAnswer)
        assert answer.code == "denied"
        assert "stale" not in answer.why


def test_dates_are_asked_of_candidates_alone(asking: Asking) -> None:
    with start_gitlab({PATH: [*COMMITS, *VERSIONS]}) as (server, _):
        entry = plain(mirror=server.base, kind="gitlab", token_hosts=("localhost",))
        registry = asking({"registry.example": entry})
        query = Query(NAME, Question(NAME.key, "c0ffee1", None, Policy()))
        answer = decided(query, registry.tags(NAME), registry, DAY + dt.timedelta(days=9))
        assert isinstance(answer, Take)
        assert (answer.tag, answer.evidence.created, answer.evidence.source) == (
            "b0ffee1",
            DAY + dt.timedelta(days=2),
            "gitlab",
        )
        asked = {one.url.rpartition("/")[2] for one in server.log if "/manifests/" in one.url}
        assert asked == {"c0ffee1", "a0ffee1", "b0ffee1"}
