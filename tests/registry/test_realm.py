"""Which token addresses may be asked: everything a challenge could try."""

from __future__ import annotations

import pytest

from hubctl.registry.address import endpoint, is_local, is_metadata, joined, origin
from hubctl.registry.realm import refusal
from hubctl.settings import RegistryEntry

AT = endpoint("registry.forge.example", "a/b", {})
METADATA = [
    "169.254.169.254", "169.254.169.254.", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[::a9fe:a9fe]", "[fd00:ec2::254]", "[fe80::1]", "2852039166",
    "0xa9fea9fe", "0XA9FEA9FE", "0xA9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "169.254.43518", "169.16689662",
    "metadata.google.internal", "METADATA.google.internal.", "100.100.100.200", "168.63.129.16",
]  # fmt: skip
INSIDE = ["127.0.0.1", "localhost", "LOCALHOST.", "a.localhost.", "127.1", "2130706433", "0x7f.1", "[::1]", "[::]",
          "0.0.0.0", "0", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fc00::1]", "[fec0::1]", "224.0.0.1",
          "[ff02::1]", "[::ffff:10.0.0.1]", "[2002:7f00:1::]"]  # fmt: skip


@pytest.mark.parametrize("name", [*METADATA, *INSIDE])
def test_no_token_address_lies_inside_a_network_however_it_is_written(name) -> None:
    for realm in (f"https://{name}/token", f"https://{name}:8443/token?x=y"):
        assert refusal(realm, AT, with_login=False), realm
        assert refusal(realm, AT, with_login=True), realm


@pytest.mark.parametrize("name", METADATA)
def test_the_metadata_service_of_a_cloud_is_known_by_all_its_names(name) -> None:
    hostname = name.strip("[]").lower()
    assert is_metadata(hostname)
    assert is_local(hostname) or hostname == "168.63.129.16"


@pytest.mark.parametrize(
    "realm",
    [
        r"https://evil.example\.forge.example/token",
        r"https://evil.example\@registry.forge.example/token",
        r"https://registry.forge.example\@evil.example/token",
        r"https:\\registry.forge.example/token",
        "https://registry.forge.example@evil.example/token",
        "https://:@registry.forge.example/token",
        "https://registry.forge.example%2eevil.example/token",
        "https://evil.example%2f.forge.example/token",
        "https://evil.example;.forge.example/token",
        'https://evil.example".forge.example/token',
        "https://evil.example .forge.example/token",
        "https://evil.example,.forge.example/token",
        "https://[::1].forge.example/token",
        "https://registry.forge.example:99999/token",
        "https://registry.forge.example:x/token",
        "https://registry.f\u043erge.example/token",
        "https://registry\u3002forge.example/token",
        "https://registry.forge.example/t\u00f6ken",
        "https:///token",
        "https://",
        "//registry.forge.example/token",
        "registry.forge.example/token",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_token_address_that_two_readers_could_take_for_two_hosts_is_not_asked(realm) -> None:
    assert refusal(realm, AT, with_login=False)
    assert refusal(realm, AT, with_login=True)


@pytest.mark.parametrize(
    ("realm", "anonymous", "with_login"),
    [
        ("https://REGISTRY.Forge.Example/token", True, True),
        ("https://registry.forge.example:443/token", True, True),
        ("https://registry.forge.example:22/token", True, True),
        ("https://forge.example/token", True, True),
        ("https://login.forge.example./token", True, True),
        ("https://forge.example.evil.example/token", True, False),
        ("https://registry.forge.example.evil.org/token", True, False),
        ("https://registryforge.example/token", True, False),
        ("https://example/token", True, False),
        ("https://xn--rgistry-bxa.example/token", True, False),
        ("http://registry.forge.example/token", False, False),
        ("HTTP://registry.forge.example/token", False, False),
    ],
)
def test_a_login_stays_with_the_domain_of_its_registry(realm, anonymous, with_login) -> None:
    asked = (refusal(realm, AT, with_login=False) is None, refusal(realm, AT, with_login=True) is None)
    assert asked == (anonymous, with_login)


@pytest.mark.parametrize(
    ("host", "realm"),
    [
        ("quay.io", "https://quay.io./v2/auth"),
        ("quay.io", "https://sub.quay.io/v2/auth"),
        ("quay.io", "https://quay.io.evil/v2/auth"),
        ("docker.io", "https://auth.docker.io.evil.example/token"),
        ("docker.io", "https://auth-docker.io/token"),
        ("ghcr.io", "https://xn--ghr-5cd.io/token"),
    ],
)
def test_a_registry_everybody_knows_has_the_one_token_address_it_is_known_for(host, realm) -> None:
    assert refusal(realm, endpoint(host, "a/b", {}), with_login=False)


@pytest.mark.parametrize("registrable", ["1.registry.gov.uk", "a.example.co.jp", "b.example.gob.mx", "r.school.ac.nz"])
def test_neighbours_below_a_public_suffix_are_strangers(registrable) -> None:
    at = endpoint(f"registry.{registrable.partition('.')[2]}", "a/b", {})
    suffix = ".".join(registrable.split(".")[-2:])
    assert refusal(f"https://evil.{suffix}/token", at, with_login=True)
    assert refusal(f"https://login.{registrable.partition('.')[2]}/token", at, with_login=True) is None


@pytest.mark.parametrize("named", ["login.example", "LOGIN.example", "login.example:443"])
def test_a_token_host_is_named_as_people_write_hosts(named) -> None:
    at = endpoint("r.forge.org", "a/b", {"r.forge.org": RegistryEntry(token_hosts=(named,))})
    assert refusal("https://login.example/token", at, with_login=True) is None
    assert refusal("https://login.example:8443/token", at, with_login=True) is not None or ":" not in named


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/token", ("https", "h:5000")),
        ("//evil.example/x", ("https", "evil.example")),
        ("///evil.example/x", ("https", "h:5000")),
        (r"\\evil.example/x", ("https", "h:5000")),
        (r"/\evil.example/x", ("https", "h:5000")),
        ("https:evil.example", ("https", "h:5000")),
        (r"//evil.example\.h/x", ("", "")),
        ("//h:5000@evil.example/", ("https", "evil.example")),
    ],
)
def test_an_address_is_read_as_the_client_below_reads_it(link, expected) -> None:
    assert origin(joined("https://h:5000/v2/a/b/tags/list", link)) == expected
