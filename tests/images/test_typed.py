"""References as people type them: as docker takes them, or as quay's web page shows them."""

from __future__ import annotations

import pytest

from hubctl.errors import UsageError
from hubctl.images.typed import parse_typed

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("typed", "name", "key", "tag", "digest"),
    [
        ("ubuntu", "ubuntu", "docker.io/library/ubuntu", None, None),
        ("ubuntu:24.04", "ubuntu", "docker.io/library/ubuntu", "24.04", None),
        ("jupyter/base-notebook", "jupyter/base-notebook", "docker.io/jupyter/base-notebook", None, None),
        ("quay.io/a/b", "quay.io/a/b", "quay.io/a/b", None, None),
        ("docker://quay.io/a/b:1", "quay.io/a/b", "quay.io/a/b", "1", None),
        ("Quay.IO/a/b:1", "Quay.IO/a/b", "quay.io/a/b", "1", None),
        ("  quay.io/a/b:v1\n", "quay.io/a/b", "quay.io/a/b", "v1", None),
        ("localhost:5000/a", "localhost:5000/a", "localhost:5000/a", None, None),
        ("localhost:5000/a:1", "localhost:5000/a", "localhost:5000/a", "1", None),
        ("[::1]:5000/a/b/c:1", "[::1]:5000/a/b/c", "[::1]:5000/a/b/c", "1", None),
        ("[::1]/a", "[::1]/a", "[::1]/a", None, None),
        (f"quay.io/a/b@{DIGEST}", "quay.io/a/b", "quay.io/a/b", None, DIGEST),
        (f"quay.io/a/b:1@{DIGEST}", "quay.io/a/b", "quay.io/a/b", "1", DIGEST),
        ("quay.io/repository/a/b", "quay.io/a/b", "quay.io/a/b", None, None),
        ("quay.io/repository/a/b:v1", "quay.io/a/b", "quay.io/a/b", "v1", None),
        ("https://quay.io/repository/a/b?tab=tags", "quay.io/a/b", "quay.io/a/b", None, None),
        ("localhost:5000", "localhost", "docker.io/library/localhost", "5000", None),
    ],
)
def test_what_docker_or_a_browser_shows_is_a_reference(typed, name, key, tag, digest) -> None:
    reference = parse_typed(typed)

    written = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    found = (str(reference.name), reference.name.key, reference.tag, reference.digest, str(reference))
    assert found == (name, key, tag, digest, written)


@pytest.mark.parametrize(
    ("typed", "message", "hint"),
    [
        ("quay.io/Leap/b:1", "an image name has no capitals: `quay.io/Leap/b`", "write `quay.io/leap/b`"),
        ("a@sha256:12", "not a digest: `sha256:12`", "a digest is `sha256:` and 64 hexadecimal digits"),
        ("a:" + "t" * 129, f"not a tag: `{'t' * 129}`", "a tag holds letters, digits and `._-`, at most 128"),
        ("quay.io/a/b:", "not a tag: ``", "a tag holds letters, digits and `._-`, at most 128"),
        ("quay.io/a/b:{x}", "not a tag: `{x}`", "a tag holds letters, digits and `._-`, at most 128"),
    ],
)
def test_what_is_none_says_what_is_wrong(typed, message, hint) -> None:
    with pytest.raises(UsageError) as refused:
        parse_typed(typed)

    assert (refused.value.message, refused.value.hint) == (message, hint)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ":x",
        "a:b:c",
        "a b",
        "http://x/y",
        "-x",
        "é/x",
        "qu\u0430y.io/a/b",
        "docker.io//x",
        "x" * 256,
        "a" * 64,
        "a\x1b[31m",
    ],
)
def test_what_is_no_name_is_refused_without_control_characters(typed) -> None:
    with pytest.raises(UsageError, match=r"^not an image( name)?: `") as refused:
        parse_typed(typed)

    assert refused.value.message.isprintable()
