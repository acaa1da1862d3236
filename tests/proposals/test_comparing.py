"""What changed in an image: a link where labels of both sides allow one, else why not."""

import re
from dataclasses import replace

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.images.choice import Origin
from hubctl.proposals.comparing import compare_link, compared
from hubctl.proposals.moves import Move

from .parts import DIGEST, NEW, OLD, change

A, B = "0123456789abcdef0123456789abcdef01234567", "fedcba9876543210fedcba9876543210fedcba98"
GITHUB = "https://github.com/org/repo"
NO_PLACE = "the source label is no repository on github.com, gitlab.com or codeberg.org"


def said(source=GITHUB, revision=A, repository=None):
    return Origin(source=source, revision=revision, repository=repository)


def move(before, after, *, old=OLD, new=NEW, image="quay.io/pangeo/base"):
    one = replace(change(new, old=old, image=image), before=before, after=after)
    return Move(image, old, new, DIGEST, (one,))


@pytest.mark.parametrize(
    ("old", "new", "address"),
    [
        (GITHUB, GITHUB, f"https://github.com/org/repo/compare/{A}...{B}"),
        (f"{GITHUB}.git", f"{GITHUB}/", f"https://github.com/org/repo/compare/{A}...{B}"),
        ("https://GitHub.com/Org/Repo", GITHUB, f"https://github.com/org/repo/compare/{A}...{B}"),
        ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c.git", f"https://gitlab.com/a/b/c/-/compare/{A}...{B}"),
        ("https://codeberg.org/a/b.c", "https://codeberg.org/a/b.c", f"https://codeberg.org/a/b.c/compare/{A}...{B}"),
    ],
)
def test_sources_that_agree_are_compared_from_revision_to_revision(old, new, address):
    assert compare_link(move(said(old), said(new, B.upper()))) == (address, "")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (None, said(), "the image before could not be looked into"),
        (said(), None, "the image before could not be looked into"),
        (Origin(), Origin(), "the image carries no source label"),
        (said(""), said(""), "the image carries no source label"),
        (said(), Origin(), "only one of both images has a source label"),
        (said(), said("https://github.com/org/other", B), "both images name different repositories as their source"),
        (said(), said(GITHUB, A), "both images carry the same revision label, which a base image may have left there"),
        (said(), said(GITHUB, None), "a source label without a revision that is a commit"),
        (said(), said(GITHUB, "main"), "a source label without a revision that is a commit"),
        (said(), said(GITHUB, "abc123"), "a source label without a revision that is a commit"),
        (said(), said(GITHUB, f"{B}\n"), "a source label without a revision that is a commit"),
        (said(), said(GITHUB, "a" * 65), "a source label without a revision that is a commit"),
    ],
)
def test_without_a_link_the_reason_is_given(before, after, why):
    assert compare_link(move(before, after)) == ("", why)


@pytest.mark.parametrize(
    "source",
    [
        "http://github.com/org/repo",
        "https://github.com.evil.example/org/repo",
        "https://evil.example/github.com/org/repo",
        "https://github.com@evil.example/org/repo",
        "https://user:secret@github.com/org/repo",
        "https://github.com:8443/org/repo",
        "https://github.com/org",
        "https://github.com/org/..",
        "https://github.com/org/.git",
        "https://github.com/../repo",
        "https://github.com/org/repo/tree/main",
        "https://github.com/org/repo?x=1",
        "https://github.com/org/repo#1",
        "https://github.com/org/repo\n",
        "https://github.com/org/re po",
        "https://github.com/org/repo)[x](https://evil.example",
        "https://github.com/org/r\u0435po",
        "git@github.com:org/repo.git",
        "javascript:alert(1)",
        "org/repo",
        "https://gitlab.com/a/../b",
        "https://github.com/org/" + "x" * 500,
    ],
)
def test_a_source_that_is_no_repository_of_a_known_forge_is_no_link(source):
    assert compare_link(move(said(source), said(source, B))) == ("", NO_PLACE)
    made = move(said(None, None, source), said(None, None, source), old=A[:12], new=B[:12])
    assert compare_link(made) == ("", "the image carries no source label")


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "url"),
    [
        (A[:12], B[:12], GITHUB, f"{GITHUB}.git", f"{GITHUB}/compare/{A[:12]}...{B[:12]}"),
        (A[:7], B[:12], GITHUB, GITHUB, f"{GITHUB}/compare/{A[:7]}...{B[:12]}"),
        (A[:12], "2026.06.04", GITHUB, GITHUB, ""),
        ("latest", B[:12], GITHUB, GITHUB, ""),
        (A[:12], B[:12], GITHUB, "https://github.com/org/other", ""),
        (A[:12], B[:12], GITHUB, None, ""),
    ],
)
def test_commit_tags_of_repo2docker_are_the_revisions(old, new, before, after, url):
    made = move(Origin(repository=before), Origin(repository=after), old=old, new=new)
    assert compare_link(made)[0] == url


def test_a_digest_that_moves_beside_its_tag_is_compared_by_revision():
    url = f"{GITHUB}/compare/{A}...{B}"
    assert compare_link(move(said(), said(GITHUB, B), old="main", new="main")) == (url, "")


def test_changes_that_know_different_images_before_have_no_link():
    one, two = replace(change(), before=said(), after=said(GITHUB, B)), replace(change(), after=said(GITHUB, B))
    made = Move("quay.io/pangeo/base", OLD, NEW, DIGEST, (one, two))
    assert compare_link(made) == ("", "the image before could not be looked into")


def test_links_and_reasons_of_many_images_are_listed_and_cut():
    linked = [move(said(), said(GITHUB, B), image=f"i{number}") for number in range(3)]
    dark = [move(None, None, image=f"d{number}") for number in range(7)]
    assert compared([*linked, *dark], 2) == [
        f"- `i0`: [`{A[:12]}...{B[:12]}`]({GITHUB}/compare/{A}...{B}), as the labels of both images claim",
        f"- `i1`: [`{A[:12]}...{B[:12]}`]({GITHUB}/compare/{A}...{B}), as the labels of both images claim",
        "- cut here: 1 more links",
        "- unknown: the image before could not be looked into: `d0`, `d1`, `d2`, `d3`, `d4` and 2 more",
    ]


LABEL = st.one_of(st.none(), st.text(max_size=40), st.from_regex(r"https://github\.com/[\S ]{0,20}/[\S ]{0,20}"))


@given(LABEL, LABEL, st.one_of(st.none(), st.text(max_size=20), st.just(A)), st.booleans())
def test_whatever_a_label_says_the_page_links_to_a_known_forge_or_nowhere(source, repository, revision, commits):
    old, new = (A[:12], B[:12]) if commits else (OLD, NEW)
    made = move(said(source, revision, repository), said(source, B, repository), old=old, new=new)
    lines = compared([made], 5)
    assert len(lines) == 1
    page = cmarkgfm.github_flavored_markdown_to_html(lines[0])
    for address in re.findall(r'(?:href|src)="([^"]*)"', page):
        assert re.fullmatch(r"https://(github\.com|codeberg\.org)/[\w.-]+/[\w.-]+/compare/[0-9a-f.]+", address)
    assert set(re.findall(r"<(\w+)", page)) <= {"ul", "li", "a", "code"}
