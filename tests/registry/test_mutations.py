"""Answers nobody meant to send, fed to the whole asking side: never an exception, never a false "nothing is newer"."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.commands.choosing import Query, choose_all
from hubctl.images.case import Question
from hubctl.images.choice import Keep, Policy, Take
from hubctl.images.facts import ImageFacts, Listing, NoAnswer
from hubctl.registry.ask import Registry
from hubctl.settings import RegistryEntry
from tests.cli.playground import NOW, Playground, tags
from tests.registry.conftest import image, plain
from tests.servers.distribution import distribution
from tests.servers.dockerhub import start_dockerhub
from tests.servers.faults import Answer, Asked, as_json, serve
from tests.servers.quay import start_quay

TAGS = tags("2026.05.01", "2026.06.04")
OPEN = distribution({"a/b": TAGS})
NAMES = {tag.name for tag in TAGS}
CODES = {"denied", "no-such-image", "no-such-tag", "unconfirmed", "no-answer"}
BOUNDED = settings(max_examples=30 * 15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SCALARS: list[object] = [
    None,
    True,
    False,
    0,
    -1,
    10**30,
    1.5,
    "",
    "x",
    "\ud800",
    "sha256:" + "0" * 64,
    [],
    {},
    [None],
    [[]],
]
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
HEADERS = [
    "Link",
    "Content-Type",
    "Docker-Content-Digest",
    "WWW-Authenticate",
    "Location",
    "Retry-After",
    "Content-Encoding",
    "Content-Range",
    "Set-Cookie",
    "Connection",
]


def spots(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the paths to all values in parsed JSON, the whole included."""
    found = [path]
    if isinstance(value, dict):
        for key, each in value.items():
            found += spots(each, (*path, key))
    if isinstance(value, list):
        for number, each in enumerate(value):
            found += spots(each, (*path, number))
    return found


def put(value: object, path: tuple[str | int, ...], new: object) -> object:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)  # type: ignore[call-overload]  # one of them
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


@st.composite
def changes(draw: st.DrawFn) -> Callable[[Answer], Answer]:
    """Return one change: of the status, the bytes, one value of the JSON, or one header."""
    kind = draw(st.sampled_from(["status", "cut", "bytes", "value", "value", "value", "header", "encoding"]))
    number, scalar = draw(st.integers(0, 10**6)), draw(st.sampled_from(SCALARS))
    status = draw(
        st.sampled_from([200, 201, 204, 206, 300, 301, 304, 307, 400, 401, 403, 404, 410, 418, 429, 451, 500, 503])
    )
    name, text, junk = draw(st.sampled_from(HEADERS)), draw(HEADER), draw(st.binary(max_size=60))
    coding = draw(st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "utf-7", "cp037"]))

    def change(given: Answer) -> Answer:
        if kind == "status":
            return dataclasses.replace(given, status=status)
        if kind == "header":
            kept = tuple(pair for pair in given.headers if pair[0] != name)
            return dataclasses.replace(given, headers=(*kept, (name, text)))
        if kind == "encoding":
            return dataclasses.replace(given, body=given.body.decode("utf-8", "replace").encode(coding, "replace"))
        if kind == "value":
            read = json.loads(given.body)
            found = spots(read)
            return dataclasses.replace(given, body=json.dumps(put(read, found[number % len(found)], scalar)).encode())
        body = given.body[: number % (len(given.body) + 1)]
        return dataclasses.replace(given, body=body + (junk if kind == "bytes" else b""))

    return change


def sound(listing: Listing | NoAnswer) -> None:
    """A list is one of real tags, and what is no list has a code and one line without a stack."""
    if isinstance(listing, NoAnswer):
        assert listing.code in CODES
        assert "hubctl could not read" not in listing.why, listing
        assert listing.why.isprintable()
    else:
        assert {fact.name for fact in listing.tags} <= NAMES | {"x"}


@pytest.mark.slow
@BOUNDED
@given(changes(), st.sampled_from(["tags/list", "/manifests/", "/blobs/", "HEAD", "/token"]), st.integers(0, 2))
def test_a_changed_answer_is_read_or_refused_and_never_breaks(change, where, skip) -> None:
    left = [skip]

    def answer(asked: Asked) -> Answer:
        given = OPEN(asked)
        if asked.path == "/token":
            given = as_json({"token": "t", "expires_in": 300})
        elif "authorization" not in asked.headers:
            given = as_json({}, 401, ("WWW-Authenticate", f'Bearer realm="http://{asked.headers["host"]}/token"'))
        if where not in f"{asked.method} {asked.url}":
            return given
        left[0] -= 1
        return change(given) if left[0] < 0 else given

    http = Http({})
    started = time.monotonic()
    with serve(answer) as server:
        registry = Registry(http, {server.host: plain()}, {}, Waiting(0), pause=0.001)
        name = image(f"{server.host}/a/b")
        sound(registry.tags(name))
        for tag in TAGS:
            digest = registry.digest(name, tag.name)
            assert isinstance(digest, str) or digest.code in CODES
            facts = registry.inspect(name, tag.name)
            if isinstance(facts, NoAnswer):
                assert facts.code in CODES
                assert "hubctl could not read" not in facts.why, facts
            else:
                assert facts.digest.startswith("sha256:")
    http.close()
    assert time.monotonic() - started < 30


@pytest.mark.slow
@pytest.mark.parametrize("start", [start_quay, start_dockerhub])
@BOUNDED
@given(change=changes())
def test_a_changed_answer_of_another_api_is_read_or_refused(start, change) -> None:
    def changed(_: Asked, page: dict[str, object]) -> Answer:
        return change(as_json(page))

    kind = "quay" if start is start_quay else "dockerhub"
    http = Http({})
    with start({"a/b": TAGS}, change=changed) as server:
        entries = {server.host: RegistryEntry(insecure=True, kind=kind, api=server.base)}
        sound(Registry(http, entries, {}, Waiting(0), pause=0.001).tags(image(f"{server.host}/a/b")))
    http.close()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(changes() | st.none(), min_size=1, max_size=8))
def test_a_registry_that_answers_differently_each_time_never_makes_the_old_tag_the_newest(sent) -> None:
    """Through the engine: nothing but a whole list and a real image ends in "up to date", and the old tag is not it."""
    turn = iter(sent * 30)

    def answer(asked: Asked) -> Answer:
        change = next(turn, None)
        given = OPEN(asked)
        if change is None or not given.body.startswith(b"{"):
            return given
        return change(given)

    http = Http({})
    with serve(answer) as server:
        name = image(f"{server.host}/a/b")
        registry = Registry(http, {server.host: plain()}, {}, Waiting(0), pause=0.001)
        listing = registry.tags(name)
        sound(listing)
        whole = isinstance(listing, Listing) and {fact.name for fact in listing.tags} >= NAMES
        query = Query(name, Question(name.key, TAGS[0].name, None, Policy()))
        now = dt.datetime.fromtimestamp(int(NOW), dt.UTC)
        choice = choose_all([query], {name.key: listing}, registry, now)[query]
        if isinstance(choice, Take):
            assert choice.tag == TAGS[1].name
        if whole and isinstance(choice, Keep):
            assert choice.code != "up-to-date"
    http.close()


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["absent", "broken"])
def test_a_tag_that_disappears_between_choosing_and_confirming_gives_way_to_the_next(tmp_path, gone) -> None:
    three = tags("2026.05.01", "2026.05.20", "2026.06.04")
    rest = distribution({"a/b": three})

    def answer(asked: Asked) -> Answer:
        if "/manifests/2026.06.04" in asked.path or three[2].digest in asked.path:
            return Answer(404) if gone == "absent" else Answer(500)
        return rest(asked)

    with serve(answer) as server:
        given = tmp_path / "settings.yaml"
        given.write_text(json.dumps({"registries": {server.host: {"insecure": True}}}))
        variables = {"HUBCTL_SETTINGS": str(given), "SOURCE_DATE_EPOCH": NOW, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        fleet = Playground(tmp_path, server, variables)
        cluster = (
            "name: c\nhubs:\n- {name: h, domain: h.example, helm_chart: basehub, helm_chart_values_files: [h.yaml]}\n"
        )
        values = f"singleuser:\n  image: {server.host}/a/b:2026.05.01\n"
        fleet.write({"config/clusters/c/cluster.yaml": cluster, "config/clusters/c/h.yaml": values})
        done = fleet.run("bump-image", "--json", "--max-wait", "0")
        if gone == "absent":
            assert (done.code, [change["new"] for change in done.json["changes"]]) == (0, ["2026.05.20"])
        else:
            assert (done.code, [each["code"] for each in done.json["unknown"]]) == (9, ["no-answer"])


def test_facts_are_never_those_of_another_tag(asking) -> None:
    """A registry that answers every question with the first image is seen where it lies about a digest."""
    with serve(lambda asked: OPEN(asked) if "/manifests/" not in asked.path else first()) as server:

        def first() -> Answer:
            kind = (("Content-Type", "application/vnd.oci.image.manifest.v1+json"),)
            return Answer(200, TAGS[0].manifest, kind)

        registry = asking({server.host: plain()})
        name = image(f"{server.host}/a/b")
        same = [registry.inspect(name, tag.name) for tag in TAGS]
        assert [facts.digest for facts in same if isinstance(facts, ImageFacts)] == [TAGS[0].digest] * 2
        assert isinstance(registry.inspect(name, TAGS[1].digest), NoAnswer)
