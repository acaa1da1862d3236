"""Every way a list goes on, and every way it may not."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.images.facts import Listing, NoAnswer
from hubctl.registry.answers import Unanswered
from hubctl.registry.paging import next_link
from tests.registry.conftest import Asking, image, plain
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, as_json, in_turn, serve
from tests.servers.tags import many_tags

TAGS = many_tags(251)
NAMES = sorted(tag.name for tag in TAGS)


def listed(answer: object) -> list[str]:
    assert isinstance(answer, Listing), answer
    return [fact.name for fact in answer.tags]


@pytest.mark.parametrize(
    ("page", "link", "requests"),
    [
        (None, None, 1),
        (100, '<{next}>; rel="next"', 3),
        (100, '<{absolute}>; rel="next"', 3),
        (100, "<{next}>; rel=next", 3),
        (100, "<{next}>;REL=NEXT", 3),
        (100, '<{first}>; rel="prev", <{next}>; rel="next"', 3),
        (100, '<{first}>; title="a, b>"; rel="prev",<{next}>; rel="last next"', 3),
        (100, None, 3),
        (251, '<{next}>; rel="next"', 2),  # the last page is empty
        (50, None, 6),
    ],
)
def test_reads_a_list_to_its_end(asking: Asking, page, link, requests) -> None:
    with serve(distribution({"a/b": TAGS}, page=page, link=link)) as server:
        assert listed(asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))) == NAMES
        assert len(server.urls) == requests


def test_sends_no_page_size_of_its_own(asking: Asking) -> None:
    with serve(distribution({"a/b": TAGS[:10]})) as server:
        asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert server.urls == ["GET /v2/a/b/tags/list"]


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_list_without_pages_ends_where_the_server_says_so(asking: Asking, status) -> None:
    names = [f"v{number}" for number in range(100)]
    with serve(lambda asked: Answer(status) if asked.query else as_json({"tags": names})) as server:
        assert listed(asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))) == names
        assert len(server.urls) == 2


def test_a_page_that_was_offered_and_is_not_there_is_no_end(asking: Asking) -> None:
    link = ("Link", '</v2/a/b/tags/list?last=v1>; rel="next"')
    with serve(lambda asked: Answer(400) if asked.query else as_json({"tags": ["v1"]}, 200, link)) as server:
        assert isinstance(asking({server.host: plain()}).tags(image(f"{server.host}/a/b")), NoAnswer)


def test_a_list_that_leads_back_to_itself_ends(asking: Asking) -> None:
    with serve(distribution({"a/b": TAGS}, page=100, link='<{first}>; rel="next"')) as server:
        assert listed(asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))) == NAMES[:100]
        assert len(server.urls) == 2


@pytest.mark.parametrize(
    "where", ["http://localhost:{port}/v2/x", "https://127.0.0.1:{port}/v2/x", "http://127.0.0.1:1/x", "//evil/x"]
)
def test_a_link_to_another_origin_is_no_answer(asking: Asking, where) -> None:
    def answer(asked: Asked) -> Answer:
        link = where.format(port=asked.headers["host"].rpartition(":")[2])
        return as_json({"tags": ["v1"]}, 200, ("Link", f'<{link}>; rel="next"'))

    with serve(answer) as server:
        got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(got, NoAnswer)
        assert got.code == "no-answer"
        assert "which is not followed" in got.why
        assert len(server.urls) == 1


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        (None, []),
        ([], []),
        ([None, "v1", None], ["v1"]),
        (["v1", ""], ["v1"]),
        (["v1", "sha256:" + "a" * 64], ["v1"]),
        ([f"sha256-{'a' * 64}{end}" for end in ("", ".sig", ".att", ".sbom")] + ["v1"], ["v1"]),
        (
            ["v1", "-x", "a b", "$(id)", "@x", "](", "a\nb", "x" * 129, "\u202ev1", "v\u0661", "ok" * 64],
            ["v1", "ok" * 64],
        ),
    ],
)
def test_what_is_no_tag_is_dropped(asking: Asking, tags, kept) -> None:
    with serve(lambda _: as_json({"name": "a/b", "tags": tags})) as server:
        assert listed(asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))) == kept


def test_a_page_of_signatures_alone_does_not_end_the_list(asking: Asking) -> None:
    pages = in_turn(
        as_json({"tags": [f"sha256-{'a' * 64}.sig"]}, 200, ("Link", '</v2/a/b/tags/list?last=x>; rel="next"')),
        as_json({"tags": ["v1"]}),
    )
    with serve(pages) as server:
        assert listed(asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))) == ["v1"]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'"x"', b'{"tags": "v1"}', b'{"tags": {"a": 1}}', b'{"tags": [1]}', b'{"tags": [["v1"]]}',
     b"[" * 100_000, b'{"tags": ["\xff"]}', b'{"tags": [1' + b"0" * 5000 + b"]}"],
)  # fmt: skip
def test_an_unknown_form_is_no_answer(asking: Asking, body) -> None:
    with serve(lambda _: Answer(200, body)) as server:
        got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(got, NoAnswer)
        assert got.code == "no-answer"
        assert got.why.startswith(
            (f"`{server.host}` answered in an unknown form", f"`{server.host}` did not answer in")
        )


def test_an_error_in_the_middle_of_a_list_is_not_its_end(asking: Asking) -> None:
    first = as_json({"tags": ["v1"]}, 200, ("Link", "</v2/a/b/tags/list?last=v1>; rel=next"))
    for broken in ({}, {"errors": [{"code": "DENIED"}]}, {"name": "a/b"}):
        with serve(in_turn(first, as_json(broken))) as server:
            got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
            why = f"`{server.host}` answered in an unknown form: `tags` is missing"
            assert got == NoAnswer("no-answer", why)


@pytest.mark.parametrize("page", [b"<html>log in</html>", b"\n <!DOCTYPE html>\n<html>", b"<?xml version='1.0'?>"])
def test_a_web_page_is_told_apart_from_an_answer(asking: Asking, page) -> None:
    with serve(lambda _: Answer(200, page)) as server:
        got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        why = f"`{server.host}` did not answer in JSON, but with a web page: is a proxy or a login page in between?"
        assert got == NoAnswer("no-answer", why)


@pytest.mark.slow
def test_a_thousand_pages_and_a_hundred_thousand_tags_are_an_error_not_a_cut(asking: Asking) -> None:
    count = iter(range(10**6))

    def endless(size: int) -> Answer:
        first = next(count)
        tags = [f"t{first}-{number}" for number in range(size)]
        return as_json({"tags": tags}, 200, ("Link", '</v2/a/b/tags/list?last=x>; rel="next"'))

    for size, requests in ((1, 1001), (30_000, 4)):
        with serve(lambda _, size=size: endless(size)) as server:
            got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
            why = f"`{server.host}` lists more than 1000 pages or 100000 tags of one image"
            assert got == NoAnswer("no-answer", why)
            assert len(server.urls) == requests


def test_a_page_over_eight_mebibytes_is_no_answer(asking: Asking) -> None:
    body = json.dumps({"tags": ["v1"], "x": "y" * 9 * 1024 * 1024}).encode()
    with serve(lambda _: Answer(200, body)) as server:
        got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert got == NoAnswer("no-answer", f"no answer from `{server.host}`: the answer is larger than 8388608 bytes")


@pytest.mark.parametrize(
    "header",
    ["", "x", "<", "<>", "<a>", '<a>; rel="prev"', "<a>; rel", '<a>; rel="', '</next>; rel="prev"', "</a>; title=next",
     '</a>; rel="prev"; title="; rel=next"', '</a>; rel="prev"; rel="next"', "</a>; rel=nextpage"],
)  # fmt: skip
def test_a_header_without_a_next_page_names_none(header) -> None:
    assert next_link(header, "https://h/v2/") is None


@pytest.mark.parametrize(
    ("header", "link"),
    [
        ('</v2/a,b/"c"?n=1>; rel="next"', 'https://h:5000/v2/a,b/"c"?n=1'),
        ('</first>; rel="prev", </x>; rel="next"', "https://h:5000/x"),
        ('</first>; title="a, <b>; rel=next"; rel="prev", </x>; rel="next"', "https://h:5000/x"),
        ('</x> ; title="\\"" ;rel = "start next" ; anchor', "https://h:5000/x"),
        ("garbage, </x>; rel=next", "https://h:5000/x"),
        ("</a>; rel=prev, ;;, </x>;rel=NEXT", "https://h:5000/x"),
        ("<https://h:5000/x>; rel=next", "https://h:5000/x"),
        ("<HTTPS://H:5000/x>; rel=next", "https://H:5000/x"),
        ("<?last=b>; rel=next", "https://h:5000/v2/a/b/tags/list?last=b"),
        ("<>; rel=next", "https://h:5000/v2/a/b/tags/list?n=1"),
        (r"<\\evil.example/x>; rel=next", r"https://h:5000/v2/a/b/tags/\\evil.example/x"),
        (r"</\evil.example/x>; rel=next", r"https://h:5000/\evil.example/x"),
        ("<https:///evil.example>; rel=next", "https://h:5000/evil.example"),
    ],
)
def test_finds_the_next_page_among_other_links(header, link) -> None:
    assert next_link(header, "https://h:5000/v2/a/b/tags/list?n=1") == link


@pytest.mark.parametrize(
    "header",
    ["<http://[::1>; rel=next", "; rel=next", "</x; rel=next", "/x>; rel=next", "</a>; rel=prev, /x; rel=next",
     "<//a.example\\.b.example/x>; rel=next", "<https://h:99999/>; rel=next", "<https://a b/x>; rel=next"],
)  # fmt: skip
def test_a_next_page_that_cannot_be_read_is_an_error(header) -> None:
    with pytest.raises(Unanswered, match="names a next page that cannot be read"):
        next_link(header, "https://h/v2/")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("//evil.example/x", "evil.example"),
        ("https://evil.example/x", "evil.example"),
        ("https://h:5001/x", "h:5001"),
        ("https://h/x", "h"),
        ("http://h:5000/x", "h:5000"),
        ("https://h.:5000/x", "h.:5000"),
        ("https://h:5000@evil.example/x", "evil.example"),
        ("https://h.evil.example:5000/x", "h.evil.example:5000"),
    ],
)
def test_a_next_page_elsewhere_is_an_error(link, shown) -> None:
    with pytest.raises(Unanswered) as caught:
        next_link(f"<{link}>; rel=next", "https://h:5000/v2/a/b/tags/list")
    assert caught.value.message == f"`h:5000` names a next page on `{shown}`, which is not followed"


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["<", ">", "<>", " ", ";", "<> ", ";rel=", ';rel="', '"', "\\", '<>;a="\\"', ", ", "a="]
)
def test_takes_no_longer_for_a_long_header_than_its_length_asks_for(piece) -> None:
    started = time.process_time()
    for start in ("", "<>;", '<>;a="'):
        with contextlib.suppress(Unanswered):
            next_link(start + piece * (65_536 // len(piece)), "https://h/v2/")
    assert time.process_time() - started < 3


@given(st.text(alphabet='<>;,= "\\relnxt/'))
def test_reads_any_header_without_another_error(header) -> None:
    with contextlib.suppress(Unanswered):
        next_link(header, "https://h/v2/")
