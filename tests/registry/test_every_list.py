"""The tag list of every dialect under every fault: asked again where that helps, and never taken for an answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from hubctl.images.facts import Listing, NoAnswer
from hubctl.images.shape import is_signature
from tests.registry.conftest import Asking, image
from tests.servers.catalogue import catalogue
from tests.servers.faults import Answer, Asked, dripping
from tests.servers.fronts import FRONTS
from tests.servers.troubled import Trouble, troubled

IMAGES = catalogue()
NAMES = {tag.name for tag in IMAGES["some/image"] if not is_signature(tag.name)}
NAME = image("r.example/some/image")

Fault = Callable[[Answer], Answer]


def on_pages(fault: Fault, when: Callable[[int], bool] = lambda _: True) -> Trouble:
    """Put the fault into those pages of a list of which `when` says so, counted from 0; tokens come as they are."""
    count = itertools.count()

    def trouble(asked: Asked, answer: Answer) -> Answer:
        is_page = answer.status == 200 and asked.path.rstrip("/") != "/token"
        return fault(answer) if is_page and when(next(count)) else answer

    return trouble


def listed(asking: Asking, kind: str, trouble: Trouble) -> Listing | NoAnswer:
    front = FRONTS[kind]
    with front.start(IMAGES) as behind, troubled(behind, trouble) as server:
        answer = asking({"r.example": replace(front.entry(behind), mirror=server.base)}, pause=0.0).tags(NAME)
        return answer if isinstance(answer, Listing) else replace(answer, why=answer.why.replace(server.host, "HOST"))


def slowly(answer: Answer) -> Answer:
    """The whole answer in seven pieces."""
    size = len(answer.body) // 6 + 1
    links = "".join(f"{name}: {value}\r\n" for name, value in answer.headers if name == "Link")
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer.body)}\r\n{links}\r\n".encode()
    return dripping([head, *(answer.body[at : at + size] for at in range(0, len(answer.body), size))], 0.002)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FRONTS)
@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(on_pages(lambda _: Answer(500), lambda page: page == 0), id="500 then 200"),
        pytest.param(on_pages(lambda _: Answer(503), lambda page: page == 1), id="503 on the way"),
        pytest.param(
            on_pages(lambda _: Answer(429, headers=(("Retry-After", "0"),)), lambda page: page in (0, 2)), id="limits"
        ),
        pytest.param(on_pages(slowly), id="slowly"),
    ],
)
def test_a_list_is_read_to_its_end_through_what_passes(asking: Asking, kind, trouble) -> None:
    listing = listed(asking, kind, trouble)
    assert isinstance(listing, Listing), listing
    assert {fact.name for fact in listing.tags} == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("kind", FRONTS)
@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        (lambda answer: replace(answer, body=answer.body[:-20]), "no-answer", "did not answer in JSON"),
        (lambda answer: replace(answer, body=b""), "no-answer", "did not answer in JSON"),
        (lambda answer: replace(answer, body=b"<html>Sign in</html>"), "no-answer", "did not answer in JSON"),
        (lambda answer: replace(answer, body=b"\xff\xfe" + answer.body), "no-answer", "did not answer in JSON"),
        (lambda answer: replace(answer, body=b"[" * 100_000), "no-answer", "did not answer in JSON"),
        (lambda answer: replace(answer, body=b"null"), "no-answer", "answered in an unknown form: its answer is no"),
        (lambda answer: replace(answer, body=b"5"), "no-answer", "answered in an unknown form: its answer is no"),
        (lambda answer: replace(answer, body=b'"v1"'), "no-answer", "answered in an unknown form: its answer is no"),
        (lambda _: Answer(500), "no-answer", "it answered with status 500"),
        (lambda _: Answer(418), "no-answer", "answered with status 418"),
        (lambda _: Answer(403), "denied", "does not show"),
        (lambda _: Answer(404), "no-such-image", "has no image"),
        (
            lambda answer: replace(answer, headers=(*answer.headers, ("Content-Encoding", "gzip"))),
            "no-answer",
            "compressed",
        ),
    ],
)
def test_what_is_no_list_is_no_answer(asking: Asking, *, kind, fault, code, says) -> None:
    answer = listed(asking, kind, on_pages(fault))
    assert isinstance(answer, NoAnswer)
    assert answer.code == code
    assert answer.why.startswith(("`HOST` ", "no answer from `HOST`: "))
    assert says in answer.why


PAGED = [kind for kind in FRONTS if kind not in ("oci", "google")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAGED)
@pytest.mark.parametrize("fault", [lambda _: Answer(500), lambda _: Answer(200, b"<html>"), lambda _: Answer(410)])
def test_a_list_that_breaks_off_is_never_the_part_that_came(asking: Asking, kind, fault) -> None:
    answer = listed(asking, kind, on_pages(fault, lambda page: page > 1))
    assert isinstance(answer, NoAnswer)
    assert answer.code == "no-answer"
