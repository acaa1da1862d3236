"""Logins shown to the registries of a fleet, as values."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.registry.line import Lines
from hubctl.registry.logins import Logins
from hubctl.registry.trial import Trial, found_logins, tried_logins
from hubctl.settings import RegistryEntry
from tests.registry.conftest import image, plain
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, as_json, serve
from tests.servers.tags import many_tags

OPEN = distribution({"a/b": many_tags(5), "quay.io/a/b": many_tags(5)})
ROBOT = base64.b64encode(b"robot:canary").decode()
REFUSED = as_json({}, 401, ("WWW-Authenticate", 'Basic realm="x"'))


def stored(folder: Path, *hosts: str) -> dict[str, str]:
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": ROBOT} for host in hosts}}))
    return {"DOCKER_CONFIG": str(folder), "PATH": ""}


def tried(names: list[str], entries: dict[str, RegistryEntry], environment: dict[str, str]) -> list[Trial]:
    http = Http({})
    lines = Lines(http, Waiting(0), max_in_flight=4, pause=0.01)
    try:
        return list(tried_logins(map(image, names), entries, Logins(entries, environment), lines))
    finally:
        http.close()


@pytest.mark.slow
def test_hosts_are_asked_side_by_side_and_each_once(tmp_path: Path) -> None:
    def slow(asked: Asked) -> Answer:
        time.sleep(0.5)
        return OPEN(asked)

    with serve(slow) as one, serve(slow) as two, serve(slow) as three:
        servers = [one, two, three]
        names = [f"{server.host}/a/{rest}" for server in servers for rest in ("b", "c", "d")]
        started = time.monotonic()
        trials = tried(names, {server.host: plain() for server in servers}, {})

        assert time.monotonic() - started < 1.4
        assert [(trial.host, trial.outcome, len(trial.images)) for trial in trials] == [
            (host, "open", 3) for host in sorted(server.host for server in servers)
        ]
        assert {tuple(server.urls) for server in servers} == {("GET /v2/a/b/tags/list?n=1",)}


def mine(asked: Asked) -> Answer:
    """Show images to `robot` alone."""
    return OPEN(asked) if asked.headers.get("authorization") == f"Basic {ROBOT}" else REFUSED


def other(asked: Asked) -> Answer:
    """Give tokens to everybody without a login, and to nobody with one."""
    if asked.path == "/token":
        return as_json({}, 401) if "authorization" in asked.headers else as_json({"token": "t"})
    challenge = f'Bearer realm="http://{asked.headers["host"]}/token"'
    shown = "authorization" in asked.headers
    return OPEN(asked) if shown else as_json({}, 401, ("WWW-Authenticate", challenge))


@pytest.mark.parametrize(
    ("answer", "with_login", "outcome"),
    [
        (OPEN, False, "open"),
        (OPEN, True, "spare"),
        (mine, True, "works"),
        (mine, False, "denied"),
        (lambda _: REFUSED, True, "refused"),
        (other, True, "refused"),
        (other, False, "open"),
        (lambda _: as_json({}, 404), False, "untold"),
        (lambda _: as_json({}, 404), True, "untold"),
        (lambda _: as_json({}, 418), True, "untold"),
        (lambda _: as_json({}, 503), True, "untold"),
    ],
)
def test_what_comes_of_a_login_is_one_word(tmp_path: Path, answer, with_login, outcome) -> None:
    with serve(answer) as server:
        environment = stored(tmp_path, server.host) if with_login else {}
        (trial,) = tried([f"{server.host}/a/b"], {server.host: plain()}, environment)

        assert trial.outcome == outcome
        assert "canary" not in repr(trial)
        assert ROBOT not in repr(trial)


def test_no_more_than_five_images_are_asked_about(tmp_path: Path) -> None:
    with serve(lambda _: REFUSED) as server:
        (trial,) = tried([f"{server.host}/a/i{number}" for number in range(9)], {server.host: plain()}, {})

        assert (trial.outcome, len(trial.images), len(server.log)) == ("denied", 9, 5)


def test_an_image_that_is_gone_says_nothing_against_a_login(tmp_path: Path) -> None:
    def gone(asked: Asked) -> Answer:
        return as_json({}, 404) if asked.headers.get("authorization") == f"Basic {ROBOT}" else REFUSED

    with serve(gone) as server:
        (trial,) = tried([f"{server.host}/a/b"], {server.host: plain()}, stored(tmp_path, server.host))

        assert (trial.outcome, trial.notes) == ("works", (f"`{server.host}` has no image `a/b`",))


def test_a_mirror_is_asked_with_its_own_login_and_the_hosts_is_only_named(tmp_path: Path) -> None:
    with serve(mine) as mirror:
        entries = {"quay.io": plain(mirror=f"{mirror.base}/{{host}}", username_env="U", password_env="P"), "*": plain()}
        environment = stored(tmp_path, mirror.host) | {"U": "owner", "P": "canary"}
        (trial,) = tried(["quay.io/a/b"], entries, environment)
        assert (trial.host, trial.outcome) == ("quay.io", "works")
        assert trial.login is not None
        assert trial.login.username == "robot"
        seen = mirror.text

        (named,) = found_logins([image("quay.io/a/b")], entries, Logins(entries, environment))
        assert (named.outcome, named.notes) == (
            "unasked",
            ("its mirror is asked instead, and does not get this login",),
        )
        assert named.login is not None
        assert (named.login.origin, named.login.username) == ("settings", "owner")
        assert base64.b64encode(b"owner:canary").decode() not in mirror.text
        assert mirror.text == seen


def test_a_host_that_must_not_be_asked_cannot_be_told(tmp_path: Path) -> None:
    entries = {"quay.io": RegistryEntry(mirror="http://mirror.example")}
    why = "plain http to the mirror `mirror.example` needs `insecure: true` in its entry"

    assert tried(["quay.io/a/b"], entries, {}) == [Trial("quay.io", None, (image("quay.io/a/b"),), "untold", why)]
