import base64
import hashlib
import json
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.proposals.identity import Marker, branch_name, parse_marker, place_id, proposal_id, spot, text_id

from .parts import NEWER, change

ID = "0" * 64


@pytest.mark.parametrize(
    ("scope", "branch"),
    [
        ("hub-leap/prod", "hubctl/bump-image/hub-leap-prod"),
        ("cluster-2i2c-aws-us", "hubctl/bump-image/cluster-2i2c-aws-us"),
        ("all", "hubctl/bump-image/all"),
        ("image-quay.io/org/name", "hubctl/bump-image/image-quay.io--org--name"),
        ("hub-leap/prod-image-org/name", "hubctl/bump-image/hub-leap-prod-image-org--name"),
        ("file-helm-charts/basehub/values.yaml", "hubctl/bump-image/file-helm-charts--basehub--values.yaml"),
    ],
)
def test_a_scope_names_its_branch(scope, branch):
    assert branch_name("bump-image", scope) == branch


@pytest.mark.parametrize(
    ("scope", "slug"),
    [
        ("image-quay.io:5000/org/name", "image-quay.io-5000--org--name"),
        ("image-org--name", "image-org--name"),
        ("image-org-/name", "image-org---name"),
        ("image-org/-name", "image-org---name"),
        ("file-Odd Name", "file-odd-name"),
        ("file-a..b", "file-a-.b"),
        ("file-a.lock", "file-a.lock"),
        ("file-a.", "file-a."),
        ("file-" + "x" * 100, "file-" + "x" * 68),
    ],
)
def test_a_scope_that_does_not_fit_gets_its_hash(scope, slug):
    assert branch_name("bump-image", scope) == (
        f"hubctl/bump-image/{slug}-{hashlib.sha256(scope.encode()).hexdigest()[:8]}"
    )


@given(st.text(min_size=1, max_size=150))
def test_git_takes_every_branch_name(scope):
    name = branch_name("bump-image", scope)
    assert len(name) <= 100
    assert name.count("/") == 2
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789._-/")
    assert not name.endswith((".", ".lock"))
    assert ".." not in name


@given(st.lists(st.text(alphabet="ab-/.", min_size=1, max_size=6), min_size=2, max_size=2, unique=True))
def test_two_files_never_share_a_branch(files):
    assert branch_name("bump-image", f"file-{files[0]}") != branch_name("bump-image", f"file-{files[1]}")


def test_git_itself_agrees():
    for scope in ("-x", ".", "..", "a.lock", "@{", "hub-leap/prod", "~^:?*[\\", "ü" * 90):
        name = branch_name("bump-image", f"file-{scope}")
        done = subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True, check=False)
        assert done.stdout.decode().strip() == name


def test_the_id_depends_on_what_is_changed_and_not_on_the_order():
    one, two = change(), change(path=("other", "image", "tag"))
    assert proposal_id([one, two]) == proposal_id([two, one])
    different = [
        replace(one, new=NEWER),
        replace(one, old="x"),
        replace(one, digest="sha256:" + "cd" * 32),
        replace(one, image="quay.io/other/base"),
        replace(one, site=replace(one.site, file="x")),
        replace(one, site=replace(one.site, path=("a/b", 0))),
        replace(one, site=replace(one.site, path=("a", "b", 0))),
        replace(one, site=replace(one.site, document=1)),
    ]
    assert len({proposal_id([entry]) for entry in [one, *different]}) == len(different) + 1


def test_the_id_does_not_depend_on_evidence_or_wording():
    one = change()
    assert proposal_id([one]) == proposal_id([replace(one, why="other", hubs=(), warnings=("x",), size=None)])


def test_a_place_is_the_same_whatever_it_was_before():
    assert place_id(change(old="1")) == place_id(change(old="2"))
    assert place_id(change()) != place_id(change(NEWER))
    assert spot(place_id(change())) == spot(place_id(change(NEWER)))
    assert spot(place_id(change())) != spot(place_id(change(file="other.yaml")))


@given(scope=st.text(), title=st.text(), places=st.lists(st.text()))
def test_a_marker_reads_back_and_cannot_end_its_comment(scope, title, places):
    marker = Marker(ID, scope, title, tuple(places), narrowed=bool(places), selection=scope)
    assert parse_marker(f"before\n{marker}\nafter") == marker
    assert str(marker).count("-->") == 1


def marked(data: object) -> str:
    return f"<!-- hubctl:v1 {base64.b64encode(json.dumps(data).encode()).decode()} -->"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- hubctl:v1 %%% -->",
        "<!-- hubctl:v1 QUJD -->",
        "<!-- hubctl:v1 Q -->",
        marked([]),
        marked({}),
        marked({"id": "short", "scope": "", "title": "", "places": []}),
        marked({"id": ID, "scope": 1, "title": "", "places": []}),
        marked({"id": ID, "scope": "", "title": "", "places": [1]}),
        marked({"id": ID, "scope": "", "title": "", "places": 1}),
        marked({"id": [ID], "scope": "", "title": "", "places": []}),
        f"<!-- hubctl:v1 {base64.b64encode(b'[' * 9000).decode()} -->",
    ],
)
def test_what_is_no_marker_of_ours_counts_for_nothing(body):
    assert parse_marker(body) is None


def test_line_ends_do_not_change_the_hash_of_a_text():
    assert text_id("a\r\nb") == text_id("a\nb") != text_id("a\n\nb")
