from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import UsageError
from hubctl.images.reference import is_digest, is_tag, parse_name, parse_reference, parse_tag, parse_user_name

SHA256 = "sha256:" + "0123456789abcdef" * 4
SHA512 = "sha512:" + "0123456789abcdef" * 8


@pytest.mark.parametrize(
    ("text", "host", "path", "key"),
    [
        ("ubuntu", "docker.io", "library/ubuntu", "docker.io/library/ubuntu"),
        ("pangeo/base", "docker.io", "pangeo/base", "docker.io/pangeo/base"),
        ("docker.io/ubuntu", "docker.io", "library/ubuntu", "docker.io/library/ubuntu"),
        ("index.docker.io/ubuntu", "docker.io", "library/ubuntu", "docker.io/library/ubuntu"),
        ("registry-1.docker.io/library/ubuntu", "docker.io", "library/ubuntu", "docker.io/library/ubuntu"),
        ("Docker.IO/a/b", "docker.io", "a/b", "docker.io/a/b"),
        ("quay.io/ubuntu", "quay.io", "ubuntu", "quay.io/ubuntu"),
        ("QUAY.io/a/b-c__d.e", "quay.io", "a/b-c__d.e", "quay.io/a/b-c__d.e"),
        ("localhost/a", "localhost", "a", "localhost/a"),
        ("localhost:5000/a/b/c", "localhost:5000", "a/b/c", "localhost:5000/a/b/c"),
        ("registry:5000/a", "registry:5000", "a", "registry:5000/a"),
        ("registry/a", "docker.io", "registry/a", "docker.io/registry/a"),
        ("[2001:db8::1]:5000/a", "[2001:db8::1]:5000", "a", "[2001:db8::1]:5000/a"),
        ("[::1]/a", "[::1]", "a", "[::1]/a"),
        ("a---b/c", "docker.io", "a---b/c", "docker.io/a---b/c"),
        ("quay.io", "docker.io", "library/quay.io", "docker.io/library/quay.io"),
    ],
)
def test_a_name_has_a_host_a_path_and_a_key_and_prints_as_written(text, host, path, key):
    name = parse_name(text)
    assert name is not None
    assert (name.host, name.path, name.key, str(name)) == (host, path, key, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "Ubuntu",
        "pangeo/Base",
        "quay.io/A/b",
        "a..b",
        "a___b",
        "-a",
        "a-",
        "a_",
        "_a",
        "-quay.io/a",
        "quay-.io/a",
        "quay..io/a",
        "quay.io:/a",
        "quay.io:port/a",
        "[::g]/a",
        "::1/a",
        "pange\u00f6/base",
        "\u0661",
        "quay.io/a/b\n",
        " quay.io/a/b",
        "a:v1",
        f"a@{SHA256}",
        "https://quay.io/a/b",
        "0123456789abcdef" * 4,
        "a" * 256,
        "quay.io/" + "a" * 248,
        "{value}",
        "{{ image }}",
        "${IMAGE}",
        "$(JUPYTER_IMAGE)",
        "<your-image>",
        "PLACEHOLDER",
    ],
)
def test_what_the_grammar_forbids_is_no_name(text):
    assert parse_name(text) is None


def test_a_name_may_have_255_characters():
    assert parse_name("quay.io/" + "a" * 247) is not None


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("ubuntu:24.04", "ubuntu", "24.04", None),
        ("localhost:5000/a:v1", "localhost:5000/a", "v1", None),
        (f"localhost:5000/a@{SHA256}", "localhost:5000/a", None, SHA256),
        (f"quay.io/a/b:main@{SHA256}", "quay.io/a/b", "main", SHA256),
        (f"quay.io/a/b@{SHA512}", "quay.io/a/b", None, SHA512),
        ("a:_.-_", "a", "_.-_", None),
        ("a:" + "x" * 128, "a", "x" * 128, None),
        ("localhost:5000", "localhost", "5000", None),
        ("[::1]:5000/a:1", "[::1]:5000/a", "1", None),
    ],
)
def test_a_reference_has_tag_or_digest_and_prints_as_written(text, name, tag, digest):
    found = parse_reference(text)
    assert found is not None
    assert (str(found.name), found.tag, found.digest, str(found)) == (name, tag, digest, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ubuntu",
        "ubuntu:",
        ":v1",
        "localhost:5000/a",
        "a:v1:v2",
        "a:.v1",
        "a:-v1",
        "a:v1+cuda",
        "a:v\u0661",
        "a:v1\n",
        "a:" + "x" * 129,
        f"a:@{SHA256}",
        "a@",
        "a@sha256:abc",
        f"a@{SHA256.upper()}",
        f"a@md5:{'0' * 32}",
        f"a@{SHA256}@{SHA256}",
        f"A:v1@{SHA256}",
        "a:set-by-chartpress",
        "a:PLACEHOLDER",
        "a:{{ tag }}",
        "a:<tag>",
        "a:$(TAG)",
        "{value}",
        "^.+:.+$",
        "https://host:8000/logo.png",
        "data:image/png;base64,AAAA",
    ],
)
def test_what_is_no_complete_reference_is_none(text):
    assert parse_reference(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v1", ("v1", None)),
        (f"main@{SHA256}", ("main", SHA256)),
        (SHA256, None),
        (f"@{SHA256}", None),
        ("main@", None),
        ("", None),
        ("set-by-chartpress", None),
        ("placeholder", None),
        ("{{ .Chart.AppVersion }}", None),
    ],
)
def test_a_tag_field_holds_a_tag_and_may_hold_its_digest(text, expected):
    assert parse_tag(text) == expected


@pytest.mark.parametrize(
    ("text", "tag", "digest", "expected"),
    [
        ("ubuntu:22.04", "24.04", None, "ubuntu:24.04"),
        ("localhost:5000/a:v1", "v2", None, "localhost:5000/a:v2"),
        (f"a:main@{SHA256}", "main", SHA512, f"a:main@{SHA512}"),
        (f"a:v1@{SHA256}", "v2", None, f"a:v2@{SHA256}"),
        (f"a@{SHA256}", None, SHA512, f"a@{SHA512}"),
    ],
)
def test_another_tag_leaves_the_name_as_written(text, tag, digest, expected):
    found = parse_reference(text)
    assert found is not None
    assert found.with_tag(tag, digest) == expected


@given(st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)?(/[a-z0-9]+){0,3}", fullmatch=True), st.from_regex(r"\w{1,9}"))
def test_joining_name_and_tag_parses_back_to_both(name, tag):
    found = parse_reference(f"quay.io/{name}:{tag}")
    assert (found is not None) == is_tag(tag)
    assert found is None or (str(found.name), found.tag) == (f"quay.io/{name}", tag)


@given(st.text())
def test_any_text_is_parsed_without_an_error(text):
    found = parse_reference(text)
    assert found is None or str(found) == text


def test_digests_are_sha256_or_sha512_in_lower_case():
    assert [is_digest(text) for text in (SHA256, SHA512, SHA256[:-1], f"{SHA256}0", "sha1:00")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("quay.io/jupyter/base-notebook", "quay.io/jupyter/base-notebook"),
        (" ubuntu ", "ubuntu"),
        ("https://quay.io/repository/jupyter/base-notebook", "quay.io/jupyter/base-notebook"),
        ("https://quay.io/repository/jupyter/base-notebook?tab=tags", "quay.io/jupyter/base-notebook"),
        ("http://quay.io/repository/jupyter/base-notebook/", "quay.io/jupyter/base-notebook"),
        ("quay.io/repository/jupyter/base-notebook#info", "quay.io/jupyter/base-notebook"),
    ],
)
def test_a_person_may_type_a_name_or_the_address_of_quays_page(typed, name):
    assert str(parse_user_name(typed)) == name


@pytest.mark.parametrize(
    ("typed", "message", "hint"),
    [
        (
            "quay.io/a/b:v1",
            "an image name without tag or digest is needed: `quay.io/a/b:v1`",
            "use `--image quay.io/a/b --to v1`",
        ),
        (
            f"quay.io/a/b@{SHA256}",
            f"an image name without tag or digest is needed: `quay.io/a/b@{SHA256}`",
            "use `--image quay.io/a/b`",
        ),
        ("Quay.io/A\x1b", "not an image name: `Quay.io/A\\u001b`", "a name looks like `quay.io/jupyter/base-notebook`"),
        ("https://quay.io/repository/A/b", "not an image name: `https://quay.io/repository/A/b`", None),
    ],
)
def test_a_person_who_typed_something_else_is_told_what_is_needed(typed, message, hint):
    with pytest.raises(UsageError) as told:
        parse_user_name(typed)
    assert told.value.message == message
    assert hint is None or told.value.hint == hint
