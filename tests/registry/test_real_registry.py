"""Everything against a real registry process: anonymous, with a password, with tokens, over TLS."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from hubctl.adapters.cache import CacheFolder
from hubctl.images.facts import ImageFacts, Listing, NoAnswer, TagFact
from hubctl.registry.kept import Kept
from hubctl.registry.offline import Offline
from hubctl.registry.times import from_iso
from tests.registry.conftest import Asking, image, plain
from tests.servers.registry import Running, push_image, start_registry
from tests.servers.token import IDENTITY, PASSWORD, USER, TokenServer, start_token_server

pytestmark = pytest.mark.registry
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def names(answer: object) -> list[str]:
    assert isinstance(answer, Listing), answer
    return [fact.name for fact in answer.tags]


def write_login(folder: Path, host: str, **entry: str) -> dict[str, str]:
    if not entry:
        entry = {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
    (folder / "config.json").write_text(json.dumps({"auths": {host: entry}}))
    return {"DOCKER_CONFIG": str(folder)}


def test_lists_all_tags_without_signatures(plain_registry: Running, asking: Asking) -> None:
    signature = f"sha256-{'a' * 64}.sig"
    push_image(plain_registry.base, "list/some", "2026.01.02", also=["latest", "b1c2d3e", signature])
    registry = asking({plain_registry.host: plain()})
    assert registry.tags(image(f"{plain_registry.host}/list/some")) == Listing(
        (TagFact("2026.01.02"), TagFact("b1c2d3e"), TagFact("latest")), "oci"
    )


def test_says_when_an_image_or_a_tag_does_not_exist(plain_registry: Running, asking: Asking) -> None:
    push_image(plain_registry.base, "list/one", "v1")
    registry = asking({plain_registry.host: plain()})
    host = plain_registry.host
    assert registry.tags(image(f"{host}/no/such")) == NoAnswer("no-such-image", f"`{host}` has no image `no/such`")
    absent = NoAnswer("no-such-tag", f"`{host}` has no `list/one:v2`")
    assert registry.digest(image(f"{host}/list/one"), "v2") == absent
    assert registry.inspect(image(f"{host}/list/one"), "v2") == absent


@pytest.mark.parametrize("docker", [False, True])
@pytest.mark.parametrize(
    ("platforms", "attestation", "seen"),
    [
        (("linux/amd64",), False, ("linux/amd64",)),
        (("linux/amd64",), True, ("linux/amd64",)),
        (("linux/arm64", "linux/amd64"), False, ("linux/arm64", "linux/amd64")),
        (("linux/arm64", "linux/amd64"), True, ("linux/arm64", "linux/amd64")),
    ],
)
def test_inspects_images_and_indexes(
    plain_registry: Running, asking: Asking, *, platforms, attestation, seen, docker
) -> None:
    name = f"inspect/i{len(platforms)}{attestation}{docker}".lower()
    labels = {"repo2docker.ref": "refs/heads/main"}
    digest = push_image(
        plain_registry.base, name, "v1", platforms=platforms, attestation=attestation, docker=docker, labels=labels
    )
    registry = asking({plain_registry.host: plain()})
    facts = registry.inspect(image(f"{plain_registry.host}/{name}"), "v1")
    assert isinstance(facts, ImageFacts), facts
    assert (facts.digest, facts.platforms, facts.labels) == (digest, seen, labels)
    assert facts.created == from_iso("2026-01-02T03:04:05Z")
    assert facts.size is not None
    assert facts.size > 0
    assert registry.digest(image(f"{plain_registry.host}/{name}"), "v1") == digest
    assert asking({plain_registry.host: plain()}).digest(image(f"{plain_registry.host}/{name}"), "v1") == digest


def test_knows_little_of_an_image_for_another_platform(plain_registry: Running, asking: Asking) -> None:
    digest = push_image(plain_registry.base, "inspect/arm", "v1", platforms=("linux/arm64", "linux/ppc64le"))
    registry = asking({plain_registry.host: plain()})
    assert registry.inspect(image(f"{plain_registry.host}/inspect/arm"), "v1") == ImageFacts(
        digest, ("linux/arm64", "linux/ppc64le"), None, {}, None
    )


@pytest.mark.parametrize("created", [None, "1970-01-01T00:00:00Z", "1980-01-01T00:00:00Z", "yesterday"])
def test_takes_a_constant_or_unreadable_creation_time_for_none(
    plain_registry: Running, asking: Asking, created
) -> None:
    name = f"inspect/epoch{str(created)[:4].lower()}"
    push_image(plain_registry.base, name, "v1", created=created)
    facts = asking({plain_registry.host: plain()}).inspect(image(f"{plain_registry.host}/{name}"), "v1")
    assert isinstance(facts, ImageFacts)
    assert facts.created is None


def test_asks_a_mirror_below_its_own_path(plain_registry: Running, asking: Asking) -> None:
    push_image(plain_registry.base, "docker.io/pangeo/base", "2026.01.01")
    push_image(plain_registry.base, "docker.io/library/mysql", "8.0")
    push_image(plain_registry.base, "quay.io/jupyter/scipy", "2026-01-01")
    registry = asking({"*": plain(mirror=plain_registry.base + "/{host}")})
    asked = [image("pangeo/base"), image("mysql"), image("quay.io/jupyter/scipy"), image("index.docker.io/pangeo/base")]
    assert {str(name): names(answer) for name, answer in registry.tags_of(asked).items()} == {
        "pangeo/base": ["2026.01.01"],
        "mysql": ["8.0"],
        "quay.io/jupyter/scipy": ["2026-01-01"],
        "index.docker.io/pangeo/base": ["2026.01.01"],
    }


# ---- a password


@pytest.fixture(scope="module")
def basic_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start_registry(tmp_path_factory.mktemp("basic"), htpasswd=True) as running:
        push_image(running.base, "private/image", "v1", authorization=BASIC)
        yield running


def test_shows_a_password_to_a_basic_registry(basic_registry: Running, asking: Asking, config: Path) -> None:
    registry = asking({basic_registry.host: plain()}, write_login(config, basic_registry.host))
    assert names(registry.tags(image(f"{basic_registry.host}/private/image"))) == ["v1"]
    assert isinstance(registry.inspect(image(f"{basic_registry.host}/private/image"), "v1"), ImageFacts)


def test_takes_a_login_from_the_variables_the_settings_name(basic_registry: Running, asking: Asking) -> None:
    entry = plain(username_env="ROBOT", password_env="ROBOT_PASSWORD")
    registry = asking({basic_registry.host: entry}, {"ROBOT": USER, "ROBOT_PASSWORD": PASSWORD})
    assert names(registry.tags(image(f"{basic_registry.host}/private/image"))) == ["v1"]


def test_is_denied_without_or_with_a_wrong_password(basic_registry: Running, asking: Asking, config: Path) -> None:
    host = basic_registry.host
    none = asking({host: plain()}).tags(image(f"{host}/private/image"))
    assert none == NoAnswer("denied", f"`{host}` does not show `private/image`: status 401; no login was found")
    wrong = write_login(config, host, auth=base64.b64encode(b"hub:canary-wrong").decode())
    refused = asking({host: plain()}, wrong).tags(image(f"{host}/private/image"))
    assert refused == NoAnswer(
        "denied", f"`{host}` does not show `private/image`: status 401; its stored login does not open it"
    )


def test_a_private_list_is_for_its_login_alone(
    basic_registry: Running, asking: Asking, config: Path, tmp_path: Path
) -> None:
    host = basic_registry.host
    name = image(f"{host}/private/image")
    entries = {host: plain()}
    login = write_login(config, host)
    cache = Kept(CacheFolder(tmp_path / "hubctl"))
    assert names(asking(entries, login, kept=cache).tags(name)) == ["v1"]
    cache.save()
    again = Kept(CacheFolder(tmp_path / "hubctl"))
    unknown = NoAnswer("no-answer", f"not asked: `--offline`, and nothing is kept of the tags of `{name}`")
    other = base64.b64encode(f"{USER}:canary-other".encode()).decode()
    assert names(Offline(entries, login, again).tags_of([name])[name]) == ["v1"]
    assert Offline(entries, {}, again).tags_of([name]) == {name: unknown}
    assert Offline(entries, write_login(config, host, auth=other), again).tags_of([name]) == {name: unknown}
    refused = asking(entries, kept=again, fresh=False).tags(name)
    assert isinstance(refused, NoAnswer)
    assert refused.code == "denied"
    written = b"".join(path.read_bytes() for path in (tmp_path / "hubctl").rglob("*") if path.is_file())
    assert PASSWORD.encode() not in written
    assert BASIC.removeprefix("Basic ").encode() not in written


def test_offline_starts_no_program_for_a_login(
    basic_registry: Running, plain_registry: Running, asking: Asking, config: Path, tmp_path: Path
) -> None:
    push_image(plain_registry.base, "offline/image", "v1")
    helper = tmp_path / "bin" / "docker-credential-test"
    helper.parent.mkdir()
    answer = "echo 'credentials not found in native keychain'; exit 1"
    helper.write_text(f"#!/bin/sh\necho started >> {tmp_path}/started\n{answer}\n")
    helper.chmod(0o755)
    (config / "config.json").write_text(json.dumps({"credsStore": "test"}))
    environment = {"DOCKER_CONFIG": str(config), "PATH": f"{helper.parent}:/usr/bin:/bin"}
    name = image(f"{plain_registry.host}/offline/image")
    cache = Kept(CacheFolder(tmp_path / "hubctl"))
    entries = {plain_registry.host: plain()}
    assert names(asking(entries, environment, kept=cache).tags(name)) == ["v1"]
    cache.save()
    (tmp_path / "started").unlink()
    assert names(Offline(entries, environment, cache).tags_of([name])[name]) == ["v1"]
    assert not (tmp_path / "started").exists()


# ---- tokens


@pytest.fixture(scope="module")
def token_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenServer]:
    with start_token_server(tmp_path_factory.mktemp("token")) as server:
        yield server


@pytest.fixture(scope="module")
def token_registry(tmp_path_factory: pytest.TempPathFactory, token_server: TokenServer) -> Iterator[Running]:
    with start_registry(tmp_path_factory.mktemp("tokens"), token=token_server) as running:
        for name in ("public/image", "private/image"):
            access = [{"type": "repository", "name": name, "actions": ["pull", "push"]}]
            bearer = f"Bearer {token_server.signer.token(USER, access, 60)}"
            push_image(running.base, name, "v1", also=["v2"], authorization=bearer)
        yield running


@pytest.fixture
def tokens(token_server: TokenServer) -> Iterator[TokenServer]:
    """The token address with an empty log; what a test switches is switched back."""
    token_server.server.log.clear()
    yield token_server
    token_server.life, token_server.field, token_server.says_life = 300, "token", True
    token_server.refresh_status = 200


def test_pulls_anonymously_with_one_token(token_registry: Running, tokens: TokenServer, asking: Asking) -> None:
    host = token_registry.host
    registry = asking({host: plain()})
    assert names(registry.tags(image(f"{host}/public/image"))) == ["v1", "v2"]
    assert isinstance(registry.inspect(image(f"{host}/public/image"), "v1"), ImageFacts)
    assert isinstance(registry.digest(image(f"{host}/public/image"), "v2"), str)
    assert tokens.server.urls == ["GET /token?service=hubctl-registry&scope=repository%3Apublic%2Fimage%3Apull"]
    assert "authorization" not in tokens.server.log[0].headers


@pytest.mark.parametrize("field", ["token", "access_token"])
def test_pulls_with_a_login(token_registry: Running, tokens: TokenServer, asking: Asking, config: Path, field) -> None:
    tokens.field = field
    host = token_registry.host
    registry = asking({host: plain()}, write_login(config, host))
    assert registry.tags(image(f"{host}/private/image")) == Listing((TagFact("v1"), TagFact("v2")), "oci")
    assert [asked.headers["authorization"] for asked in tokens.server.log] == [BASIC]


@pytest.mark.parametrize(("status", "methods"), [(200, ["POST"]), (404, ["POST", "GET"]), (405, ["POST", "GET"])])
def test_an_identity_token_is_refreshed_or_shown(
    token_registry: Running, tokens: TokenServer, asking: Asking, *, config: Path, status, methods
) -> None:
    tokens.refresh_status = status
    host = token_registry.host
    registry = asking({host: plain()}, write_login(config, host, identitytoken=IDENTITY))
    assert names(registry.tags(image(f"{host}/private/image"))) == ["v1", "v2"]
    assert [asked.method for asked in tokens.server.log] == methods


def test_a_stored_registry_token_is_shown_as_it_is(
    token_registry: Running, tokens: TokenServer, asking: Asking, config: Path
) -> None:
    host = token_registry.host
    access = [{"type": "repository", "name": "private/image", "actions": ["pull"]}]
    own = tokens.signer.token(USER, access, 60)
    registry = asking({host: plain()}, write_login(config, host, registrytoken=own))
    assert names(registry.tags(image(f"{host}/private/image"))) == ["v1", "v2"]
    assert tokens.server.urls == []


def test_is_denied_a_private_image(token_registry: Running, tokens: TokenServer, asking: Asking) -> None:
    host = token_registry.host
    assert asking({host: plain()}).tags(image(f"{host}/private/image")) == NoAnswer(
        "denied", f"`{host}` does not show `private/image`: status 401; no login was found"
    )
    assert len(tokens.server.urls) == 2, "one refresh, then stop"


def test_a_stale_login_does_not_hide_a_public_image(
    token_registry: Running, tokens: TokenServer, asking: Asking, config: Path
) -> None:
    host = token_registry.host
    stale = write_login(config, host, auth=base64.b64encode(b"hub:canary-stale").decode())
    assert asking({host: plain()}, stale).tags(image(f"{host}/public/image")) == Listing(
        (TagFact("v1"), TagFact("v2")),
        "oci",
        (f"`{host}` was asked without the stored login: `{host}` gives no token for `public/image` (status 401)",),
    )


@pytest.mark.parametrize(("says_life", "life", "fetched"), [(True, 300, 1), (True, 5, 2), (False, 300, 1)])
def test_a_token_is_kept_until_five_seconds_before_its_end(
    token_registry: Running, tokens: TokenServer, asking: Asking, *, says_life, life, fetched
) -> None:
    tokens.life, tokens.says_life = life, says_life
    host = token_registry.host
    registry = asking({host: plain()})
    assert names(registry.tags(image(f"{host}/public/image"))) == ["v1", "v2"]
    assert isinstance(registry.digest(image(f"{host}/public/image"), "v1"), str)
    assert len(tokens.server.urls) == fetched


# ---- TLS


@pytest.fixture(scope="module")
def tls_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    for blob in issued.cert_chain_pems:
        blob.write_to_path(str(folder / "cert.pem"), append=True)
    with start_registry(folder, certificate=(folder / "cert.pem", folder / "key.pem")) as running:
        push_image(running.base, "tls/image", "v1", also=["v2"], authorities=folder / "ca.pem")
        yield running, folder / "ca.pem"


def test_speaks_tls_with_the_authorities_it_is_given(tls_registry: tuple[Running, Path], asking: Asking) -> None:
    running, authorities = tls_registry
    registry = asking({}, {"REQUESTS_CA_BUNDLE": str(authorities)})
    name = image(f"{running.host}/tls/image")
    assert names(registry.tags(name)) == ["v1", "v2"]
    facts = registry.inspect(name, "v1")
    assert isinstance(facts, ImageFacts)
    assert asking({}, {"REQUESTS_CA_BUNDLE": str(authorities)}).digest(name, "v2") == facts.digest


def test_a_local_registry_that_may_be_asked_over_http_may_speak_tls_all_the_same(
    tls_registry: tuple[Running, Path], asking: Asking
) -> None:
    running, authorities = tls_registry
    allowed = {running.host: plain()}
    registry = asking(allowed, {"REQUESTS_CA_BUNDLE": str(authorities)})
    assert names(registry.tags(image(f"{running.host}/tls/image"))) == ["v1", "v2"]
    assert isinstance(registry.inspect(image(f"{running.host}/tls/image"), "v1"), ImageFacts)
    untrusted = asking(allowed).tags(image(f"{running.host}/tls/image"))
    assert untrusted == NoAnswer("no-answer", f"no answer from `{running.host}`: its certificate is not trusted")


def test_does_not_trust_a_stranger(tls_registry: tuple[Running, Path], asking: Asking) -> None:
    running, _ = tls_registry
    answer = asking().tags(image(f"{running.host}/tls/image"))
    assert answer == NoAnswer("no-answer", f"no answer from `{running.host}`: its certificate is not trusted")
