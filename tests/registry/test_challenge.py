from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.registry.challenge import Challenge, parse_challenges

BEARER = {"realm": "https://auth.h/token", "service": "S", "scope": "repository:a/b:pull,push"}


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        ("", []),
        ("Basic", [Challenge("basic")]),
        ('Basic realm="some label"', [Challenge("basic", {"realm": "some label"})]),
        (
            'Bearer realm="https://auth.h/token",service="S",scope="repository:a/b:pull,push"',
            [Challenge("bearer", BEARER)],
        ),
        (
            'bearer  REALM = "https://auth.h/token" , service=S , scope="repository:a/b:pull,push"',
            [Challenge("bearer", BEARER)],
        ),
        ("Bearer realm=https://gcr.io/v2/token,service=gcr.io",
         [Challenge("bearer", {"realm": "https://gcr.io/v2/token", "service": "gcr.io"})]),
        (
            'Bearer realm="https://c/t",service="container_registry",Basic realm="Forge"',
            [
                Challenge("bearer", {"realm": "https://c/t", "service": "container_registry"}),
                Challenge("basic", {"realm": "Forge"}),
            ],
        ),
        (
            'Basic realm="x", Bearer realm="https://c/t"',
            [Challenge("basic", {"realm": "x"}), Challenge("bearer", {"realm": "https://c/t"})],
        ),
        ("Negotiate, Basic realm=x", [Challenge("negotiate"), Challenge("basic", {"realm": "x"})]),
        (r'Basic realm="a \"quoted\" \\ label"', [Challenge("basic", {"realm": r'a "quoted" \ label'})]),
        ('Bearer realm="/token"', [Challenge("bearer", {"realm": "/token"})]),
        (
            'Bearer realm="https://c/t",error="invalid_token"',
            [Challenge("bearer", {"realm": "https://c/t", "error": "invalid_token"})],
        ),
        ('Bearer realm="first",realm="second"', [Challenge("bearer", {"realm": "first"})]),
        ('Bearer realm=""', [Challenge("bearer", {"realm": ""})]),
        ('Bearer realm="unfinished', [Challenge("bearer", {"realm": ""})]),
        ('realm="no scheme"', []),
        ('realm="no scheme", Basic realm=x', [Challenge("basic", {"realm": "x"})]),
        ('Negotiate YII/+x==, Bearer realm="/t"', [Challenge("negotiate"), Challenge("bearer", {"realm": "/t"})]),
        ("Negotiate YIIx==, Basic", [Challenge("negotiate", {"yiix": "="}), Challenge("basic")]),
        ('@#"x, y" z, Bearer realm="/t"', [Challenge("bearer", {"realm": "/t"})]),
        (
            "Bearer realm=/t,scope=repository:a/b:pull,push,service=x, Basic realm=y",
            [
                Challenge("bearer", {"realm": "/t", "scope": "repository:a/b:pull", "service": "x"}),
                Challenge("push"),
                Challenge("basic", {"realm": "y"}),
            ],
        ),
        ('BEARER,realm="/t"', [Challenge("bearer", {"realm": "/t"})]),
        ('Bearer realm="/t" service="x"', [Challenge("bearer", {"realm": "/t", "service": "x"})]),
        ('Bearer realm="caf\xe9"', [Challenge("bearer", {"realm": "caf\xe9"})]),
        (f'Basic realm="{"x" * 65_000}", Bearer realm="/t"',
         [Challenge("basic", {"realm": "x" * 65_000}), Challenge("bearer", {"realm": "/t"})]),
    ],
)  # fmt: skip
def test_reads_every_form_registries_send(header, challenges) -> None:
    assert list(parse_challenges(header)) == challenges


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ['"\\', '"', "\\", "a ", "a", "=", " ", ",", 'a="', 'a="b', "a=b,", "Bearer ", "/", "a,", 'a="\\"']
)
def test_takes_no_longer_for_a_long_header_than_its_length_asks_for(piece) -> None:
    started = time.process_time()
    for header in (piece * (65_536 // len(piece)), "Bearer x " + piece * (65_536 // len(piece))):
        parse_challenges(header)
    assert time.process_time() - started < 3


@given(st.text() | st.text(alphabet='Bearbsic=",\\/ \t'))
def test_reads_anything_without_an_error(header) -> None:
    for challenge in parse_challenges(header):
        assert challenge.scheme == challenge.scheme.lower()
