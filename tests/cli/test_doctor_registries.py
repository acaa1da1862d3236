"""`doctor --registries`, from the outside: which login each registry gets, and whether it works."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.playground import CLUSTER, Outcome, Playground
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.tags import many_tags

CANARY = "canary-p:a:ss"
OPEN = distribution({"a/b": many_tags(3), "team/x": many_tags(3)})
REFUSED = as_json({}, 401, ("WWW-Authenticate", 'Basic realm="x"'))


def basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def private(asked: Asked) -> Answer:
    """Show images to `robot` by Basic authentication alone."""
    return OPEN(asked) if asked.headers.get("authorization") == basic(f"robot:{CANARY}") else REFUSED


def public(asked: Asked) -> Answer:
    """Show images to everybody who has a token, and give one to `robot` and to nobody in particular."""
    shown = asked.headers.get("authorization")
    if asked.path == "/token":
        return as_json({"token": "t"}) if shown in (None, basic(f"robot:{CANARY}")) else as_json({}, 401)
    challenge = f'Bearer realm="http://{asked.headers["host"]}/token",service="x"'
    return OPEN(asked) if shown == "Bearer t" else as_json({}, 401, ("WWW-Authenticate", challenge))


class Scene:
    """A fleet whose images live on servers of the test, and logins in a docker file and in helpers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.auths: dict[str, object] = {}
        self.more: dict[str, object] = {}
        self.hosts: dict[str, tuple[str, ...]] = {}

    @property
    def file(self) -> str:
        return f"`{self.folder}/config.json`"

    def helper(self, username: str, secret: str, name: str = "test") -> None:
        path = self.bin / f"docker-credential-{name}"
        given = json.dumps({"Username": username, "Secret": secret})
        path.write_text(f"#!/bin/sh\ntouch {self.folder}/asked\necho said {secret} >&2\ncat <<'EOF'\n{given}\nEOF\n")
        path.chmod(0o700)

    def doctor(self, *words: str) -> Outcome:
        (self.folder / "config.json").write_text(json.dumps({"auths": self.auths} | self.more))
        settings = self.folder / "settings.yaml"
        hosts = "".join(f'  "{host}": {{insecure: true}}\n' for host in self.hosts)
        settings.write_text(f"version: 1\nregistries:\n{hosts}")
        images = [f"{host}/{path}" for host, paths in self.hosts.items() for path in paths]
        containers = "".join(
            f"    - name: c{number}\n      image: {image}:1.0\n" for number, image in enumerate(images)
        )
        fleet = Playground(self.folder / "fleet", Server(""))
        fleet.write({
            "config/clusters/leap/cluster.yaml": CLUSTER,
            "config/clusters/leap/common.values.yaml": f"jupyterhub:\n  singleuser:\n    initContainers:\n{containers}",
            "config/clusters/leap/staging.values.yaml": "{}\n",
            "config/clusters/leap/prod.values.yaml": "{}\n",
            "config/clusters/leap/support.values.yaml": "{}\n",
        })  # fmt: skip
        path = f"{self.bin}:{os.environ['PATH']}"
        done = fleet.run(*words, DOCKER_CONFIG=str(self.folder), HUBCTL_SETTINGS=str(settings), PATH=path)
        assert "canary" not in done.out + done.err
        assert basic(f"robot:{CANARY}").partition(" ")[2] not in done.out + done.err
        assert "Traceback" not in done.err
        return done

    def checks(self, *words: str) -> tuple[int, list[tuple[str, str, str]]]:
        """Return the exit code and what is said of registries, without the word before the host."""
        done = self.doctor("-v", "doctor", "--json", *words)
        found = [(each["topic"], each["state"], each["detail"]) for each in done.json["checks"]]
        return done.code, [
            (topic.removeprefix("registry "), state, detail) for topic, state, detail in found if "registry" in topic
        ]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@contextlib.contextmanager
def serving(scene: Scene, answer: Callable[[Asked], Answer], *paths: str) -> Iterator[Server]:
    with serve(answer) as server:
        scene.hosts[server.host] = paths or ("a/b",)
        yield server


WITHOUT = "`{host}` was asked without the stored login: `{host}` gives no token for `a/b` (status 401)"


def stored(login: str) -> dict[str, str]:
    return {"auth": base64.b64encode(login.encode()).decode()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "login", "code", "state", "detail"),
    [
        (OPEN, None, 0, "note", "anonymous, works"),
        (public, None, 0, "note", "anonymous, works"),
        (public, f"robot:{CANARY}", 0, "ok", "{file}, as `robot`, works"),
        (private, f"robot:{CANARY}", 0, "ok", "{file}, as `robot`, works"),
        (OPEN, f"robot:{CANARY}", 0, "note", "{file}, as `robot`, not needed: `a/b` is shown without it"),
        (public, "robot:canary-of-old", 4, "missing",
         "{file}, as `robot`, refused: " + WITHOUT + "; `a/b` is shown without it"),
        (private, "robot:canary-of-old", 4, "missing",
         "{file}, as `robot`, refused: `{host}` does not show `a/b`: status 401; its stored login does not open it"),
        (private, None, 4, "missing",
         "anonymous, refused: `{host}` does not show `a/b`: status 401; no login was found"),
        (lambda _: as_json({}, 418), None, 9, "note", "anonymous, could not tell: `{host}` answered with status 418"),
        (lambda _: as_json({}, 404), None, 9, "note",
         "anonymous, could not tell: `{host}` has no image `a/b`, or shows it only to a login"),
    ],
)  # fmt: skip
def test_each_registry_is_asked_with_its_login(scene: Scene, *, answer, login, code, state, detail) -> None:
    with serving(scene, answer) as server:
        if login:
            scene.auths[server.host] = stored(login)

        assert scene.checks("--registries") == (
            code, [(server.host, state, detail.format(file=scene.file, host=server.host))]
        )  # fmt: skip


@pytest.mark.slow
def test_a_login_of_a_helper_is_tried_too(scene: Scene) -> None:
    scene.more["credsStore"] = "test"
    scene.helper("robot", CANARY)
    with serving(scene, private) as server:
        assert scene.checks("--registries") == (
            0, [(server.host, "ok", "a credential helper `test`, as `robot`, works")]
        )  # fmt: skip

        scene.helper("robot", "canary-of-old")
        why = f"`{server.host}` does not show `a/b`: status 401; its stored login does not open it"
        said = "`docker-credential-test` said: said ***"
        assert scene.checks("--registries") == (
            4, [(server.host, "missing", f"a credential helper `test`, as `robot`, refused: {why}; {said}")]
        )  # fmt: skip


def test_without_the_flag_nothing_is_asked_and_no_program_is_started(scene: Scene) -> None:
    scene.helper("robot", CANARY)
    with serving(scene, private) as named, serving(scene, private) as kept, serving(scene, private) as other:
        scene.more["credHelpers"] = {kept.host: "test"}
        scene.auths[named.host] = stored(f"robot:{CANARY}")

        code, checks = scene.checks()

        assert code == 0
        assert sorted(checks) == sorted([
            (named.host, "ok", f"{scene.file}, as `robot`"),
            (kept.host, "note", "a credential helper `test`"),
            (other.host, "note", "anonymous"),
        ])  # fmt: skip
        assert (named.log, kept.log, other.log) == ([], [], [])
        assert not (scene.folder / "asked").exists()


@pytest.mark.slow
def test_a_host_that_does_not_answer_cannot_be_told_and_a_refusal_weighs_more(scene: Scene) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{closed.getsockname()[1]}"
        scene.hosts[dead] = ("a/b",)
        code, ((host, state, detail),) = scene.checks("--registries")
        assert (code, host, state) == (9, dead, "note")
        assert detail.startswith(f"anonymous, could not tell: no answer from `{dead}`: ")

        with serving(scene, private) as server:
            code, checks = scene.checks("--registries")
            assert code == 4
            assert {(host, state) for host, state, _ in checks} == {(dead, "note"), (server.host, "missing")}


@pytest.mark.slow
def test_one_image_that_is_shown_settles_a_host(scene: Scene) -> None:
    with serving(scene, lambda asked: OPEN(asked) if "team/x" in asked.url else REFUSED, "a/b", "team/x") as server:
        assert scene.checks("--registries") == (0, [(server.host, "note", "anonymous, works")])
        assert [asked.path for asked in server.log] == ["/v2/a/b/tags/list", "/v2/team/x/tags/list"]


@pytest.mark.slow
def test_logins_of_namespaces_are_tried_apart(scene: Scene) -> None:
    with serving(scene, private, "a/b", "team/x") as server:
        scene.auths |= {f"{server.host}/team": stored(f"robot:{CANARY}"), server.host: stored("other:canary-of-old")}

        why = f"`{server.host}` does not show `a/b`: status 401; its stored login does not open it"
        assert scene.checks("--registries") == (
            4,
            [
                (server.host, "missing", f"for `a/b`: {scene.file}, as `other`, refused: {why}"),
                (server.host, "ok", f"for `team/x`: {scene.file}, as `robot`, works"),
            ],
        )


@pytest.mark.slow
def test_the_lines_of_a_person_say_the_same(scene: Scene) -> None:
    scene.more["credsStore"] = "absent"
    with serving(scene, public) as server:
        done = scene.doctor("doctor", "--registries")

        missing = f"`docker-credential-absent`, which {scene.file} names for `{server.host}`, is not installed"
        assert done.code == 0
        assert done.out.endswith(
            f"note    registry {server.host}: anonymous, works\nnote    registry {server.host}: {missing}\n"
        )
        assert done.err == ""
