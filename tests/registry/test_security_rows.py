"""The seventeen risks of asking registries, each against a run of hubctl as users start it.

Every run has logins with canaries wherever hubctl looks for some; afterwards they are hunted in what it printed, in its
JSON, in its caches and in the logs of all servers that must not see them.
"""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.playground import NOW, Outcome, Playground, tags
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, Server, as_json, serve
from tests.servers.registry import OCI_INDEX, OCI_MANIFEST
from tests.servers.tags import config, sha256

PASSWORD, TOKEN, SIGNED, NETRC = "canary-password", "canary-token", "canary-signature", "canary-netrc"
BASIC = base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
CANARIES = tuple(
    form
    for word in (PASSWORD, TOKEN, SIGNED, NETRC, f"robot:{PASSWORD}", f"robot:{NETRC}")
    for form in (word, base64.b64encode(word.encode()).decode().rstrip("="), quote(word, safe=""))
)
OLD, NEW = "2026.05.01", "2026.06.04"
TAGS = tags(OLD, NEW)
OPEN = distribution({"a/b": TAGS})
FILE = "config/clusters/c/h.values.yaml"
CLUSTER = """\
name: c
hubs:
- name: h
  domain: h.example
  helm_chart: basehub
  helm_chart_values_files: [h.values.yaml]
"""


def hunted(text: str) -> list[str]:
    """Return the canaries in a text."""
    return sorted({canary for canary in CANARIES if canary in text})


@dataclass
class Fleet:
    """One place in one file whose image is at `server`, and everything hubctl could read a login from."""

    folder: Path
    server: Server
    entries: dict[str, dict[str, object]] = field(default_factory=dict)
    logins: tuple[str, ...] | None = None
    variables: dict[str, str] = field(default_factory=dict)
    image: str = ""

    def bump(self, *words: str) -> Outcome:
        """Run hubctl; whatever it prints or keeps holds no canary, nor a traceback."""
        home = self.folder / "home"
        (home / ".docker").mkdir(parents=True, exist_ok=True)
        hosts = [self.server.host] if self.logins is None else self.logins
        logins = {"auths": {host: {"auth": BASIC} for host in hosts}}
        (home / ".docker" / "config.json").write_text(json.dumps(logins))
        netrc = f"default login robot password {NETRC}\nmachine 127.0.0.1 login robot password {NETRC}\n"
        (home / ".netrc").write_text(netrc)
        (home / ".netrc").chmod(0o600)
        settings = self.folder / "settings.yaml"
        settings.write_text(json.dumps({"registries": {self.server.host: {"insecure": True}} | self.entries}))
        cache = self.folder / "cache"
        variables = {"HOME": str(home), "NETRC": str(home / ".netrc"), "XDG_CACHE_HOME": str(cache)}
        variables |= {
            "HUBCTL_SETTINGS": str(settings),
            "SOURCE_DATE_EPOCH": NOW,
            "DOCKER_CONFIG": str(home / ".docker"),
        }
        fleet = Playground(self.folder / "fleet", self.server, variables | self.variables)
        image = self.image or f"{self.server.host}/a/b"
        fleet.write({"config/clusters/c/cluster.yaml": CLUSTER, FILE: f"singleuser:\n  image: {image}:{OLD}\n"})
        done = fleet.run("-v", "bump-image", "--json", "--max-wait", "0", *words)
        kept = "".join(path.read_text(errors="replace") + str(path) for path in cache.rglob("*") if path.is_file())
        assert hunted(done.out + done.err + kept + fleet.read(FILE)) == []
        assert "Traceback" not in done.err
        assert not any(ord(char) < 32 and char not in "\n\t" for char in done.out + done.err)
        return done

    @property
    def written(self) -> str:
        return (self.folder / "fleet" / FILE).read_text()


@pytest.fixture
def fleet(tmp_path: Path) -> Callable[..., Fleet]:
    def made(server: Server, **more: object) -> Fleet:
        return Fleet(tmp_path, server, **more)  # type: ignore[arg-type]  # fields of the fleet

    return made


Making = Callable[..., Fleet]


def moved_to(done: Outcome) -> list[str]:
    """Return the tags that were taken, after a run in which all went well."""
    assert done.code == 0, done
    return [change["new"] for change in done.json["changes"]]


def untold(done: Outcome, code: str = "no-answer") -> str:
    """Return why nothing could be told, after a run that says so and changed nothing."""
    assert done.json["changes"] == []
    assert [each["code"] for each in done.json["unknown"]] == [code], done.out
    assert done.code == {"denied": 4}.get(code, 9)
    assert done.json["error"]["code"] == code
    return str(done.json["unknown"][0]["why"])


def guarded(challenge: str, then: Callable[[Asked], Answer] = OPEN) -> Callable[[Asked], Answer]:
    """Ask for authentication by `challenge`, in which `{host}` is the server's own; `/token` gives the canary."""

    def answer(asked: Asked) -> Answer:
        if asked.path == "/token":
            return as_json({"token": TOKEN})
        if "authorization" in asked.headers:
            return then(asked)
        return as_json({}, 401, ("WWW-Authenticate", challenge.replace("{host}", asked.headers["host"])))

    return answer


def sending(edit: Callable[[dict[str, object]], dict[str, object]]) -> Callable[[Asked], Answer]:
    """Serve each manifest as `edit` changes it, by tag and by digest."""
    bodies = {tag.name: json.dumps(edit(json.loads(tag.manifest))).encode() for tag in TAGS}
    bodies |= {sha256(body): body for body in bodies.values()}

    def answer(asked: Asked) -> Answer:
        if "/manifests/" not in asked.path:
            return OPEN(asked)
        body = bodies[asked.path.rpartition("/")[2]]
        return Answer(200, body, (("Content-Type", OCI_MANIFEST), ("Docker-Content-Digest", sha256(body))))

    return answer


BEARER = 'Bearer realm="http://{host}/token",service="x"'


@pytest.mark.slow
@pytest.mark.parametrize("challenge", [BEARER, 'Basic realm="x"'])
def test_row_01_a_token_never_reaches_the_host_of_the_blobs(fleet: Making, challenge) -> None:
    blobs = {sha256(config(tag.content)): config(tag.content) for tag in TAGS}
    with serve(lambda asked: Answer(body=blobs[asked.path.rpartition("/")[2]])) as elsewhere:

        def moved(asked: Asked) -> Answer:
            where = f"{elsewhere.base.replace('127.0.0.1', 'localhost')}{asked.path}?X-Signature={SIGNED}"
            return Answer(307, headers=(("Location", where),)) if "/blobs/" in asked.url else OPEN(asked)

        with serve(guarded(challenge, moved)) as server:
            port = elsewhere.host.rpartition(":")[2]
            entry = {server.host: {"insecure": True, "mirror": server.base}, f"localhost:{port}": {"insecure": True}}
            refused = fleet(server, entries=entry).bump()
            assert "without TLS, which is not followed" in untold(refused)
            assert elsewhere.log == []
        elsewhere.log.clear()

        def nearby(asked: Asked) -> Answer:
            where = f"{elsewhere.base}{asked.path}?X-Signature={SIGNED}"
            return Answer(307, headers=(("Location", where),)) if "/blobs/" in asked.url else OPEN(asked)

        with serve(guarded(challenge, nearby)) as server:
            assert moved_to(fleet(server, logins=(server.host, elsewhere.host)).bump()) == [NEW]
            assert elsewhere.log
            assert all(set(asked.headers) <= {"accept-encoding", "host", "user-agent"} for asked in elsewhere.log)
            assert hunted(elsewhere.text.replace(SIGNED, "")) == []


def test_row_02_netrc_is_not_read(fleet: Making) -> None:
    with serve(guarded(BEARER)) as elsewhere:
        away = Answer(307, headers=(("Location", f"{elsewhere.base}/v2/a/b/tags/list"),))
        with serve(guarded(BEARER, lambda _: away)) as server:
            untold(fleet(server, logins=()).bump(), "denied")
            assert NETRC not in server.text + elsewhere.text
            assert base64.b64encode(f"robot:{NETRC}".encode()).decode() not in server.text + elsewhere.text
            assert [asked.headers.get("authorization") for asked in elsewhere.log] == [None]


@pytest.mark.slow
@pytest.mark.parametrize(
    "realm",
    [
        "https://169.254.169.254/latest/meta-data",
        "http://169.254.169.254/token",
        "https://[::ffff:169.254.169.254]/token",
        "https://2852039166/token",
        "https://0xa9fea9fe/token",
        "https://localhost:{bait}/token",
        "http://localhost:{bait}/token",
        "https://{host}@localhost:{bait}/token",
        r"https://localhost:{bait}\\@{host}/token",
        "http://{host}/away",
    ],
)
def test_row_03_no_password_and_no_question_goes_to_a_foreign_realm(fleet: Making, realm) -> None:
    with serve(lambda _: as_json({"token": TOKEN})) as bait:

        def answer(asked: Asked) -> Answer:
            if asked.path == "/away":
                return Answer(307, headers=(("Location", f"{bait.base}/token"),))
            return guarded(f'Bearer realm="{realm.replace("{bait}", bait.host.rpartition(":")[2])}"')(asked)

        with serve(answer) as server:
            untold(fleet(server).bump(), "no-answer" if "away" in realm else "denied")
            assert bait.log == []
            assert [asked.path for asked in server.log if "authorization" in asked.headers] == (
                ["/away"] if "away" in realm else []
            )


def test_row_04_the_label_of_basic_is_no_address(fleet: Making) -> None:
    with serve(lambda _: Answer(500)) as bait, serve(guarded(f'Basic realm="{bait.base}/token"')) as server:
        why = untold(fleet(server, logins=()).bump(), "denied")
        assert why == f"`{server.host}` does not show `a/b`: status 401; no login was found"
        assert (len(server.log), bait.log) == (1, [])


@pytest.mark.slow
@pytest.mark.parametrize("realm", ["http://auth.example/token", "http://localhost:{port}/token"])
def test_row_05_no_login_goes_over_plain_http(fleet: Making, realm) -> None:
    """A proxy stands for all hosts with a name: what goes to one over http would arrive there."""
    with serve(lambda _: as_json({"token": TOKEN})) as proxy:
        address = realm.replace("{port}", proxy.host.rpartition(":")[2])
        with serve(guarded(f'Bearer realm="{address}"')) as server:
            reached = {"http_proxy": proxy.base, "https_proxy": proxy.base, "no_proxy": "127.0.0.1,localhost"}
            untold(fleet(server, variables=reached).bump(), "denied")
            assert proxy.log == []
            assert hunted(server.text) == []
        for name in ("r.example", "localhost:5000"):
            direct = fleet(proxy, image=f"{name}/a/b", logins=(name,), variables={**reached, "no_proxy": ""})
            untold(direct.bump())
            assert {asked.method for asked in proxy.log} == {"CONNECT"}
            assert hunted(proxy.text) == []
            proxy.log.clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    "link", ["{bait}/v2/a/b/tags/list?last=x", "//{bait_host}/x", "https://{host}/x", r"//{host}\\.x/"]
)
def test_row_06_a_next_page_on_another_host_is_not_followed(fleet: Making, link) -> None:
    with serve(lambda _: as_json({"tags": [NEW]})) as bait:

        def answer(asked: Asked) -> Answer:
            where = link.replace("{bait}", bait.base).replace("{bait_host}", bait.host)
            where = where.replace("{host}", asked.headers["host"])
            return as_json({"tags": [OLD]}, 200, ("Link", f'<{where}>; rel="next"'))

        with serve(guarded(BEARER, answer)) as server:
            assert "names a next page" in untold(fleet(server).bump())
            assert bait.log == []


def test_row_07_hostile_names_and_labels_stay_text(fleet: Making) -> None:
    hostile = ["$(touch x)", "@everyone", "](http://evil)", "a\nb", "\x1b[31mred", "9" * 129, "\u202e2027.01.01", "-rf",
               "2027.01.01;x", "2027.01.01\n", "../../x", "2027.01.01\u0000"]  # fmt: skip
    label = "\x1b]0;canary\x07\n::error::x `](http://evil) @everyone \ud800"

    labels = {"repo2docker.ref": label, label: label, "org.opencontainers.image.source": label}
    body = json.dumps(json.loads(config("x")) | {"config": {"Labels": labels}}).encode()
    described = {"config": {"digest": sha256(body), "size": len(body)}}
    rest = sending(lambda read: read | described | {"annotations": {"was": str(read["config"])}})

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("tags/list"):
            return as_json({"tags": [*hostile, OLD, NEW]})
        return Answer(body=body) if "/blobs/" in asked.path else rest(asked)

    with serve(answer) as server:
        done = fleet(server).bump()
        assert moved_to(done) == [NEW]
        assert not any(word in done.out + done.err for word in ("@everyone", "http://evil", "::error::", "touch"))
        asked_for = {asked.path.rpartition("/")[2] for asked in server.log if "/manifests/" in asked.path}
        assert {name for name in asked_for if not name.startswith("sha256:")} <= {OLD, NEW}


HUGE = b'{"token": "t", "tags": ["' + NEW.encode() + b'"], "x": "' + b"y" * 9 * 1024 * 1024 + b'"}'


def index(entries: int) -> bytes:
    one = {"digest": sha256(b"x"), "size": 1, "platform": {"os": "linux", "architecture": "amd64"}}
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [one] * entries}).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "given", "why"),
    [
        ("tags/list", Answer(200, HUGE), "the answer is larger than 8388608 bytes"),
        ("/token", Answer(200, HUGE[: 70 * 1024]), "the answer is larger than 65536 bytes"),
        ("tags/list", Answer(418, HUGE), "answered with status 418"),
        ("/manifests/", Answer(200, HUGE[: 5 * 1024 * 1024]), "the answer is larger than 4194304 bytes"),
        ("/blobs/", Answer(200, HUGE[: 5 * 1024 * 1024]), "the answer is larger than 4194304 bytes"),
        ("/manifests/", Answer(200, index(1001)), "an index of more than 1000 entries"),
        ("tags/list", as_json({"tags": [f"2026.{number}" for number in range(100_001)]}), "more than 1000 pages or"),
        ("tags/list", None, "lists more than 1000 pages or 100000 tags of one image"),
    ],
)  # fmt: skip
def test_row_08_what_is_larger_than_its_cap_is_no_answer(fleet: Making, *, where, given, why) -> None:
    count = iter(range(10**6))

    def answer(asked: Asked) -> Answer:
        if where not in asked.url:
            return guarded(BEARER)(asked)
        if given is not None:
            return given
        return as_json({"tags": [f"2026.{next(count)}"]}, 200, ("Link", "</v2/a/b/tags/list?last=x>; rel=next"))

    with serve(answer) as server:
        assert why in untold(fleet(server).bump())
        assert len(server.log) <= 1010


def test_row_09_a_bomb_in_transfer_is_refused_unread(fleet: Making) -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    with serve(lambda _: Answer(200, bomb, (("Content-Encoding", "gzip"),))) as server:
        started = time.monotonic()
        assert "it sent a compressed answer though none was asked for" in untold(fleet(server).bump())
        assert time.monotonic() - started < 10
        assert [asked.headers["accept-encoding"] for asked in server.log] == ["identity"]


def test_row_10_no_layer_is_ever_read(fleet: Making) -> None:
    layer = sha256(b"bomb")
    changed = {"layers": [{"size": 7, "digest": layer, "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}]}

    with serve(sending(lambda read: read | changed)) as server:
        assert moved_to(fleet(server).bump()) == [NEW]
        assert layer not in server.text


@pytest.mark.slow
@pytest.mark.parametrize("what", ["manifest", "config", "sha512", "md5", "no digest"])
def test_row_11_bytes_are_what_their_digest_says(fleet: Making, what) -> None:
    def answer(asked: Asked) -> Answer:
        given = OPEN(asked)
        kept = tuple(header for header in given.headers if header[0] != "Docker-Content-Digest")
        if what == "config":
            return replace(given, body=given.body + b" ") if "/blobs/" in asked.url else given
        if "/manifests/" not in asked.url or (asked.method == "HEAD" and what != "no digest"):
            return given
        if what == "manifest":
            return replace(given, body=given.body + b" ")
        lies = {"sha512": "sha512:" + "0" * 128, "md5": "md5:" + "0" * 32}
        return replace(given, headers=(*kept, ("Docker-Content-Digest", lies[what])) if what in lies else kept)

    with serve(answer) as server:
        done = fleet(server).bump()
        if what == "no digest":
            assert [change["evidence"]["digest"] for change in done.json["changes"]] == [TAGS[1].digest]
        else:
            assert "digest" in untold(done)


def test_row_12_layers_from_elsewhere_are_reported_and_never_fetched(fleet: Making) -> None:
    with serve(lambda _: Answer(500)) as bait:
        layers = [{"size": 7, "digest": sha256(b"x"), "urls": [f"{bait.base}/layer"]}]

        with serve(sending(lambda read: read | {"layers": layers})) as server:
            done = fleet(server).bump()
            assert moved_to(done) == [NEW]
            assert "layer" in done.out + done.err
        assert bait.log == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    [
        Answer(307, headers=(("Location", f"https://127.0.0.1:1/x?X-Signature={SIGNED}"),)),
        Answer(307, headers=(("Location", f"https://u:{PASSWORD}@127.0.0.1:1/x"),)),
        Answer(307, headers=(("Location", f"http://[{SIGNED}/x"),)),
        Answer(500, PASSWORD.encode(), (("X-Echo", BASIC),)),
        Answer(200, TOKEN.encode()),
        Answer(200, json.dumps({"tags": TOKEN}).encode()),
        as_json({"tags": [OLD]}, 200, ("Link", f"</x?signature={SIGNED}; rel=next")),
        as_json({"tags": [OLD]}, 200, ("Link", f"<https://u:{PASSWORD}@h/?signature={SIGNED}>; rel=next")),
        as_json({"tags": [OLD]}, 200, ("Link", f"</v2/x?signature={SIGNED}>; rel=next")),
        as_json({"token": TOKEN}, 401, ("WWW-Authenticate", f'Bearer realm="https://u:{PASSWORD}@127.0.0.1/{TOKEN}"')),
        as_json({"token": TOKEN}, 401, ("WWW-Authenticate", f'Basic realm="{PASSWORD}"')),
    ],
)
def test_row_13_no_secret_stands_in_any_output(fleet: Making, broken) -> None:
    with serve(guarded(BEARER, lambda asked: broken if "/v2/a/b" in asked.path else Answer(500))) as server:
        login = {"username_env": "ROBOT", "password_env": "ROBOT_PASSWORD", "insecure": True}
        variables = {"ROBOT": "robot", "ROBOT_PASSWORD": PASSWORD, "ALL_PROXY": f"http://robot:{PASSWORD}@127.0.0.1:1"}
        made = fleet(server, entries={server.host: login}, variables=variables | {"NO_PROXY": "127.0.0.1"})
        done = made.bump()
        assert done.code in (4, 9)
        assert done.json["changes"] == []
        made.variables = variables
        untold(made.bump())  # the proxy does not answer
        made.entries = {"*": {"mirror": f"http://robot:{PASSWORD}@{server.host}/{{host}}", "insecure": True}}
        assert replace(made, server=Server("http://127.0.0.1:1")).bump().json["error"]["code"] == "bad-settings"


def test_row_14_what_a_login_could_see_is_not_shown_without_it(fleet: Making) -> None:
    with serve(guarded(BEARER, OPEN)) as server:

        def token(asked: Asked) -> Answer:
            if asked.path == "/token":
                return as_json({"token": TOKEN}) if "authorization" in asked.headers else Answer(401)
            return guarded(BEARER)(asked)

        with serve(token) as private:
            with_login = fleet(private)
            assert moved_to(with_login.bump()) == [NEW]
            assert with_login.written.endswith(f"{NEW}\n")
            without = replace(with_login, logins=())
            untold(without.bump(), "denied")
            untold(without.bump("--no-cache"), "denied")
            assert server.log == []


def test_row_15_a_tag_that_moved_is_said(fleet: Making) -> None:
    moved = [replace(tag, content=f"{tag.content} again") if tag.name == NEW else tag for tag in TAGS]
    now = [OPEN]

    def answer(asked: Asked) -> Answer:
        return now[0](asked)

    with serve(answer) as server:
        made = fleet(server)
        first = made.bump()
        assert [change["evidence"]["digest"] for change in first.json["changes"]] == [TAGS[1].digest]
        now[0] = distribution({"a/b": moved})
        second = made.bump()
        (change,) = second.json["changes"]
        assert change["evidence"]["digest"] == moved[1].digest
        assert f"`{NEW}` was moved: it pointed at {TAGS[1].digest}" in second.out + second.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "other",
    ["127.0.0.1", "127.0.0.1:1", "localhost:{port}", "127.0.0.1:{port}.evil", "x127.0.0.1:{port}", "quay.io",
     "127.0.0.1:{port}/a/bb", "127.0.0.1:{port}/b", "https://127.0.0.1/v2/", "12\u0667.0.0.1:{port}"],
)  # fmt: skip
def test_row_16_a_login_is_for_exactly_its_host(fleet: Making, other) -> None:
    with serve(guarded('Basic realm="x"')) as server:
        host = other.replace("{port}", server.host.rpartition(":")[2])
        untold(fleet(server, logins=(host,)).bump(), "denied")
        assert hunted(server.text) == []


def test_row_17_an_answer_without_the_login_says_so(fleet: Making) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/token":
            return Answer(401) if "authorization" in asked.headers else as_json({"token": TOKEN})
        return guarded(BEARER)(asked)

    with serve(answer) as server:
        done = fleet(server).bump()
        assert moved_to(done) == [NEW]
        assert f"`{server.host}` was asked without the stored login" in done.err
