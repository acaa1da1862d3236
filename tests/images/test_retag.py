from __future__ import annotations

import dataclasses

import pytest

from hubctl.errors import UnsafeEdit, UsageError
from hubctl.images import Site, find_sites, retag
from hubctl.images.tagging import edits_for
from hubctl.text.edit import ScalarEdit

OLD = "sha256:" + "0" * 64
NEW = "sha256:" + "f" * 64


def only_site(data: bytes) -> Site:
    (site,) = find_sites(data, "x.yaml")
    return site


@pytest.mark.parametrize(
    ("before", "tag", "after"),
    [
        ("image: a/b:v1 # why\n", "v2", "image: a/b:v2 # why\n"),
        ("image: 'a/b:v1'", "v2", "image: 'a/b:v2'"),
        ("image: localhost:5000/b:v1\r\n", "v2", "image: localhost:5000/b:v2\r\n"),
        (f"image: a/b:v1@{OLD}\n", "v2", f"image: a/b:v2@{OLD}\n"),
        ("image: &x a/b:v1\nother: *x\n", "v2", "image: &x a/b:v2\nother: *x\n"),
        ("image: >-\n  a/b:v1\n", "v2", "image: >-\n  a/b:v2\n"),
        ("image:\n  name: a/b\n  tag: v1   # why\n", "v2", "image:\n  name: a/b\n  tag: v2   # why\n"),
        ("image: {name: a/b, tag: v1}\n", "4.30", "image: {name: a/b, tag: '4.30'}\n"),
        ("image: {name: a/b, tag: '4.4'}\n", "v2", "image: {name: a/b, tag: 'v2'}\n"),
        ("image: {name: a/b, tag: 4.4}\n", "4.4.1", "image: {name: a/b, tag: 4.4.1}\n"),
        ("image: {tag: v1}\n", "v2", "image: {tag: v2}\n"),
        (f"image: {{repository: a, tag: main@{OLD}}}\n", "v2", f"image: {{repository: a, tag: v2@{OLD}}}\n"),
        (
            f"image: {{repository: a, tag: main, digest: {OLD}}}\n",
            "v2",
            f"image: {{repository: a, tag: v2, digest: {OLD}}}\n",
        ),
        ("x: 1\n---\nimage: a/b:v1\n", "v2", "x: 1\n---\nimage: a/b:v2\n"),
        ("image: a/b:v1\n", "v1", "image: a/b:v1\n"),
    ],
)
def test_only_the_tag_changes(before, tag, after):
    data = before.encode()
    assert retag(data, only_site(data), tag) == after.encode()


@pytest.mark.parametrize("tag", ["", "v1:v2", "-v", ".v", "v 1", "v+1", "v1\n", "x" * 129, f"v1@{NEW}", "\u0661"])
def test_what_is_no_tag_is_refused(tag):
    data = b"image: a/b:v1\n"
    with pytest.raises(UsageError, match="not a tag"):
        retag(data, only_site(data), tag)


@pytest.mark.parametrize(
    "now",
    [
        b"image: a/b:v0\n",
        b"image: a/c:v1\n",
        b"images: a/b:v1\n",
        b"x: 1\n---\nimage: a/b:v1\n",
        b"image: {name: a/b, tag: v1}\n",
        f"image: a/b:v1@{OLD}\n".encode(),
        b"",
    ],
)
def test_a_place_that_is_no_longer_there_is_refused(now):
    site = only_site(b"image: a/b:v1\n")
    with pytest.raises(UnsafeEdit, match="no longer at line 1") as told:
        retag(now, site, "v2")
    assert told.value.code == "moved"


def test_a_place_with_a_digest_alone_has_no_tag_to_change():
    data = f"image: a/b@{OLD}\n".encode()
    with pytest.raises(UnsafeEdit) as told:
        retag(data, only_site(data), "v2")
    assert told.value.code == "no-tag"


def test_a_repeated_key_above_the_place_is_refused():
    data = b"hub: {}\nhub: {image: a/b:v1}\n"
    with pytest.raises(UnsafeEdit) as told:
        retag(data, only_site(data), "v2")
    assert told.value.code == "duplicate-key"


@pytest.mark.parametrize(
    ("text", "tag", "digest", "values"),
    [
        ("image: a/b:v1", "v2", NEW, {("image",): "a/b:v2"}),
        (f"image: a/b:v1@{OLD}", "v2", NEW, {("image",): f"a/b:v2@{NEW}"}),
        (f"image: a/b:main@{OLD}", None, NEW, {("image",): f"a/b:main@{NEW}"}),
        (f"image: a/b@{OLD}", "v2", NEW, {("image",): f"a/b@{NEW}"}),
        (f"image: a/b@{OLD}", None, None, {("image",): f"a/b@{OLD}"}),
        ("image: {name: a, tag: v1}", "v2", NEW, {("image", "tag"): "v2"}),
        (f"image: {{name: a, tag: main@{OLD}}}", "main", NEW, {("image", "tag"): f"main@{NEW}"}),
        (
            f"image: {{name: a, tag: v1, digest: {OLD}}}",
            "v2",
            NEW,
            {("image", "tag"): "v2", ("image", "digest"): NEW},
        ),
    ],
)
def test_a_digest_moves_where_one_is_written_and_nowhere_else(text, tag, digest, values):
    data = text.encode()
    expected = tuple(ScalarEdit(0, path, value) for path, value in values.items())
    assert edits_for(data, only_site(data), tag, digest) == expected


def test_what_is_no_digest_is_refused():
    data = b"image: a/b:v1\n"
    with pytest.raises(UsageError, match="not a digest: `sha256:00`"):
        edits_for(data, only_site(data), "v2", "sha256:00")


def test_a_place_is_known_by_what_is_written_not_by_what_is_made_of_it():
    data = b"image: a/b:v1\n"
    site = dataclasses.replace(only_site(data), key_path="other", role="hub", comment="pin", line=9)
    assert retag(data, site, "v2") == b"image: a/b:v2\n"
