"""Whatever JSON a registry's own list sends: a list or no answer, tags that can be written down, never a bug."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.reference import ImageName, is_digest, is_tag
from hubctl.registry.ask import Registry
from hubctl.settings import RegistryEntry
from tests.servers.faults import Answer, Asked, Server, serve

WORDS = [
    "", "v1", "latest", "sha256:" + "a" * 64, "sha256:x", "2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z",
    "0001-01-01T00:00:00.000Z", "Thu, 04 Jun 2026 10:00:00 -0000", "Thu, 99 Jun 9999999 10:00:00 -9999",
    "?page=2", "http://[::1", "//evil.example/", "\ud800", "a\x00b",
]  # fmt: skip
KEYS = {
    "quay": ["tags", "has_additional", "name", "start_ts", "end_ts", "expiration", "manifest_digest", "last_modified"],
    "dockerhub": ["results", "next", "name", "digest", "tag_last_pushed", "last_updated", "images"],
    "harbor": ["digest", "push_time", "tags", "name", "extra_attrs", "created"],
}
numbers = st.sampled_from([0, 1, -1, 1_700_000_000, 10**12, 10**40, 1.5, float("nan"), float("inf"), -float("inf")])
leaves = st.none() | st.booleans() | numbers | st.sampled_from(WORDS) | st.text(max_size=20)


def values(kind: str) -> st.SearchStrategy[object]:
    """Return JSON in which the fields that the dialect reads are frequent, of any type."""
    keys = st.sampled_from(KEYS[kind])
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6))


def entries(kind: str) -> st.SearchStrategy[object]:
    """Return an answer of nearly the right form, so that its inner fields are reached."""
    keys = [key for key in KEYS[kind] if key not in ("tags", "results", "next", "has_additional")]
    others = dict.fromkeys((key for key in keys if key != "name"), leaves)
    entry = st.fixed_dictionaries({}, optional=others | {"name": leaves})
    tag = st.fixed_dictionaries({"name": st.sampled_from(WORDS)}, optional=others)
    if kind == "quay":
        return st.fixed_dictionaries({"tags": st.lists(tag | entry, max_size=4), "has_additional": leaves})
    if kind == "dockerhub":
        return st.fixed_dictionaries({"results": st.lists(tag | entry, max_size=4)}, optional={"next": leaves})
    extra = st.fixed_dictionaries({"created": leaves}) | leaves
    tags = st.lists(tag | entry, max_size=3)
    artifact = {"digest": st.just("sha256:" + "a" * 64), "tags": tags, "extra_attrs": extra}
    return st.lists(st.fixed_dictionaries(artifact, optional={"push_time": leaves}), max_size=3)


@dataclass
class Told:
    """A server that says what it is told to."""

    server: Server
    http: Http
    body: bytes = b""


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    def answer(_asked: Asked) -> Answer:
        return Answer(200, running.body)

    http = Http({})
    with serve(answer) as server:
        running = Told(server, http)
        yield running
    http.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KEYS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_json_is_a_list_or_no_answer(told: Told, kind: str, data: st.DataObject) -> None:
    told.body = json.dumps(data.draw(values(kind) | entries(kind))).encode()
    entry = RegistryEntry(mirror=told.server.base, insecure=True, kind=kind)  # type: ignore[arg-type] # one of its words
    answer = Registry(told.http, {"r.example": entry}, {}, Waiting(0), pause=0.0).tags(ImageName("r.example/a/b"))
    if isinstance(answer, NoAnswer):
        assert answer.code == "no-answer"
        assert "hubctl could not read" not in answer.why
        assert answer.why.isprintable()
        return
    assert isinstance(answer, Listing)
    for fact in answer.tags:
        assert is_tag(fact.name)
        assert fact.digest is None or is_digest(fact.digest)
        assert all(moment is None or moment.tzinfo for moment in (fact.pushed, fact.created, fact.expires))
