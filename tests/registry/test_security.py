"""What a hostile registry, a hostile network or an unlucky login must never bring about."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.registry.manifest import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image, plain
from tests.servers.distribution import distribution
from tests.servers.faults import Answer, Asked, as_json, in_turn, serve
from tests.servers.registry import push_image, start_registry
from tests.servers.tags import config as config_of
from tests.servers.tags import manifest, many_tags, sha256

CANARY = "canary-password"
BASIC = "Basic " + base64.b64encode(f"robot:{CANARY}".encode()).decode()
TAGS = many_tags(5)
OPEN = distribution({"a/b": TAGS})


def login(folder: Path, *hosts: str) -> dict[str, str]:
    auth = BASIC.removeprefix("Basic ")
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth} for host in hosts}}))
    return {"DOCKER_CONFIG": str(folder)}


def leaked(text: str) -> bool:
    return CANARY in text or BASIC.removeprefix("Basic ") in text


def behind(challenge: str, then: Callable[[Asked], Answer] = OPEN) -> Callable[[Asked], Answer]:
    """Ask for authentication by `challenge`, in which `{host}` is the server's own."""

    def answer(asked: Asked) -> Answer:
        if "authorization" in asked.headers:
            return then(asked)
        return as_json({}, 401, ("WWW-Authenticate", challenge.format(host=asked.headers["host"])))

    return answer


def test_a_redirected_blob_is_fetched_without_the_login(asking: Asking, config: Path) -> None:
    content = TAGS[0].content
    with serve(lambda _: Answer(body=config_of(content))) as elsewhere:

        def moved(asked: Asked) -> Answer:
            if "/blobs/" not in asked.url:
                return OPEN(asked)
            return Answer(307, headers=(("Location", f"{elsewhere.base}/blob?signature=canary-signature"),))

        with serve(behind('Basic realm="x"', moved)) as server:
            registry = asking({server.host: plain()}, login(config, server.host, elsewhere.host))
            facts = registry.inspect(image(f"{server.host}/a/b"), TAGS[0].name)
            assert isinstance(facts, ImageFacts)
            assert facts.labels == {"content": content}
            assert leaked(server.text)
            assert [sorted(asked.headers) for asked in elsewhere.log] == [["accept-encoding", "host", "user-agent"]]


def test_a_list_that_was_redirected_goes_on_without_the_login(asking: Asking, config: Path) -> None:
    pages = in_turn(as_json({"tags": ["v1"]}, 200, ("Link", "</v2/more>; rel=next")), as_json({"tags": ["v2"]}))
    with serve(pages) as elsewhere:
        moved = Answer(307, headers=(("Location", f"{elsewhere.base}/v2/a/b/tags/list"),))
        with serve(behind('Basic realm="x"', lambda _: moved)) as server:
            registry = asking({server.host: plain()}, login(config, server.host, elsewhere.host))
            listing = registry.tags(image(f"{server.host}/a/b"))
            assert listing == Listing((TagFact("v1"), TagFact("v2")), "oci")
            assert elsewhere.urls == ["GET /v2/a/b/tags/list", "GET /v2/more"]
            assert "authorization" not in elsewhere.text


@pytest.mark.parametrize("challenge", ['Basic realm="x"', 'Bearer realm="{realm}"'])
def test_the_challenge_of_a_redirect_is_not_answered(asking: Asking, config: Path, challenge) -> None:
    with serve(lambda _: as_json({"token": "t"})) as address:
        header = ("WWW-Authenticate", challenge.format(realm=f"{address.base}/token"))
        with serve(lambda _: as_json({}, 401, header)) as elsewhere:
            moved = Answer(307, headers=(("Location", f"{elsewhere.base}/x"),))
            with serve(lambda _: moved) as server:
                registry = asking({server.host: plain()}, login(config, server.host, elsewhere.host))
                answer = registry.tags(image(f"{server.host}/a/b"))
                assert isinstance(answer, NoAnswer)
                assert answer.code == "denied"
                assert (len(server.log), len(elsewhere.log), len(address.log)) == (1, 1, 0)
                assert not leaked(server.text + elsewhere.text)


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://localhost:1/blob?s=canary-signature", "sends to `localhost:1` without TLS, which is not followed"),
        ("http://r.example/x", "sends to `r.example` without TLS, which is not followed"),
        ("file:///etc/passwd", "sends to an address without TLS, which is not followed"),
        ("http://[::1", "sends to an address without TLS, which is not followed"),
        ("https://169.254.169.254/latest", "sends into a private network, which is not followed"),
        ("https://[fe80::1]/latest", "sends into a private network, which is not followed"),
        ("https://[::ffff:169.254.169.254]/latest", "sends into a private network, which is not followed"),
        ("https://2852039166/latest", "sends into a private network, which is not followed"),
        ("", "`{host}` sends from one address to the next without end"),
    ],
)
def test_a_redirect_to_an_address_that_may_not_be_asked_is_no_answer(asking: Asking, location, why) -> None:
    with serve(lambda _: Answer(307, headers=(("Location", location),))) as server:
        answer = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(answer, NoAnswer)
        assert answer.code == "no-answer"
        assert why.format(host=server.host) in answer.why
        assert "canary" not in answer.why
        assert len(server.log) == (6 if location == "" else 1)


def test_netrc_is_not_read(asking: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"default login robot password {CANARY}\nmachine 127.0.0.1 login robot password {CANARY}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    with serve(behind('Bearer realm="http://{host}/token"')) as server:
        asking({server.host: plain()}, {"NETRC": str(netrc), "HOME": str(tmp_path)}).tags(image(f"{server.host}/a/b"))
        assert len(server.log) == 2
        assert not leaked(server.text)


@pytest.mark.parametrize(
    "realm",
    ["http://169.254.169.254/token", "https://169.254.169.254/latest/meta-data", "http://localhost:{port}/token",
     "https://10.0.0.1/token", "http://evil.example/token", "file:///etc/passwd", ""],
)  # fmt: skip
def test_a_token_is_not_asked_for_inside_the_network(asking: Asking, config: Path, realm) -> None:
    with serve(lambda asked: Answer(500)) as bait:
        address = realm.format(port=bait.host.rpartition(":")[2])
        with serve(behind(f'Bearer realm="{address}",service="x"')) as server:
            answer = asking({server.host: plain()}, login(config, server.host)).tags(image(f"{server.host}/a/b"))
            assert isinstance(answer, NoAnswer)
            assert answer.code == "denied"
            assert answer.why.startswith(f"no token for `{server.host}`: its token address")
            assert not leaked(answer.why + server.text)
        assert bait.log == []


def test_a_token_address_that_redirects_to_another_host_is_not_followed(asking: Asking, config: Path) -> None:
    with serve(lambda asked: as_json({"token": "t"})) as elsewhere:

        def answer(asked: Asked) -> Answer:
            if asked.path == "/token":
                return Answer(307, headers=(("Location", f"{elsewhere.base}/token"),))
            return behind('Bearer realm="http://{host}/token",service="x"')(asked)

        with serve(answer) as server:
            got = asking({server.host: plain()}, login(config, server.host)).tags(image(f"{server.host}/a/b"))
            why = f"the token address `{server.host}` sends to another host, which is not followed"
            assert got == NoAnswer("no-answer", why)
        assert elsewhere.log == []


def test_a_login_goes_to_a_foreign_token_address_only_when_it_is_named(asking: Asking, config: Path) -> None:
    with serve(lambda asked: as_json({"token": "t"}), host="localhost") as address:
        challenge = f'Bearer realm="{address.base}/token",service="x"'
        with serve(behind(challenge)) as server:
            name, environment = image(f"{server.host}/a/b"), login(config, server.host)
            assert isinstance(asking({server.host: plain()}, environment).tags(name), NoAnswer)
            assert address.log == []
            named = plain(token_hosts=(address.host,))
            assert isinstance(asking({server.host: named}, environment).tags(name), Listing)
            assert [asked.headers.get("authorization") for asked in address.log] == [BASIC]


def test_a_label_of_basic_authentication_is_no_address(asking: Asking) -> None:
    with serve(lambda _: Answer(500)) as bait, serve(behind(f'Basic realm="{bait.base}/token"')) as server:
        answer = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert answer == NoAnswer("denied", f"`{server.host}` does not show `a/b`: status 401; no login was found")
        assert (len(server.log), bait.log) == (1, [])


def test_nothing_is_sent_over_plain_http_that_was_not_allowed(asking: Asking, config: Path) -> None:
    with serve(OPEN) as server:
        environment = login(config, server.host)
        direct = asking({}, environment).tags(image(f"{server.host}/a/b"))
        how = "plain http needs `insecure: true` in the host's entry of your own settings"
        assert direct == NoAnswer("no-answer", f"no answer from `{server.host}`: no TLS connection came about; {how}")
        mirrored = asking({"quay.io": RegistryEntry(mirror=server.base)}, environment).tags(image("quay.io/a/b"))
        assert mirrored == NoAnswer(
            "no-answer", f"plain http to the mirror `{server.host}` needs `insecure: true` in its entry"
        )
        assert server.log == []


def test_the_login_of_a_host_never_goes_to_its_mirror(asking: Asking, config: Path) -> None:
    with serve(behind('Basic realm="x"')) as mirror:
        entry = plain(mirror=mirror.base, username_env="U", password_env="P")
        variables = {"U": "robot", "P": CANARY}
        answer = asking({"quay.io": entry}, login(config, "quay.io", "quay.io/a") | variables).tags(
            image("quay.io/a/b")
        )
        assert isinstance(answer, NoAnswer)
        assert answer.code == "denied"
        assert not leaked(mirror.text)
        own = asking({"quay.io": entry}, login(config, mirror.host)).tags(image("quay.io/a/b"))
        assert isinstance(own, Listing), "a mirror may have a login of its own"


def test_a_login_under_the_star_goes_nowhere(asking: Asking) -> None:
    with serve(behind('Basic realm="x"')) as server:
        entry = plain(username_env="U", password_env="P")
        answer = asking({"*": entry}, {"U": "robot", "P": CANARY}).tags(image(f"{server.host}/a/b"))
        assert answer == NoAnswer(
            "denied",
            f"`{server.host}` does not show `a/b`: status 401; no login was found; "
            "the login under `*` is used for no registry: name the host it belongs to",
        )
        assert not leaked(server.text)


def test_a_password_is_never_shown_before_it_is_asked_for(asking: Asking, config: Path) -> None:
    with serve(OPEN) as server:
        assert isinstance(
            asking({server.host: plain()}, login(config, server.host)).tags(image(f"{server.host}/a/b")), Listing
        )
        assert not leaked(server.text)


def test_a_password_is_never_shown_to_a_token_registry(asking: Asking, config: Path) -> None:
    with serve(lambda _: as_json({"token": "t"})) as address:
        challenge = f'Bearer realm="{address.base}/token",service="x",Basic realm="Forge"'
        with serve(behind(challenge)) as server:
            asking({server.host: plain()}, login(config, server.host)).tags(image(f"{server.host}/a/b"))
            assert leaked(address.text)
            assert not leaked(server.text)


@pytest.mark.parametrize(
    ("scope", "asked_for"),
    [
        ('scope="repository:a/b:pull,push"', "repository:a/b:pull"),
        ('scope="repository:a/b:*"', "repository:a/b:pull"),
        ("", "repository:a/b:pull"),
        ('scope="aws"', "aws repository:a/b:pull"),
    ],
)
def test_a_token_is_only_ever_asked_to_pull(asking: Asking, scope, asked_for) -> None:
    with serve(lambda _: as_json({"access_token": "t"})) as address:
        with serve(behind(f'Bearer realm="{address.base}/token?extra=1",{scope}')) as server:
            assert isinstance(asking({server.host: plain()}).tags(image(f"{server.host}/a/b")), Listing)
        assert [asked.query for asked in address.log] == [{"extra": "1", "scope": asked_for}]


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (as_json({"token": ""}), "there is none in the answer of its token address"),
        (as_json({"token": "a\nb"}), "there is none in the answer of its token address"),
        (as_json({}), "there is none in the answer of its token address"),
        (as_json({"token": 5}), "answered in an unknown form: `token` is no text"),
        (Answer(200, b"<html>"), "did not answer in JSON"),
        (Answer(404), "its token address answered with status 404"),
        (Answer(200, b'{"token": "' + b"a" * 70_000 + b'"}'), "the answer is larger than 65536 bytes"),
    ],
)
def test_a_token_that_cannot_be_used_is_no_answer(asking: Asking, token, why) -> None:
    with serve(lambda _: token) as address, serve(behind(f'Bearer realm="{address.base}/token"')) as server:
        answer = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        assert isinstance(answer, NoAnswer)
        assert answer.code == "no-answer"
        assert why in answer.why


@pytest.mark.parametrize("error", ["invalid_token", "insufficient_scope"])
def test_a_refused_token_is_renewed_once(asking: Asking, error) -> None:
    count = iter(range(100))
    with serve(lambda _: as_json({"token": f"t{next(count)}"})) as address:
        challenge = f'Bearer realm="{address.base}/token",error="{error}"'
        for good, listed, asked in (("Bearer t1", True, 2), ("Bearer never", False, 2)):

            def answer(asked: Asked, good: str = good) -> Answer:
                if asked.headers.get("authorization") == good:
                    return OPEN(asked)
                return as_json({}, 401, ("WWW-Authenticate", challenge))

            address.log.clear()
            with serve(answer) as server:
                got = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
                assert isinstance(got, Listing) is listed
            assert len(address.log) == asked


# ---- bytes that lie


def manifests(body: bytes, kind: str = OCI_MANIFEST, *inner: bytes, **headers: str) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        if "/manifests/" not in asked.url:
            return OPEN(asked)
        for one in inner:
            if asked.path.endswith(sha256(one)):
                return Answer(200, one, (("Content-Type", kind),))
        given = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(200, body, tuple(given.items()))

    return answer


INNER = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode()


def index(*entries: dict[str, object], **more: object) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries} | more).encode()


LINUX = {"platform": {"os": "linux", "architecture": "amd64"}}
AMD = {"platform": {"os": "linux", "architecture": "amd64"}, "digest": "sha256:" + "a" * 64}
GOOD = manifest(TAGS[0].content)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            manifests(GOOD, Docker_Content_Digest="sha256:" + "0" * 64),
            "sent a manifest that is not what its digest says",
        ),
        (manifests(GOOD, Docker_Content_Digest="md5:x"), "names a manifest by a digest that is neither"),
        (manifests(index(AMD), OCI_INDEX), "sent a manifest that is not what its digest says"),
        (manifests(GOOD, DOCKER_LIST), "sent a manifest whose type contradicts its header"),
        (manifests(b"{}"), "sent no manifest"),
        (manifests(b"<html>", "text/html"), "did not answer in JSON"),
        (manifests(index(AMD, config={}), OCI_INDEX), "sent a manifest that is also an index"),
        (manifests(index({"digest": sha256(INNER), **LINUX}), OCI_INDEX, INNER), "sent an index inside an index"),
        (manifests(index(*[AMD] * 1001), OCI_INDEX), "sent an index of more than 1000 entries"),
        (manifests(index({**AMD, "digest": 5}), OCI_INDEX), "`digest` is no text"),
        (manifests(index({**AMD, "digest": "sha256:x"}), OCI_INDEX), "names a part by a digest that is neither"),
        (manifests(index({**AMD, "platform": {"os": 5}}), OCI_INDEX), "`os` is no text"),
        (manifests(index({**AMD, "annotations": []}), OCI_INDEX), "`annotations` is no object"),
        (manifests(GOOD.replace(b'"size": 7', b'"size": -7')), "sent a layer of negative size"),
        (manifests(GOOD.replace(b'"size": 7', b'"size": "7"')), "`size` is no whole number"),
        (manifests(GOOD + b" " * 4 * 1024 * 1024), "the answer is larger than 4194304 bytes"),
    ],
)
def test_a_manifest_that_lies_is_no_answer(asking: Asking, answer, why) -> None:
    with serve(answer) as server:
        got = asking({server.host: plain()}).inspect(image(f"{server.host}/a/b"), TAGS[0].name)
        assert isinstance(got, NoAnswer), got
        assert got.code == "no-answer"
        assert why in got.why


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (manifests(b'{"schemaVersion": 1, "fsLayers": []}'), "sent a manifest of an old schema"),
        (manifests(b'{"schemaVersion": 2}'), "sent no image manifest"),
        (manifests(b'{"schemaVersion": 2, "mediaType": "application/x", "config": {}}'), "sent no image manifest"),
        (lambda asked: Answer(404) if "/blobs/" in asked.url else OPEN(asked), "has lost the config of this image"),
        (
            lambda asked: Answer(404) if "sha256:" in asked.url else manifests(index(AMD), OCI_INDEX)(asked),
            "has lost the image that this index names",
        ),
    ],
)
def test_a_tag_that_is_no_image_says_nothing_of_the_other_tags(asking: Asking, answer, why) -> None:
    with serve(answer) as server:
        got = asking({server.host: plain()}).inspect(image(f"{server.host}/a/b"), TAGS[0].name)
        assert isinstance(got, NoAnswer), got
        assert (got.code, got.is_about_tag) == ("unconfirmed", True)
        assert why in got.why


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"<html>", "no-answer"), (b'{"schemaVersion": 1}', "unconfirmed"), (b"{}", "no-answer"), (b"", "no-answer")],
)
def test_what_is_no_manifest_has_no_digest(asking: Asking, body, code) -> None:
    with serve(manifests(body, "text/html")) as server:
        got = asking({server.host: plain()}).digest(image(f"{server.host}/a/b"), "v1")
        assert isinstance(got, NoAnswer), got
        assert got.code == code


@pytest.mark.parametrize("kind", ["application/json", "", "text/plain; charset=utf-8"])
def test_a_manifest_that_nobody_named_a_type_for_is_read_by_its_fields(asking: Asking, kind) -> None:
    body = GOOD.replace(f'"mediaType": "{OCI_MANIFEST}", '.encode(), b"")
    assert body != GOOD
    with serve(manifests(body, kind)) as server:
        facts = asking({server.host: plain()}).inspect(image(f"{server.host}/a/b"), TAGS[0].name)
        assert isinstance(facts, ImageFacts), facts
        assert (facts.digest, facts.platforms, facts.size) == (sha256(body), ("linux/amd64",), 7)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{}", "sent an image config that is not what its digest says"),
        (b" " * (4 * 1024 * 1024 + 1), "the answer is larger than 4194304 bytes"),
    ],
)
def test_a_config_that_lies_is_no_answer(asking: Asking, body, why) -> None:
    with serve(lambda asked: Answer(200, body) if "/blobs/" in asked.url else OPEN(asked)) as server:
        got = asking({server.host: plain()}).inspect(image(f"{server.host}/a/b"), TAGS[0].name)
        assert isinstance(got, NoAnswer)
        assert why in got.why


@pytest.mark.parametrize("headers", [{}, {"Docker_Content_Digest": "md5:x"}, {"Docker_Content_Digest": ""}])
def test_a_digest_is_computed_where_the_registry_names_none(asking: Asking, headers) -> None:
    def answer(asked: Asked) -> Answer:
        return manifests(GOOD, **(headers if asked.method == "HEAD" else {}))(asked)

    with serve(answer) as server:
        assert asking({server.host: plain()}).digest(image(f"{server.host}/a/b"), "v1") == sha256(GOOD)
        assert [asked.method for asked in server.log] == ["HEAD", "GET"]


def test_layers_from_elsewhere_are_not_fetched(asking: Asking) -> None:
    body = GOOD.replace(b'{"size": 7}', b'{"size": 7, "urls": ["http://169.254.169.254/layer"]}')
    with serve(manifests(body)) as server:
        facts = asking({server.host: plain()}).inspect(image(f"{server.host}/a/b"), TAGS[0].name)
        assert isinstance(facts, ImageFacts)
        assert facts.size == 7
        assert len(server.log) == 2


def test_a_manifest_is_asked_for_in_all_four_forms(asking: Asking) -> None:
    with serve(OPEN) as server:
        registry = asking({server.host: plain()})
        registry.digest(image(f"{server.host}/a/b"), TAGS[0].name)
        registry.inspect(image(f"{server.host}/a/b"), TAGS[0].name)
        accepted = [asked.headers.get("accept", "").split(", ") for asked in server.log]
        assert [len(each) for each in accepted] == [4, 4, 1]


@pytest.mark.registry
def test_a_byte_changed_in_the_storage_of_a_real_registry_is_seen(asking: Asking, tmp_path: Path) -> None:
    storage = tmp_path / "data"
    with start_registry(tmp_path / "settings", storage=storage) as running:
        digest = push_image(running.base, "a/b", "v1")
        name = image(f"{running.host}/a/b")
        facts = asking({running.host: plain()}).inspect(name, "v1")
        assert isinstance(facts, ImageFacts)
        blob = storage / "docker/registry/v2/blobs/sha256" / digest[7:9] / digest[7:] / "data"
        blob.write_bytes(blob.read_bytes().replace(b'"size": ', b'"size":  ', 1))
        tampered = asking({running.host: plain()}).inspect(name, "v1")
        assert isinstance(tampered, NoAnswer)
        assert tampered.code == "no-answer"
        assert asking({running.host: plain()}).inspect(name, digest).__class__ is NoAnswer


def test_a_bomb_is_refused_unread(asking: Asking) -> None:
    with serve(lambda _: Answer(200, b"\x1f\x8b" + b"0" * 1000, (("Content-Encoding", "gzip"),))) as server:
        started = time.monotonic()
        answer = asking({server.host: plain()}).tags(image(f"{server.host}/a/b"))
        why = "it sent a compressed answer though none was asked for"
        assert answer == NoAnswer("no-answer", f"no answer from `{server.host}`: {why}")
        assert time.monotonic() - started < 3


def test_a_tag_is_asked_for_only_if_it_is_one(asking: Asking) -> None:
    with serve(OPEN) as server:
        registry = asking({server.host: plain()})
        for tag in ("../../x", "a b", "", "-x", "v1?x=1", "x" * 129):
            assert registry.digest(image(f"{server.host}/a/b"), tag) == NoAnswer("no-such-tag", "that is no tag")
            assert registry.inspect(image(f"{server.host}/a/b"), tag) == NoAnswer("no-such-tag", "that is no tag")
        assert server.log == []


def test_no_message_holds_a_secret(asking: Asking, config: Path) -> None:
    answers = [Answer(401, headers=(("WWW-Authenticate", f'Basic realm="{CANARY}"'),)), Answer(403), Answer(418)]
    for refusal in answers:
        with serve(lambda asked, refusal=refusal: refusal) as server:
            got = asking({server.host: plain()}, login(config, server.host)).tags(image(f"{server.host}/a/b"))
            assert isinstance(got, NoAnswer)
            assert not leaked(got.why)


def test_a_listing_says_that_it_came_without_the_login(asking: Asking, config: Path) -> None:
    def token(asked: Asked) -> Answer:
        return Answer(403) if "authorization" in asked.headers else as_json({"token": "t"})

    with serve(token) as address, serve(behind(f'Bearer realm="{address.base}/token"')) as server:
        got = asking({server.host: plain()}, login(config, server.host)).tags(image(f"{server.host}/a/b"))
        reason = f"`{server.host}` gives no token for `a/b` (status 403)"
        assert got == Listing(
            tuple(TagFact(name) for name in sorted(tag.name for tag in TAGS)),
            "oci",
            (f"`{server.host}` was asked without the stored login: {reason}",),
        )
