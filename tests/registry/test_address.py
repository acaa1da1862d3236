from __future__ import annotations

import pytest

from hubctl.registry.address import endpoint, is_local, origin
from hubctl.registry.answers import Unanswered
from hubctl.registry.hosts import known_dialect
from hubctl.registry.realm import refusal
from hubctl.settings import RegistryEntry

MIRROR = RegistryEntry(mirror="http://127.0.0.1:5000/{host}", insecure=True)


@pytest.mark.parametrize(
    ("host", "path", "registries", "url", "dialect", "api"),
    [
        ("quay.io", "a/b", {}, "https://quay.io/v2/a/b/tags/list", "quay", "https://quay.io"),
        ("docker.io", "library/mysql", {}, "https://registry-1.docker.io/v2/library/mysql/tags/list", "dockerhub",
         "https://hub.docker.com"),
        ("docker.io", "a/b/c", {}, "https://registry-1.docker.io/v2/a/b/c/tags/list", "oci", "https://hub.docker.com"),
        ("ghcr.io", "a/b/c", {}, "https://ghcr.io/v2/a/b/c/tags/list", "ghcr", "https://ghcr.io"),
        ("docker.io", "pangeo/base", {"docker.io": MIRROR},
         "http://127.0.0.1:5000/v2/docker.io/pangeo/base/tags/list", "oci", "http://127.0.0.1:5000"),
        ("quay.io", "a/b", {"*": MIRROR}, "http://127.0.0.1:5000/v2/quay.io/a/b/tags/list", "oci",
         "http://127.0.0.1:5000"),
        ("localhost:5001", "a/b", {"*": MIRROR}, "http://127.0.0.1:5000/v2/localhost:5001/a/b/tags/list", "oci",
         "http://127.0.0.1:5000"),
        ("quay.io", "a/b", {"*": RegistryEntry(mirror="https://m.example/proxy/")},
         "https://m.example/v2/proxy/a/b/tags/list", "oci", "https://m.example"),
        ("quay.io", "a/b", {"quay.io": RegistryEntry(mirror="https://m.example", kind="quay")},
         "https://m.example/v2/a/b/tags/list", "quay", "https://m.example"),
        ("quay.io", "a/b", {"quay.io": RegistryEntry(mirror="https://m.example/{host}", kind="quay")},
         "https://m.example/v2/quay.io/a/b/tags/list", "quay", "https://m.example"),
        ("quay.io", "alone", {}, "https://quay.io/v2/alone/tags/list", "oci", "https://quay.io"),
        ("quay.io", "a/b", {"quay.io": RegistryEntry(kind="oci")}, "https://quay.io/v2/a/b/tags/list", "oci",
         "https://quay.io"),
        ("docker.io", "a/b", {"docker.io": RegistryEntry(mirror="https://m.example/{host}", kind="dockerhub",
                                                         api="https://api.example")},
         "https://m.example/v2/docker.io/a/b/tags/list", "dockerhub", "https://api.example"),
        ("q.example:8443", "a/b", {"q.example:8443": RegistryEntry(kind="quay", api="https://api.example")},
         "https://q.example:8443/v2/a/b/tags/list", "quay", "https://api.example"),
        ("quay.io", "a/b", {"quay.io": RegistryEntry(api="http://127.0.0.1:7", insecure=True)},
         "https://quay.io/v2/a/b/tags/list", "quay", "http://127.0.0.1:7"),
        ("127.0.0.1:5000", "a/b", {"127.0.0.1:5000": RegistryEntry(insecure=True)},
         "http://127.0.0.1:5000/v2/a/b/tags/list", "oci", "http://127.0.0.1:5000"),
        ("127.0.0.1:5000", "a/b", {}, "https://127.0.0.1:5000/v2/a/b/tags/list", "oci", "https://127.0.0.1:5000"),
        ("quay.io", "a/b", {"quay.io": RegistryEntry(kind="quay"), "*": MIRROR}, "https://quay.io/v2/a/b/tags/list",
         "quay", "https://quay.io"),
    ],
)  # fmt: skip
def test_knows_where_to_ask(*, host, path, registries, url, dialect, api) -> None:
    at = endpoint(host, path, registries)
    assert (at.url("tags/list"), at.dialect, at.api) == (url, dialect, api)


@pytest.mark.parametrize(
    ("host", "dialect"),
    [
        ("quay.io", "quay"),
        ("docker.io", "dockerhub"),
        ("ghcr.io", "ghcr"),
        ("registry.gitlab.com", "gitlab"),
        ("gcr.io", "google"),
        ("us.gcr.io", "google"),
        ("eu.gcr.io", "google"),
        ("us-central1-docker.pkg.dev", "google"),
        ("europe-west4-docker.pkg.dev", "google"),
        ("public.ecr.aws", "ecr"),
        ("123456789012.dkr.ecr.us-west-2.amazonaws.com", "ecr"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "ecr"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"),
        ("registry.k8s.io", "oci"),
        *((host, None) for host in (
            "quay.io.evil", "quay.io.", "quay.io:443", "quay-io", "xquay.io", "quay.io.evil.example", "www.quay.io",
            "qu\u0430y.io", "\u210duay.io", "docker.io.", "docker.com", "ghcr.io.evil", "ghcr.io:443", "a.ghcr.io",
            "gcr.io.", "evilgcr.io", "us.gcr.io.", "a.b.gcr.io", ".gcr.io", "us.gcr.io.evil", "us.gcr.io:5000",
            "pkg.dev", "us-dockerpkg.dev", "us-docker.pkg.dev.", "us-docker.pkg.dev.evil", "a.us-docker.pkg.dev",
            "us-docker.pkg.dev:443", "us-docker.p\u043ag.dev", "public.ecr.aws.", "private.ecr.aws",
            "public.ecr.aws.evil",
            "12345.dkr.ecr.us-west-2.amazonaws.com", "123456789012.dkr.ecr.us-west-2.amazonaws.com.evil",
            "123456789012.dkr.ecr.us-west-2.amazonaws.com.", "123456789012.dkr.ecr.a.b.amazonaws.com",
            "x123456789012.dkr.ecr.us-west-2.amazonaws.com", "123456789012.dkr.ecr.us-west-2.amazonaws.org",
            "\u0661\u0662\u0663456789012.dkr.ecr.us-west-2.amazonaws.com", "gitlab.com", "registry.gitlab.com.",
            "registry.gitlab.com:5050", "registry.gitlab.example", "", ".", "localhost",
        )),
    ],
)  # fmt: skip
def test_a_registry_is_known_by_its_exact_host(host, dialect) -> None:
    assert known_dialect(host) == dialect


@pytest.mark.parametrize(
    ("host", "path", "entry", "dialect"),
    [
        ("ghcr.io", "a/b/c", RegistryEntry(), "ghcr"),
        ("ghcr.io", "alone", RegistryEntry(), "ghcr"),
        ("us-docker.pkg.dev", "project/repo/some/image", RegistryEntry(), "google"),
        ("gcr.io", "project/image", RegistryEntry(), "google"),
        ("registry.gitlab.com", "g/p", RegistryEntry(), "gitlab"),
        ("public.ecr.aws", "a/b", RegistryEntry(), "ecr"),
        ("gcr.io", "project/image", RegistryEntry(kind="oci"), "oci"),
        ("registry.forge.example", "g/p/i", RegistryEntry(kind="gitlab"), "gitlab"),
        ("r.example", "p/i", RegistryEntry(kind="google"), "google"),
        ("r.example", "p/i", RegistryEntry(kind="ghcr"), "ghcr"),
        ("r.example", "p/i", RegistryEntry(kind="ecr"), "ecr"),
        ("r.example", "p/i/j", RegistryEntry(kind="harbor"), "harbor"),
        ("r.example", "alone", RegistryEntry(kind="harbor"), "oci"),
        ("r.example", "a/b/c", RegistryEntry(kind="dockerhub"), "oci"),
        ("gcr.io", "p/i", RegistryEntry(mirror="https://m.example"), "oci"),
        ("gcr.io", "p/i", RegistryEntry(mirror="https://m.example", kind="google"), "google"),
        ("r.example", "p/i", RegistryEntry(mirror="https://gcr.io"), "oci"),
    ],
)
def test_a_dialect_is_that_of_the_host_or_of_its_entry(*, host, path, entry, dialect) -> None:
    assert endpoint(host, path, {host: entry}).dialect == dialect


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (
            RegistryEntry(mirror="http://127.0.0.1:5000"),
            "plain http to the mirror `127.0.0.1:5000` needs `insecure: true`",
        ),
        (RegistryEntry(api="http://127.0.0.1:5000"), "plain http to the api `127.0.0.1:5000` needs `insecure: true`"),
        (
            RegistryEntry(api="https://h.example/api/v1"),
            "`api` is a scheme and a host alone, without the path `api/v1`",
        ),
        (RegistryEntry(mirror="mirror.example"), "`mirror` is no URL hubctl can ask: `mirror.example`"),
        (
            RegistryEntry(mirror="https://u:canary@mirror.example"),
            "`mirror` is no URL hubctl can ask: `mirror.example`",
        ),
        (
            RegistryEntry(mirror="https://mirror.example/?k=canary"),
            "`mirror` is no URL hubctl can ask: `https://mirror",
        ),
        (RegistryEntry(mirror="https://[::1"), "`mirror` is no URL hubctl can ask: `https://[::1`"),
    ],
)
def test_refuses_what_the_settings_do_not_allow(entry, why) -> None:
    with pytest.raises(Unanswered) as caught:
        endpoint("quay.io", "a/b", {"quay.io": entry})
    assert caught.value.message.startswith(why)
    assert "canary" not in caught.value.message


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (RegistryEntry(kind="quay"), "a/b"),
        (RegistryEntry(kind="quay", mirror="https://m.example/{host}"), "quay.io/a/b"),
        (RegistryEntry(kind="quay", mirror="https://m.example/{host}", api="https://api.example"), "a/b"),
    ],
)
def test_an_api_of_its_own_knows_an_image_without_the_path_of_the_mirror(entry, name) -> None:
    assert endpoint("quay.io", "a/b", {"quay.io": entry}).api_name == name


def test_an_insecure_host_with_a_public_name_is_tried_over_tls_first() -> None:
    at = endpoint("r.example:5000", "a/b", {"r.example:5000": RegistryEntry(insecure=True)})
    assert (at.base, at.fallback, at.plain) == ("https://r.example:5000", "http://r.example:5000", {"r.example:5000"})


@pytest.mark.parametrize("host", ["quay.io", "gcr.io", "us-docker.pkg.dev", "registry.k8s.io", "registry.gitlab.com"])
def test_insecure_never_takes_tls_from_a_registry_everybody_knows(host) -> None:
    at = endpoint(host, "a/b", {"*": RegistryEntry(insecure=True)})
    assert (at.base, at.fallback, at.plain) == (f"https://{host}", None, frozenset())


def test_a_mirror_has_only_what_is_its_own() -> None:
    own = RegistryEntry(username_env="M", password_env="MP", token_hosts=("t.example",))
    entry = RegistryEntry(mirror="https://m.example/{host}", username_env="Q", password_env="QP")
    at = endpoint("quay.io", "a/b", {"quay.io": entry, "m.example": own})
    assert (at.host, at.own, at.token_hosts) == ("m.example", own, ("t.example",))
    assert endpoint("quay.io", "a/b", {"quay.io": entry}).own == RegistryEntry()


def test_a_login_under_the_star_belongs_to_nobody() -> None:
    entry = RegistryEntry(username_env="U", password_env="P")
    assert endpoint("stranger.example", "a/b", {"*": entry}).own == RegistryEntry()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h", ("https", "h")),
        ("https://h:443/x", ("https", "h")),
        ("http://h:443/x", ("http", "h:443")),
        ("https://[::1]:5000/x", ("https", "[::1]:5000")),
        ("HTTPS://H:5/", ("https", "h:5")),
        ("https://[::1", ("", "")),
        ("https://h:x", ("", "")),
    ],
)
def test_origins_compare_exactly(url, expected) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize(
    "name",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "::1", "[::1]", "fe80::1", "0.0.0.0", "localhost",
     "a.localhost", "127.1", "2130706433", "0x7f000001", "0x7f.1", "::ffff:127.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_private_addresses_are_local_however_written(name) -> None:
    assert is_local(name)


@pytest.mark.parametrize("name", ["quay.io", "8.8.8.8", "2606:4700::1111", "1.example"])
def test_public_names_are_not_local(name) -> None:
    assert not is_local(name)


PLAIN = {"127.0.0.1:5000": RegistryEntry(insecure=True)}


@pytest.mark.parametrize(
    ("host", "registries", "realm", "anonymous", "with_login"),
    [
        ("quay.io", {}, "https://quay.io/v2/auth", True, True),
        ("docker.io", {}, "https://auth.docker.io/token", True, True),
        ("docker.io", {}, "https://evil.example/token", False, False),
        ("quay.io", {}, "https://quay.io.evil.example/token", False, False),
        ("quay.io", {}, "https://qu\u0430y.io/token", False, False),
        ("r.example", {}, "https://r.example:8443/token", True, True),
        ("r.example", {}, "https://auth.example/token", True, False),
        ("registry.gitlab.com", {}, "https://gitlab.com/jwt/auth", True, True),
        ("registry.forge.co.uk", {}, "https://forge.co.uk/jwt", True, True),
        ("registry.forge.co.uk", {}, "https://evil.co.uk/jwt", True, False),
        ("a.azurecr.io", {}, "https://b.azurecr.io/oauth2/token", True, False),
        ("a.azurecr.io", {}, "https://a.azurecr.io/oauth2/token", True, True),
        ("us-docker.pkg.dev", {}, "https://us-docker.pkg.dev/v2/token", True, True),
        ("us-docker.pkg.dev", {}, "https://eu-docker.pkg.dev/v2/token", False, False),
        ("r.forge.org", {"r.forge.org": RegistryEntry(token_hosts=("login.example",))}, "https://login.example/t", True,
         True),
        ("r.forge.org", {"r.forge.org": RegistryEntry(token_hosts=("login.example:8443",))},
         "https://login.example:8443/t", True, True),
        ("r.forge.org", {"r.forge.org": RegistryEntry(token_hosts=("login.example:8443",))}, "https://login.example/t",
         True, False),
        ("r.forge.org", {}, "http://r.forge.org/token", False, False),
        ("r.forge.org", {}, "https://169.254.169.254/latest", False, False),
        ("r.forge.org", {}, "https://10.0.0.1/token", False, False),
        ("r.forge.org", {}, "https://localhost/token", False, False),
        ("r.forge.org", {}, "https://user:canary@r.forge.org/token", False, False),
        ("r.forge.org", {}, "ftp://r.forge.org/token", False, False),
        ("r.forge.org", {}, "file:///etc/passwd", False, False),
        ("r.forge.org", {}, "https://[::1", False, False),
        ("127.0.0.1:5000", PLAIN, "http://127.0.0.1:5003/token", True, True),
        ("127.0.0.1:5000", PLAIN, "http://localhost:5003/token", False, False),
        ("127.0.0.1:5000", PLAIN, "http://r.forge.org/token", False, False),
        ("127.0.0.1:5000", {"127.0.0.1:5000": RegistryEntry(insecure=True, token_hosts=("localhost:5003",))},
         "http://localhost:5003/token", True, True),
    ],
)  # fmt: skip
def test_a_token_address_is_asked_only_where_it_belongs(*, host, registries, realm, anonymous, with_login) -> None:
    at = endpoint(host, "a/b", registries)
    asked = (refusal(realm, at, with_login=False) is None, refusal(realm, at, with_login=True) is None)
    assert asked == (anonymous, with_login)
    assert "canary" not in str(refusal(realm, at, with_login=True))


@pytest.mark.parametrize("host", ["[::1]:99999", "quay.example:65536", "[1:2]"])
def test_a_host_that_cannot_be_is_named(host) -> None:
    with pytest.raises(Unanswered) as caught:
        endpoint(host, "team/nb", {})

    assert caught.value.message == f"`{host}` is no host that can be asked"
