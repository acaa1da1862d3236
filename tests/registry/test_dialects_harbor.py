"""What Harbor alone has: artifacts with several tags or none, names encoded twice, logins it does not ask for."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.registry import harbor
from hubctl.registry.address import Endpoint
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.credentials import Found, Login
from hubctl.registry.line import Lines
from hubctl.registry.session import Session
from hubctl.secret import Secret
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.harbor import start_harbor
from tests.servers.tags import Tag

START = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
NAME = image("r.example/some/image")
ROBOT = "robot$p+ci:can:ary"
DIGEST = "sha256:" + "a" * 64
ARTIFACT = {"digest": DIGEST, "push_time": "2026-01-01T00:00:00.000Z", "tags": [{"name": "v1"}]}


def entry(server: Server) -> RegistryEntry:
    return RegistryEntry(mirror=server.base, insecure=True, kind="harbor")


def days(count: int) -> list[Tag]:
    return [Tag(f"v{number}", f"v{number}", START + dt.timedelta(days=number)) for number in range(count)]


def login(folder: Path, host: str, auth: str = ROBOT) -> dict[str, str]:
    coded = base64.b64encode(auth.encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": coded}}}))
    return {"DOCKER_CONFIG": str(folder)}


def names(answer: object) -> list[str]:
    assert isinstance(answer, Listing), answer
    return [fact.name for fact in answer.tags]


# ---- the list


def test_each_tag_has_its_own_date_and_the_digest_of_its_artifact(asking: Asking) -> None:
    built = START - dt.timedelta(hours=5)
    old = Tag("2024.01.01", "release", START, created=built)
    latest = replace(old, name="latest", pushed=START + dt.timedelta(days=9))
    signature = Tag(f"sha256-{'a' * 64}.sig", "signature", START)
    with start_harbor({"some/image": [old, latest, signature]}) as server:
        assert asking({"r.example": entry(server)}).tags(NAME) == Listing(
            (
                TagFact("latest", old.digest, latest.pushed, built, None, "harbor"),
                TagFact("2024.01.01", old.digest, START, built, None, "harbor"),
            ),
            "harbor",
        )
        below = "/api/v2.0/projects/some/repositories/image/artifacts"
        assert server.urls == [f"GET {below}?with_tag=true&page_size=100&page=1&sort=-push_time"]


@pytest.mark.parametrize("path", ["some/image/of/many", "a-b/c.d/e__f"])
def test_a_name_of_many_parts_is_encoded_twice(asking: Asking, path) -> None:
    tags = days(150)
    with start_harbor({path: tags}) as server:
        listed = names(asking({"r.example": entry(server)}).tags(image(f"r.example/{path}")))
        assert listed == [tag.name for tag in reversed(tags)]
        project, _, rest = path.partition("/")
        below = f"/api/v2.0/projects/{project}/repositories/{rest.replace('/', '%252F')}/artifacts"
        assert {asked.path for asked in server.log} == {below}


@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize(("count", "requests"), [(98, 1), (99, 2), (100, 2), (1_050, 11)])
def test_the_list_is_read_to_its_end(asking: Asking, *, link, count, requests) -> None:
    tags = days(count)  # and one artifact without a tag; behind a full page could be another
    with start_harbor({"some/image": tags}, link=link) as server:
        assert names(asking({"r.example": entry(server)}).tags(NAME)) == [tag.name for tag in reversed(tags)]
        assert len(server.urls) == requests


def test_short_pages_without_a_link_go_on_while_more_are_counted(asking: Asking) -> None:
    def page(asked: Asked) -> Answer:
        number = int(asked.query["page"])
        artifact = ARTIFACT | {"tags": [{"name": f"v{number}"}]}
        return as_json([artifact] if number < 4 else [], 200, ("X-Total-Count", "3"))

    with serve(page) as server:
        assert names(asking({"r.example": entry(server)}).tags(NAME)) == ["v1", "v2", "v3"]
        assert len(server.urls) == 3


@pytest.mark.parametrize("total", ["-1", "x", "", "9" * 400, "1e9", "\xb2"])
def test_a_count_that_is_none_is_not_believed(asking: Asking, total) -> None:
    with serve(lambda _: as_json([ARTIFACT], 200, ("X-Total-Count", total))) as server:
        assert names(asking({"r.example": entry(server)}).tags(NAME)) == ["v1"]
        assert len(server.urls) == 1


def test_a_page_of_artifacts_without_tags_does_not_end_the_list(asking: Asking) -> None:
    bare = [{"digest": f"sha256:{number:064}", "tags": []} for number in range(100)]
    with serve(lambda asked: as_json(bare if asked.query["page"] == "1" else [ARTIFACT])) as server:
        assert names(asking({"r.example": entry(server)}).tags(NAME)) == ["v1"]


def test_a_link_that_leads_back_ends_the_list(asking: Asking) -> None:
    link = ("Link", '<?page=1&page_size=100>; rel="prev" , <?page=1&page_size=100>; rel="next"')
    with serve(lambda _: as_json([ARTIFACT], 200, link)) as server:
        assert names(asking({"r.example": entry(server)}).tags(NAME)) == ["v1"]
        assert len(server.urls) == 2


@pytest.mark.parametrize("where", ["https://evil.example/x", "//evil.example/x", "http://127.0.0.1:1/x"])
def test_a_link_to_another_host_is_no_answer(asking: Asking, config: Path, where) -> None:
    def leading_away(_asked: Asked, page: Answer) -> Answer:
        return Answer(200, page.body, (("Link", f'<{where}>; rel="next"'),))

    with start_harbor({"p/x": days(3)}, private=["p"], login=ROBOT, change=leading_away) as server:
        answer = asking({"r.example": entry(server)}, login(config, server.host)).tags(image("r.example/p/x"))
        assert isinstance(answer, NoAnswer)
        assert answer.code == "no-answer"
        assert "which is not followed" in answer.why


def test_a_date_harbor_does_not_know_is_none(asking: Asking) -> None:
    artifact = {
        "digest": DIGEST,
        "push_time": "0001-01-01T00:00:00.000Z",
        "extra_attrs": {"created": "1980-01-01T00:00:00Z"},
        "tags": [{"name": "v1", "push_time": "0001-01-01T00:00:00.000Z"}, {"name": "v2", "push_time": None}],
    }
    with serve(lambda _: as_json([artifact])) as server:
        expected = tuple(TagFact(name, DIGEST, source="harbor") for name in ("v1", "v2"))
        assert asking({"r.example": entry(server)}).tags(NAME) == Listing(expected, "harbor")


@pytest.mark.parametrize(
    "odd",
    [
        {"extra_attrs": None},
        {"extra_attrs": []},
        {"extra_attrs": {"created": 5}},
        {"extra_attrs": {"created": "soon"}},
        {"size": "x"},
        {"type": 7},
        {"tags": [{"name": "v1", "immutable": "no"}]},
    ],
)
def test_what_an_image_says_of_itself_may_be_anything(asking: Asking, odd) -> None:
    with serve(lambda _: as_json([ARTIFACT | odd])) as server:
        pushed = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        expected = (TagFact("v1", DIGEST, pushed, None, None, "harbor"),)
        assert asking({"r.example": entry(server)}).tags(NAME) == Listing(expected, "harbor")


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ({"artifacts": []}, "its answer is no list"),
        (None, "its answer is no list"),
        (["v1"], "an artifact is no object"),
        ([ARTIFACT | {"digest": None}], "`digest` is no text"),
        ([ARTIFACT | {"digest": "sha256:x"}], "`digest` is no digest"),
        ([ARTIFACT | {"push_time": 5}], "`push_time` is no text"),
        ([ARTIFACT | {"push_time": "soon"}], "`push_time` is no date"),
        ([ARTIFACT | {"tags": "v1"}], "`tags` is no list"),
        ([ARTIFACT | {"tags": ["v1"]}], "a tag is no object"),
        ([ARTIFACT | {"tags": [{"name": 5}]}], "`name` is no text"),
        ([ARTIFACT | {"tags": [{"name": "v1", "push_time": []}]}], "`push_time` is no text"),
    ],
)
def test_a_wrong_type_from_harbor_is_no_answer(asking: Asking, answer, what) -> None:
    with serve(lambda _: as_json(answer)) as server:
        why = f"`{server.host}` answered in an unknown form: {what}"
        assert asking({"r.example": entry(server)}).tags(NAME) == NoAnswer("no-answer", why)


# ---- logins


def test_a_private_project_is_listed_with_the_login_of_a_robot(asking: Asking, config: Path) -> None:
    tags = days(150)
    with start_harbor({"p/x": tags}, private=["p"], login=ROBOT) as server:
        settings = {"r.example": entry(server)}
        listing = asking(settings, login(config, server.host)).tags(image("r.example/p/x"))
        assert isinstance(listing, Listing), listing
        assert (len(listing.tags), listing.source, listing.notes) == (150, "harbor", ())
        assert {fact.pushed is not None for fact in listing.tags} == {True}
        shown = [asked.headers.get("authorization") for asked in server.log]
        assert shown == [None, *["Basic " + base64.b64encode(ROBOT.encode()).decode()] * 2]
        refused = asking(settings).tags(image("r.example/p/x"))
        assert isinstance(refused, NoAnswer)
        assert refused.code == "denied"


def test_a_public_project_sees_no_login(asking: Asking, config: Path) -> None:
    with start_harbor({"some/image": days(3)}) as server:
        assert names(asking({"r.example": entry(server)}, login(config, server.host)).tags(NAME)) == ["v2", "v1", "v0"]
        assert "authorization" not in server.text


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_own_list_does_not_show_is_listed_by_the_plain_api(asking: Asking, config: Path, status) -> None:
    door = distribution({"p/x": days(3)})

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/api/"):
            return as_json({"errors": []}, status)
        if "authorization" not in asked.headers:
            return as_json({}, 401, ("WWW-Authenticate", 'Basic realm="harbor"'))
        return door(asked)

    with serve(answer) as server:
        settings = {"r.example": entry(server)}
        listing = asking(settings, login(config, server.host)).tags(image("r.example/p/x"))
        assert listing == Listing(
            (TagFact("v0"), TagFact("v1"), TagFact("v2")),
            "oci",
            (f"push dates are not known: the tag list of `{server.host}` with dates takes no such login",),
        )


def test_a_login_is_for_the_host_of_the_image_and_not_for_another_that_has_the_list(
    asking: Asking, config: Path
) -> None:
    with (
        start_harbor({"p/x": days(3)}, private=["p"], login=ROBOT) as api,
        serve(distribution({"p/x": days(2)})) as registry,
    ):
        settings = {registry.host: RegistryEntry(insecure=True, kind="harbor", api=api.base)}
        listing = asking(settings, login(config, registry.host)).tags(image(f"{registry.host}/p/x"))
        assert names(listing) == ["v0", "v1"]
        assert "authorization" not in api.text


def test_a_login_follows_a_redirect_on_its_own_origin(asking: Asking, config: Path) -> None:
    def moved(asked: Asked, page: Answer) -> Answer:
        again = "moved=1" in asked.url
        return page if again else Answer(308, headers=(("Location", f"{asked.url}&moved=1"),))

    with start_harbor({"p/x": days(150)}, private=["p"], login=ROBOT, change=moved) as server:
        listing = asking({"r.example": entry(server)}, login(config, server.host)).tags(image("r.example/p/x"))
        assert len(names(listing)) == 150


@pytest.mark.parametrize("where", ["https://evil.example", "http://localhost:{port}"])
def test_a_login_does_not_follow_a_redirect_to_another_origin(asking: Asking, config: Path, where) -> None:
    def moved(asked: Asked, _page: Answer) -> Answer:
        there = where.format(port=asked.headers["host"].rpartition(":")[2])
        return Answer(307, headers=(("Location", f"{there}{asked.url}"),))

    with start_harbor({"p/x": days(3)}, private=["p"], login=ROBOT, change=moved) as server:
        answer = asking({"r.example": entry(server)}, login(config, server.host)).tags(image("r.example/p/x"))
        assert isinstance(answer, NoAnswer)
        assert "which is not followed" in answer.why
        assert len(server.urls) == 2


def test_a_registry_that_is_known_for_another_sees_no_password_unasked() -> None:
    with start_harbor({}, private=["p"], login=ROBOT) as server:
        lines = Lines(http := Http({}), Waiting(20), max_in_flight=4, pause=0.01)
        found = Found(Login("a test", "robot", Secret("canary")))
        for host, times in (("quay.io", 1), ("harbor.example", 2)):
            at = Endpoint(host, server.base, "p/x", "harbor", server.base, "p/x")
            server.log.clear()
            with pytest.raises(Unanswered) as raised:
                harbor.list_tags(Session(at, found, lines), lines, Allowance(20))
            assert raised.value.code == "denied"
            assert len(server.log) == times
        http.close()


def test_a_harbor_may_be_asked_over_http_where_no_tls_comes_about(asking: Asking, config: Path) -> None:
    tags = days(150)
    with start_harbor({"p/x": tags}, private=["p"], login=ROBOT) as proxy:
        reached = {"http_proxy": proxy.base, "https_proxy": proxy.base} | login(config, "r.example:5000")
        own = RegistryEntry(insecure=True, kind="harbor")
        listing = asking({"r.example:5000": own}, reached).tags(image("r.example:5000/p/x"))
        assert names(listing) == [tag.name for tag in reversed(tags)]
        secure = asking({"r.example:5000": RegistryEntry(kind="harbor")}, reached)
        proxy.log.clear()
        assert isinstance(secure.tags(image("r.example:5000/p/x")), NoAnswer)
        assert {asked.method for asked in proxy.log} == {"CONNECT"}, "plain http is for those who allowed it"
        assert "authorization" not in proxy.text
